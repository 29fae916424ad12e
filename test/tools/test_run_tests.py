#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The test driver counts right, and calls bad what is bad."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run_tests  # pylint: disable=wrong-import-position

TAP = "1..3\nok 1 - test_a\n# error: 1 != 2\nnot ok 2 - test_b\nok 3 - test_c\n# not ok - suite\n"
TAP_OF_A_CRASH = "1..3\nok 1 - test_a\n"
NS3 = """\
FAIL flowbind-agent 0.020 s
  PASS registers 0.010 s
  FAIL steers 0.010 s
    Details:
      Message:   the packet took another path
PASS flowbind-tunnel 0.000 s
  PASS group 0.000 s
    PASS one 0.000 s
    PASS two 0.000 s
"""


def outcome(code, output, passed, failed):
    result = run_tests.judge("x", code, output, passed, failed)
    return result.passed, result.failed


def killed():
    """A program that does not end is stopped and counted as failed."""
    code, output = run_tests.execute([sys.executable, "-c", "import time; time.sleep(60)"], timeout_s=1)
    return outcome(code, output, 5, 0)


def chart(change):
    """(there is a difference, it shows the changed line, it says how to accept it)."""
    path = os.path.join(run_tests.ROOT, "examples", "scenarios", "rfc7629-figure2.chart")
    with open(path, encoding="utf-8") as file:
        text = run_tests.compare_chart("rfc7629-figure2", change(file.read()))
    return bool(text), "+another line" in text, "--chart --quiet >" in text


CASES = [
    ("cmocka", run_tests.count_tap(TAP), (2, 1)),
    ("cmocka, crashed before two of three tests", run_tests.count_tap(TAP_OF_A_CRASH), (1, 2)),
    ("ns-3, only innermost cases", run_tests.count_ns3(NS3), (3, 1)),
    ("the last closing line counts", run_tests.count_closing("1 passed, 0 failed\nx\n4 passed, 2 failed\n"), (4, 2)),
    ("no closing line", run_tests.count_closing("all is well\n"), (0, 0)),
    ("all passed", outcome(0, "", 3, 0), (3, 0)),
    ("the same chart", chart(lambda text: text), (False, False, False)),
    ("another chart", chart(lambda text: text + "another line\n"), (True, True, True)),
    ("no chart beside the scenario", run_tests.compare_chart("none", "line\n") != "", True),
    ("nothing ran", outcome(0, "", 0, 0), (0, 1)),
    ("exit code without a failed test", outcome(1, "", 3, 0), (3, 1)),
    ("a crash", outcome(-11, "", 1, 2), (1, 2)),
    ("no end", killed(), (5, 1)),
    ("a filter that fits nothing chooses nothing", run_tests.choose(False, "no such test"), []),
    ("a group's name chooses the group", [g.name for g, _ in run_tests.choose(False, "arm")], ["arm"]),
    ("a part of a name", run_tests.choose(False, "core/test_bytes")[0][1], ["test_bytes"]),
    ("a requirement chooses the programs that test it",
     [item for _, items in run_tests.choose(True, "R7629-3-04") for item in items if item.startswith("rfc")],
     ["rfc7629_3_overview"] * 2),
    ("quick leaves ns-3 out", "ns3" in [g.name for g, _ in run_tests.choose(True, "")], False),
]


def main():
    failed = [(name, got, expected) for name, got, expected in CASES if got != expected]
    for name, got, expected in failed:
        print(f"{name}: got {got}, expected {expected}")
    print(f"{len(CASES) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
