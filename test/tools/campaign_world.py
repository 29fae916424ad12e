# SPDX-License-Identifier: BSD-3-Clause
"""What tests of campaigns share: a small campaign, the commands, and a stand-in for the simulator that only waits."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("FLOWBIND_ROOT") or os.path.dirname(os.path.dirname(HERE))
TOOLS = os.path.join(ROOT, "results", "campaign")

# Calls by a policy, and a path that loses a tenth of its packets: another seed, another result.
SCENARIO = """\
protocol: mip4
duration: 3s
paths:
  - {name: one, type: wired, bid: 1, label: 1, rate: 4Mbps, delay: 10ms, loss: 10%}
  - {name: two, type: wired, bid: 2, label: 2, rate: 4Mbps, delay: 40ms}
policy:
  flows:
    - {name: voice, match: {protocol: udp, port: 5060}, use: [one, two]}
traffic:
  - {name: call, kind: voip, direction: down, flow: voice}
"""
OTHER = "flows:\n  - {name: voice, match: {protocol: udp, port: 5060}, use: [two, one]}\n"
CAMPAIGN = """\
scenario: s.yaml
policies: [scenario, other.yaml]
seeds: [1, 2, 3]
vary:
  paths.two.delay: [40ms, 80ms]
metrics: [delay_mean_s, loss]
"""

# Takes some time, and notes which runs it began. A PATH it has not.
STAND_IN = """\
#!/bin/sh
[ "$2" != --check ] || exit 0
echo "$1 $3" >>"{log}"
/bin/mkdir -p "$5" && cd "$5" || exit 4
/bin/sleep {seconds}
echo "run,time,flow,path,metric,value
$3,0,call,,phase_duration_s,3
$3,0,call,,phase_packets_sent,100
$3,0,call,,phase_goodput_bps,6400$3" >results.csv || exit 4
: >signalling.csv && : >summary.txt || exit 4
"""


class Skipped(Exception):
    """This cannot be tested here; says why."""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def command(tool, *arguments):
    return [sys.executable, "-B", os.path.join(TOOLS, tool + ".py"), *arguments]


def run(tool, *arguments, expected=0, **options):
    done = subprocess.run(command(tool, *arguments), capture_output=True, text=True, check=False, **options)
    assert done.returncode == expected, (done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def finished(folder):
    """{path of a finished run: when and as which file its record was put there}"""
    found = {}
    for where, _, names in os.walk(os.path.join(folder, "runs")):
        if "run.json" in names and "/.partial" not in where:
            state = os.stat(os.path.join(where, "run.json"))
            found[where] = (state.st_ino, state.st_mtime_ns)
    return found


def stand_in(seconds=0.05):
    """A build folder whose simulator only waits: variables for it."""
    os.makedirs("build", exist_ok=True)
    program = os.path.abspath("build/flowbind-sim")
    write(program, STAND_IN.format(log=os.path.abspath("began.txt"), seconds=seconds))
    os.chmod(program, 0o755)
    if not os.path.exists("build/flowbind-stats"):
        os.symlink(os.environ["FLOWBIND_STATS"], "build/flowbind-stats")
    write("began.txt", "")
    return dict(os.environ, FLOWBIND_BUILD=os.path.abspath("build"))


def fail_always():
    """From now on the stand-in finds fault with every run."""
    write("build/flowbind-sim", read("build/flowbind-sim").replace("exit 0", "exit 0\necho 'no luck' >&2\nexit 3"))


def began():
    return read("began.txt").splitlines()


def spell_counts(counts):
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def words_of(pid, file="cmdline"):
    """The command line (or the environment: "environ") of a process, by its name in /proc."""
    try:
        return read(f"/proc/{pid}/{file}").split("\0") if pid.isdigit() else []
    except (OSError, UnicodeDecodeError):
        return []


def main(tests):
    """Runs functions, each in a folder of its own with the small campaign: exit code."""
    build = os.path.dirname(os.environ["FLOWBIND_SIM"])
    os.environ.setdefault("FLOWBIND_BUILD", build)
    os.environ.setdefault("FLOWBIND_STATS", os.path.join(build, "flowbind-stats"))
    passed = failed = 0
    for test in tests:
        folder = tempfile.mkdtemp(prefix="flowbind campaign ")
        os.chdir(folder)
        write("s.yaml", SCENARIO)
        write("other.yaml", OTHER)
        write("c.yaml", CAMPAIGN)
        try:
            test()
            passed += 1
        except Skipped as reason:
            print(f"{test.__name__} SKIPPED: {reason}")
        except (AssertionError, OSError, ValueError, LookupError, subprocess.SubprocessError):
            failed += 1
            print(f"{test.__name__} FAILED\n{traceback.format_exc()}")
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
