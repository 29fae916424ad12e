#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs of a campaign, as GNU parallel starts them: simulates, keeps what is worth it, and puts it into place at once.

usage: one_run.py CAMPAIGN-FOLDER "POINT SEED POINT SEED ..."
       one_run.py CAMPAIGN-FOLDER --list SUBMISSION FIRST COUNT
                  a task of Slurm: so many lines "POINT SEED" of SUBMISSION/list.txt, by SUBMISSION/plan.json

A finished run is the folder runs/POINT/SEED, which appears by one rename: it is whole or not there. Whoever works on it
holds a lock, so that two commands at a time do nothing twice; the simulator inherits the lock, so that nobody disturbs
one that outlived who started it. Prints one line of JSON a run.
"""

import csv
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time

EXIT_OUTPUT, EXIT_CHANGED = 4, 5

KEPT = ("results.csv", "signalling.csv", "summary.txt")


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def state_of(path):
    """What is different when a file was written anew."""
    state = os.stat(path)
    return [state.st_ino, state.st_size, state.st_mtime_ns]


def is_changed(campaign):
    """Whether these are other programs than at the start of the campaign: their runs would be of another build."""
    try:
        return any(state_of(path) != state for path, state in campaign["files"])
    except OSError:
        return True


CHANGED = "the simulator was built anew meanwhile. The same command goes on with the new one, and makes all runs anew."


def write_safely(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def phases(path):
    """{(flow, path): {start of the phase: {metric: value}}} of results.csv, without "phase_"."""
    found = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["metric"].startswith("phase_"):
                rows = found.setdefault((row["flow"], row["path"]), {})
                rows.setdefault(row["time"], {})[row["metric"][len("phase_"):]] = float(row["value"])
    return found


def weighted_mean(pairs):
    """Of (value, weight); None without any weight."""
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total if total > 0 else None


def whole_run(rows):
    """The metrics of one flow over all its phases."""

    def mean(metric, weight):
        return weighted_mean([(row[metric], weight(row)) for row in rows if metric in row])

    def sent(row):
        return row["packets_sent"]

    def received(row):
        return row["packets_sent"] * (1 - row.get("loss", 0))

    def worst(metric):
        return max((row[metric] for row in rows if metric in row), default=None)

    def total(metric):
        values = [row[metric] for row in rows if metric in row]
        return sum(values) if values else None

    return {
        "goodput_bps": mean("goodput_bps", lambda row: row["duration_s"]),
        "delay_mean_s": mean("delay_mean_s", received),
        "delay_p95_s": worst("delay_p95_s"),
        "loss": mean("loss", sent),
        "dropped_by_policy": mean("dropped_by_policy", sent),
        "reordered": mean("reordered", received),
        "failover_gap_s": worst("failover_gap_s"),
        "longest_gap_s": worst("longest_gap_s"),
        "mos": mean("mos", sent),
        "mouth_to_ear_s": mean("mouth_to_ear_s", received),
        "voice_missing": mean("voice_missing", sent),
        "completion_s": worst("completion_s"),
        "completed": worst("completed"),
        "pages": total("pages"),
        "page_time_mean_s": mean("page_time_mean_s", lambda row: row["pages"]),
        "page_time_p95_s": worst("page_time_p95_s"),
        "pages_unfinished": total("pages_unfinished"),
        "page_waiting_s": worst("page_waiting_s"),
        "film_begun": worst("film_begun"),
        "film_start_s": worst("film_start_s"),
        "film_rate_bps": mean("film_rate_bps", lambda row: row["film_shown_s"]),
        "film_switches": total("film_switches"),
        "film_stalls": total("film_stalls"),
        "film_stalled_s": total("film_stalled_s"),
    }


def metrics(path):
    """[(flow, metric, value)] of a results.csv, over the whole run.

    Means are over all packets or all of the time; percentiles and gaps, which cannot be put together, are those of the
    worst phase. path_share/NAME is of the packets sent.
    """
    found, all_phases = [], phases(path)
    for (flow, name), rows in all_phases.items():
        if not name:
            found += [(flow, metric, value) for metric, value in whole_run(rows.values()).items() if value is not None]
            continue
        own = all_phases.get((flow, ""), {})
        total = sum(row["packets_sent"] for row in own.values())
        part = sum(row["path_share"] * own[at]["packets_sent"] for at, row in rows.items() if at in own)
        if total > 0:
            found.append((flow, "path_share/" + name, part / total))
    return found


def simulate(campaign, scenario, seed, work, lock):
    """Runs flowbind-sim into the folder `work`: (exit code, what it said)."""
    command = [campaign["simulator"], scenario, "--seed", seed, "--out", work, "--quiet"]
    # Nobody looks at a picture of each run: without a PATH there is no gnuplot, and that is fine.
    environment = dict(os.environ, PATH="/nonexistent")
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "check": False,
               "pass_fds": (lock.fileno(),)}
    done = subprocess.run(command, env=environment, **options)
    return done.returncode, done.stderr


def finish(work, record):
    for name in os.listdir(work):
        if name not in KEPT:
            path = os.path.join(work, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    rows = ["flow,metric,value"] + [f"{flow},{metric},{value:.9g}" for flow, metric, value
                                    in metrics(os.path.join(work, "results.csv"))]
    write_safely(os.path.join(work, "metrics.csv"), "\n".join(rows) + "\n")
    write_safely(os.path.join(work, "run.json"), json.dumps(record, indent=2) + "\n")


def run(folder, campaign, point, seed):
    """What is printed about it."""
    place = os.path.join(folder, "runs", point)
    final, work, lock = (os.path.join(place, prefix + seed) for prefix in ("", ".partial-", ".lock-"))
    outcome = {"point": point, "seed": seed, "code": 0}
    if os.path.isdir(final):
        return outcome
    os.makedirs(place, exist_ok=True)
    with open(lock, "w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.path.isdir(final):
            return outcome
        shutil.rmtree(work, ignore_errors=True)
        start = time.monotonic()
        scenario = os.path.join(folder, "scenarios", campaign["points"][point]["scenario"] + ".yaml")
        try:
            code, said = simulate(campaign, scenario, seed, work, held)
            if is_changed(campaign):
                return dict(outcome, code=EXIT_CHANGED, said=CHANGED)
            if code not in (0, 1):
                return dict(outcome, code=code, said=said[-2000:])
            finish(work, dict(campaign["build"], **campaign["points"][point], seed=int(seed), met=code == 0,
                              seconds=round(time.monotonic() - start, 3)))
            os.rename(work, final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        os.unlink(lock)
    return outcome


def run_safely(folder, campaign, point, seed):
    try:
        return run(folder, campaign, point, seed)
    except (OSError, ValueError, KeyError) as error:
        said = f"{type(error).__name__}: {error}"
        return {"point": point, "seed": seed, "code": EXIT_OUTPUT if isinstance(error, OSError) else 3, "said": said}


def lines_of(path, first, count):
    with open(path, encoding="utf-8") as file:
        return [tuple(line.split()) for line in file.read().splitlines()[first:first + count]]


def main():
    if len(sys.argv) == 3:
        folder, words = sys.argv[1], sys.argv[2].split()
        plan, todo = os.path.join(folder, "campaign.json"), list(zip(words[::2], words[1::2]))
    elif len(sys.argv) == 6 and sys.argv[2] == "--list":
        folder, _, submission, first, count = sys.argv[1:]
        plan = os.path.join(submission, "plan.json")
        todo = lines_of(os.path.join(submission, "list.txt"), int(first), int(count))
    else:
        sys.exit(__doc__)
    campaign = read_json(plan)
    try:
        for point, seed in todo:
            print(json.dumps(run_safely(folder, campaign, point, seed)), flush=True)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
