#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What finding the rule of a packet costs, beside DPDK's rte_acl, and finding its flow in the cache, beside a table.

    bench_classify.py BUILD_DIR             (./flowbind bench does that)

The same rules and packets for both, one packet a call, none seen before: nine of ten are of any rule, the others any.
Each is measured in turn in one process; the ratio is the median of the rounds', and below 1 is the target. All answers
are compared with asking one rule after the other. "realistic" rules are prefixes, well-known and ephemeral ports and
protocols, mixed as in the seeds of ClassBench; of "overlapping" ones all ranges in all fields overlap, which rte_acl
cannot hold many of. Memory: what the library asks for, and what rte_acl keeps. The warm cache holds 100,000 flows; the
table is open addressing over the five-tuple and nothing else, in as many slots; twice its time is the target.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

PROGRAM = "flowbind-classify-benchmark"
SIZES = [1, 16, 256, 4096]
SETS = ["realistic", "overlapping"]
FLOWS = 100000
CACHE_TARGET = 2.0


def fail(message):
    sys.exit(f"bench_classify.py: {message}")


def measure(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        fail(f"{PROGRAM} ended with {done.returncode}, see above")
    return json.loads(done.stdout)


def octets(number):
    return f"{number / 1024:.0f} KiB" if number < 10 << 20 else f"{number / (1 << 20):.0f} MiB"


def classify(program, rules, kind, family, rounds):
    result = measure(program, rules, kind, family, rounds)
    rows = result.pop("rounds")
    result.update(set=SETS[kind], ns=statistics.median(row[0] for row in rows),
                  scan_ns=statistics.median(row[2] for row in rows))
    if all(row[1] > 0 for row in rows):
        result["acl_ns"] = statistics.median(row[1] for row in rows)
        result["ratio"] = round(statistics.median(row[0] / row[1] for row in rows), 3)
    return result


def report(results):
    print("\nNanoseconds to find the rule of a packet that was not seen before:\n")
    print(f"{'rules':>6} {'kind':<12}{'IP':>3}{'flowbind':>10}{'rte_acl':>9}{'ratio':>7}{'by turns':>10}"
          f"{'memory':>11}{'rte_acl':>10}{'built in':>11}{'rte_acl':>10}")
    met = True
    for row in results:
        acl = "acl_ns" in row
        met = met and (not acl or row["ratio"] < 1)
        print(f"{row['rules']:>6} {row['set']:<12}{row['family']:>3}{row['ns']:>10.1f}"
              f"{format(row['acl_ns'], '.1f') if acl else 'fails' if row.get('acl_failed') else '':>9}"
              f"{format(row['ratio'], '.2f') if acl else '':>7}{row['scan_ns']:>10.1f}"
              f"{octets(row['octets']):>11}{octets(row['acl_octets']) if acl else '':>10}"
              f"{format(row['build_ms'], '.2f') + ' ms':>11}"
              f"{format(row['acl_build_ms'], '.2f') + ' ms' if acl else '':>10}")
    print('\n"by turns" asks one rule after the other. rte_acl is asked about IPv4 only; where it "fails" it gives\n'
          "the rules up, being limited to a gibibyte.")
    return met


def report_cache(result):
    rows = result["rounds"]
    ratio = statistics.median(row[0] / row[1] for row in rows)
    print(f"\nFlow cache, {result['flows']:,} flows, warm: {statistics.median(row[0] for row in rows):.1f} ns, "
          f"table: {statistics.median(row[1] for row in rows):.1f} ns, ratio {ratio:.2f} (target {CACHE_TARGET:.0f}); "
          f"{100 * result['found']:.1f} % found, the others had to make room")
    return ratio <= CACHE_TARGET


def main():
    parser = argparse.ArgumentParser(description="what finding the rule of a packet costs")
    parser.add_argument("build", nargs="?", default=os.environ.get("FLOWBIND_BUILD"), metavar="BUILD_DIR",
                        help=f"where {PROGRAM} was built (default: $FLOWBIND_BUILD)")
    parser.add_argument("--rounds", type=int, default=9, help="repetitions (9)")
    parser.add_argument("--json", metavar="FILE", help="write the results there, too")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    options = parser.parse_args()
    if options.build is None:
        parser.error(f"say where {PROGRAM} was built: bench_classify.py BUILD_DIR")
    program = os.path.join(options.build, PROGRAM)
    if not os.access(program, os.X_OK):
        fail(f"{program} is missing; ./flowbind bench builds it")
    results = [classify(program, rules, kind, family, options.rounds)
               for kind, family in ((0, 4), (1, 4), (0, 6)) for rules in SIZES]
    cache = measure(program, FLOWS, options.rounds)
    met = report(results)
    if not any("acl_build_ms" in row for row in results):
        print("DPDK was not there when this was built, so nothing stands beside it: apt-get install libdpdk-dev, and\n"
              "delete the build folder's CMakeCache.txt.")
    met = report_cache(cache) and met
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"classify": results, "flow_cache": cache}, file, indent=1)
    print("targets met" if met else "targets missed")
    return 1 if options.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
