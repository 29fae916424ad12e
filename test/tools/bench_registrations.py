#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Registrations a second of a home agent and updates of an anchor on one core, as ratios to others of the same run.

    bench_registrations.py BUILD_DIR             (./flowbind bench does that)

A registration is: authenticate the request, process it, compose and sign the reply. The ceiling is two HMAC-MD5 of
Nettle over 100 octets, each with a new key, and nothing else. Both are measured in turn in one process; the ratio is
the median of the rounds'. Registrations are of nodes in random order. Requests of 102 octets carry the rules of RFC
7629 Figure 2, which the home agent checks and installs; the ordinary refresh of 54 octets does not. The targets are
for the longer ones, as the ceiling is. Memory is all the library asks for, without a flow cache, divided by the nodes.

An update of Proxy Mobile IPv6 is about one of the two paths of any session: with its MAG Multipath Binding, MAG
Identifier, timestamp and a summary of its four flows, or with the flows themselves, as its gateway does always; the
binding was refreshed before in the same way. Beside it stands what a
registration takes without its authenticators: its time less that of the two digests over the very octets they cover.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

PROGRAM = "flowbind-registration-benchmark"
# Nodes, and the share of the ceiling that is the target there.
SIZES = {1: None, 1000: 0.70, 1000000: 0.55}
OCTETS_TARGET = 600


def fail(message):
    sys.exit(f"bench_registrations.py: {message}")


def unsigned(registrations, digests):
    """Registrations a second, had they no authenticators."""
    return 1 / (1 / registrations - 1 / digests)


def report_updates(results):
    print("\nUpdates of Proxy Mobile IPv6 a second on one core, beside registrations without their authenticators:\n")
    print(f"{'sessions':>10}{'registration':>14}{'update':>12}{'ratio':>8}"
          f"{'with policy':>14}{'update':>12}{'ratio':>8}{'octets a session':>18}")
    for row in results:
        print(f"{row['nodes']:10}{row['refreshes_unsigned_per_s']:14}{row['updates_per_s']:12}"
              f"{row['update_ratio']:8.2f}"
              f"{row['with_policy_unsigned_per_s']:14}{row['updates_with_policy_per_s']:12}"
              f"{row['update_with_policy_ratio']:8.2f}"
              f"{format(row['octets_per_session'], '.0f') if row['nodes'] > 1 else '':>18}")
    last = results[-1]
    one, node, named = (last[name] for name in ("octets_with_one_gateway", "octets_per_node", "octets_with_name"))
    print(f"\neach session has a gateway of its own with two addresses: {last['octets_per_session']:.0f} octets, "
          f"{last['octets_per_path']:.0f} of them each path's;\nbeside it a node of a home agent with three bindings "
          f"and a name, which each session has: {named:.0f}."
          f"\nWith all sessions behind one gateway: {one:.0f} octets (a node without name: {node:.0f}), "
          f"{'not more' if one <= node else 'MORE'}.\nA policy of its own, which no other session has: "
          f"{last['octets_of_own_policy']:.0f} more.")


def measure(program, nodes, registrations, rounds):
    done = subprocess.run([program, str(nodes), str(registrations), str(rounds)], stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        fail(f"{PROGRAM} ended with {done.returncode}, see above")
    result = json.loads(done.stdout)
    rounds = result.pop("rounds")
    for name, at in (("refreshes_per_s", 0), ("with_policy_per_s", 1), ("ceiling_per_s", 2), ("updates_per_s", 5),
                     ("updates_with_policy_per_s", 6)):
        result[name] = round(statistics.median(row[at] for row in rounds))
    for name, whole, digests in (("refreshes_unsigned_per_s", 0, 3), ("with_policy_unsigned_per_s", 1, 4)):
        result[name] = round(statistics.median(unsigned(row[whole], row[digests]) for row in rounds))
    result["update_ratio"] = round(statistics.median(row[5] / unsigned(row[0], row[3]) for row in rounds), 3)
    result["update_with_policy_ratio"] = round(
        statistics.median(row[6] / unsigned(row[1], row[4]) for row in rounds), 3)
    result["refresh_ratio"] = round(statistics.median(row[0] / row[2] for row in rounds), 3)
    result["ratio"] = round(statistics.median(row[1] / row[2] for row in rounds), 3)
    return result


def report(results):
    print("\nRegistrations a second on one core, and their share of the ceiling:\n")
    print(f"{'nodes':>10}{'ceiling':>12}{'refresh':>12}{'share':>8}{'with policy':>14}{'share':>8}{'target':>9}"
          f"{'octets a node':>16}")
    met = True
    for row in results:
        target = SIZES[row["nodes"]]
        good = target is None or row["ratio"] >= target
        met = met and good
        print(f"{row['nodes']:10}{row['ceiling_per_s']:12}{row['refreshes_per_s']:12}{row['refresh_ratio']:8.2f}"
              f"{row['with_policy_per_s']:14}{row['ratio']:8.2f}{'' if target is None else format(target, '.2f'):>9}"
              f"{row['octets_per_node'] if row['nodes'] > 1 else '':16.4}   {'' if good else 'MISSED'}")
    print(f"\neach binding {results[-1]['octets_per_binding']:.0f} octets, the three rules of a node "
          f"{results[-1]['octets_of_rules']:.0f}; a node with all of them, index and timer included:")
    octets = results[-1]["octets_per_node"]
    print(f"target at most {OCTETS_TARGET} octets: {octets:.0f}, "
          f"{'met' if octets <= OCTETS_TARGET else 'MISSED'}")
    return met and octets <= OCTETS_TARGET


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default=os.environ.get("FLOWBIND_BUILD"), metavar="BUILD_DIR",
                        help=f"folder of {PROGRAM} (default: $FLOWBIND_BUILD)")
    parser.add_argument("--registrations", type=int, default=300000, help="of a round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="(default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    arguments = parser.parse_args()
    if arguments.build is None:
        parser.error(f"say where {PROGRAM} was built: bench_registrations.py BUILD_DIR")
    program = os.path.join(arguments.build, PROGRAM)
    if not os.access(program, os.X_OK):
        fail(f"there is no {program}; build the project first: ./flowbind build")
    results = [measure(program, nodes, arguments.registrations, arguments.rounds) for nodes in SIZES]
    met = report(results)
    report_updates(results)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)
            file.write("\n")
    return 1 if arguments.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
