# SPDX-License-Identifier: BSD-3-Clause
"""PF: what a 1xEV-DO sector carries with proportional-fair scheduling, against closed forms."""

import figures
import plot

TITLE = "Gain of proportional-fair scheduling in a 1xEV-DO sector (closed forms)"
PROGRAMS = ["flowbind-cdma-gain"]
TERMINALS = list(range(1, 17))
SEEDS = [1, 2, 3]
SINR = 3  # mean, a ratio
# Throughput of one terminal whose rate is 500 bits a slot at SINR 1, 600 slots a second
LINEAR = 500 * SINR * 600
FAST = ["--seconds=60"]
# Hardly anything changes while a packet is sent: a wave length takes 1.6 s.
SLOW = ["--seconds=2000", "--speed=0.1", "--time-constant=1e6"]
SERIES = {"linear": ("linear", FAST), "slots": ("slots", FAST), "packets": ("packets", FAST),
          "packets-slow": ("packets", SLOW)}


def jobs():
    return {(series, terminals, seed): [PROGRAMS[0], f"--terminals={terminals}", f"--rates={rates}", f"--sinr={SINR}",
                                        f"--seed={seed}", *words]
            for terminals in reversed(TERMINALS) for series, (rates, words) in reversed(SERIES.items())
            for seed in SEEDS}


def rows(answers):
    """The gain over the closed form for one terminal where rates are linear, else kbit/s."""
    table = []
    for series in SERIES:
        unit = LINEAR if series == "linear" else 1000
        for terminals in TERMINALS:
            values = [answers[series, terminals, seed]["throughput_bps"] / unit for seed in SEEDS]
            table.append((series, terminals, *figures.mean(values)))
    return table


def picture(measured, reference):
    drawn = plot.Picture("1xEV-DO: what a sector gains by a choice of terminals",
                         "mean of 3 seeds with 95 % intervals; hollow points: closed forms", 2, 1)
    drawn.legend = ["rates linear in the SINR", "rate table, one slot each", "rate table, its packets",
                    "its packets, slow fading"]
    lines = ["set xlabel 'terminals'", "set xrange [0:17]", "set xtics 4", "set yrange [0:*]"]
    drawn.panel(0, 0, "Rayleigh fading independent in each slot",
                [*lines, "set ylabel 'gain over one terminal'"],
                figures.references(drawn, reference, "linear", plot.COLOURS[0])
                + figures.curve(drawn, measured, "linear", plot.COLOURS[0]))
    curves = []
    for i, series in enumerate(list(SERIES)[1:], 1):
        curves += figures.references(drawn, reference, series, plot.COLOURS[i], 0.001)
        curves += figures.curve(drawn, measured, series, plot.COLOURS[i], 0.001)
    drawn.panel(1, 0, "Rates of the standard, mean SINR 4.8 dB", [*lines, "set ylabel 'sector, Mbit/s'"], curves)
    return drawn
