# SPDX-License-Identifier: BSD-3-Clause
"""R8: what each terminal of an LTE cell gets, against the test vectors of ns-3's own schedulers."""

import json

from figure import Panel, Row

TITLE = "LTE: what each of several terminals gets"
TIME = "20 seconds"
TERMINALS = [1, 3, 6, 9, 12, 15]
DISTANCES = [0, 4800, 6000, 20000]
# As in ns-3's tests: with the error model and 0.4 s for round robin, without and 0.6 s for proportional fair
SETTINGS = {"rr": ["--errors=1", "--seconds=0.4"], "pf": ["--errors=0", "--seconds=0.6"]}
LINKS = {"down": "Downlink", "up": "Uplink"}
SCHEDULERS = {"rr": "round robin", "pf": "proportional fair"}
CORE = [("core-down-0-least", "0 m, UDP behind a core network")]

PANELS = [
    Panel(f"{link_title}, {scheduler_title}", "terminals", "Mbit/s of the one that gets least",
          [(f"{scheduler}-{link}-{distance}-least", f"{distance} m") for distance in DISTANCES]
          + (CORE if (scheduler, link) == ("pf", "down") else []),
          log="y", x_range="[0:16]", y_range="[0.05:30]")
    for link, link_title in LINKS.items() for scheduler, scheduler_title in SCHEDULERS.items()
]


def measure(experiment):
    wanted = {}
    for terminals in reversed(TERMINALS):
        base = ["flowbind-lte-cell", f"--terminals={terminals}"]
        for distance in DISTANCES:
            for scheduler, words in SETTINGS.items():
                wanted[scheduler, distance, terminals] = [*base, f"--distance={distance}", f"--scheduler={scheduler}",
                                                          *words]
        wanted["core", 0, terminals] = [*base, "--distance=0", "--scheduler=pf", *SETTINGS["pf"], "--core=1"]
    rows = []
    for (scheduler, distance, terminals), text in experiment.programs(wanted).items():
        answer = json.loads(text)
        rows += [Row(f"{scheduler}-{link}-{distance}-{which}", terminals, answer[link][which] * 8 / 1e6)
                 for link in LINKS if link in answer for which in ("least", "most")]
    return sorted(rows, key=lambda row: (row.series, row.x))
