# SPDX-License-Identifier: BSD-3-Clause
"""Campaigns: many runs of the simulator, on all processors, each made once.

A point is a scenario in one form; its folder runs/BUILD-SCENARIO is named after the build and the scenario's text, so
that runs of different builds or scenarios never meet. A run of it is a seed. See one_run.py for how a run comes to be.
"""

import copy
import csv
import ctypes
import fcntl
import hashlib
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time

import scenario

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("FLOWBIND_BUILD") or os.path.join(ROOT, "build"))
SIMULATOR = os.path.join(BUILD, "flowbind-sim")
STATS = os.path.join(BUILD, "flowbind-stats")
InputError = scenario.InputError

EXIT_GOOD, EXIT_FAILED, EXIT_INPUT, EXIT_OUTPUT, EXIT_INTERRUPTED = 0, 1, 2, 4, 130


def output_of(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def identify_build():
    """What the results depend on beside the scenario: the programs themselves, and names for them that people know."""
    libraries = sorted(line.split()[2] for line in output_of("ldd", SIMULATOR).splitlines()
                       if "libns3" in line and "=> /" in line)
    hashed = hashlib.sha256()
    for path in [SIMULATOR] + libraries:
        with open(path, "rb") as file:
            hashed.update(hashlib.sha256(file.read()).digest())
    commit = output_of("git", "-C", ROOT, "rev-parse", "HEAD") or "unknown"
    if commit != "unknown" and output_of("git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no"):
        commit += " with changes"
    versions = (output_of("pkg-config", "--modversion", name) for name in ("ns3-core", "libns3-core"))
    return {"commit": commit, "ns3": next(filter(None, versions), "") or "unknown", "build": hashed.hexdigest()}


class Campaign:
    """Points and their runs in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.build = identify_build()
        self.points = {}  # key: {"scenario": hash, "parameters": {...}}
        self.errors = []
        try:
            os.makedirs(os.path.join(folder, "scenarios"), exist_ok=True)
            self.lock = open(os.path.join(folder, ".lock"), "w", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write into {folder}: {error.strerror}") from error
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"another command works in {folder}; wait, or name another folder: --out DIR") from error

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def add_point(self, root, parameters, origin):
        """A point from a scenario's nodes; `origin` is what messages call it."""
        text = scenario.write(root)
        name = digest(text)[:16]
        path = self.path("scenarios", name + ".yaml")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".new", path)
        done = subprocess.run([SIMULATOR, path, "--check"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise InputError(f"{origin}: the simulator refuses it:\n{(done.stderr or done.stdout).strip()}")
        key = f"{self.build['build'][:12]}-{name}"
        self.points[key] = {"scenario": name, "parameters": parameters}
        return key

    def finished(self, key, seed):
        return os.path.isdir(self.path("runs", key, str(seed)))

    def run(self, wanted, jobs, quiet):
        """Makes those of [(point, seed)] that are not there yet."""
        missing = [(key, seed) for key, seed in wanted if not self.finished(key, seed)]
        if not missing:
            return
        text = json.dumps({"simulator": SIMULATOR, "build": self.build, "points": self.points}, indent=1)
        with open(self.path("campaign.json.new"), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.replace(self.path("campaign.json.new"), self.path("campaign.json"))
        run_jobs(self, missing, jobs, Progress(len(missing), len(wanted) - len(missing), jobs, quiet))

    def metrics(self, key, seed):
        with open(self.path("runs", key, str(seed), "metrics.csv"), encoding="utf-8", newline="") as file:
            return [(row["flow"], row["metric"], row["value"]) for row in csv.DictReader(file)]

    def unmet(self, wanted):
        """How many of the runs did not meet an expectation of the scenario."""
        count = 0
        for key, seed in wanted:
            with open(self.path("runs", key, str(seed), "run.json"), encoding="utf-8") as file:
                count += not json.load(file)["met"]
        return count

    def write(self, name, text):
        with open(self.path(name + ".new"), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(self.path(name + ".new"), self.path(name))


class OutputError(Exception):
    """Results cannot be written."""


class RunError(Exception):
    """Some runs failed."""


def spell_time(seconds):
    seconds = max(0, round(seconds))
    if seconds >= 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{seconds} s"


class Progress:
    """A bar with the time left on a terminal; elsewhere a line every five seconds."""

    def __init__(self, total, before, jobs, quiet):
        self.total, self.before, self.jobs, self.quiet = total, before, jobs, quiet
        self.done, self.start, self.next = 0, time.monotonic(), time.monotonic() + 5
        self.show()

    def step(self):
        self.done += 1
        self.show()

    def show(self):
        terminal = sys.stderr.isatty()
        now = time.monotonic()
        if self.quiet or (not terminal and (now < self.next or self.done == self.total)):
            return
        self.next = now + 5
        each = (now - self.start) / max(1, self.done)
        left = f", {spell_time(each * (self.total - self.done))} left" if self.done else ""
        already = f", {self.before} were there" if self.before else ""
        filled = round(24 * self.done / self.total)
        bar = "[" + "#" * filled + "." * (24 - filled) + "] " if terminal else ""
        text = f"{bar}{self.done} of {self.total} runs{left}{already}"
        shown = f"\r\033[K{text}" if terminal else f"flowbind: {text}\n"
        print(shown, end="", file=sys.stderr, flush=True)

    def end(self):
        if sys.stderr.isatty() and not self.quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def die_with_parent():
    """In the child: when this command is killed, GNU parallel starts nothing more (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def run_jobs(campaign, missing, jobs, progress):
    one = shlex.join([sys.executable, "-B", os.path.join(HERE, "one_run.py"), campaign.folder])
    command = ["parallel", "--will-cite", "--no-notice", "--plain", "--jobs", str(jobs), "--line-buffer",
               "--colsep", "\t", one + " {1} {2}"]
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, preexec_fn=die_with_parent)
    except FileNotFoundError as error:
        raise InputError("GNU parallel is missing: apt-get install parallel") from error
    with open(campaign.path("jobs.txt"), "w", encoding="utf-8") as file:
        file.write("".join(f"{key}\t{seed}\n" for key, seed in missing))
    failures, done = [], 0
    try:
        with process.stdin as pipe:
            with open(campaign.path("jobs.txt"), encoding="utf-8") as file:
                pipe.write(file.read())
        for line in process.stdout:
            outcome = json.loads(line)
            done += 1
            progress.step()
            if outcome["code"] != 0:
                failures.append(outcome)
        said = process.stderr.read()
        process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    finally:
        progress.end()
        os.unlink(campaign.path("jobs.txt"))
    if failures or done < len(missing):
        raise RunError(describe_failures(campaign, failures, len(missing) - done, said))


def describe_failures(campaign, failures, lost, said):
    lines = []
    for outcome in failures[:3]:
        parameters = " ".join(f"{k}={v}" for k, v in campaign.points[outcome["point"]]["parameters"].items())
        lines.append(f"a run failed ({parameters}, seed {outcome['seed']}, exit code {outcome['code']}):\n"
                     + outcome.get("said", "").strip())
    if len(failures) > 3:
        lines.append(f"... and {len(failures) - 3} more")
    if lost:
        lines.append(f"{lost} runs ended without a word: {said.strip()[-500:]}")
    return "\n".join(lines + ["The other runs are kept. The same command tries these again."])


# ---------------------------------------------------------------------------------------------------------------------
# Statistics and tables


def table_text(columns, rows):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return file.getvalue()


def statistics(text, *arguments):
    """Rows of what flowbind-stats makes of a CSV text."""
    done = subprocess.run([STATS, *arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return list(csv.DictReader(io.StringIO(done.stdout))), done.stdout


# Metric: what tables call it, units from the largest, (factor, name); the last one fits all.
METRICS = {
    "goodput_bps": ("goodput", [(1e6, "Mbit/s"), (1e3, "kbit/s"), (1, "bit/s")]),
    "delay_mean_s": ("mean delay", [(1, "s"), (1e-3, "ms")]),
    "delay_p95_s": ("95 % of packets within", [(1, "s"), (1e-3, "ms")]),
    "loss": ("loss", [(0.01, "%")]),
    "dropped_by_policy": ("dropped by policy", [(0.01, "%")]),
    "reordered": ("reordered", [(0.01, "%")]),
    "failover_gap_s": ("failover gap", [(1, "s"), (1e-3, "ms")]),
    "longest_gap_s": ("longest gap", [(1, "s"), (1e-3, "ms")]),
}


def unit_for(metric, largest):
    """(factor, name) of the unit in which a value of this size reads well."""
    if metric.startswith("path_share/"):
        return 0.01, "%"
    units = METRICS[metric][1]
    return next((unit for unit in units if abs(largest) >= unit[0]), units[-1])


def title_of(metric):
    return "share of " + metric.split("/", 1)[1] if metric.startswith("path_share/") else METRICS[metric][0]


def check_metrics(names):
    for name in names:
        if name not in METRICS and not name.startswith("path_share/"):
            raise InputError(f"there is no metric '{name}'; there are: {' '.join(METRICS)} path_share/PATH")
    return names


def number(text):
    return float(text) if text else None


def spell(value, spread, factor):
    """Value and half-width in a unit, with two digits of the half-width."""
    if value is None:
        return "-"
    value /= factor
    if spread is None:
        return f"{value:.4g}"
    spread /= factor
    digits = 3
    if spread > 0:
        digits = min(6, max(0, 1 - int(f"{spread:e}".split("e")[1])))
    elif value:
        digits = min(6, max(0, 3 - int(f"{value:e}".split("e")[1])))
    return f"{value:.{digits}f} ± {spread:.{digits}f}"


def load_scenario(path):
    """The nodes of a scenario file that the simulator finds fault with nowhere."""
    if not os.path.exists(path):
        raise InputError(f"there is no scenario file '{path}'. Examples are in {ROOT}/examples/scenarios/")
    done = subprocess.run([SIMULATOR, path, "--check"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InputError((done.stderr or done.stdout).strip())
    return scenario.load(path)


def with_policy(root, policy, folder):
    changed = copy.deepcopy(root)
    scenario.use_policy(changed, policy, folder)
    scenario.remove(changed, "seed")
    return changed


def guarded(program, work):
    """Runs a command's work and says what went wrong: its exit code."""
    try:
        return work()
    except InputError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_INPUT
    except RunError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_FAILED
    except (OutputError, OSError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_OUTPUT
    except KeyboardInterrupt:
        print(f"\n{program}: interrupted. What is finished is kept; the same command goes on.", file=sys.stderr)
        return EXIT_INTERRUPTED
