# SPDX-License-Identifier: BSD-3-Clause
"""PF: what a 1xEV-DO sector carries with proportional-fair scheduling, against closed forms."""

import json

from figure import Panel
from sampling import mean_row

TITLE = "Proportional-fair gain of a 1xEV-DO sector"
TIME = "3 minutes"
TERMINALS = range(1, 17)
SEEDS = [1, 2, 3]
SINR = 3  # mean, a ratio
# What one terminal gets whose rate is 500 bits a slot at SINR 1, 600 slots a second
LINEAR = 500 * SINR * 600
FAST = ["--seconds=60"]
# Hardly anything changes while a packet is sent: a wave length takes 1.6 s
SLOW = ["--seconds=2000", "--speed=0.1", "--time-constant=1e6"]
SERIES = {"linear": ("linear", FAST), "slots": ("slots", FAST), "packets": ("packets", FAST),
          "packets-slow": ("packets", SLOW)}

PANELS = [
    Panel("Rates linear in the SINR", "terminals", "gain over one terminal",
          [("linear", "linear rates")], x_range="[0:17]"),
    Panel("Rates of the standard, mean SINR 4.8 dB", "terminals", "sector, Mbit/s",
          [("slots", "rate table, each in one slot"), ("packets", "rate table, its packets of several slots"),
           ("packets-slow", "its packets, slow fading")], x_range="[0:17]"),
]


def measure(experiment):
    # The longest ones first
    wanted = {(series, terminals, seed): ["flowbind-cdma-gain", f"--terminals={terminals}", f"--rates={rates}",
                                          f"--sinr={SINR}", f"--seed={seed}", *words]
              for terminals in reversed(TERMINALS) for series, (rates, words) in reversed(SERIES.items())
              for seed in SEEDS}
    found = {key: json.loads(text)["throughput_bps"] for key, text in experiment.programs(wanted).items()}
    return [mean_row(series, terminals, [found[series, terminals, seed] / (LINEAR if series == "linear" else 1e6)
                                         for seed in SEEDS])
            for series in SERIES for terminals in TERMINALS]
