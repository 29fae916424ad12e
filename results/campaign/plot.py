# SPDX-License-Identifier: BSD-3-Clause
"""Pictures, drawn by gnuplot: NAME.svg, NAME.png and NAME.pdf (for LaTeX) from the script NAME.gp beside them.

One style for all: the same policy, and the same kind of path, has the same colour in every picture; error bars are 95 %
intervals; every axis says its unit.
"""

import os
import re
import subprocess
import sys

import output

# Okabe and Ito's colours, which the colour-blind can tell apart.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000"]

# Of what a campaign compares. Other names get what is left, in order.
POLICY_COLOURS = {"scenario": 0, "flow-hash": 1, "weighted": 2, "round-robin": 3, "lowest-rtt": 4, "edpf": 5,
                  "cheapest-first": 6, "redundant": 7}
# Of path types, as ./flowbind run draws them (examples/flowbind-sim/plot.cc).
PATH_COLOURS = {"wlan": 0, "lte": 1, "cdma": 2, "wired": 3}

LEFT, PANEL_WIDTH, PANEL_HEIGHT, GAP_X, GAP_Y, TOP, BOTTOM, RIGHT = 100, 300, 190, 90, 62, 130, 60, 30


def choose_colours(names, known):
    """{name: colour}: those of the table first, then the others. More than there are colours: they repeat."""
    taken = {known[name] for name in names if name in known}
    free = [i for i in range(len(COLOURS)) if i not in taken] or list(range(len(COLOURS)))
    others = [name for name in names if name not in known]
    chosen = {name: COLOURS[known[name]] for name in names if name in known}
    return {**chosen, **{name: COLOURS[free[i % len(free)]] for i, name in enumerate(others)}}


def policy_colours(names):
    return choose_colours(names, POLICY_COLOURS)


def path_colours(paths):
    """{name: colour} of [(name, type)]: the first of a type has the type's colour."""
    first = {}
    for name, kind in paths:
        first.setdefault(kind, name)
    known = {name: PATH_COLOURS[kind] for kind, name in first.items() if kind in PATH_COLOURS}
    return choose_colours([name for name, _ in paths], known)


def quote(text):
    """A string of gnuplot's in which nothing has a meaning."""
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


class Grid:
    """Panels of flows and metrics, whichever there are more of from top to bottom."""

    def __init__(self, flows, metrics):
        self.upright = flows > metrics
        self.columns, self.rows = (metrics, flows) if self.upright else (flows, metrics)

    def place(self, flow, metric):
        """(column, row)"""
        return (metric, flow) if self.upright else (flow, metric)


class Picture:
    """A grid of panels. Each gets lines of gnuplot, and its data as blocks named in them."""

    def __init__(self, title, subtitle, columns, rows, bottom=BOTTOM):
        self.columns, self.rows, self.bottom = columns, rows, bottom
        self.width = max(900, LEFT + columns * (PANEL_WIDTH + GAP_X) - GAP_X + RIGHT)
        self.height = TOP + rows * (PANEL_HEIGHT + GAP_Y) - GAP_Y + bottom
        self.title, self.subtitle = title, subtitle
        self.data, self.panels, self.blocks = [], [], 0
        # What the colours mean: (name, colour), or names in order of COLOURS; None begins a line.
        self.legend = []

    def block(self, rows):
        """Data of a curve: the name to plot. None: there is no value."""
        self.blocks += 1
        name = f"$d{self.blocks}"
        lines = [" ".join("NaN" if cell is None else str(cell) for cell in row) for row in rows]
        self.data.append(f"{name} << EOD\n" + "\n".join(lines) + "\nEOD\n")
        return name

    def panel(self, column, row, title, lines, curves):
        """`curves` are arguments of plot."""
        def x(pixel):
            return pixel / self.width

        def y(pixel):
            return 1 - pixel / self.height

        left, top = LEFT + column * (PANEL_WIDTH + GAP_X), TOP + row * (PANEL_HEIGHT + GAP_Y)
        text = [f"set lmargin at screen {x(left):.5f}", f"set rmargin at screen {x(left + PANEL_WIDTH):.5f}",
                f"set tmargin at screen {y(top):.5f}", f"set bmargin at screen {y(top + PANEL_HEIGHT):.5f}",
                f"set label 999 {quote(title)} at graph 0, graph 1.09 left noenhanced font 'sans-serif:Bold'"]
        self.panels.append("\n".join(text + lines + ["plot " + ", \\\n  ".join(curves),
                                                     "unset label"]))

    def key(self):
        """The legend; gnuplot's own keeps to the width of a panel."""
        lines, x, y = [], LEFT, 82
        for i, item in enumerate(self.legend):
            if item is None:
                x, y = LEFT, y + 20
                continue
            name, colour = item if isinstance(item, tuple) else (item, COLOURS[i % len(COLOURS)])
            width = 60 + 9 * len(name)
            if x > LEFT and x + width > self.width:
                x, y = LEFT, y + 20
            at = f"at screen {x / self.width:.5f},{1 - y / self.height:.5f} left front"
            lines.append(f"set label '■' {at} textcolor '{colour}'")
            lines.append(f"set label {quote(name)} {at} offset 2,0 noenhanced")
            x += width
        return "\n".join(lines) + "\n"

    def script(self, name):
        head = f"""# Draws {name}.svg, {name}.png and {name}.pdf. Say: gnuplot {name}.gp
if (!exists('prefix')) prefix = {quote(name + '.')}
set encoding utf8
{''.join(self.data)}do for [kind in 'png svg pdf'] {{
if (kind eq 'png') {{
  set terminal pngcairo size {self.width},{self.height} font 'sans-serif,12' linewidth 1.5
}}
if (kind eq 'svg') {{
  set terminal svg size {self.width},{self.height} font 'sans-serif,15' linewidth 1.5 background '#ffffff'
}}
if (kind eq 'pdf') {{
  set terminal pdfcairo size {self.width / 96:.2f}in,{self.height / 96:.2f}in font 'sans-serif,11' linewidth 1
}}
set output prefix.kind
set multiplot
set border 3 linecolor '#666666'
set tics nomirror scale 0.5 textcolor '#333333'
set grid y linetype 1 linewidth 0.5 linecolor '#dddddd'
set style fill solid 1 noborder
set label 1 {quote(self.title)} at screen {LEFT / self.width:.5f},{1 - 26 / self.height:.5f} left noenhanced \\
  font 'sans-serif:Bold,17'
set label 2 {quote(self.subtitle)} at screen {LEFT / self.width:.5f},{1 - 52 / self.height:.5f} left noenhanced \\
  textcolor '#555555'
unset key
{self.key()}"""
        return head + "\n".join(self.panels) + "\nunset multiplot\n}\n"


def error_bars(block, colour):
    """A curve of x, mean and half-width; gnuplot's own bars blank what is around the point."""
    return (f"{block} using 1:($2-$3):(0):(2*$3) with vectors heads size screen 0.0015,90 linewidth 0.8 "
            f"linecolor '{colour}' notitle")


MARK = re.compile(r"([0-9]+(?:\.[0-9]+)?)([A-Za-z/%]*)")


def numeric_axis(places):
    """Where values such as "20ms" stand on an axis, and their unit; nothing if they are no numbers of one unit."""
    found = [MARK.fullmatch(place) for place in places]
    if len(places) < 2 or not all(found) or len({mark[2] for mark in found}) != 1:
        return None, ""
    return {place: float(mark[1]) for place, mark in zip(places, found)}, found[0][2]


# How files end that were written to their end: gnuplot does not complain about a full disk.
ENDS = {".svg": b"</svg>", ".png": b"IEND", ".pdf": b"%%EOF"}


def is_whole(path, end):
    try:
        with open(path, "rb") as file:
            return end in file.read()[-64:]
    except OSError:
        return False


def draw(folder, name, picture):
    """Writes the script and draws it, each file whole or not at all; without gnuplot says how to come by it."""
    unfinished = [os.path.join(folder, "new-" + name + end) for end in ENDS]
    try:
        output.write(os.path.join(folder, name + ".gp"), picture.script(name))
        return run_gnuplot(folder, name, unfinished)
    except output.OutputError as error:
        print(f"flowbind: no picture: {error}", file=sys.stderr)
        return []
    finally:
        for path in unfinished:
            output.remove(path)


def run_gnuplot(folder, name, unfinished):
    """The names of the files there are."""
    try:
        # The same script, but what it draws gets its name only when it is whole.
        done = subprocess.run(["gnuplot", "-e", f"prefix = 'new-{name}.'", name + ".gp"], cwd=folder,
                              capture_output=True, text=True, check=False)
    except FileNotFoundError:
        print(f"flowbind: no picture without gnuplot (apt-get install gnuplot-nox); then: gnuplot {name}.gp",
              file=sys.stderr)
        return []
    if done.returncode != 0:
        print(f"flowbind: gnuplot failed: {done.stderr.strip()}", file=sys.stderr)
        return [name + ".gp"]
    if not all(is_whole(path, end) for path, end in zip(unfinished, ENDS.values())):
        print(f"flowbind: no picture: gnuplot could not write all of it into {folder}; is the disk full?",
              file=sys.stderr)
        return [name + ".gp"]
    for path, end in zip(unfinished, ENDS):
        os.replace(path, os.path.join(folder, name + end))
    return [name + end for end in ENDS] + [name + ".gp"]
