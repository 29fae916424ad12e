#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Campaigns that are killed, run out of disk, or whose simulator is built anew: no finished run is lost or repeated.

usage: test_campaign_interruptions.py [--kills N]     (8; ./flowbind bench says 100)

The variable FLOWBIND_SEED chooses when and how it kills. The variables FLOWBIND_SIM and FLOWBIND_STATS name the
programs. A stand-in that only waits takes the place of the simulator, so that it is the campaign that is tested, many
times in little time.
"""

import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import campaign_world as world
from campaign_world import Skipped, command, finished, run, stand_in, write

KILLS = 8
SEED = int(os.environ.get("FLOWBIND_SEED", "7629"))


def kill_workers(chance):
    """One of what works for the command: GNU parallel, one_run.py, or a simulator. Whether there was one."""
    folder, found = os.path.abspath("."), {}
    for name in os.listdir("/proc"):
        words = world.words_of(name)
        for kind in ("parallel", "one_run.py", "flowbind-sim"):
            if any(word.endswith(kind) for word in words) and any(folder in word for word in words):
                found.setdefault(kind, []).append(int(name))
    if not found:
        return False
    try:
        os.kill(chance.choice(sorted(found[chance.choice(sorted(found))])), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def stop_somehow(process, chance):
    """As people and machines do: Ctrl-C, the command alone killed, one of its helpers, or everything at once."""
    way = chance.choice(["interrupt", "kill", "kill all", "terminate", "worker"])
    if way == "worker":
        way = "worker" if kill_workers(chance) else "no worker"
        time.sleep(chance.uniform(0, 0.5))
        process.terminate()
    elif way == "kill":
        process.kill()
    elif way == "terminate":
        process.terminate()
    else:
        os.killpg(process.pid, signal.SIGINT if way == "interrupt" else signal.SIGKILL)
    process.wait()
    return way


def check_kept(before, after, way):
    lost = [path for path in before if path not in after]
    again = [path for path in before if path in after and after[path] != before[path]]
    assert not lost and not again, (way, lost, again)


def test_kills_at_random_times():
    variables, chance = stand_in(0.2), random.Random(SEED)
    write("c.yaml", world.CAMPAIGN.replace("[1, 2, 3]", str(list(range(1, 11 + 3 * KILLS)))))
    total, before, hit, ways = 4 * (10 + 3 * KILLS), {}, 0, collections.Counter()
    for _ in range(KILLS):
        process = subprocess.Popen(command("sweep", "c.yaml", "--out", "out"), env=variables, start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.5))
        hit += process.poll() is None
        way = stop_somehow(process, chance)
        ways[way] += 1
        after = finished("out")
        check_kept(before, after, way)
        before = after
    assert hit == KILLS and 0 < len(before) < total, (hit, len(before), total)
    os.truncate("began.txt", 0)
    run("sweep", "c.yaml", "--out", "out", env=variables)
    after = finished("out")
    check_kept(before, after, "end")
    assert len(after) == total, (len(after), total)
    # Those that the last command killed may have finished afterwards; nothing was begun twice.
    assert len(world.began()) <= total - len(before) and len(set(world.began())) == len(world.began())
    left = [name for _, folders, files in os.walk("out/runs") for name in folders + files if name[0] == "."]
    assert not left, left
    print(f"{KILLS} kills with seed {SEED} ({world.spell_counts(ways)}): {total} runs, {len(before)} of them "
          "kept from before the last command, none lost, none made twice")


def test_an_orphan_is_not_disturbed():
    """A simulator that outlives everybody holds the lock of its run: the next command waits, and uses no half files."""
    variables = stand_in(2)
    write("c.yaml", "scenario: s.yaml\nruns: 1\n")
    process = subprocess.Popen(command("sweep", "c.yaml", "--out", "out"), env=variables, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 30
    while not world.began() and time.monotonic() < end:
        time.sleep(0.02)
    for name in os.listdir("/proc"):
        words = world.words_of(name)
        if any("one_run.py" in word for word in words) and any(os.path.abspath("out") in word for word in words):
            os.kill(int(name), signal.SIGKILL)
    process.kill()
    process.wait()
    os.truncate("began.txt", 0)
    start = time.monotonic()
    run("sweep", "c.yaml", "--out", "out", env=variables)
    assert len(finished("out")) == 1 and len(world.began()) <= 1 and time.monotonic() - start > 0.5


def test_a_rebuilt_simulator_is_noticed():
    """Runs of a program that was replaced in the middle are refused, and the same command starts anew."""
    variables = stand_in(0.3)
    write("c.yaml", "scenario: s.yaml\nruns: 40\n")
    process = subprocess.Popen(command("sweep", "c.yaml", "--out", "out", "--jobs", "2"), env=variables, text=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    end = time.monotonic() + 30
    while len(finished("out")) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    program = "build/flowbind-sim"
    write(program + ".new", world.read(program).replace("0.3", "0.01"))
    os.chmod(program + ".new", 0o755)
    os.replace(program + ".new", program)
    _, errors = process.communicate()
    assert process.returncode == 1 and "built anew" in errors, (process.returncode, errors)
    before = finished("out")
    assert 2 <= len(before) < 40, len(before)
    run("sweep", "c.yaml", "--out", "out", env=variables)
    after = finished("out")
    check_kept(before, after, "rebuilt")
    assert len(after) == len(before) + 40 and len({path.split("/")[-2] for path in after}) == 2


def test_many_failures_stop_it():
    variables = stand_in(0.01)
    world.fail_always()
    write("c.yaml", "scenario: s.yaml\nruns: 500\n")
    start = time.monotonic()
    _, errors = run("sweep", "c.yaml", "--out", "out", expected=1, env=variables)
    assert "no luck" in errors and "seed 1" in errors and time.monotonic() - start < 20, errors


def test_a_killed_simulator_is_told():
    variables = stand_in(0.01)
    write("build/flowbind-sim", world.read("build/flowbind-sim").replace("exit 0", "exit 0\n[ $3 != 2 ] || kill -9 $$"))
    write("c.yaml", "scenario: s.yaml\nruns: 4\n")
    _, errors = run("sweep", "c.yaml", "--out", "out", expected=1, env=variables)
    assert "seed 2, ended by SIGKILL" in errors and "are kept" in errors, errors
    assert len(finished("out")) == 3


def test_full_disk():
    """In a file system of 400 kB of its own, which then grows."""
    able = subprocess.run(["unshare", "-rm", "sh", "-c", "mkdir small && mount -t tmpfs -o size=400k none small"],
                          capture_output=True, text=True, check=False)
    if able.returncode != 0:
        raise Skipped(f"no file system of its own can be mounted here: {able.stderr.strip()}")
    variables = stand_in(0.01)
    write("c.yaml", "scenario: s.yaml\nruns: 60\n")
    inside = [sys.executable, "-B", os.path.abspath(__file__), "--full-disk"]
    done = subprocess.run(["unshare", "-rm", *inside], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)


def full_disk():
    """What test_full_disk does where it may mount."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", "small"], check=True)
    _, errors = run("sweep", "c.yaml", "--out", "small", "--quiet", expected=1)
    assert "No space left" in errors and "are kept" in errors, errors
    before = finished("small")
    assert 0 < len(before) < 60, len(before)
    subprocess.run(["mount", "-o", "remount,size=20m", "small"], check=True)
    run("sweep", "c.yaml", "--out", "small", "--quiet")
    after = finished("small")
    check_kept(before, after, "full disk")
    assert len(after) == 60, len(after)
    for path in after:
        assert world.read_rows(os.path.join(path, "metrics.csv")), path
    full_at_the_end()
    shutil.rmtree("small", ignore_errors=True)
    return 0


def full_at_the_end():
    """The disk has room for the runs, but not for all of what is made of them: each file is whole or not there."""
    told = set()
    for kilobytes in (0, 4, 12, 24, 48, 96, 160, 2000):
        names = ("means.csv", "report.html", "sweep.svg", "sweep.png", "sweep.pdf", "sweep.gp")
        for name in names + ("fill",):
            if os.path.exists("small/" + name):
                os.unlink("small/" + name)
        free = os.statvfs("small").f_bavail * os.statvfs("small").f_bsize
        with open("small/fill", "wb") as file:
            file.write(bytes(free - 1024 * kilobytes))
        done = subprocess.run(command("sweep", "c.yaml", "--out", "small"), capture_output=True, text=True, check=False)
        assert done.returncode in (0, 4) and "Traceback" not in done.stderr, (kilobytes, done)
        assert done.returncode == 0 or "No space left" in done.stderr and "is kept" in done.stderr, (kilobytes, done)
        told.add("error" if done.returncode else "no picture" if "no picture" in done.stderr else "whole")
        left = os.listdir("small")
        assert not [name for name in left if name.endswith(".new") or name.startswith("new-")], (kilobytes, left)
        assert "sweep.svg" not in left or world.read("small/sweep.svg").rstrip().endswith("</svg>"), kilobytes
        assert "report.html" not in left or world.read("small/report.html").endswith("</html>\n"), kilobytes
    assert told == {"error", "no picture", "whole"} and "sweep.svg" in left and "report.html" in left, (told, left)


if __name__ == "__main__":
    if sys.argv[1:] == ["--full-disk"]:
        sys.exit(full_disk())
    if sys.argv[1:2] == ["--kills"]:
        KILLS = int(sys.argv[2])
        sys.exit(world.main([test_kills_at_random_times]))
    sys.exit(world.main([test for name, test in list(globals().items()) if name.startswith("test_")]))
