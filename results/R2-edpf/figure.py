# SPDX-License-Identifier: BSD-3-Clause
"""R2: earliest delivery path first beside the other rules, by offered load."""

from figure import Panel, Row

TITLE = "Schedulers over WLAN, LTE and CDMA (Chebrolu and Rao 2006)"
RATES, DELAYS = "rates=10M,5M,0.6M", "delays=0.010,0.040,0.200"
LOADS = [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.5, 10.5, 11, 12, 13, 14, 14.5, 15.2]
PACKETS = {15.2: "4M"}  # near what all paths carry it takes long until the queues are as they stay
SEEDS = 5
CHOICES = {
    "edpf": ["scheduler=edpf", RATES, DELAYS],
    "wrr": ["scheduler=weighted", "weights=50,25,3", RATES, DELAYS],
    "rr": ["scheduler=round-robin", RATES, DELAYS],
    "hbi": ["scheduler=edpf", "rates=10M", "delays=0.010"],
    "asl": ["scheduler=edpf", "rates=15.6M", "delays=0.010"],
}
NAMES = {
    "edpf": "edpf",
    "wrr": "weighted 50:25:3",
    "rr": "round-robin",
    "hbi": "WLAN only",
    "asl": "one link of 15.6 Mbit/s",
}
CARRIES = {"edpf": 15.6, "wrr": 15.6, "rr": 1.8, "hbi": 10, "asl": 15.6}  # Mbit/s
STREAM = {"cbr": "Constant stream", "poisson": "Poisson stream"}

PANELS = [
    Panel(title, "offered load, Mbit/s", "mean delay in order, ms",
          [(f"{choice}_{kind}", name) for choice, name in NAMES.items()], log="y", x_range="[0:16]", y_range="[8:400]")
    for kind, title in STREAM.items()
] + [
    Panel("edpf: where the packets go", "offered load, Mbit/s", "share of packets, %",
          [("share_wlan", "WLAN, 10 Mbit/s, 10 ms"), ("share_lte", "LTE, 5 Mbit/s, 40 ms"),
           ("share_cdma", "CDMA, 0.6 Mbit/s, 200 ms")], x_range="[0:16]", y_range="[0:105]"),
    Panel("Reordering (RFC 4737), constant stream", "offered load, Mbit/s", "reordered packets, %",
          [("reordered_" + choice, NAMES[choice]) for choice in ("edpf", "wrr", "rr")], x_range="[0:16]",
          y_range="[0:75]"),
]


def streams(experiment):
    """{(choice, kind, load, seed): cells} of every stream that a choice carries."""
    wanted = {}
    for choice, words in CHOICES.items():
        for load in LOADS:
            if load >= CARRIES[choice]:
                continue
            packets = "packets=" + PACKETS.get(load, "200k")
            wanted[choice, "cbr", load, 1] = ["flowbind-paths", "stream", *words, f"load={load}M", packets]
            for seed in range(1, SEEDS + 1):
                wanted[choice, "poisson", load, seed] = ["flowbind-paths", "stream", *words, f"load={load}M",
                                                         "packets=200k", "arrivals=poisson", f"seed={seed}"]
    return {key: [float(cell) for cell in text.splitlines()[1].split(",")]
            for key, text in experiment.programs(wanted).items()}


def measure(experiment):
    found, rows = streams(experiment), []
    for choice in CHOICES:
        for load in (load for load in LOADS if load < CARRIES[choice]):
            constant = found[choice, "cbr", load, 1]
            delays = [1e3 * found[choice, "poisson", load, seed][0] for seed in range(1, SEEDS + 1)]
            rows.append(Row(choice + "_cbr", load, 1e3 * constant[0]))
            rows.append(Row(choice + "_poisson", load, sum(delays) / SEEDS, min(delays), max(delays)))
            if choice in ("edpf", "wrr", "rr"):
                rows.append(Row("reordered_" + choice, load, 100 * constant[2]))
            if choice == "edpf":
                rows += [Row("share_" + path, load, 100 * share)
                         for path, share in zip(("wlan", "lte", "cdma"), constant[5:])]
    return rows
