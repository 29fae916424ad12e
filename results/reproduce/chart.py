# SPDX-License-Identifier: BSD-3-Clause
"""The picture of a figure: measured curves, with the published points laid over them as rings."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "campaign"))

import plot  # noqa: E402

COLUMNS = 2  # panels side by side
LEFT, WIDTH, HEIGHT, GAP_X, GAP_Y, TOP, BOTTOM, RIGHT = 90, 380, 240, 100, 105, 112, 75, 40
LEGEND_LINE, LETTER = 24, 8.2


class Chart(plot.Picture):
    """Panels with axes of their own, under a legend of as many lines as it needs."""

    def __init__(self, title, subtitle, columns, rows, legend):
        super().__init__(title, subtitle, columns, rows)
        self.width = max(2 * (LEFT + WIDTH) + GAP_X + RIGHT - LEFT, LEFT + columns * (WIDTH + GAP_X) - GAP_X + RIGHT)
        self.legend, self.places, lines = legend, [], 1
        x = LEFT
        for name in legend:
            width = 40 + LETTER * len(name)
            if x > LEFT and x + width > self.width - RIGHT:
                x, lines = LEFT, lines + 1
            self.places.append((x, lines - 1))
            x += width
        self.top = TOP + lines * LEGEND_LINE
        self.height = self.top + rows * (HEIGHT + GAP_Y) - GAP_Y + BOTTOM

    def panel(self, column, row, title, lines, curves):
        left, top = LEFT + column * (WIDTH + GAP_X), self.top + row * (HEIGHT + GAP_Y)
        edges = [("l", left / self.width), ("r", (left + WIDTH) / self.width),
                 ("t", 1 - top / self.height), ("b", 1 - (top + HEIGHT) / self.height)]
        text = [f"set {side}margin at screen {at:.5f}" for side, at in edges]
        text.append(f"set label 999 {plot.quote(title)} at graph 0, graph 1.07 left noenhanced "
                    "font 'sans-serif:Bold'")
        self.panels.append("\n".join(text + lines + ["plot " + ", \\\n  ".join(curves), "unset label"]))

    def key(self):
        lines = []
        for i, (name, (x, line)) in enumerate(zip(self.legend, self.places)):
            at = f"at screen {x / self.width:.5f},{1 - (82 + line * LEGEND_LINE) / self.height:.5f} left front"
            lines.append(f"set label '■' {at} textcolor '{plot.COLOURS[i % len(plot.COLOURS)]}'")
            lines.append(f"set label {plot.quote(name)} {at} offset 2,0 noenhanced")
        return "\n".join(lines) + "\n"


def names(panel):
    return [entry if isinstance(entry, tuple) else (entry, entry) for entry in panel.series]


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def curves_of(picture, panel, rows, points, colours):
    curves = []
    for name, _ in names(panel):
        colour = colours[name]
        mine = sorted((row for row in rows if row.series == name), key=lambda row: row.x)
        if mine:
            block = picture.block([(row.x, row.y) for row in mine])
            style = "lines" if len(mine) > 40 else "linespoints pointtype 7 pointsize 0.5"
            curves.append(f"{block} using 1:2 with {style} linewidth 1.6 linecolor '{colour}' notitle")
        intervals = [row for row in mine if row.low is not None]
        if intervals:
            block = picture.block([(row.x, row.low, row.high) for row in intervals])
            curves.append(f"{block} using 1:2:(0):($3-$2) with vectors heads size screen 0.0015,90 linewidth 0.8 "
                          f"linecolor '{colour}' notitle")
        published = [(number(point.x), point.y) for point in points if point.series == name]
        published = [pair for pair in published if pair[0] is not None]
        if published:
            block = picture.block(published)
            curves.append(f"{block} using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 "
                          f"linecolor '#000000' notitle")
    return curves


def boxes_of(picture, panel, rows, points):
    """Bars, for figures with few values that have names in place of an x."""
    curves = []
    for place, (name, _) in enumerate(names(panel)):
        mine = [row for row in rows if row.series == name]
        block = picture.block([(place, row.y) for row in mine])
        curves.append(f"{block} using 1:2 with boxes linecolor '{plot.COLOURS[place % len(plot.COLOURS)]}' notitle")
        published = [(place, point.y) for point in points if point.series == name]
        if published:
            block = picture.block(published)
            curves.append(f"{block} using 1:2 with points pointtype 6 pointsize 1.5 linewidth 1.2 "
                          f"linecolor '#000000' notitle")
    return curves


def axes(panel):
    lines = [f"set xlabel {plot.quote(panel.x)} noenhanced", f"set ylabel {plot.quote(panel.y)} noenhanced",
             "unset logscale", "set xtics autofreq", f"set xrange {panel.x_range or '[*:*]'}",
             f"set yrange {panel.y_range or ('[*:*]' if 'y' in panel.log else '[0:*]')}", "unset arrow"]
    if panel.log:
        lines.append(f"set logscale {panel.log}")
    if panel.bars:
        tics = ", ".join(f"{plot.quote(title)} {place}" for place, (_, title) in enumerate(names(panel)))
        lines += [f"set xtics ({tics})", "set boxwidth 0.6", f"set xrange [-0.6:{len(panel.series) - 0.4}]"]
    for x, text in panel.marks:
        lines.append(f"set arrow from {x}, graph 0 to {x}, graph 1 nohead dashtype 2 linecolor '#888888'")
        lines.append(f"set label {plot.quote(text)} at {x}, graph 0.04 rotate by 90 offset 0.7,0 left noenhanced "
                     "textcolor '#666666'")
    return lines


def draw(figure, rows, folder):
    """The files that were made."""
    panels = figure.module.PANELS
    legend = dict.fromkeys(title for panel in panels if not panel.bars for _, title in names(panel))
    colours = {title: plot.COLOURS[i % len(plot.COLOURS)] for i, title in enumerate(legend)}
    columns = min(COLUMNS, len(panels))
    lines = -(-len(panels) // columns)
    picture = Chart(f"{figure.id}: {figure.title}", "curves: measured with flowbind; rings: reference points", columns,
                    lines, list(legend))
    for i, panel in enumerate(panels):
        if panel.bars:
            curves = boxes_of(picture, panel, rows, figure.points)
        else:
            curves = curves_of(picture, panel, rows, figure.points,
                               {name: colours[title] for name, title in names(panel)})
        picture.panel(i % columns, i // columns, panel.title, axes(panel), curves)
    return plot.draw(folder, figure.id, picture)
