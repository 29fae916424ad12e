#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests the examples of schedulers of one's own: they are the ones that decide, in the library and in ns-3.

usage: FLOWBIND_SIM=PROGRAM test_examples.py    the examples are beside it
"""

import os
import subprocess
import sys

CASES = [
    # program, arguments, what it prints
    ("flowbind-least-loss", [], "BID 1 loses 2 %, BID 2 1 %: the packet takes BID 2\n"
                                "BID 1 loses 2 %, BID 2 2 %: the packet takes BID 2\n"
                                "BID 1 loses 1 %, BID 2 2 %: the packet takes BID 1\n"
                                "BID 1 loses 0 %, BID 2 2 %: the packet takes BID 1\n"),
    # Each third packet is a long one; none is lost
    ("flowbind-own-scheduler", [], "BID 1: 200 packets\nBID 2: 100 packets\n"),
    ("flowbind-own-scheduler", ["--packets=3000"], "BID 1: 2000 packets\nBID 2: 1000 packets\n"),
]


def main():
    folder = os.path.dirname(os.environ["FLOWBIND_SIM"])
    failed = 0
    for program, arguments, expected in CASES:
        done = subprocess.run([os.path.join(folder, program), *arguments], capture_output=True, text=True, timeout=120,
                              check=False)
        if done.returncode != 0 or done.stdout != expected:
            failed += 1
            print(f"not ok {program} {' '.join(arguments)}\n{done.stdout}{done.stderr}expected\n{expected}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
