# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of campaigns, drawn by gnuplot: NAME.png and NAME.svg from the script NAME.gp, which stays beside them."""

import os
import subprocess
import sys

# Okabe and Ito's colours, which the colour-blind can tell apart.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000"]

LEFT, PANEL_WIDTH, PANEL_HEIGHT, GAP_X, GAP_Y, TOP, BOTTOM, RIGHT = 100, 300, 190, 90, 62, 130, 60, 30


def quote(text):
    """A string of gnuplot's in which nothing has a meaning."""
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


class Picture:
    """A grid of panels. Each gets lines of gnuplot, and its data as blocks named in them."""

    def __init__(self, title, subtitle, columns, rows, bottom=BOTTOM):
        self.columns, self.rows, self.bottom = columns, rows, bottom
        self.width = max(900, LEFT + columns * (PANEL_WIDTH + GAP_X) - GAP_X + RIGHT)
        self.height = TOP + rows * (PANEL_HEIGHT + GAP_Y) - GAP_Y + bottom
        self.title, self.subtitle = title, subtitle
        self.data, self.panels, self.blocks = [], [], 0
        self.legend = []  # what the colours mean, in order of COLOURS

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
        lines, x = [], LEFT
        for i, name in enumerate(self.legend):
            at = f"at screen {x / self.width:.5f},{1 - 82 / self.height:.5f} left front"
            lines.append(f"set label '■' {at} textcolor '{COLOURS[i % len(COLOURS)]}'")
            lines.append(f"set label {quote(name)} {at} offset 2,0 noenhanced")
            x += 60 + 9 * len(name)
        return "\n".join(lines) + "\n"

    def script(self, name):
        head = f"""# Draws {name}.png and {name}.svg. Say: gnuplot {name}.gp
set encoding utf8
{''.join(self.data)}do for [kind in 'png svg'] {{
if (kind eq 'png') {{
  set terminal pngcairo size {self.width},{self.height} font 'sans-serif,12' linewidth 1.5
}} else {{
  set terminal svg size {self.width},{self.height} font 'sans-serif,15' linewidth 1.5 background '#ffffff'
}}
set output '{name}.'.kind
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


def draw(folder, name, picture):
    """Writes the script and draws it; without gnuplot says how to come by it."""
    with open(os.path.join(folder, name + ".gp"), "w", encoding="utf-8") as file:
        file.write(picture.script(name))
    try:
        done = subprocess.run(["gnuplot", name + ".gp"], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        print(f"flowbind: no picture without gnuplot (apt-get install gnuplot-nox); then: gnuplot {name}.gp",
              file=sys.stderr)
        return []
    if done.returncode != 0:
        print(f"flowbind: gnuplot failed: {done.stderr.strip()}", file=sys.stderr)
        return [name + ".gp"]
    return [name + ".png", name + ".svg", name + ".gp"]
