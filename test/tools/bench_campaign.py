#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What campaigns cost beside the runs themselves, what two processors gain, and whether intervals keep their promise.

    bench_campaign.py BUILD_DIR             (./flowbind bench does that)

* A campaign of 1,000 runs of a second each may cost 5 % more processor time than the runs themselves. A stand-in for
  the simulator computes for exactly a second of processor time, which is the reference. What a campaign costs once and
  what each run costs is told from two campaigns of different size; --runs 1000 makes the whole one.
* With --jobs 2 there must be at least 1.9 times the runs per hour of --jobs 1. Where the machine is idle, with runs
  that compute; where others work on it, with runs that sleep: nothing but the processors is in the way then.
* Kills at random times (of everything, of the command, of a helper; Ctrl-C) lose no finished run and repeat none.
  test_campaign_slurm.py --kills does that with --slurm, where nodes are lost as well.
* Intervals of 95 % hold the true mean in 93.5 to 96.5 % of 1,000 data sets: of ten runs, and of as many as
  ./flowbind compare --until 2% makes. Of data as skewed as an exponential distribution they hold less often; how much
  is printed without judgement.
"""

import argparse
import csv
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

import campaign_world as world

sys.path.insert(0, world.TOOLS)
import compare  # noqa: E402  pylint: disable=wrong-import-position

MOST_OVERHEAD, LEAST_GAIN, LOWEST, HIGHEST = 0.05, 1.9, 0.935, 0.965
SETS = 1000

# Computes for a second, start of the interpreter included, and says what a run says.
BUSY = """#!{python} -ISB
import os, sys, time
START = time.monotonic()
if sys.argv[2] == "--check":
    sys.exit(0)
os.makedirs(sys.argv[5])
os.chdir(sys.argv[5])
with open("results.csv", "w") as file:
    file.write("run,time,flow,path,metric,value\\n" + "".join(sys.argv[3] + ",0,call,,phase_" + row + "\\n" for row in
               ("duration_s,3", "packets_sent,100", "goodput_bps,6400" + sys.argv[3])))
open("signalling.csv", "w").close(), open("summary.txt", "w").close()
while {clock} < {seconds}:
    {pause}
"""


def stand_in(busy, seconds):
    environment = world.stand_in()
    clock = "time.process_time()" if busy else "time.monotonic() - START"
    pause = "pass" if busy else "time.sleep(0.002)"
    world.write("build/flowbind-sim", BUSY.format(python=sys.executable, clock=clock, seconds=seconds, pause=pause))
    return environment


def measure(command, environment):
    """(processor time of it and its children, time) in seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def sweep(runs, jobs, environment):
    with tempfile.TemporaryDirectory() as folder:
        world.write("c.yaml", f"scenario: s.yaml\nruns: {runs}\n")
        return measure(world.command("sweep", "c.yaml", "--quiet", "--jobs", str(jobs), "--out", folder), environment)


def overhead(runs):
    environment = stand_in(True, 1)
    few = 4
    direct = 0
    for seed in range(few):
        with tempfile.TemporaryDirectory() as folder:
            direct += measure(["build/flowbind-sim", "s.yaml", "--seed", str(seed), "--out", folder + "/x", "--quiet"],
                              environment)[0]
    reference = direct / few
    small, large = sweep(few, 2, environment)[0], sweep(runs, 2, environment)[0]
    each = (large - small) / (runs - few)
    once = max(0, small - few * each)
    share = (once + 1000 * each) / (1000 * reference) - 1
    print(f"\nA run alone: {reference:.3f} s of processor time; in a campaign of {runs}: {each:.3f} s, "
          f"and {once:.2f} s once")
    print(f"1,000 runs cost {100 * share:.1f} % more than the runs themselves; target at most "
          f"{100 * MOST_OVERHEAD:.0f} %: {verdict(share <= MOST_OVERHEAD)}")
    return share <= MOST_OVERHEAD


def gain(runs, busy):
    if (os.cpu_count() or 1) < 2:
        print("\nThere is one processor: what two gain cannot be measured here")
        return True
    environment = stand_in(busy, 1)
    few = 4
    one, two = ((sweep(runs, jobs, environment)[1] - sweep(few, jobs, environment)[1]) / (runs - few)
                for jobs in (1, 2))
    kind = "compute" if busy else "sleep, because the machine is not idle"
    print(f"\nRuns that {kind}: {3600 / one:.0f} an hour with --jobs 1, {3600 / two:.0f} with --jobs 2: "
          f"{one / two:.2f} times as many; target at least {LEAST_GAIN}: {verdict(one / two >= LEAST_GAIN)}")
    return one / two >= LEAST_GAIN


def kills(number):
    program = os.path.join(world.HERE, "test_campaign_interruptions.py")
    done = subprocess.run([sys.executable, "-B", program, "--kills", str(number)], capture_output=True, text=True,
                          check=False)
    print("\n" + "\n".join(done.stdout.splitlines()[-20:-1]))
    print(f"no finished run lost, none repeated: {verdict(done.returncode == 0)}")
    return done.returncode == 0


def stop_rule(data, least):
    """{set: what flowbind-stats stop says}."""
    text = "set,value\n" + "".join(f"{i},{value!r}\n" for i, values in data.items() for value in values)
    done = subprocess.run([os.environ["FLOWBIND_STATS"], "stop", "--by", "set", "--until", "2%", "--least", str(least)],
                          input=text, capture_output=True, text=True, check=True)
    return {int(row["set"]): row for row in csv.DictReader(io.StringIO(done.stdout))}


def coverage(draw, sequential):
    """(share of intervals that hold the true mean 1, runs on average)."""
    sets = {i: [draw() for _ in range(compare.LEAST)] for i in range(SETS)}
    narrow, held, took = dict.fromkeys(sets, False), 0, 0
    while sets:
        for i, row in stop_rule(sets, compare.LEAST).items():
            runs = len(sets[i])
            wanted, narrow[i] = compare.runs_wanted([row], runs, narrow[i]) if sequential else (0, True)
            wanted = min(200, wanted)
            if wanted <= runs:
                held += float(row["low"]) <= 1 <= float(row["high"])
                took += runs
                del sets[i]
            else:
                sets[i] += [draw() for _ in range(wanted - runs)]
    return held / SETS, took / SETS


def coverages():
    chance = random.Random(int(os.environ.get("FLOWBIND_SEED", "7629")))
    good = True
    print(f"\n95 % intervals that hold the true mean, of {SETS} data sets:")
    for name, draw, judged in [("normal, spread 3 %", lambda: chance.gauss(1, 0.03), True),
                               ("normal, spread 5 %", lambda: chance.gauss(1, 0.05), True),
                               ("normal, spread 8 %", lambda: chance.gauss(1, 0.08), True),
                               ("exponential, spread 8 %", lambda: 0.92 + chance.expovariate(1 / 0.08), False)]:
        for sequential in (False, True):
            share, runs = coverage(draw, sequential)
            inside = LOWEST <= share <= HIGHEST
            good = good and (inside or not judged)
            how = f"--until 2%, {runs:.0f} runs" if sequential else f"{runs:.0f} runs"
            print(f"  {name:<24} {how:<22} {100 * share:.1f} %" + (f"   {verdict(inside)}" if judged else ""))
    return good


def verdict(good):
    return "met" if good else "MISSED"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default=os.environ.get("FLOWBIND_BUILD"), metavar="BUILD_DIR")
    parser.add_argument("--runs", type=int, default=24, help="of each campaign (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=100, help="(default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    arguments, _ = parser.parse_known_args()
    if arguments.kills < 1 or arguments.runs < 10:
        parser.error("--kills has to be 1 at least, --runs 10")
    if arguments.build is None or not os.access(os.path.join(arguments.build, "flowbind-stats"), os.X_OK):
        parser.error("say where flowbind-stats was built: bench_campaign.py BUILD_DIR")
    os.environ["FLOWBIND_STATS"] = os.path.abspath(os.path.join(arguments.build, "flowbind-stats"))
    idle = os.getloadavg()[0] < 0.3  # before anything of this runs
    os.environ["FLOWBIND_SIM"] = os.path.abspath(os.path.join(arguments.build, "flowbind-sim"))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        world.write("s.yaml", world.SCENARIO)
        met = [overhead(arguments.runs), gain(arguments.runs, idle), kills(arguments.kills), coverages()]
        os.chdir("/")
    return 1 if arguments.check and not all(met) else 0


if __name__ == "__main__":
    sys.exit(main())
