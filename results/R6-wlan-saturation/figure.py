# SPDX-License-Identifier: BSD-3-Clause
"""R6: saturation throughput of 802.11, against Bianchi's analysis as ns-3's wifi-bianchi tabulates it."""

import figures
import plot

TITLE = "Saturation throughput of 802.11a and b (Bianchi 2000)"
PROGRAMS = ["flowbind-wlan-saturation"]
STATIONS = [5, 10, 20, 30, 40, 50]
SEEDS = [1, 2, 3]
# Name of the series, mode of ns-3, what its panel says, and how long to measure
MODES = [("54", "OfdmRate54Mbps", "802.11a, 54 Mbit/s", 3), ("6", "OfdmRate6Mbps", "802.11a, 6 Mbit/s", 10),
         ("11b", "DsssRate11Mbps", "802.11b, 11 Mbit/s", 10)]


def jobs():
    # The longest ones first.
    return {(name, stations, seed): [PROGRAMS[0], f"--mode={mode}", f"--stations={stations}", f"--seed={seed}",
                                     f"--seconds={seconds}", "--warm-up=2"]
            for stations in reversed(STATIONS) for name, mode, _, seconds in MODES for seed in SEEDS}


def rows(answers):
    table = []
    for name, _, _, _ in MODES:
        for stations in STATIONS:
            values = [answers[name, stations, seed]["throughput_bps"] / 1e6 for seed in SEEDS]
            table.append((f"{name}-eifs", stations, *figures.mean(values)))
    return table


def picture(measured, reference):
    drawn = plot.Picture("WLAN: how much saturated stations get through, all together",
                         "mean of 3 seeds with 95 % intervals; hollow points: Bianchi's model as ns-3 tabulates it",
                         3, 1)
    drawn.legend = ["simulation", "model: EIFS after a collision", "model: DIFS after a collision"]
    for column, (name, _, title, _) in enumerate(MODES):
        lines = ["set xlabel 'stations'", "set xrange [0:55]", "set yrange [*:*]", "set ytics auto", "set xtics 10",
                 "set ylabel 'payload, Mbit/s'" if column == 0 else "unset ylabel"]
        curves = (figures.references(drawn, reference, f"{name}-difs", plot.COLOURS[2], 1.0,
                                     "linespoints dashtype 2 pointtype 4 pointsize 1")
                  + figures.references(drawn, reference, f"{name}-eifs", plot.COLOURS[1], 1.0,
                                       "linespoints dashtype 2 pointtype 6 pointsize 1.2")
                  + figures.curve(drawn, measured, f"{name}-eifs", plot.COLOURS[0]))
        drawn.panel(column, 0, title, lines, curves)
    return drawn
