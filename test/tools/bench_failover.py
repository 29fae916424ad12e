#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How long a call is silent, and how many of its packets are lost, when a path goes: distributions over seeds.

    bench_failover.py [SEEDS]                    (./flowbind bench does that, with 50)

A VoIP call, 50 packets a second each way, uses one of two wired paths. The path goes at a moment drawn from the seed,
once with the link layer saying so and once without a word, for Mobile IPv4 and Proxy Mobile IPv6. The gap is the
longest time between two packets that arrived, from just before the failure on.
"""

import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile

SCENARIO = """protocol: {protocol}
duration: 12s
{roles}probe: {{interval: 100ms}}
paths:
  - {{name: dsl, type: wired, bid: 1, label: 1, rate: 20Mbps, delay: 8ms}}
  - {{name: fibre, type: wired, bid: 2, label: 2, rate: 100Mbps, delay: 3ms}}
policy:
  flows:
    - {{name: voice, match: {{protocol: udp, port: 5060{family}}}, use: [dsl, fibre]}}
traffic:
  - {{name: call, kind: voip, direction: both, flow: voice}}
events:
  - {{at: {at}ms, path: dsl, {event}}}
"""
PROTOCOLS = {"mip4": ("", ""), "pmip6": ("gateways:\n  - {name: mag}\nhosts:\n  - {name: mn}\n", ", family: ipv6")}
EVENTS = {"link down": "do: down", "silent": "do: lose, what: packets, for: 10s"}


def fail(message):
    sys.exit(f"bench_failover.py: {message}")


def values(rows, metric):
    return [float(row["value"]) for row in rows if row["metric"] == metric]


def simulate(program, folder, protocol, event, seed):
    """Of one run: gap in ms and packets lost, of both directions."""
    at = 5000 + random.Random(seed).randrange(1000)
    roles, family = PROTOCOLS[protocol]
    file = os.path.join(folder, "failover.yaml")
    with open(file, "w", encoding="utf-8") as scenario:
        scenario.write(SCENARIO.format(protocol=protocol, roles=roles, family=family, at=at, event=EVENTS[event]))
    done = subprocess.run([program, file, "--seed", str(seed), "--quiet", "--out", folder],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        fail(f"'{protocol}, {event}' ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    with open(os.path.join(folder, "results.csv"), encoding="utf-8") as results:
        rows = [row for row in csv.DictReader(results) if float(row["time"]) * 1000 >= at - 1]
    gaps = [1000 * value for value in values(rows, "phase_failover_gap_s")]
    lost = [share * sent for share, sent in zip(values(rows, "phase_loss"), values(rows, "phase_packets_sent"))]
    if len(gaps) != 2 or len(lost) != 2:
        fail(f"'{protocol}, {event}', seed {seed}: results.csv does not have both directions")
    return gaps, lost


def row(name, values, digits):
    ordered = sorted(values)
    at_95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    numbers = (ordered[0], statistics.median(ordered), at_95, ordered[-1])
    return f"  {name:<22}" + "".join(f"{number:>9.{digits}f}" for number in numbers)


def main():
    build = os.environ.get("FLOWBIND_BUILD", "build")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 50
    program = os.path.join(build, "flowbind-sim")
    if not os.path.exists(program):
        fail(f"there is no {program}; run ./flowbind build")
    print(f"A path goes under a call: {seeds} seeds, both directions; probes every 100 ms")
    for protocol in PROTOCOLS:
        for event in EVENTS:
            gaps, lost = [], []
            with tempfile.TemporaryDirectory() as folder:
                for seed in range(1, seeds + 1):
                    seed_gaps, seed_lost = simulate(program, folder, protocol, event, seed)
                    gaps += seed_gaps
                    lost += seed_lost
            print(f"\n{protocol}, {event:<18}      min   median     95 %      max")
            print(row("gap, ms", gaps, 1))
            print(row("packets lost", lost, 1))


if __name__ == "__main__":
    main()
