# SPDX-License-Identifier: BSD-3-Clause
"""What the figures have in common: means over seeds, and curves with reference points."""

import math

import plot

# Quantiles of Student's t at 97.5 % for 1, 2, ... degrees of freedom.
STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145]


def mean(values):
    """Mean and half-width of its 95 % interval; None for one value alone."""
    middle = sum(values) / len(values)
    if len(values) < 2:
        return middle, None
    variance = sum((value - middle) ** 2 for value in values) / (len(values) - 1)
    return middle, STUDENT[len(values) - 2] * math.sqrt(variance / len(values))


def curve(picture, rows, series, colour, scale=1.0, style="linespoints pointtype 7 pointsize 0.5"):
    """What was measured, with its intervals: arguments of plot."""
    points = [(x, y * scale, (half or 0) * scale) for name, x, y, half in rows if name == series]
    if not points:
        return []
    block = picture.block(points)
    bars = [plot.error_bars(block, colour)] if any(half for _, _, half in points) else []
    return [f"{block} using 1:2 with {style} linecolor '{colour}' notitle", *bars]


def references(picture, reference, series, colour, scale=1.0, style="points pointtype 6 pointsize 1.4"):
    """Reference points, hollow, with their tolerance where they have one: arguments of plot."""
    points = [(row["x"], row["y"] * scale) for row in reference if row["series"] == series]
    if not points:
        return []
    return [f"{picture.block(points)} using 1:2 with {style} linewidth 1.2 linecolor '{colour}' notitle"]
