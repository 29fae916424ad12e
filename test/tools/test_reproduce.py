#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""./flowbind reproduce: how points are judged, what a user sees, and that the committed figures are those it makes. The
variables FLOWBIND_SIM and FLOWBIND_STATS name the programs."""

import csv
import os
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("FLOWBIND_ROOT") or os.path.dirname(os.path.dirname(HERE))
TOOL = os.path.join(ROOT, "results", "reproduce")
sys.path.insert(0, TOOL)

import figure  # noqa: E402

QUICK = ["R3"]  # figures that take seconds: made again whole
HEAD = "series,x,y,judged,tolerance,source\n"


def run(*arguments, expected=0):
    command = [sys.executable, "-B", os.path.join(TOOL, "reproduce.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == expected, (done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def point(y, judged, tolerance):
    return figure.Point("s", "1", y, judged, tolerance, "somewhere")


def judging():
    cases = [
        (point(10, "equal", "exact"), 10, True),
        (point(10, "equal", "exact"), 10.001, False),
        (point(10, "equal", "5%"), 9.5, True),
        (point(10, "equal", "5%"), 9.49, False),
        (point(-10, "equal", "5%"), -10.5, True),
        (point(10, "equal", "0.5"), 10.5, True),
        (point(10, "equal", "0.5"), 10.51, False),
        (point(10, "most", "exact"), 3, True),
        (point(10, "most", "1%"), 10.2, False),
        (point(10, "least", "exact"), 30, True),
        (point(10, "least", "1%"), 9.8, False),
    ]
    for wanted, value, passed in cases:
        assert wanted.accepts(value) is passed, (wanted, value)
    rows = [figure.Row("s", 1, 10), figure.Row("s", 2, 20)]
    not_there = figure.Point("s", "3", 1, "equal", "exact", "somewhere")
    only_drawn = figure.Point("s", "2.0", 7, "no", "", "somewhere")
    assert figure.judge([point(10, "equal", "exact"), not_there, only_drawn], rows) == [
        (point(10, "equal", "exact"), 10, True), (not_there, None, False), (only_drawn, 20, None)]


def wrong_references():
    cases = [
        ("series,x,y\n", ":1: the columns have to be"),
        (HEAD + "s,1,two,equal,exact,read\n", ":2: "),
        (HEAD + "s,1,2,equal,exact,read\ns,1,2,near,exact,read\n", ":3: 'judged' is"),
        (HEAD + "s,1,2,equal,,read\n", "a tolerance is missing"),
        (HEAD + "s,1,2,equal,exact,\n", "a point without a source is a guess"),
        (HEAD + "s,1,2,equal,5 percent,read\n", ":2: "),
    ]
    for text, said in cases:
        with open("ref.csv", "w", encoding="utf-8") as file:
            file.write(text)
        try:
            figure.read_points("ref.csv")
        except figure.FigureError as error:
            assert said in str(error), (said, str(error))
        else:
            raise AssertionError(f"accepted: {text}")


def all_figures_are_whole():
    found = figure.find_all()
    assert found and list(found) == [line.split()[0] for line in run("--list")[0].splitlines()]
    for name, folder in found.items():
        fig = figure.Figure(folder)
        assert fig.points and fig.module.PANELS, name
        for file in ("README.md", "data.csv", name + ".png", name + ".svg"):
            assert os.path.exists(os.path.join(folder, file)), f"{folder}/{file} is missing: reproduce {name} --update"
        assert f"./flowbind reproduce {name}" in open(os.path.join(folder, "README.md"), encoding="utf-8").read(), name


def committed_points_hold():
    """What README files say of the committed data: the points that are not met are named in the figure's README."""
    for name, folder in figure.find_all().items():
        fig = figure.Figure(folder)
        with open(os.path.join(folder, "data.csv"), encoding="utf-8", newline="") as file:
            rows = [figure.Row(row["series"], float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
        missed = [verdict[0] for verdict in figure.judge(fig.points, rows) if verdict[2] is False]
        with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
            text = file.read()
        for wanted in missed:
            assert "**Not met:**" in text, f"{name}: {wanted} is not met, and the README has no paragraph 'Not met:'"


def quick_figures_are_the_committed_ones():
    for name in QUICK:
        printed, _ = run(name, "--quiet")
        folder = figure.find_all()[name]
        assert "points met" in printed and "FAIL" not in printed, printed
        with open(f"reproduce/{name}/data.csv", encoding="utf-8") as made, \
                open(os.path.join(folder, "data.csv"), encoding="utf-8") as committed:
            assert made.read() == committed.read(), f"{name}: say ./flowbind reproduce {name} --update"


def goes_on_where_it_stopped():
    run("R3", "--quiet", "--out", "twice")
    before = {name: os.stat(f"twice/R3/runs/{name}").st_mtime_ns for name in os.listdir("twice/R3/runs")}
    run("R3", "--quiet", "--out", "twice")
    after = {name: os.stat(f"twice/R3/runs/{name}").st_mtime_ns for name in os.listdir("twice/R3/runs")}
    assert before and before == after


def wrong_use():
    assert "there is no figure 'R99'; there are: PF R1" in run("R99", expected=2)[1]
    assert "is no number" in run("R1", "--jobs", "0", expected=2)[1]
    with open("occupied", "w", encoding="utf-8"):
        pass
    assert "occupied" in run("R3", "--quiet", "--out", "occupied", expected=4)[1]


def paths_program():
    """flowbind-paths says what is wrong."""
    program = os.path.join(os.path.dirname(os.environ["FLOWBIND_SIM"]), "flowbind-paths")
    cases = [
        (["fly"], "there is no command 'fly'"),
        (["moved", "weights=1,1", "lost=3"], "the lost one is one of them"),
        (["moved", "weights=1,x"], "'x' is no number"),
        (["stream", "scheduler=no", "rates=1M", "load=1M"], "there is no scheduler 'no'; there are: flow-hash"),
        (["stream", "scheduler=edpf", "rates=1M,2M", "delays=1", "load=1M"], "as many numbers as there are paths"),
        (["stream", "scheduler=edpf", "rates=1M", "load=1M", "speed=3"], "'speed=3' means nothing here"),
        (["stream", "scheduler=edpf", "rates=1M"], "load=... is missing"),
    ]
    for words, said in cases:
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 2 and said in done.stderr, (words, done.returncode, done.stderr)
    done = subprocess.run([program, "sequence", "scheduler=weighted", "weights=3,2", "packets=5"],
                          capture_output=True, text=True, check=True)
    assert done.stdout == "sequence\n01001\n", done.stdout


TESTS = [judging, wrong_references, all_figures_are_whole, committed_points_hold,
         quick_figures_are_the_committed_ones, goes_on_where_it_stopped, wrong_use, paths_program]


def main():
    passed = failed = 0
    for test in TESTS:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                test()
                passed += 1
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f"not ok {test.__name__}")
                traceback.print_exc()
            os.chdir("/")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
