# SPDX-License-Identifier: BSD-3-Clause
"""Means over seeds, for figures."""

import math

from figure import Row

# Quantiles of Student's t at 97.5 % for 1, 2, ... degrees of freedom
STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]


def mean_row(series, x, values):
    """The mean of some seeds with its 95 % interval; of ten at most."""
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    half = STUDENT[len(values) - 2] * math.sqrt(variance / len(values))
    return Row(series, x, mean, mean - half, mean + half)
