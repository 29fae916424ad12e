#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The inputs fuzzing starts from are those that make_corpus.py makes of the vectors."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    script = os.path.join(ROOT, "test", "fuzz", "make_corpus.py")
    done = subprocess.run([sys.executable, "-B", script, "--check"], stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="")
    if done.returncode != 0:
        print("test/fuzz/corpus/ is not up to date: run test/fuzz/make_corpus.py and commit what changes")
    print(f"{int(done.returncode == 0)} passed, {int(done.returncode != 0)} failed")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
