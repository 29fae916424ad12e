# SPDX-License-Identifier: BSD-3-Clause
"""R7: TCP over a pipe like a 1xEV-DO path, against Lee's measurement and the formulas of RFC 3819 and RFC 5348."""

import json

from figure import Panel, Row
from sampling import mean_row

TITLE = "TCP over CDMA 1xEV-DO (Lee 2006, RFC 3819, RFC 5348)"
TIME = "a minute"
RTT, SPREAD = 0.4174, 0.1225  # s: Lee's mean, and the root of his variance
DOWN, UP = 2457600, 153600  # bit/s
LOSS_DOWN, LOSS_UP = 0.002, 0.047
LOSSES = [0.001, 0.003, 0.01, 0.03, 0.1]
FINE = [round(0.0005 * 10 ** (0.05 * i), 7) for i in range(50)]
# Round-trip time and rate of what the formula of RFC 5348 is compared with
CURVES = {"wlan": (0.02, 100000000), "lte": (0.06, 100000000), "cdma": (RTT, DOWN)}
NAMES = {"wlan": "20 ms, WLAN", "lte": "60 ms, LTE", "cdma": "417 ms, CDMA"}
FORMULAS = {"tcp-mathis": "Mathis (RFC 3819)", "tcp-pftk": "PFTK (RFC 3819)"}
SEEDS, MANY_SEEDS = range(1, 4), range(1, 11)
SEGMENT = 1448

PANELS = [
    Panel("One acknowledgement a packet", "share of packets lost", "goodput, kbit/s",
          [*NAMES.items(), *((f"{name}-rfc5348", "RFC 5348, b = 1") for name in NAMES)],
          log="xy", x_range="[0.0005:0.15]", y_range="[30:50000]"),
    Panel("417 ms: what Lee measured (rings)", "share of packets lost", "goodput, kbit/s",
          [("down", "pipe"), ("up", "pipe"), ("model-down", "CDMA model, not calibrated"),
           ("model-up", "CDMA model, not calibrated"), *FORMULAS.items()],
          log="xy", x_range="[0.0001:0.15]", y_range="[30:3000]"),
]


def pipe(rate, ack_rate, loss, ack_loss):
    return ["flowbind-tcp-path", f"--rate={rate}", f"--ack-rate={ack_rate}", f"--loss={loss}",
            f"--ack-loss={ack_loss}", f"--rtt={RTT}", f"--spread={SPREAD}", "--seconds=600"]


def commands():
    wanted = {}
    for name, (rtt, rate) in CURVES.items():
        for loss in LOSSES:
            for seed in SEEDS:
                # As the formula has it: an acknowledgement for each packet, a time-out of four round-trip times
                wanted[name, loss, seed] = ["flowbind-tcp-path", f"--rate={rate}", f"--rtt={rtt}", f"--loss={loss}",
                                            "--per-ack=1", f"--min-rto={4 * rtt:.4f}", f"--seconds={3000 * rtt:.0f}",
                                            f"--seed={seed}"]
    for seed in MANY_SEEDS:
        wanted["down", seed] = [*pipe(DOWN, UP, LOSS_DOWN, LOSS_UP), f"--seed={seed}"]
        wanted["up", seed] = [*pipe(UP, DOWN, LOSS_UP, LOSS_DOWN), f"--seed={seed}"]
    for seed in SEEDS:
        for direction, name in enumerate(("model-down", "model-up")):
            wanted[name, seed] = ["flowbind-tcp-path", "--network=cdma", f"--up={direction}", "--seconds=600",
                                  f"--seed={seed}"]
    return wanted


def formula_rows(experiment):
    rows = []
    losses = "loss=" + ",".join(map(str, FINE))
    for name, (rtt, _) in CURVES.items():
        answers = experiment.oracle("tcp-rfc5348", f"segment={SEGMENT}", f"rtt={rtt}", losses)
        rows += [Row(f"{name}-rfc5348", loss, float(answer["throughput_bps"]) / 1000)
                 for loss, answer in zip(FINE, answers)]
    for name in FORMULAS:
        answers = experiment.oracle(name, f"mss={SEGMENT}", f"rtt={RTT}", losses)
        rows += [Row(name, loss, float(answer["throughput_bps"]) / 1000) for loss, answer in zip(FINE, answers)]
    # The example of RFC 3819 8.5.3, whose printed 402.9 kbit/s does not follow from its formula
    example = experiment.oracle("tcp-pftk", "mss=1000", "rtt=0.12", "loss=0.01")
    return rows + [Row("rfc3819-example", 0.01, float(example[0]["throughput_bps"]) / 1000)]


def measure(experiment):
    """kbit/s; round-trip times in ms. Of the CDMA model x is the loss that came out."""
    found = {key: json.loads(text) for key, text in experiment.programs(commands()).items()}

    def mean(series, x, key, seeds, words, factor):
        return mean_row(series, x, [found[(*key, seed)][words] * factor for seed in seeds])

    rows = [mean(name, loss, (name, loss), SEEDS, "throughput_bps", 1e-3) for name in CURVES for loss in LOSSES]
    for name, loss in (("down", LOSS_DOWN), ("up", LOSS_UP)):
        goodput = mean(name, loss, (name,), MANY_SEEDS, "throughput_bps", 1e-3)
        rows += [goodput, Row(f"{name}-formulas", loss, goodput.y),
                 mean(f"{name}-rtt", loss, (name,), MANY_SEEDS, "rtt_s", 1e3),
                 mean(f"{name}-rtt-spread", loss, (name,), MANY_SEEDS, "rtt_spread_s", 1e3)]
    for name in ("model-down", "model-up"):
        loss = sum(found[name, seed]["loss"] + found[name, seed]["queue_drops"] for seed in SEEDS) / len(SEEDS)
        rows += [mean(name, loss, (name,), SEEDS, "throughput_bps", 1e-3),
                 mean(f"{name}-rtt", loss, (name,), SEEDS, "rtt_s", 1e3)]
    return rows + formula_rows(experiment)
