#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a simulated second of a busy 1xEV-DO sector costs, as a ratio to a cell of ns-3's LTE with as many terminals.

    bench_cdma.py BUILD_DIR             (./flowbind bench does that)

The two take turns; wall time is the least of several runs.
"""

import json
import os
import subprocess
import sys

PROGRAM = "flowbind-cdma-benchmark"
TERMINALS = (1, 10, 50)
TARGET = 20
RUNS = 3
SECONDS = {"cdma": 20, "lte": 2}


def measure(program, mode, terminals):
    command = [program, f"--mode={mode}", f"--terminals={terminals}", f"--seconds={SECONDS[mode]}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench_cdma.py: '{' '.join(command)}' ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)["wall_s_per_s"]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: bench_cdma.py BUILD_DIR")
    program = os.path.join(sys.argv[1], PROGRAM)
    if not os.path.exists(program):
        sys.exit(f"bench_cdma.py: {program} is missing; build it with ./flowbind build")
    print("wall time of a simulated second, both links busy")
    print("terminals   1xEV-DO ms   LTE ms   LTE / 1xEV-DO")
    good = True
    for terminals in TERMINALS:
        best = {mode: float("inf") for mode in SECONDS}
        for _ in range(RUNS):
            for mode, least in best.items():
                best[mode] = min(least, measure(program, mode, terminals))
        ratio = best["lte"] / best["cdma"]
        good = good and ratio >= TARGET
        print(f"{terminals:9}   {best['cdma'] * 1000:10.2f}   {best['lte'] * 1000:6.0f}   {ratio:13.0f}")
    print(f"target: at least {TARGET}: {'met' if good else 'MISSED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
