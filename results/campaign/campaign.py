# SPDX-License-Identifier: BSD-3-Clause
"""Campaigns: many runs of the simulator, on all processors or in a Slurm cluster, each made once.

A point is a scenario in one form; its folder runs/BUILD-SCENARIO is named after the build and the scenario's text, so
that runs of different builds or scenarios never meet. A run of it is a seed. See one_run.py for how a run comes to be,
local.py and slurm.py for where.
"""

import argparse
import concurrent.futures
import copy
import csv
import fcntl
import hashlib
import io
import json
import os
import re
import subprocess
import sys

import local
import one_run
import output
import scenario
from progress import Progress

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("FLOWBIND_BUILD") or os.path.join(ROOT, "build"))
SIMULATOR = os.path.join(BUILD, "flowbind-sim")
STATS = os.path.join(BUILD, "flowbind-stats")
InputError = scenario.InputError
RunError = local.RunError
OutputError = output.OutputError

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
    """What the results depend on beside the scenario: the programs themselves, and names for them that people know.

    The second value are the files, as they are now: whoever makes a run looks whether they still are.
    """
    found = (re.search(r"=> (/.*) \(0x", line) for line in output_of("ldd", SIMULATOR).splitlines() if "libns3" in line)
    libraries = sorted(library.group(1) for library in found if library)
    hashed, files = hashlib.sha256(), []
    for path in [SIMULATOR] + libraries:
        files.append([path, one_run.state_of(path)])
        with open(path, "rb") as file:
            hashed.update(hashlib.sha256(file.read()).digest())
    commit = output_of("git", "-C", ROOT, "rev-parse", "HEAD") or "unknown"
    if commit != "unknown" and output_of("git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no"):
        commit += " with changes"
    versions = (output_of("pkg-config", "--modversion", name) for name in ("ns3-core", "libns3-core"))
    return {"commit": commit, "ns3": next(filter(None, versions), "") or "unknown", "build": hashed.hexdigest()}, files


class Campaign:
    """Points and their runs in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.build, self.files = identify_build()
        self.points = {}  # key: {"scenario": hash, "parameters": {...}}
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
        return self.add_points([(root, parameters, origin)], True)[0]

    def add_points(self, points, quiet):
        """Several, whose scenarios the simulator looks at first, on all processors."""
        for root, _, _ in points:
            scenario.keep_captures(root, self.path("scenarios"))
        texts = [scenario.write(root) for root, _, _ in points]
        names = [digest(text)[:16] for text in texts]
        keys = [f"{self.build['build'][:12]}-{name}" for name in names]
        # What was run once has been looked at.
        unknown = {name: (root, origin) for name, key, (root, _, origin) in zip(names, keys, points)
                   if not os.path.isdir(self.path("runs", key))}
        for name, text in zip(names, texts):
            if not os.path.exists(self.path("scenarios", name + ".yaml")):
                self.write(os.path.join("scenarios", name + ".yaml"), text)
        progress = Progress(len(unknown), 0, quiet, "scenarios checked")
        try:
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                for complaint in pool.map(self.check, unknown, *zip(*unknown.values())):
                    if complaint:
                        pool.shutdown(wait=False, cancel_futures=True)
                        raise InputError(complaint)
                    progress.step()
        finally:
            progress.end()
        for key, name, (_, parameters, _) in zip(keys, names, points):
            self.points[key] = {"scenario": name, "parameters": parameters}
        return keys

    def check(self, name, root, origin):
        """What the simulator has against a scenario, or nothing. It names the places where its user wrote that."""
        path = self.path("scenarios", name + ".yaml")
        done = subprocess.run([SIMULATOR, path, "--check"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return ""
        text = scenario.write(root)
        said = re.sub(rf"^{re.escape(path)}:([0-9]+):([0-9]+):",
                      lambda found: f"{scenario.origin_of(root, text, int(found[1]), int(found[2])) or found[0][:-1]}:",
                      (done.stderr or done.stdout).strip(), flags=re.MULTILINE)
        return f"{origin}: the simulator refuses it:\n{said}"

    def finished(self, key, seed):
        return os.path.isdir(self.path("runs", key, str(seed)))

    def missing(self, wanted):
        return [(key, seed) for key, seed in wanted if not self.finished(key, seed)]

    def write_plan(self):
        """What whoever makes runs has to know."""
        plan = {"simulator": SIMULATOR, "build": self.build, "files": self.files, "points": self.points}
        self.write("campaign.json", json.dumps(plan, indent=1) + "\n")

    def run(self, wanted, jobs, quiet, make=local.make_runs):
        """Makes those of [(point, seed)] that are not there yet, here or elsewhere."""
        missing = self.missing(wanted)
        if missing:
            self.write_plan()
            make(self, missing, jobs, Progress(len(missing), len(wanted) - len(missing), quiet))

    def metrics(self, key, seed):
        with open(self.path("runs", key, str(seed), "metrics.csv"), encoding="utf-8", newline="") as file:
            return [(row["flow"], row["metric"], row["value"]) for row in csv.DictReader(file)]

    def record(self, key, seed):
        """run.json: where a run comes from."""
        with open(self.path("runs", key, str(seed), "run.json"), encoding="utf-8") as file:
            return json.load(file)

    def write(self, name, text):
        output.write(self.path(name), text)


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
        raise RunError(f"flowbind-stats {arguments[0]}, {local.spell_code(done.returncode)}: {done.stderr.strip()}")
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
    "mos": ("mean opinion score", [(1, "MOS")]),
    "mouth_to_ear_s": ("mouth to ear", [(1, "s"), (1e-3, "ms")]),
    "voice_missing": ("voice missing", [(0.01, "%")]),
    "completion_s": ("completion", [(1, "s"), (1e-3, "ms")]),
    "completed": ("completed", [(0.01, "%")]),
    "pages": ("pages", [(1, "pages")]),
    "page_time_mean_s": ("mean time of a page", [(1, "s"), (1e-3, "ms")]),
    "page_time_p95_s": ("95 % of pages within", [(1, "s"), (1e-3, "ms")]),
    "pages_unfinished": ("pages not loaded", [(1, "pages")]),
    "page_waiting_s": ("waited for a page in vain", [(1, "s"), (1e-3, "ms")]),
    "film_begun": ("begun", [(0.01, "%")]),
    "film_start_s": ("start of the film", [(1, "s"), (1e-3, "ms")]),
    "film_rate_bps": ("rate of the film", [(1e6, "Mbit/s"), (1e3, "kbit/s"), (1, "bit/s")]),
    "film_switches": ("changes of the rate", [(1, "changes")]),
    "film_stalls": ("stalls", [(1, "stalls")]),
    "film_stalled_s": ("without a picture", [(1, "s"), (1e-3, "ms")]),
}


MEANINGS = {
    "goodput_bps": "payload that the receiving application got",
    "delay_mean_s": "one way, of packets that came",
    "delay_p95_s": "95 % of the packets that came took no longer",
    "loss": "packets sent that never came",
    "dropped_by_policy": "packets that a rule dropped",
    "reordered": "packets that came behind one sent later (RFC 4737)",
    "failover_gap_s": "the longest silence that begins with an event of the scenario, such as a path's end, or at most "
                      "2 s behind it",
    "longest_gap_s": "the longest time in which nothing came",
    "mos": "of calls: mean opinion score by the E-model, 1 to 4.5",
    "mouth_to_ear_s": "of calls: from when a word is said to when it is played",
    "voice_missing": "of calls: packets that were lost, or came too late to be played",
    "completion_s": "of transfers with an end: from their start to their last octet, of those that had one",
    "completed": "of transfers with an end: 1 when all octets came",
    "pages": "of web: loaded",
    "page_time_mean_s": "of web: from the click to the last octet",
    "page_time_p95_s": "of web: 95 % of the pages took no longer",
    "pages_unfinished": "of web: clicked at, but not loaded in the end",
    "page_waiting_s": "of web: for the page that was not loaded in the end",
    "film_begun": "of video: 1 when the film began",
    "film_start_s": "of video: from the start of the flow to the first picture",
    "film_rate_bps": "of video: mean of what was shown",
    "film_switches": "of video: segments with another rate than the one before",
    "film_stalls": "of video: times at which the player had nothing to show",
    "film_stalled_s": "of video: time without a picture after the film began",
}


def unit_for(metric, largest):
    """(factor, name) of the unit in which a value of this size reads well."""
    if metric.startswith("path_share/"):
        return 0.01, "%"
    units = METRICS[metric][1]
    return next((unit for unit in units if abs(largest) >= unit[0]), units[-1])


def title_of(metric):
    return "share of " + metric.split("/", 1)[1] if metric.startswith("path_share/") else METRICS[metric][0]


def check_paths(metrics, root):
    """Of the metrics, those of paths: the scenario must have them."""
    known = [name for name, _ in scenario.paths_of(root)] + ["none"]
    for metric in metrics:
        path = metric.removeprefix("path_share/")
        if path != metric and path not in known:
            raise InputError(f"there is no metric '{metric}': the scenario's paths are {' '.join(known[:-1])}, and "
                             "'none' is for packets without a path")


def check_metrics(names):
    for name in names:
        if name not in METRICS and not name.startswith("path_share/"):
            raise InputError(f"there is no metric '{name}'; there are: {' '.join(METRICS)} path_share/PATH")
    return names


def parse_count(text):
    """Of the command line."""
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to 999999")
    return int(text)


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
    if spread == 0:
        return f"{value:.4g} ± 0"
    digits = min(6, max(0, 1 - int(f"{spread:e}".split("e")[1])))
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
    except OutputError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_OUTPUT
    except OSError as error:
        print(f"{program}: {error.filename or 'cannot write'}: {error.strerror}. {output.KEPT}", file=sys.stderr)
        return EXIT_OUTPUT
    except KeyboardInterrupt:
        print(f"\n{program}: interrupted. {output.KEPT}", file=sys.stderr)
        return EXIT_INTERRUPTED
