# SPDX-License-Identifier: BSD-3-Clause
"""R6: saturation throughput of 802.11, against Bianchi's analysis as ns-3's wifi-bianchi tabulates it."""

import json

from figure import Panel, Row
from sampling import mean_row

TITLE = "Saturation throughput of a WLAN (Bianchi 2000)"
TIME = "3 minutes"
STATIONS = [5, 10, 20, 30, 40, 50]
SEEDS = [1, 2, 3]
MODES = {"54": ("OfdmRate54Mbps", 3), "6": ("OfdmRate6Mbps", 20), "11b": ("DsssRate11Mbps", 20)}  # seconds
OFDM = {"54": ["rate=54e6", "ack_rate=24e6"], "6": ["rate=6e6", "ack_rate=6e6"]}
LEGEND = [("{}", "simulation"), ("{}-difs", "model, DIFS after a collision"),
          ("{}-eifs", "model, EIFS after a collision")]

PANELS = [
    Panel(title, "stations", "payload of all, Mbit/s", [(name.format(mode), words) for name, words in LEGEND],
          x_range="[0:52]", y_range=y_range)
    for mode, title, y_range in (("54", "802.11a, 54 Mbit/s", "[20:32]"), ("6", "802.11a, 6 Mbit/s", "[3:5]"),
                                 ("11b", "802.11b, 11 Mbit/s (model: points only)", "[4.5:7]"))
]


def measure(experiment):
    # The longest ones first
    wanted = {(mode, stations, seed): ["flowbind-wlan-saturation", f"--mode={name}", f"--stations={stations}",
                                       f"--seed={seed}", f"--seconds={seconds}", "--warm-up=2"]
              for stations in reversed(STATIONS) for mode, (name, seconds) in MODES.items() for seed in SEEDS}
    found = {key: json.loads(text)["throughput_bps"] / 1e6 for key, text in experiment.programs(wanted).items()}
    rows = [mean_row(mode, stations, [found[mode, stations, seed] for seed in SEEDS])
            for mode in MODES for stations in STATIONS]
    for mode, words in OFDM.items():
        for eifs, name in enumerate(("difs", "eifs")):
            answers = experiment.oracle("bianchi-11a", "stations=5..50", f"eifs={eifs}", *words)
            rows += [Row(f"{mode}-{name}", int(float(answer["stations"])), float(answer["throughput_bps"]) / 1e6)
                     for answer in answers]
    return rows
