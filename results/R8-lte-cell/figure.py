# SPDX-License-Identifier: BSD-3-Clause
"""R8: what each terminal of an LTE cell gets, against the test vectors of ns-3's own schedulers."""

import figures
import plot

TITLE = "LTE throughput of a terminal against the number of terminals (ns-3 LENA test vectors)"
PROGRAMS = ["flowbind-lte-cell"]
TERMINALS = [1, 3, 6, 9, 12, 15]
DISTANCES = [0, 4800, 6000, 20000]
# As in ns-3's tests: with the error model and 0.4 s for round robin, without and 0.6 s for proportional fair.
SETTINGS = {"rr": ["--errors=1", "--seconds=0.4"], "pf": ["--errors=0", "--seconds=0.6"]}
LINKS = ["down", "up"]


def jobs():
    work = {}
    for terminals in reversed(TERMINALS):
        for distance in DISTANCES:
            base = [PROGRAMS[0], f"--terminals={terminals}", f"--distance={distance}"]
            for scheduler, words in SETTINGS.items():
                work[scheduler, distance, terminals] = [*base, f"--scheduler={scheduler}", *words]
        work["core", 0, terminals] = [PROGRAMS[0], f"--terminals={terminals}", "--distance=0", "--scheduler=pf",
                                      *SETTINGS["pf"], "--core=1"]
    return work


def rows(answers):
    """Of each cell the terminal that gets least and the one that gets most, as kbit/s."""
    table = []
    for scheduler in SETTINGS:
        for distance in DISTANCES:
            for link in LINKS:
                for which in ("least", "most"):
                    for terminals in TERMINALS:
                        octets = answers[scheduler, distance, terminals][link][which]
                        table.append((f"{scheduler}-{link}-{distance}-{which}", terminals, octets * 8 / 1000, None))
    for which in ("least", "most"):
        for terminals in TERMINALS:
            table.append((f"core-down-0-{which}", terminals, answers["core", 0, terminals]["down"][which] * 8 / 1000,
                          None))
    return table


def picture(measured, reference):
    drawn = plot.Picture("LTE: what each of several terminals at the same distance gets",
                         "lines: simulation (the terminal that gets most, and dashed the one that gets least); "
                         "hollow points: reference",
                         3, 1)
    drawn.legend = [f"{distance} m" for distance in DISTANCES] + ["0 m, UDP through the core network"]
    panels = [("Downlink, round robin", "rr-down"), ("Downlink, proportional fair", "pf-down"),
              ("Uplink", "rr-up")]
    for column, (title, prefix) in enumerate(panels):
        lines = ["set xlabel 'terminals'", "set xrange [0:16]", "set xtics 3", "set logscale y", "set yrange [50:30000]",
                 "set ytics ('0.1' 100, '0.3' 300, '1' 1000, '3' 3000, '10' 10000)",
                 "set ylabel 'Mbit/s of one terminal'" if column == 0 else "unset ylabel"]
        curves = []
        for i, distance in enumerate(DISTANCES):
            name = f"{prefix}-{distance}"
            curves += figures.curve(drawn, measured, f"{name}-most", plot.COLOURS[i])
            curves += figures.curve(drawn, measured, f"{name}-least", plot.COLOURS[i], 1, "lines dashtype 3")
            curves += figures.references(drawn, reference, f"{name}-most", plot.COLOURS[i])
        if prefix == "pf-down":
            curves += figures.curve(drawn, measured, "core-down-0-least", plot.COLOURS[4])
        drawn.panel(column, 0, title, lines, curves)
    return drawn
