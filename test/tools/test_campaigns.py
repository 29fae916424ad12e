#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""./flowbind compare and ./flowbind sweep as their users see them. The variables FLOWBIND_SIM and FLOWBIND_STATS name
the programs."""

import json
import os
import subprocess
import sys

import campaign_world as world
from campaign_world import CAMPAIGN, SCENARIO, finished, read_rows, run, write


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
    for name in ("comparison.png", "comparison.svg", "comparison.pdf", "report.html"):
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
    # 15 %: where the first requests are lost, there is a run without any call.
    arguments = ("s.yaml", "--policy", "scenario", "--policy", "other.yaml", "--metric", "goodput_bps", "--out", "out")
    shown, _ = run("compare", *arguments, "--until", "15%")
    took = int(shown.split("took ")[1].split()[0])
    worst = max(float(r["half_width"]) / float(r["mean"]) for r in read_rows("out/means.csv")
                if r["metric"] == "goodput_bps")
    assert took >= 12 and worst <= 0.15 and f"{took} runs" in shown, (took, worst)
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


def test_errors_name_the_place_in_the_users_file():
    """What the simulator refuses is in a scenario that was put together; its user wrote it elsewhere."""
    write("c.yaml", CAMPAIGN.replace("[40ms, 80ms]", "[40ms, soon]"))
    _, errors = run("sweep", "c.yaml", "--out", "out", expected=2)
    assert "\nc.yaml:5:27: delay: 'soon'" in errors and "out/scenarios" not in errors, errors
    write("c.yaml", CAMPAIGN.replace("paths.two.delay: [40ms, 80ms]", "duration: [3s, 1ms]"))
    write("s.yaml", world.SCENARIO.replace("flow: voice}", "flow: voice, start: 1s}"))
    _, errors = run("sweep", "c.yaml", "--out", "out", expected=2)
    assert "\ns.yaml:10:67: " in errors, errors
    write("other.yaml", "\n\n" + world.OTHER.replace("use:", "uses:"))
    _, errors = run("compare", "s.yaml", "--policy", "scenario", "--policy", "other.yaml", expected=2)
    assert "\nother.yaml:4:55: " in errors and "'uses'" in errors, errors
    # What nobody wrote is where the simulator found it; a folder is no policy.
    os.mkdir("neither")
    _, errors = run("compare", "s.yaml", "--policy", "scenario", "--policy", "neither", "--out", "out", expected=2)
    assert "'neither' is not known" in errors and "out/scenarios/" in errors, errors


def test_paths_of_metrics_must_be_there():
    _, errors = run("compare", "s.yaml", "--policy", "scenario", "--policy", "edpf", "--metric", "path_share/on",
                    expected=2)
    assert "path_share/on" in errors and "one two" in errors, errors
    write("c.yaml", CAMPAIGN.replace("[delay_mean_s, loss]", "[path_share/none, path_share/onne]"))
    _, errors = run("sweep", "c.yaml", expected=2)
    assert "c.yaml:6:1: " in errors and "path_share/onne" in errors, errors


def test_a_metric_that_no_run_has():
    output, _ = run("compare", "s.yaml", "--policy", "scenario", "--policy", "other.yaml", "--runs", "1", "--metric",
                    "page_time_mean_s", "--metric", "loss", "--metric", "loss", "--out", "out")
    assert "mean time of a page: no run has it" in output and output.count("\nloss\n") == 1, output


def test_statistics_of_wrong_tables():
    """An error, and no half of a table before it."""
    for text, word in [("a,value\nx,1\ny,foo\n", ":3: 'foo'"), ("a,value\nx,1\ny\n", ":3: 1 cells"),
                       ("", ":1: is empty"), ("b,value\nx,1\n", "no column 'a'")]:
        done = subprocess.run([os.environ["FLOWBIND_STATS"], "mean", "--by", "a"], input=text, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 2 and not done.stdout and word in done.stderr, (text, done)
    for words in (["--help"], ["mean", "--help"], ["oracle", "--help"]):
        done = subprocess.run([os.environ["FLOWBIND_STATS"], *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and "usage" in done.stdout, (words, done)


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
    for name in ("sweep.png", "sweep.svg", "sweep.pdf", "report.html"):
        assert os.path.getsize("out/" + name) > 3000, name


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


def test_what_cannot_vary_is_refused():
    for wrong, text, at, word in [
            ("[40ms, 80ms]", "[40ms, 40ms]", "5:27", "twice"),
            ("paths.two.delay:", "seed:", "5:3", "seeds: [1, 2]"),
            ("paths.two.delay:", "policy:", "5:3", "policies:"),
            ("policies: [scenario, other.yaml]", "policies: [scenario, gone.yaml]", "2:22", "gone.yaml"),
            ("[delay_mean_s, loss]", "[delay_mean_s, speed]", "6:25", "goodput_bps"),
            ("seeds: [1, 2, 3]", "seeds: [1, 4294967296]", "3:12", "4294967295"),
            ("seeds: [1, 2, 3]", "runs: 900000", "", "more than a campaign"),
            ("[40ms, 80ms]", "[]", "5:20", "list of values"),
    ]:
        write("c.yaml", CAMPAIGN.replace(wrong, text, 1))
        _, errors = run("sweep", "c.yaml", "--out", "out", expected=2)
        assert f"c.yaml:{at}" in errors and word in errors and "Traceback" not in errors, errors
    assert not os.path.exists("out")


def test_policies_of_the_same_name_are_told_apart():
    os.mkdir("more")
    write("more/other.yaml", world.OTHER.replace("[two, one]", "[one]"))
    text = CAMPAIGN.replace("[scenario, other.yaml]", "[other.yaml, more/other.yaml]")
    write("c.yaml", text.replace("1, 2, 3", "1, 2"))
    run("sweep", "c.yaml", "--out", "out")
    rows = [row for row in read_rows("out/means.csv") if row["metric"] == "delay_mean_s"]
    assert {row["policy"] for row in rows} == {"other.yaml", "more/other.yaml"} and {row["n"] for row in rows} == {"2"}


def test_equal_policies_are_pointed_out():
    write("s.yaml", SCENARIO.replace(", loss: 10%", ""))
    shown, _ = run("compare", "s.yaml", "--policy", "scenario", "--policy", "edpf", "--runs", "2", "--out", "out")
    assert "edpf gave the same as scenario" in shown and "nothing in this scenario is random" in shown, shown


def test_pictures_have_one_style():
    """A policy has its colour wherever it stands; values with a unit stand where they belong on an axis."""
    run("compare", "s.yaml", "--policy", "other.yaml", "--policy", "scenario", "--runs", "2", "--out", "out")
    write("c.yaml", CAMPAIGN.replace("[40ms, 80ms]", "[40ms, 60ms, 200ms]").replace("1, 2, 3", "1, 2"))
    run("sweep", "c.yaml", "--out", "out2")
    for script in ("out/comparison.gp", "out2/sweep.gp"):
        lines = world.read(script).split("\n")
        before = next(line for line, after in zip(lines, lines[1:]) if after.startswith("set label 'scenario'"))
        assert "#0072B2" in before, before
    script = world.read("out2/sweep.gp")
    assert "set xtics (40, 60, 200)" in script and "paths.two.delay (ms)" in script and "set ylabel 'ms'" in script
    for name in ("out/comparison.pdf", "out2/sweep.pdf"):
        with open(name, "rb") as file:
            assert file.read(5) == b"%PDF-", name


def test_the_reference_is_what_is_checked():
    """doc/campaign-reference.md is what the table says, and its example passes."""
    program = os.path.join(world.TOOLS, "campaign_file.py")
    done = subprocess.run([sys.executable, "-B", program, "--reference"], capture_output=True, text=True, check=True)
    page = world.read(os.path.join(world.ROOT, "doc", "campaign-reference.md"))
    assert page == done.stdout, "say: results/campaign/campaign_file.py --reference >doc/campaign-reference.md"
    os.mkdir("campaigns")
    os.symlink(os.path.join(world.ROOT, "examples", "scenarios"), "scenarios")
    write("campaigns/c.yaml", page.split("```yaml\n")[1].split("```")[0].replace("runs: 3", "runs: 1"))
    run("sweep", "campaigns/c.yaml", "--out", "out")


if __name__ == "__main__":
    sys.exit(world.main([test for name, test in list(globals().items()) if name.startswith("test_")]))
