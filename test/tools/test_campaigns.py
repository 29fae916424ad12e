#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""./flowbind compare and ./flowbind sweep as their users see them. The variables FLOWBIND_SIM and FLOWBIND_STATS name
the programs."""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
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


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def command(tool, *arguments):
    return [sys.executable, "-B", os.path.join(TOOLS, tool + ".py"), *arguments]


def run(tool, *arguments, expected=0):
    done = subprocess.run(command(tool, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == expected, (done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def finished(folder):
    """{path of a finished run: time it was put there}"""
    found = {}
    for where, _, names in os.walk(os.path.join(folder, "runs")):
        if "run.json" in names and "/.partial" not in where:
            found[where] = os.stat(os.path.join(where, "run.json")).st_mtime_ns
    return found


def test_compare_pairs_the_seeds():
    shown, _ = run("compare", "s.yaml", "--policy", "scenario", "--policy", "other.yaml", "--runs", "4", "--out", "out")
    rows = read_rows("out/values.csv")
    delays = {(r["policy"], r["run"]): float(r["value"]) for r in rows if r["metric"] == "delay_mean_s"}
    assert len(delays) == 8
    # The way to the mobile node is 30 ms longer on the other path, whatever is lost.
    difference, = [r for r in read_rows("out/differences.csv") if r["metric"] == "delay_mean_s"]
    assert (difference["first"], difference["second"], difference["n"]) == ("scenario", "other", "4")
    assert abs(float(difference["difference"]) + 0.030) < 0.001 and difference["significant"] == "yes", difference
    loss, = [r for r in read_rows("out/means.csv") if r["metric"] == "loss" and r["policy"] == "scenario"]
    assert 0.02 < float(loss["mean"]) < 0.2 and float(loss["half_width"]) > 0, loss
    assert "significant" in shown and "reordered: none" in shown, shown
    for name in ("comparison.png", "comparison.svg"):
        assert os.path.getsize("out/" + name) > 3000, name


def test_compare_makes_only_what_is_missing():
    arguments = ("s.yaml", "--policy", "scenario", "--policy", "other.yaml", "--out", "out")
    run("compare", *arguments, "--runs", "2")
    before = finished("out")
    assert len(before) == 4
    run("compare", *arguments, "--runs", "3")
    after = finished("out")
    assert len(after) == 6 and before.items() <= after.items()


def test_compare_until_says_how_many_runs_it_took():
    arguments = ("s.yaml", "--policy", "scenario", "--policy", "other.yaml", "--metric", "goodput_bps", "--out", "out")
    shown, _ = run("compare", *arguments, "--until", "2%")
    took = int(shown.split("took ")[1].split()[0])
    worst = max(float(r["half_width"]) / float(r["mean"]) for r in read_rows("out/means.csv")
                if r["metric"] == "goodput_bps")
    assert took >= 10 and worst <= 0.02 and f"{took} runs" in shown, (took, worst)
    shown, _ = run("compare", *arguments, "--until", "0.01%", "--runs", "12")
    assert "not reached with 12 runs" in shown, shown


def test_a_scheduler_stands_for_a_policy():
    write("s.yaml", SCENARIO.replace("flow: voice", "match: {protocol: udp, port: 7}"))
    run("compare", "s.yaml", "--policy", "flow-hash", "--policy", "round-robin", "--runs", "2", "--out", "out")
    shares = {(r["policy"], r["metric"]): float(r["mean"]) for r in read_rows("out/means.csv")}
    assert shares["flow-hash", "goodput_bps"] > 0 and shares["round-robin", "goodput_bps"] > 0, shares
    _, errors = run("compare", "s.yaml", "--policy", "flow-hash", "--policy", "nonsense", "--out", "out", expected=2)
    assert "nonsense" in errors and "round-robin" in errors, errors


def test_wrong_input_is_explained():
    _, errors = run("compare", "s.yaml", "--policy", "scenario", expected=2)
    assert "two different policies" in errors, errors
    _, errors = run("compare", "s.yaml", "--policy", "a.yaml", "--policy", "scenario", expected=2)
    assert "no policy file 'a.yaml'" in errors, errors
    _, errors = run("compare", "s.yaml", "--policy", "scenario", "--policy", "edpf", "--until", "x", expected=2)
    assert "2%" in errors, errors
    for wrong, at, word in [("policies: [scenario, other.yaml]", "2:1", "colour"),
                            ("seeds: [1, 2, 3]", "3:1", "twice"), ("[40ms, 80ms]", "5:20", "list"),
                            ("paths.two", "5:", "three"), ("s.yaml", "1:11", "missing.yaml")]:
        text = {"colour": "colour: blue", "twice": "policies: [a]", "list": "40ms", "three": "paths.three",
                "missing.yaml": "missing.yaml"}[word]
        write("c.yaml", CAMPAIGN.replace(wrong, text, 1))
        _, errors = run("sweep", "c.yaml", "--out", "out", expected=2)
        assert f"c.yaml:{at}" in errors and word in errors, errors
    write("c.yaml", CAMPAIGN.replace("[40ms, 80ms]", "[40ms, soon]"))
    _, errors = run("sweep", "c.yaml", "--out", "out", expected=2)
    assert "paths.two.delay=soon" in errors, errors


def test_sweep_runs_the_grid():
    write("c.yaml", CAMPAIGN)
    run("sweep", "c.yaml", "--out", "out")
    rows = read_rows("out/means.csv")
    delays = {(r["paths.two.delay"], r["policy"]): float(r["mean"]) for r in rows if r["metric"] == "delay_mean_s"}
    assert abs(delays["80ms", "other"] - delays["40ms", "other"] - 0.04) < 0.001, delays
    assert abs(delays["80ms", "scenario"] - delays["40ms", "scenario"]) < 0.005, delays
    assert len(finished("out")) == 12
    for folder in finished("out"):
        with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
            record = json.load(file)
        assert all(record[key] for key in ("commit", "ns3", "build", "scenario", "seed")), record
    assert os.path.getsize("out/sweep.png") > 3000 and os.path.getsize("out/sweep.svg") > 3000


def interrupt(number):
    """Starts a sweep, stops it in the middle, and starts it again: what was there, and what is in the end."""
    write("c.yaml", CAMPAIGN.replace("[1, 2, 3]", "[1, 2, 3, 4, 5, 6]"))
    whole = subprocess.Popen(command("sweep", "c.yaml", "--out", "out"), stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True)
    end = time.monotonic() + 60
    while len(finished("out")) < 3 and time.monotonic() < end:
        time.sleep(0.02)
    if number == signal.SIGKILL:
        whole.kill()
    else:
        os.killpg(whole.pid, number)
    assert whole.wait() != 0, "it was over before"
    before = finished("out")
    run("sweep", "c.yaml", "--out", "out")
    after = finished("out")
    assert len(before) >= 3 and len(after) == 24 and before.items() <= after.items(), (len(before), len(after))
    left = [name for _, folders, _ in os.walk("out") for name in folders if name.startswith(".partial")]
    assert not left, left


def test_killed_it_goes_on():
    interrupt(signal.SIGKILL)


def test_interrupted_it_goes_on():
    interrupt(signal.SIGINT)


def test_builds_are_not_mixed():
    """Runs of another build, or of a scenario that was changed, do not count."""
    arguments = ("s.yaml", "--policy", "scenario", "--policy", "other.yaml", "--runs", "1", "--out", "out")
    run("compare", *arguments)
    for point in os.listdir("out/runs"):
        os.rename("out/runs/" + point, "out/runs/000000000000-" + point.split("-")[1])
    run("compare", *arguments)
    assert len(finished("out")) == 4
    write("s.yaml", SCENARIO.replace("loss: 10%", "loss: 20%"))
    run("compare", *arguments)
    assert len(finished("out")) == 6


def main():
    os.environ.setdefault("FLOWBIND_BUILD", os.path.dirname(os.environ["FLOWBIND_SIM"]))
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    for name, test in tests:
        with tempfile.TemporaryDirectory(prefix="flowbind campaign ") as folder:
            os.chdir(folder)
            write("s.yaml", SCENARIO)
            write("other.yaml", OTHER)
            try:
                test()
            except (AssertionError, OSError, ValueError, IndexError, KeyError):
                failed += 1
                print(f"{name} FAILED\n{traceback.format_exc()}")
            os.chdir("/")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
