#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What agents and tunnel cost per packet, as ratios to plain ns-3 forwarding in the same run.

    bench_shim.py BUILD_DIR             (./flowbind bench does that)

Instructions are counted by callgrind, as the difference between a long and a short run, so that setting up the network
and registering cancel out. They hardly vary from run to run. Wall time is the median of several runs, the two ways in
turn; it does vary, so look at the ratio only.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

PROGRAM = "flowbind-shim-benchmark"
# What the adapter calls for a data packet; everything the library does happens inside of these.
CORE = ("fb_agent_steer", "fb_agent_receive", "fb_agent_poll_action")
SHORT, LONG = 1000, 6000
RATIO_TARGETS = {"down": 1.13, "up": 1.30}
CORE_TARGET = 800


def fail(message):
    sys.exit(f"bench_shim.py: {message}")


def progress(text):
    print(f"  {text} ...", file=sys.stderr, flush=True)


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        fail(f"'{' '.join(command)}' ended with {done.returncode}: {done.stderr.strip()[-500:] or done.stdout.strip()}")
    return done.stdout


def simulate(program, mode, direction, packets, *options):
    command = [program, f"--mode={mode}", f"--direction={direction}", f"--packets={packets}", *options]
    return json.loads(run(command))


def count(program, mode, direction, packets, folder):
    """Instructions of a whole run: all of them, and those inside the library's calls for data packets."""
    out = os.path.join(folder, f"{direction}-{mode}-{packets}")
    # Without line numbers, inlined code belongs to the function it was inlined into.
    run(["valgrind", "--tool=callgrind", "--dump-line=no", f"--callgrind-out-file={out}", program]
        + [f"--mode={mode}", f"--direction={direction}", f"--packets={packets}"])
    with open(out, encoding="utf-8") as file:
        total = next(int(line.split()[1]) for line in file if line.startswith("totals:"))
    report = run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", out])
    # A function stands there once for each file that inlined code came from; the greatest count is the whole one
    core = dict.fromkeys(CORE, 0)
    for line in report.splitlines():
        match = re.match(r"\s*([\d,]+) .*?:(\w+)(?:'\d+)?(?: \[|$)", line)
        if match and match.group(2) in core:
            core[match.group(2)] = max(core[match.group(2)], int(match.group(1).replace(",", "")))
    return total, sum(core.values())


def instructions(program, mode, direction, folder):
    """(all, library) instructions of one packet."""
    runs = []
    for packets in (SHORT, LONG):
        progress(f"counting instructions: {direction}link, {mode}, {packets} packets")
        runs.append(count(program, mode, direction, packets, folder))
    return tuple((runs[1][i] - runs[0][i]) / (LONG - SHORT) for i in (0, 1))


def wall(program, direction, packets, runs):
    """Median microseconds of one packet, by mode."""
    seconds = {"plain": [], "tunnel": []}
    for number in range(runs):
        progress(f"measuring time: {direction}link, {packets} packets, run {number + 1} of {runs}")
        for mode, values in seconds.items():
            values.append(simulate(program, mode, direction, packets)["wall_s"])
    return {mode: statistics.median(values) / packets * 1e6 for mode, values in seconds.items()}


def measure(program, direction, arguments, folder):
    # The first flow has a rule of its own, the others are spread: with all three paths in use the comparison is fair.
    paths = simulate(program, "tunnel", direction, SHORT, "--share=1")["paths"]
    if paths != 3:
        fail(f"the tunnel used {paths} paths instead of 3, so the comparison would say nothing")
    plain, _ = instructions(program, "plain", direction, folder)
    tunnel, core = instructions(program, "tunnel", direction, folder)
    time = wall(program, direction, arguments.packets, arguments.runs)
    return {
        "direction": direction,
        "instructions_plain": round(plain),
        "instructions_tunnel": round(tunnel),
        "instructions_ratio": round(tunnel / plain, 4),
        "instructions_core": round(core),
        "wall_us_plain": round(time["plain"], 2),
        "wall_us_tunnel": round(time["tunnel"], 2),
        "wall_ratio": round(time["tunnel"] / time["plain"], 3),
    }


def verdict(value, target):
    return "met" if value <= target else "MISSED"


def report(results):
    print("\nAgents and tunnel against plain ns-3 forwarding, per packet of 1000 octets:\n")
    print(f"{'':12}{'instructions':>34}{'of them in':>14}{'wall time, us':>30}")
    print(f"{'':12}{'plain':>12}{'tunnel':>12}{'ratio':>10}{'the core':>14}{'plain':>10}{'tunnel':>10}{'ratio':>10}")
    for row in results:
        print(f"{row['direction'] + 'link':12}{row['instructions_plain']:12}{row['instructions_tunnel']:12}"
              f"{row['instructions_ratio']:10.3f}{row['instructions_core']:14}{row['wall_us_plain']:10.2f}"
              f"{row['wall_us_tunnel']:10.2f}{row['wall_ratio']:10.2f}")
    met = True
    print()
    for row in results:
        target, ratio = RATIO_TARGETS[row["direction"]], row["instructions_ratio"]
        met = met and ratio <= target
        name = f"instructions {row['direction']}link"
        print(f"{name}, target at most {target:.2f}: {ratio:.3f}, {verdict(ratio, target)}")
    core = max(row["instructions_core"] for row in results)
    print(f"the core, target at most {CORE_TARGET} instructions: {core}, {verdict(core, CORE_TARGET)}")
    return met and core <= CORE_TARGET


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default=os.environ.get("FLOWBIND_BUILD"), metavar="BUILD_DIR",
                        help=f"folder of {PROGRAM} (default: $FLOWBIND_BUILD)")
    parser.add_argument("--direction", choices=("down", "up", "both"), default="both")
    parser.add_argument("--packets", type=int, default=100000, help="of a run that is timed (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="timed runs each way (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    arguments = parser.parse_args()
    if arguments.build is None:
        parser.error(f"say where {PROGRAM} was built: bench_shim.py BUILD_DIR")
    program = os.path.join(arguments.build, PROGRAM)
    if not os.access(program, os.X_OK):
        fail(f"there is no {program}; build the project first: ./flowbind build")
    if shutil.which("valgrind") is None:
        fail("valgrind is not installed; on Debian: apt-get install valgrind")
    directions = ("down", "up") if arguments.direction == "both" else (arguments.direction,)
    with tempfile.TemporaryDirectory(prefix="flowbind-bench-") as folder:
        results = [measure(program, direction, arguments, folder) for direction in directions]
    met = report(results)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)
            file.write("\n")
    return 1 if arguments.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
