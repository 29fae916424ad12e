#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks for inputs that break the library, with libFuzzer. This is what ./flowbind fuzz calls.

usage: fuzz.py [TARGET] [SECONDS]

  TARGET    a file test/fuzz/fuzz_TARGET.c; without it all, as many at a time as there are processors
  SECONDS   for each target; 60

A target starts from test/fuzz/corpus/TARGET and from what earlier runs found, which is kept in the build folder in
fuzz/found/TARGET. An input that broke something is kept in fuzz/broken/. The last line is "N passed, N failed".
"""

import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("FLOWBIND_BUILD") or os.path.join(ROOT, "build"))
SECONDS = 60


def targets():
    paths = glob.glob(os.path.join(ROOT, "test", "fuzz", "fuzz_*.c"))
    return sorted(os.path.basename(path)[len("fuzz_") : -len(".c")] for path in paths)


def fuzz(target, seconds, seed=0):
    """(whether nothing broke, one line about it, all output). With a seed the same inputs are tried each time."""
    program = os.path.join(BUILD, "fuzz", "fuzz_" + target)
    found = tempfile.mkdtemp() if seed else os.path.join(BUILD, "fuzz", "found", target)
    broken = os.path.join(BUILD, "fuzz", "broken", target + "-")
    for folder in (found, os.path.dirname(broken)):
        os.makedirs(folder, exist_ok=True)
    command = [program, f"-max_total_time={seconds}", f"-artifact_prefix={broken}", "-max_len=4096", "-timeout=10",
               f"-seed={seed}", "-print_final_stats=1", found, os.path.join(ROOT, "test", "fuzz", "corpus", target)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    if seed:
        shutil.rmtree(found)
    output = done.stdout.decode(errors="replace")
    runs = re.findall(r"^stat::number_of_executed_units:\s+(\d+)", output, re.MULTILINE)
    coverage = re.findall(r"\bcov: (\d+) ft: (\d+)", output)
    line = f"{runs[-1] if runs else 0} inputs in {seconds} s, " + (
        "{} edges, {} features".format(*coverage[-1]) if coverage else "no coverage")
    if done.returncode != 0:
        saved = re.findall(r"Test unit written to (\S+)", output)
        line += f", BROKEN (exit code {done.returncode})" + (f"\n  again: {program} {saved[-1]}" if saved else "")
    return done.returncode == 0, line, output


def main(arguments):
    seconds, names = SECONDS, targets()
    for word in arguments:
        if word.isdigit() and int(word) > 0:
            seconds = int(word)
        elif word in targets():
            names = [word]
        else:
            print(f"there is no target '{word}'; there are: {' '.join(targets())}", file=sys.stderr)
            return 2
    environment = dict(os.environ, FLOWBIND_BUILD=BUILD)
    if subprocess.run([os.path.join(ROOT, "flowbind"), "build", "fuzz"], env=environment, check=False).returncode != 0:
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (good, line, output) in zip(names, pool.map(lambda name: fuzz(name, seconds), names)):
            failed += not good
            if not good:
                print("\n".join("  " + text for text in output.splitlines()[-60:]))
            print(f"{name}: {line}", flush=True)
    print(f"\n{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
