# SPDX-License-Identifier: BSD-3-Clause
"""R7: TCP over an emulated 1xEV-DO path, against Lee's measurement and the formulas of RFC 3819 and RFC 5348."""

import math

import figures
import plot

TITLE = "TCP over CDMA 1xEV-DO: Lee 2006, PFTK (RFC 3819) and RFC 5348"
PROGRAMS = ["flowbind-tcp-path"]
RTT, SPREAD = 0.4174, 0.1225  # Lee's mean, and the root of his variance
DOWN, UP = 2457600, 153600  # bit/s
LOSS_DOWN, LOSS_UP = 0.002, 0.047
LOSSES = [0.001, 0.003, 0.01, 0.03, 0.1]
# Round-trip time and rate of what the formula of RFC 5348 is compared with
CURVES = {"wlan": (0.02, 1e8), "lte": (0.06, 1e8), "cdma": (RTT, DOWN)}
SEEDS, MANY_SEEDS = range(1, 4), range(1, 11)
SEGMENT = 1448


def pipe(rate, ack_rate, loss, ack_loss):
    return [PROGRAMS[0], f"--rate={rate}", f"--ack-rate={ack_rate}", f"--loss={loss}", f"--ack-loss={ack_loss}",
            f"--rtt={RTT}", f"--spread={SPREAD}", "--seconds=600"]


def jobs():
    work = {}
    for name, (rtt, rate) in CURVES.items():
        for loss in LOSSES:
            for seed in SEEDS:
                # As the formula has it: an acknowledgement for each packet, a time-out of four round-trip times.
                work[name, loss, seed] = [PROGRAMS[0], f"--rate={rate:.0f}", f"--rtt={rtt}", f"--loss={loss}",
                                          "--per-ack=1", f"--min-rto={4 * rtt:.4f}", f"--seconds={3000 * rtt:.0f}",
                                          f"--seed={seed}"]
    for seed in MANY_SEEDS:
        work["down", seed] = [*pipe(DOWN, UP, LOSS_DOWN, LOSS_UP), f"--seed={seed}"]
        work["up", seed] = [*pipe(UP, DOWN, LOSS_UP, LOSS_DOWN), f"--seed={seed}"]
    for seed in SEEDS:
        for direction in (0, 1):
            work["model", direction, seed] = [PROGRAMS[0], "--network=cdma", f"--up={direction}", "--seconds=600",
                                              f"--seed={seed}"]
    return work


def rows(answers):
    """kbit/s, but for the round-trip times in ms. At its share of lost packets: what was asked for, or, of the CDMA
    model, what came out."""
    table = []
    for name in CURVES:
        for loss in LOSSES:
            values = [answers[name, loss, seed]["throughput_bps"] / 1000 for seed in SEEDS]
            table.append((name, loss, *figures.mean(values)))
    for name, loss in (("down", LOSS_DOWN), ("up", LOSS_UP)):
        runs = [answers[name, seed] for seed in MANY_SEEDS]
        throughput = figures.mean([run["throughput_bps"] / 1000 for run in runs])
        table.append((name, loss, *throughput))
        table.append((f"{name}-formulas", loss, *throughput))
        for key in ("rtt_s", "rtt_spread_s"):
            table.append((f"{name}-{key[:-2]}", loss, *figures.mean([run[key] * 1000 for run in runs])))
    for direction, name in enumerate(("model-down", "model-up")):
        runs = [answers["model", direction, seed] for seed in SEEDS]
        loss = sum(run["loss"] + run["queue_drops"] for run in runs) / len(runs)
        table.append((name, loss, *figures.mean([run["throughput_bps"] / 1000 for run in runs])))
        table.append((f"{name}-rtt", loss, *figures.mean([run["rtt_s"] * 1000 for run in runs])))
    return table


def formula(name, rtt, p):
    """kbit/s with a loss of p."""
    if name == "mathis":
        seconds = rtt * math.sqrt(p) / 0.93
    elif name == "pftk":
        seconds = rtt * math.sqrt(1.33 * p) + 5 * rtt * p * (1 + 32 * p * p) * min(1, 3 * math.sqrt(0.75 * p))
    else:
        seconds = (rtt * math.sqrt(2 * p / 3)
                   + 4 * rtt * 3 * math.sqrt(3 * p / 8) * p * (1 + 32 * p * p))
    return SEGMENT * 8 / seconds / 1000


def picture(measured, reference):
    drawn = plot.Picture("TCP against loss: an emulated pipe, formulas, and what Lee measured in a 1xEV-DO network",
                         "simulation with 95 % intervals; hollow points: reference. The pipe says nothing about the "
                         "CDMA model",
                         2, 1)
    drawn.legend = ["WLAN, 20 ms", "LTE, 60 ms", "CDMA, 417 ms", "pipe as Lee's path", "CDMA model, not calibrated",
                    "Lee 2006"]
    axes = ["set xlabel 'share of packets lost'", "set logscale xy", "set format x '10^{%L}'", "set ytics auto",
            "set xrange [0.0005:0.15]"]
    losses = [10 ** (-3.3 + 0.05 * i) for i in range(51)]
    curves = []
    for i, (name, (rtt, _)) in enumerate(CURVES.items()):
        block = drawn.block([(p, formula("rfc5348", rtt, p)) for p in losses])
        curves.append(f"{block} using 1:2 with lines dashtype 2 linecolor '{plot.COLOURS[i]}' notitle")
        curves += figures.references(drawn, reference, name, plot.COLOURS[i])
        curves += figures.curve(drawn, measured, name, plot.COLOURS[i], 1, "points pointtype 7 pointsize 0.6")
    drawn.panel(0, 0, "Dashed: RFC 5348, b = 1", [*axes, "set yrange [30:50000]", "set ylabel 'kbit/s'"], curves)
    curves = []
    for name, dash in (("mathis", 3), ("pftk", 2)):
        block = drawn.block([(p, formula(name, RTT, p)) for p in losses])
        curves.append(f"{block} using 1:2 with lines dashtype {dash} linecolor '{plot.COLOURS[2]}' notitle")
    for name in ("down", "up"):
        curves += figures.references(drawn, reference, name, plot.COLOURS[5])
        curves += figures.curve(drawn, measured, name, plot.COLOURS[3], 1, "points pointtype 7 pointsize 0.8")
        curves += figures.curve(drawn, measured, f"model-{name}", plot.COLOURS[4], 1, "points pointtype 9 pointsize 1.2")
        where = next((x, y) for series, x, y, _ in measured if series == f"model-{name}")
        curves.append(f"{drawn.block([(*where, name)])} using 1:2:3 with labels left offset 1,0.3 "
                      f"textcolor '{plot.COLOURS[4]}' notitle")
    drawn.panel(1, 0, "417 ms; dashed: PFTK, dotted: Mathis", [*axes, "set yrange [30:2000]", "unset ylabel"], curves)
    return drawn
