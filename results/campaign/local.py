# SPDX-License-Identifier: BSD-3-Clause
"""Runs on this machine: GNU parallel keeps as many one_run.py at work as there are processors."""

import ctypes
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile

from one_run import EXIT_CHANGED, EXIT_OUTPUT
from scenario import InputError

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = [sys.executable, "-I", "-S", "-B"]  # starts three times as fast: one_run.py needs nothing that was installed


MOST_AT_ONCE = 10


class RunError(Exception):
    """Some runs failed."""


def die_with_parent():
    """In the child: when this command is killed, GNU parallel starts nothing more (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def portions(missing, jobs):
    """Several runs for each start of one_run.py, so that starts cost little; fewer towards the end, so that all jobs
    end together."""
    first = 0
    while first < len(missing):
        size = max(1, min(MOST_AT_ONCE, (len(missing) - first) // (8 * jobs)))
        yield missing[first:first + size]
        first += size


def make_runs(campaign, missing, jobs, progress):
    """GNU parallel reads the list from a file and complains into one: no pipe that fills up can make both wait."""
    one = shlex.join([*PYTHON, os.path.join(HERE, "one_run.py"), campaign.folder])
    command = ["parallel", "--will-cite", "--no-notice", "--plain", "--jobs", str(jobs), "--line-buffer", one + " {}"]
    failures, done, stopped = [], 0, False
    with tempfile.TemporaryFile("w+") as todo, tempfile.TemporaryFile("w+") as said:
        todo.writelines(" ".join(f"{key} {seed}" for key, seed in some) + "\n" for some in portions(missing, jobs))
        todo.seek(0)
        try:
            process = subprocess.Popen(command, stdin=todo, stdout=subprocess.PIPE, stderr=said, text=True,
                                       preexec_fn=die_with_parent)
        except FileNotFoundError as error:
            raise InputError("GNU parallel is missing: apt-get install parallel") from error
        try:
            for line in process.stdout:
                outcome = json.loads(line)
                done += 1
                progress.step()
                if outcome["code"] != 0:
                    failures.append(outcome)
                if is_hopeless(failures) and not stopped:
                    stopped = True
                    process.terminate()  # it starts nothing more, and waits for what runs
            process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
        finally:
            progress.end()
        said.seek(0)
        complain_about(campaign, failures, 0 if stopped else len(missing) - done, said.read())


def is_hopeless(failures):
    """Whether others would fail as well: the disk is full, the simulator was built anew, or so many failed."""
    return len(failures) >= 10 or any(outcome["code"] in (EXIT_OUTPUT, EXIT_CHANGED) for outcome in failures)


def spell_code(code):
    """How a program ended that Python started."""
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"ended by {name}" + (": by somebody, or for want of memory" if name == "SIGKILL" else "")


def complain_about(campaign, failures, lost, said):
    """Raises when there is anything to complain about."""
    lines = []
    for outcome in failures[:3]:
        parameters = " ".join(f"{k}={v}" for k, v in campaign.points[outcome["point"]]["parameters"].items())
        lines.append(f"a run failed ({parameters}, seed {outcome['seed']}, {spell_code(outcome['code'])}):\n"
                     + (outcome.get("said", "").strip() or "it said nothing"))
    if len(failures) > 3:
        lines.append(f"... and {len(failures) - 3} more")
    if lost > 0:
        lines.append(f"{lost} runs ended without a word: {said.strip()[-500:]}")
    if lines:
        raise RunError("\n".join(lines + ["The other runs are kept. The same command tries these again."]))
