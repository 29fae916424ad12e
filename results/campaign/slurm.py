# SPDX-License-Identifier: BSD-3-Clause
"""Runs in a cluster: an array job of Slurm. A job costs Slurm almost 2 s, so a task makes several runs.

A submission is a folder slurm/N with what its tasks read (plan.json, list.txt) and say (task-*.txt). Whoever waits may
be interrupted: slurm/job says what is in the queue, and the next command waits for that first.
"""

import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import time

import local
import output
from scenario import InputError

HERE = os.path.dirname(os.path.abspath(__file__))
MOST_TASKS = 1000  # Slurm's MaxArraySize is 1001 where nobody changed it
TASK_S = 60  # what a task should take
UNKNOWN_RUN_S = 2  # what a run takes when none was made yet


def ask(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def check():
    """Raises when there is no Slurm to ask."""
    for program in ("sbatch", "squeue", "scontrol", "sinfo"):
        if not shutil.which(program):
            raise InputError(f"--slurm needs Slurm, and there is no {program} here (Debian: slurm-client). Without "
                             "--slurm the runs are made on this machine.")
    if ask("scontrol", "ping").returncode != 0:
        raise InputError("--slurm needs Slurm, and its controller does not answer: scontrol ping")


def processors():
    """Of the cluster, or 1 when it does not say."""
    try:
        return max(1, sum(int(line.split("/")[3]) for line in ask("sinfo", "-h", "-o", "%C").stdout.split()))
    except (ValueError, IndexError):
        return 1


def choose_batch(campaign, missing):
    """Runs in a task: a minute's worth, but so that all processors have something to do."""
    known = []
    for point in campaign.points:
        place = campaign.path("runs", point)
        seeds = [name for name in os.listdir(place) if name.isdigit()] if os.path.isdir(place) else []
        known += [campaign.record(point, seed)["seconds"] for seed in seeds[:3]]
        if len(known) >= 10:
            break
    each = sum(known) / len(known) if known else UNKNOWN_RUN_S
    batch = min(max(1, round(TASK_S / max(each, 0.01))), math.ceil(len(missing) / processors()))
    return max(batch, math.ceil(len(missing) / MOST_TASKS))


class Submission:
    """Its folder, and its job in the queue."""

    def __init__(self, folder, job):
        self.folder, self.job = folder, job

    @staticmethod
    def submit(campaign, missing, batch):
        number = 1 + max([int(name) for name in os.listdir(campaign.path("slurm")) if name.isdigit()], default=0)
        folder = campaign.path("slurm", str(number))
        os.mkdir(folder)
        shutil.copy(campaign.path("campaign.json"), os.path.join(folder, "plan.json"))
        campaign.write(os.path.join("slurm", str(number), "list.txt"),
                       "".join(f"{key} {seed}\n" for key, seed in missing))
        one = shlex.join([*local.PYTHON, os.path.join(HERE, "one_run.py"), campaign.folder, "--list", folder])
        script = f"#!/bin/sh\nexec {one} $((SLURM_ARRAY_TASK_ID * {batch})) {batch}\n"
        tasks = math.ceil(len(missing) / batch)
        done = ask("sbatch", "--parsable", "--job-name=flowbind", f"--array=0-{tasks - 1}", "--ntasks=1",
                   "--cpus-per-task=1", "--requeue", "--open-mode=append", f"--chdir={campaign.folder}",
                   f"--output={folder}/task-%a.txt", text=script)
        if done.returncode != 0:
            shutil.rmtree(folder)
            raise InputError(f"Slurm refuses the job:\n{done.stderr.strip()}")
        job = done.stdout.strip().split(";")[0]
        campaign.write(os.path.join("slurm", "job"), f"{job} {number}\n")
        return Submission(folder, job)

    @staticmethod
    def earlier(campaign):
        """That of a command that was interrupted while its job was in the queue, or None."""
        try:
            with open(campaign.path("slurm", "job"), encoding="utf-8") as file:
                job, number = file.read().split()
        except (OSError, ValueError):
            return None
        return Submission(campaign.path("slurm", number), job)

    def queue(self):
        """[(state, reason)] of its tasks that are not over yet; None: Slurm did not answer."""
        done = ask("squeue", "-h", "-r", "-j", self.job, "-o", "%T %r")
        if done.returncode == 0:
            return [line.split(" ", 1) for line in done.stdout.splitlines()]
        return [] if "Invalid job id" in done.stderr else None

    def wait(self, campaign, missing, progress):
        """Until its job is out of the queue."""
        left, pause = set(missing), 0.2
        while True:
            tasks = self.queue()
            left = {run for run in left if not campaign.finished(*run)}
            progress.reach(len(missing) - len(left), self.remark(tasks))
            if tasks == []:
                return
            time.sleep(pause)
            pause = min(5, pause * 1.2)

    def remark(self, tasks):
        if tasks is None:
            return f"; Slurm does not answer, job {self.job} goes on"
        waiting = [reason for state, reason in tasks if state == "PENDING"]
        running = sum(state == "RUNNING" for state, _ in tasks)
        return f"; job {self.job}: {running} tasks run" + (f", {len(waiting)} wait ({waiting[0]})" if waiting else "")

    def outcomes(self):
        """What its tasks said of their runs, and what else stands there."""
        found, words = [], []
        for name in sorted(os.listdir(self.folder)):
            if name.startswith("task-"):
                with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
                    for line in file.read().splitlines():
                        try:
                            found.append(json.loads(line))
                        except ValueError:
                            words.append(line)
        return found, "\n".join(words)


def make_runs(campaign, missing, _jobs, progress, batch=None):
    os.makedirs(campaign.path("slurm"), exist_ok=True)
    submission = Submission.earlier(campaign)
    try:
        if submission and submission.queue() != []:
            print(f"flowbind: job {submission.job} of an earlier command is in the queue: waiting for it "
                  f"(scancel {submission.job} ends it)", file=sys.stderr)
            submission.wait(campaign, missing, progress)
        todo = campaign.missing(missing)
        if todo:
            submission = Submission.submit(campaign, todo, batch or choose_batch(campaign, todo))
            submission.wait(campaign, missing, progress)
    except KeyboardInterrupt:
        if submission:
            print(f"\nflowbind: job {submission.job} stays in Slurm's queue (scancel {submission.job} ends it)",
                  file=sys.stderr)
        raise
    finally:
        progress.end()
    collect(campaign, missing, submission)


def collect(campaign, missing, submission):
    """Raises when runs are missing."""
    failures, words = [], ""
    if submission and os.path.isdir(submission.folder):
        said, words = submission.outcomes()
        failures = [outcome for outcome in said if outcome["code"] != 0 and outcome["point"] in campaign.points]
    lost = campaign.missing(missing)
    end = time.monotonic() + 10  # other nodes' files may take a while to be seen here
    while lost and len(lost) > len(failures) and time.monotonic() < end:
        time.sleep(1)
        lost = campaign.missing(lost)
    output.remove(campaign.path("slurm", "job"))
    local.complain_about(campaign, failures if lost else [], len(lost) - len(failures), words)
    shutil.rmtree(campaign.path("slurm"))
