#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""./flowbind sweep --slurm, with a Slurm of its own: munged, slurmctld and slurmd in a folder, on this machine.

usage: test_campaign_slurm.py [--kills N]     N: only kills, so many, at random times (tests: 4)

The variable FLOWBIND_SEED chooses when and how it kills. The variables FLOWBIND_SIM and FLOWBIND_STATS name the
programs. Where Slurm is not installed or does not start, what needs it is skipped.
"""

import collections
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import campaign_world as world
from campaign_world import Skipped, command, finished, read_rows, run, stand_in, write

CONFIGURATION = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=500
PartitionName=main Nodes=ALL Default=YES State=UP
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Slurm:
    """One machine's; it ends what it started."""

    def __init__(self):
        self.folder, self.started = "", []

    def start(self):
        for program in ("munged", "slurmctld", "slurmd", "sbatch"):
            if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
                raise Skipped(f"there is no {program} here (apt-get install slurmctld slurmd slurm-client munge)")
        # Short: the name of a socket has at most 107 octets.
        self.folder = folder = tempfile.mkdtemp(prefix="fb-slurm-", dir="/tmp")
        os.chmod(folder, 0o755)
        for name in ("state", "spool"):
            os.mkdir(os.path.join(folder, name))
        with open(os.path.join(folder, "key"), "wb") as file:
            os.chmod(file.name, 0o600)
            file.write(os.urandom(128))
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        host = socket.gethostname().split(".")[0]
        path = os.path.join(folder, "slurm.conf")
        write(path, CONFIGURATION.format(host=host, user=user, folder=folder, ports=free_ports(2)))
        os.environ["SLURM_CONF"] = path
        files = {"key-file": "key", "socket": "munge", "log-file": "m", "pid-file": "munged.pid", "seed-file": "seed"}
        own = [f"--{name}={folder}/{file}" for name, file in files.items()]
        self.daemon("munged", "--foreground", "--force", "--num-threads=2", *own)
        self.daemon("slurmctld", "-D", "-f", path)
        self.start_node()
        end = time.monotonic() + 60
        while "idle" not in subprocess.run(["sinfo", "-h"], capture_output=True, text=True, check=False).stdout:
            if time.monotonic() > end or any(process.poll() is not None for process in self.started):
                raise Skipped(f"Slurm does not start here:\n{self.said()}")
            time.sleep(0.2)

    def start_node(self):
        host = socket.gethostname().split(".")[0]
        self.daemon("slurmd", "-D", "-f", os.path.join(self.folder, "slurm.conf"), "-N", host)

    def lose_node(self):
        """As if the machine of the tasks were switched off and on again."""
        node = self.started.pop()
        node.kill()
        node.wait()
        for name in ("slurmstepd", "one_run.py", "flowbind-sim"):
            for pid in processes_of(name, self.folder):
                kill_quietly(pid)
        self.start_node()

    def daemon(self, name, *arguments):
        program = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        with open(os.path.join(self.folder, name + ".out"), "w", encoding="utf-8") as said:
            self.started.append(subprocess.Popen([program, *arguments], stdout=said, stderr=said,
                                                 start_new_session=True))

    def said(self):
        texts = [world.read(os.path.join(self.folder, name)) for name in os.listdir(self.folder)
                 if name.endswith((".out", ".log"))]
        lines = [line for text in texts for line in text.splitlines() if "error" in line or "fatal" in line]
        return "\n".join(lines)[-3000:]

    def stop(self):
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.started = []
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


SLURM = Slurm()
KILLS = 4
SEED = int(os.environ.get("FLOWBIND_SEED", "7629"))


def needs_slurm():
    if not SLURM.folder:
        SLURM.start()
    if not SLURM.started:
        raise Skipped("as before")


def processes_of(name, folder):
    """The processes that run `name` and that know of the folder, by their command line or their environment."""
    found = []
    for pid in os.listdir("/proc"):
        words = world.words_of(pid)
        if any(word.split(" ")[0].rstrip(":").endswith(name) for word in words) and \
                any(folder in word for word in words + world.words_of(pid, "environ")):
            found.append(int(pid))
    return found


def kill_quietly(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def queue():
    done = subprocess.run(["squeue", "-h", "-r", "-o", "%i %T"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_without_slurm_it_says_so():
    path = os.environ["PATH"]
    os.mkdir("bin")
    for name in ("ldd", "git", "pkg-config"):
        os.symlink(shutil.which(name) or "/bin/true", "bin/" + name)
    os.environ["PATH"] = os.path.abspath("bin")
    try:
        _, errors = run("sweep", "c.yaml", "--slurm", "--out", "out", expected=2)
    finally:
        os.environ["PATH"] = path
    assert "needs Slurm" in errors and "sbatch" in errors and not os.path.exists("out"), errors
    _, errors = run("sweep", "c.yaml", "--batch", "3", expected=2)
    assert "--slurm" in errors, errors


def test_same_results_as_on_this_machine():
    needs_slurm()
    run("sweep", "c.yaml", "--out", "here")
    run("sweep", "c.yaml", "--out", "there", "--slurm", "--batch", "5")
    assert world.read("here/values.csv") == world.read("there/values.csv") and len(read_rows("there/values.csv")) > 12
    assert len(finished("there")) == 12 and not os.path.exists("there/slurm")


def test_several_runs_in_a_task_and_nothing_twice():
    needs_slurm()
    variables = stand_in(0.05)
    write("c.yaml", "scenario: s.yaml\nruns: 30\n")
    run("sweep", "c.yaml", "--out", "out", "--slurm", "--batch", "10", env=variables)
    before = finished("out")
    assert len(before) == 30 and len(world.began()) == 30
    write("c.yaml", "scenario: s.yaml\nruns: 40\n")
    run("sweep", "c.yaml", "--out", "out", "--slurm", env=variables)
    after = finished("out")
    assert len(after) == 40 and before.items() <= after.items() and len(world.began()) == 40


def test_it_goes_on_after_interruptions():
    """A job cancelled: what is finished stays. The command killed: its job goes on, and the next command waits."""
    needs_slurm()
    variables = stand_in(0.5)
    write("c.yaml", "scenario: s.yaml\nruns: 24\n")
    arguments = ("c.yaml", "--out", "out", "--slurm", "--batch", "3")
    for stop in ("cancel the job", "kill the command"):
        wanted = len(finished("out")) + 3
        process = subprocess.Popen(command("sweep", *arguments), env=variables, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while len(finished("out")) < wanted and time.monotonic() < end:
            time.sleep(0.05)
        if stop == "kill the command":
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate()
            assert process.returncode == 130 and "stays in Slurm's queue" in errors, (process.returncode, errors)
            assert queue()
        else:
            subprocess.run(["scancel", "--user", str(os.getuid())], check=True)
            _, errors = process.communicate()
            assert process.returncode == 1 and "kept" in errors, (process.returncode, errors)
    before = finished("out")
    assert 6 <= len(before) < 24, len(before)
    _, errors = run("sweep", *arguments, env=variables)
    assert "of an earlier command" in errors, errors
    after = finished("out")
    assert len(after) == 24 and before.items() <= after.items()


def stop_somehow(process, chance):
    """Ctrl-C, the command alone killed, its job cancelled, a task's process killed, or the node lost."""
    way = chance.choice(["interrupt", "kill", "cancel", "task", "node"])
    if way == "interrupt":
        process.send_signal(signal.SIGINT)
    elif way == "kill":
        process.kill()
    elif way == "cancel":
        subprocess.run(["scancel", "--user", str(os.getuid())], check=True)
    elif way == "task":
        for pid in processes_of("one_run.py", SLURM.folder)[:1]:
            kill_quietly(pid)
    else:
        SLURM.lose_node()
    time.sleep(chance.uniform(0, 1))
    process.kill()
    process.wait()
    return way


def test_kills_at_random_times():
    needs_slurm()
    variables, chance = stand_in(0.2), random.Random(SEED)
    total, before, ways = 20 + 6 * KILLS, {}, collections.Counter()
    write("c.yaml", f"scenario: s.yaml\nruns: {total}\n")
    arguments = ("c.yaml", "--out", "out", "--slurm", "--batch", "3")
    for _ in range(KILLS):
        process = subprocess.Popen(command("sweep", *arguments), env=variables, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.5, 4))
        ways[stop_somehow(process, chance)] += 1
        after = finished("out")
        assert before.items() <= after.items(), (ways, before, after)
        before = after
    for _ in range(3):  # the job may be one whose tasks were killed
        done = subprocess.run(command("sweep", *arguments), env=variables, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        assert "are kept" in done.stderr, done.stderr
    after = finished("out")
    assert done.returncode == 0 and len(after) == total and before.items() <= after.items(), (len(after), done.stderr)
    print(f"{KILLS} kills with seed {SEED} ({world.spell_counts(ways)}): {total} runs, {len(before)} of them "
          "kept from before the last command, none lost, none made twice")


def test_failures_are_told():
    needs_slurm()
    variables = stand_in(0.01)
    world.fail_always()
    write("c.yaml", "scenario: s.yaml\nruns: 4\n")
    _, errors = run("sweep", "c.yaml", "--out", "out", "--slurm", expected=1, env=variables)
    assert "no luck" in errors and "seed 1" in errors, errors
    os.environ["SBATCH_PARTITION"] = "nowhere"
    try:
        _, errors = run("sweep", "c.yaml", "--out", "out", "--slurm", expected=2)
    finally:
        del os.environ["SBATCH_PARTITION"]
    assert "Slurm refuses" in errors and "partition" in errors, errors


if __name__ == "__main__":
    TESTS = [test for name, test in list(globals().items()) if name.startswith("test_")]
    if sys.argv[1:2] == ["--kills"]:
        KILLS, TESTS = int(sys.argv[2]), [test_kills_at_random_times]
    try:
        CODE = world.main(TESTS)
    finally:
        SLURM.stop()
    sys.exit(CODE)
