#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a data packet costs in the library, and what a scheduler takes to choose.

    bench_steering.py BUILD_DIR             (./flowbind bench does that)

A packet: handed to a home agent with 1,000 nodes, its path found in the flow cache, its outer header written and handed
back. Beside it the same run's memcpy() of its headers. Schedulers choose among paths of different rates, delays,
weights and costs; none may take over 100 ns with eight paths. Figures are medians of the rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

PROGRAM = "flowbind-registration-benchmark"
PICK_TARGET_NS = 100


def fail(message):
    sys.exit(f"bench_steering.py: {message}")


def report(rounds):
    steer = statistics.median(row["steer_ns"] for row in rounds)
    copy = statistics.median(row["copy_ns"] for row in rounds)
    print(f"\nA packet steered and its outer header written: {steer:.1f} ns; memcpy() of its headers: {copy:.1f} ns\n")
    print(f"{'scheduler':<16}{'3 paths, ns':>12}{'8 paths, ns':>12}")
    met = True
    for name in rounds[0]["pick_ns"]:
        three, eight = (statistics.median(row["pick_ns"][name][i] for row in rounds) for i in (0, 1))
        good = eight <= PICK_TARGET_NS
        met = met and good
        print(f"{name:<16}{three:12.1f}{eight:12.1f}   {'' if good else 'MISSED'}")
    print(f"\ntarget at most {PICK_TARGET_NS} ns with 8 paths: {'met' if met else 'MISSED'}")
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default=os.environ.get("FLOWBIND_BUILD"), metavar="BUILD_DIR",
                        help=f"folder of {PROGRAM} (default: $FLOWBIND_BUILD)")
    parser.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    arguments = parser.parse_args()
    if arguments.build is None:
        parser.error(f"say where {PROGRAM} was built: bench_steering.py BUILD_DIR")
    program = os.path.join(arguments.build, PROGRAM)
    if not os.access(program, os.X_OK):
        fail(f"there is no {program}; build the project first: ./flowbind build")
    done = subprocess.run([program, "steering", str(arguments.rounds)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        fail(f"{PROGRAM} ended with {done.returncode}, see above")
    rounds = json.loads(done.stdout)
    met = report(rounds)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rounds, file, indent=2)
            file.write("\n")
    return 1 if arguments.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
