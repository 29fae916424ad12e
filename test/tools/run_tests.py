#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs all tests, cheapest first; the last line is "N passed, N failed". This is what ./flowbind test calls.

usage: run_tests.py [--quick] [--random] [--list] [FILTER]

  --quick   only what needs no ns-3
  --random  other random numbers than last time: how to look for what the usual ones do not show. Without it random
            tests are the same in each run, so that one that fails has to do with what was changed; FLOWBIND_SEED=N in
            the environment chooses, too
  --list    what would be run
  FILTER    a group, a part of test names such as "core/test_bytes", or a requirement such as R7629-3-04: the programs
            that test it

A test is added by adding a file; GROUPS below says where. What each kind of test has to print:

  C programs    cmocka, one program a file (the variable FLOWBIND_SOURCE_DIR is defined as the project's folder)
  test_*.py     a last line "N passed, N failed" and an exit code other than 0 on failure. Their environment has
                FLOWBIND_ROOT, FLOWBIND_BUILD, FLOWBIND_DECODE, FLOWBIND_CLASSIFY, FLOWBIND_STATS and, for those that
                mention it, FLOWBIND_SIM: the project, the build folder and the programs. They run in an empty folder of
                their own.
  scenarios     flowbind-sim exits 0 when every "expect" of the file was met
  ns-3 suites   a TestSuite in test/ns3/
  fuzz targets  test/fuzz/fuzz_*.c; with libFuzzer in the group fuzz, replaying their corpus among the C programs
"""

import concurrent.futures
import dataclasses
import difflib
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from typing import Callable

import fuzz
import sources

ROOT = sources.ROOT
BUILD = os.path.abspath(os.environ.get("FLOWBIND_BUILD") or os.path.join(ROOT, "build"))
TOOLS = os.path.join(ROOT, "test", "tools")
SEED = "7629"
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


@dataclasses.dataclass
class Outcome:
    """What one program of tests said."""

    name: str
    passed: int
    failed: int
    output: str
    seconds: float = 0.0


@dataclasses.dataclass
class Group:
    """Tests of one kind: `items` names them, `run` runs one; `build` is what ./flowbind build needs to be told."""

    name: str
    title: str
    items: Callable[[], list]
    run: Callable[[str], Outcome]
    build: str = ""
    quick: bool = False


# ---------------------------------------------------------------------------------------------------------------------
# Running a program and counting what it tested


def execute(command, timeout_s=900, **environment):
    """Runs a program in an empty folder: exit code (None: killed after timeout_s) and output."""
    variables = dict(os.environ, FLOWBIND_ROOT=ROOT, FLOWBIND_BUILD=BUILD, PYTHONDONTWRITEBYTECODE="1", **environment)
    with tempfile.TemporaryDirectory(prefix="flowbind-test-") as folder:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as expired:
            return None, (expired.stdout or b"").decode(errors="replace") + f"\nno end after {timeout_s} s: killed\n"
    return done.returncode, done.stdout.decode(errors="replace")


def judge(name, code, output, passed, failed):
    """An outcome in which a bad exit code, or no test at all, counts as a failure even when no test said so."""
    if code != 0 and failed == 0:
        failed = 1
        output += f"\n{'killed' if code is None else f'exit code {code}'}, though no test failed\n"
    if passed + failed == 0:
        failed = 1
        output += "\nran no test\n"
    return Outcome(name, passed, failed, output)


def count_tap(output):
    """(passed, failed) of cmocka's TAP output; tests that were announced but never reported have failed."""
    passed = len(re.findall(r"^ok \d+", output, re.MULTILINE))
    failed = len(re.findall(r"^not ok \d+", output, re.MULTILINE))
    planned = sum(int(n) for n in re.findall(r"^\s*1\.\.(\d+)$", output, re.MULTILINE))
    return passed, failed + max(0, planned - passed - failed)


def count_closing(output):
    """(passed, failed) of the last line "N passed, N failed"."""
    found = CLOSING.findall(output)
    return (int(found[-1][0]), int(found[-1][1])) if found else (0, 0)


def count_ns3(output):
    """(passed, failed) of the innermost cases in the verbose output of ns-3's TestRunner."""
    cases = re.findall(r"^( *)(PASS|FAIL|CRASH|SKIP)(?:: | )", output, re.MULTILINE)
    leaves = [
        verdict
        for i, (indent, verdict) in enumerate(cases)
        if i + 1 == len(cases) or len(cases[i + 1][0]) <= len(indent)
    ]
    return leaves.count("PASS"), leaves.count("FAIL") + leaves.count("CRASH")


# ---------------------------------------------------------------------------------------------------------------------
# The kinds of tests


def listed(*kinds):
    """Files of these kinds in sources.list."""
    with open(os.path.join(ROOT, "sources.list"), encoding="utf-8") as file:
        return [words[-1] for kind, words in sources.read_list(file.read()) if kind in kinds]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def core_tests():
    return [stem(path) for path in listed("core-test", "rfc-test", "fuzz-target", "stats-test")]


def cmocka_in(folder):
    """Runs a cmocka program of a build folder."""

    def run(name):
        code, output = execute(
            [os.path.join(BUILD, folder, "tests", name)],
            CMOCKA_MESSAGE_OUTPUT="TAP",
            ASAN_OPTIONS="detect_leaks=1:abort_on_error=0",
            UBSAN_OPTIONS="print_stacktrace=1",
        )
        return judge(name, code, output, *count_tap(output))

    return run


def scripts(with_simulator):
    """test_*.py: those that mention the simulator, or those that do not."""
    names = []
    for path in sorted(glob.glob(os.path.join(TOOLS, "test_*.py"))):
        with open(path, encoding="utf-8") as file:
            if ("FLOWBIND_SIM" in file.read()) == with_simulator:
                names.append(stem(path))
    return names


def run_script(name):
    code, output = execute(
        [sys.executable, os.path.join(TOOLS, name + ".py")],
        FLOWBIND_DECODE=os.path.join(BUILD, "flowbind-decode"),
        FLOWBIND_CLASSIFY=os.path.join(BUILD, "flowbind-classify"),
        FLOWBIND_SIM=os.path.join(BUILD, "flowbind-sim"),
        FLOWBIND_STATS=os.path.join(BUILD, "flowbind-stats"),
    )
    return judge(name, code, output, *count_closing(output))


def ns3_suites():
    """Names of the suites, read from the sources so that a filter needs no build."""
    names = []
    for path in listed("ns3-test"):
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            names += re.findall(r"\bTestSuite\s*[({]\s*\"([^\"]+)\"", file.read())
    return names


def run_ns3_suite(name):
    code, output = execute([os.path.join(BUILD, "flowbind-ns3-tests"), "--verbose", "--suite=" + name])
    return judge(name, code, output, *count_ns3(output))


def scenarios():
    return [stem(path) for path in sorted(glob.glob(os.path.join(ROOT, "examples", "scenarios", "*.yaml")))]


def compare_chart(name, chart):
    """Empty, or how the chart of a scenario differs from the one beside its file, and what to do about it."""
    path = os.path.join("examples", "scenarios", name)
    try:
        with open(os.path.join(ROOT, path + ".chart"), encoding="utf-8") as file:
            expected = file.read()
    except FileNotFoundError:
        expected = ""
    lines = difflib.unified_diff(
        expected.splitlines(), chart.splitlines(), path + ".chart", "this run", lineterm="", n=2
    )
    difference = "\n".join(lines)
    if not difference:
        return ""
    return (
        f"\n{difference}\n\nThe message sequence chart is not the expected one. If the new one is right:\n"
        f"  ./flowbind run {path}.yaml --chart --quiet > {path}.chart\n"
    )


def run_scenario(name):
    """Two tests: its expectations, and its chart."""
    path = os.path.join(ROOT, "examples", "scenarios", name + ".yaml")
    with tempfile.TemporaryDirectory(prefix="flowbind-scenario-") as folder:
        code, output = execute([os.path.join(BUILD, "flowbind-sim"), path, "--out", folder])
        try:
            with open(os.path.join(folder, "chart.txt"), encoding="utf-8") as file:
                difference = compare_chart(name, file.read())
        except FileNotFoundError:
            difference = "\nno chart was made\n"
    passed = int(code == 0) + int(not difference)
    return Outcome(name, passed, 2 - passed, output + difference)


def run_waf(name):
    """Configures and builds everything with waf, then runs the core tests that came out."""
    steps, passed, failed, outputs = ["configure", "build"], 0, 0, []
    for step in steps:
        code, output = execute([sys.executable, os.path.join(TOOLS, "waf.py"), step], timeout_s=1800)
        if code != 0:
            return Outcome(name, passed, 1, output)
        passed += 1
    for test in core_tests():
        outcome = cmocka_in("waf")(test)
        passed, failed = passed + outcome.passed, failed + outcome.failed
        outputs += [outcome.output] if outcome.failed else []
    return Outcome(name, passed, failed, "".join(outputs))


FUZZ_SECONDS = 60


def run_fuzz(target):
    """Fuzzes for some seconds, the same inputs each time; ./flowbind fuzz tries others, and longer."""
    good, line, output = fuzz.fuzz(target, FUZZ_SECONDS, seed=1)
    return Outcome(target, int(good), int(not good), f"{output}\n{line}\n")


def tool(name):
    """A tool that checks something and closes with "N passed, N failed"."""

    def run(_):
        code, output = execute([sys.executable, os.path.join(TOOLS, name + ".py")])
        return judge(name, code, output, *count_closing(output))

    return run


GROUPS = [
    Group("structure", "rules of the code", lambda: ["structure"], tool("structure"), quick=True),
    Group("arm", "the library on a Cortex-M4, freestanding", lambda: ["arm"], tool("arm"), quick=True),
    Group("core", "the library", core_tests, cmocka_in("."), build="core", quick=True),
    Group("sanitize", "the library under ASan and UBSan", core_tests, cmocka_in("sanitize"), "sanitize", quick=True),
    Group("tools", "flowbind-decode and other tools", lambda: scripts(False), run_script, build="core", quick=True),
    Group("ns3", "the ns-3 module", ns3_suites, run_ns3_suite, build="tests"),
    Group("scenarios", "every scenario has its outcome and its chart", scenarios, run_scenario, build="tests"),
    Group("end-to-end", "what users see", lambda: scripts(True), run_script, build="tests"),
    Group("waf", "the waf build", lambda: ["build"], run_waf),
    Group("fuzz", f"{FUZZ_SECONDS} seconds of libFuzzer for each target", fuzz.targets, run_fuzz, build="fuzz"),
]


# ---------------------------------------------------------------------------------------------------------------------
# Running everything


def say(text):
    print(text, flush=True)


def build(what):
    """Builds with ./flowbind, whose progress the user sees. False when that failed."""
    environment = dict(os.environ, FLOWBIND_BUILD=BUILD)
    return subprocess.run([os.path.join(ROOT, "flowbind"), "build", what], env=environment, check=False).returncode == 0


def run_group(group, items):
    """Runs the items of a group, as many at a time as there are processors."""
    outcomes = []

    def one(item):
        start = time.monotonic()
        try:
            outcome = group.run(item)
        except OSError as error:
            outcome = Outcome(item, 0, 1, f"cannot run it: {error}\n")
        outcome.seconds = time.monotonic() - start
        return outcome

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcome in pool.map(one, items):
            outcomes.append(outcome)
            if sys.stdout.isatty():
                print(f"\r\033[K{group.name:<11} {len(outcomes)}/{len(items)} {outcome.name}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    return outcomes


def claiming(wanted):
    """Names of the test programs of the library that claim a requirement, such as R7629-3-04 or D-12."""
    claim = re.compile(r'requirement\((?:[^)]*,)?\s*"' + re.escape(wanted) + '"')
    return {stem(path) for path in listed("core-test", "rfc-test") if claim.search(read(os.path.join(ROOT, path)))}


def choose(quick, wanted):
    """[(group, items)] to run."""
    chosen = []
    programs = claiming(wanted) if re.fullmatch(r"[A-Z][0-9]*-[-.0-9]*[0-9]", wanted) else set()
    for group in GROUPS:
        if quick and not group.quick:
            continue
        items = group.items()
        if wanted and wanted != group.name:
            items = [item for item in items if wanted in f"{group.name}/{item}" or item in programs]
        if items:
            chosen.append((group, items))
    if wanted in [group.name for group in GROUPS]:
        chosen = [(group, items) for group, items in chosen if group.name == wanted]
    return chosen


def report_failures(failures):
    for group, outcome in failures:
        say("")
        seed = "" if os.environ.get("FLOWBIND_SEED", SEED) == SEED else f"FLOWBIND_SEED={os.environ['FLOWBIND_SEED']} "
        say(f"---- {group}/{outcome.name}: {outcome.failed} failed. "
            f"Again: {seed}./flowbind test {group}/{outcome.name}")
        lines = outcome.output.rstrip().splitlines()
        if len(lines) > 200:
            lines = lines[:40] + [f"... {len(lines) - 200} lines ..."] + lines[-160:]
        say("\n".join("  " + line for line in lines))


def choose_seed(new):
    """What random tests start from, for all programs; said where it is not the usual one."""
    if new:
        os.environ["FLOWBIND_SEED"] = str(time.time_ns())
    if os.environ.setdefault("FLOWBIND_SEED", SEED) != SEED:
        say(f"random tests with FLOWBIND_SEED={os.environ['FLOWBIND_SEED']}")


def main(arguments):
    # A job in the background ignores Ctrl-C, and so would what the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    words = [word for word in arguments if not word.startswith("-")]
    flags = [word for word in arguments if word.startswith("-")]
    if len(words) > 1 or not set(flags) <= {"--quick", "--random", "--list"}:
        print(__doc__, file=sys.stderr)
        return 2
    chosen = choose("--quick" in flags, words[0] if words else "")
    if "--list" in flags:
        for group, items in chosen:
            say("\n".join(f"{group.name}/{item}" for item in items))
        return 0
    choose_seed("--random" in flags)
    if not chosen:
        say(f"no test is called '{' '.join(words)}'; ./flowbind test --list shows them")

    passed, failures, built = 0, [], {}
    for group, items in chosen:
        start = time.monotonic()
        if group.build and group.build not in built:
            built[group.build] = build(group.build)
        if built.get(group.build, True):
            outcomes = run_group(group, items)
        else:
            outcomes = [Outcome("build", 0, 1, f"./flowbind build {group.build} failed, see above; not run:\n"
                                + "\n".join(items))]
        failures += [(group.name, outcome) for outcome in outcomes if outcome.failed]
        good, bad = sum(o.passed for o in outcomes), sum(o.failed for o in outcomes)
        passed += good
        say(f"{group.name:<11} {good:>5} passed {bad:>4} failed {time.monotonic() - start:7.1f} s   {group.title}")

    report_failures(failures)
    failed = sum(outcome.failed for _, outcome in failures)
    say("")
    say(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
