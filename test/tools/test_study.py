#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""./flowbind study: the design, the judging, that page and data belong together, and a small study from end to end. The
variables FLOWBIND_SIM and FLOWBIND_STATS name the programs."""

import csv
import os
import random
import re
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("FLOWBIND_ROOT") or os.path.dirname(os.path.dirname(HERE))
STUDY = os.path.join(ROOT, "results", "study")
sys.path[:0] = [os.path.join(ROOT, "results", "campaign"), STUDY]
os.environ.setdefault("FLOWBIND_BUILD", os.path.dirname(os.environ["FLOWBIND_SIM"]))

import design  # noqa: E402
import judge  # noqa: E402
import page  # noqa: E402
import setting  # noqa: E402
from kinds import KINDS, MEASURES, Measure  # noqa: E402
from scenario import InputError  # noqa: E402

HEAD = "topology,class,link,type,rate,delay,queue,loss,distance\n"
SLOW = (HEAD + "a,home,fast,wired,900kbps,5ms,15kB,0%,\na,home,second,wired,600kbps,20ms,15kB,0%,\n"
        + "b,home,fast,wired,800kbps,15ms,15kB,1%,\nb,home,second,wired,500kbps,5ms,15kB,0%,\n")


def read(*names):
    with open(os.path.join(*names), encoding="utf-8") as file:
        return file.read()


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def rows_of(*names):
    with open(os.path.join(*names), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(*arguments, expected=0):
    command = [sys.executable, "-B", os.path.join(STUDY, "study.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == expected, (done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def nearest(points):
    return min(design.squared_distance(a, b) for i, a in enumerate(points) for b in points[:i])


def points_keep_their_distance():
    points = [(0.0, 0.0), (0.1, 0.0), (0.5, 0.0), (0.9, 0.0), (1.0, 0.0)]
    assert design.select(points, 0.3) == [(0.0, 0.0), (0.5, 0.0), (0.9, 0.0)]
    found = design.space_filling(15, 6, random.Random(1))
    assert len(found) == 15
    source = random.Random(2)
    for _ in range(200):  # random points come much closer to one another
        assert nearest(found) > 2 * nearest([tuple(source.random() for _ in range(6)) for _ in range(15)])


def design_is_the_committed_one():
    topologies, radio = design.make(), design.make_radio()
    assert design.text(topologies + radio) == read(STUDY, "topologies.csv"), "./flowbind study --design makes it"
    assert design.read(os.path.join(STUDY, "topologies.csv")) == topologies + radio
    assert len(topologies) >= 100 and len({topology.name for topology in topologies}) == len(topologies)
    for topology in topologies:
        rates = [float(link.rate.removesuffix("kbps")) for link in topology.links]
        assert rates == sorted(rates, reverse=True) and 500 <= rates[-1] and rates[0] <= 20000
        most = {"low": 25, "high": 200}[topology.kind]
        assert all(float(link.delay.removesuffix("ms")) <= most for link in topology.links)
        assert all(float(link.loss.removesuffix("%")) <= 2.5 for link in topology.links)
        assert topology.lossy == ("lossy" in topology.name) and len(topology.links) == int(topology.name[0])
    assert design.text(design.make(seed=1)) != design.text(topologies)


def benefits():
    for goodput, alone, expected in ((10, [10, 5], 0), (15, [10, 5], 1), (12.5, [10, 5], 0.5), (5, [10, 5], -0.5),
                                     (0, [10, 5], -1), (18, [10, 5], 1.6), (4, [4], 0)):
        assert abs(judge.benefit(goodput, alone) - expected) < 1e-12, (goodput, alone)


def scores():
    time = Measure("t", "page", "load time", "s", None, more_is_better=False, ratio=True, least=0.01)
    assert time.score(2) < time.score(1) and abs(time.unscore(time.score(3)) - 3) < 1e-12
    assert time.score(0) == time.score(0.01)
    assert page.change_text(time, time.score(1) - time.score(2), None, None) == "−50 %"
    opinion = Measure("m", "call", "MOS", "", None)
    assert page.change_text(opinion, 0.25, 0.2, 0.3) == "+0.25 ± 0.05"
    assert page.number(1234.5) == "1234" and page.number(0.01234) == "0.0123" and page.number(0) == "0"


def verdict_rows(values):
    """{policy: values by topology} of goodput, as rows of data.csv."""
    about = {"class": "low", "links": "2", "losses": "no"}
    return [{"traffic": "download", "measure": "goodput", "policy": policy, "topology": str(i),
             "value": str(1e6 * value), **about} for policy, found in values.items() for i, value in enumerate(found)]


def winners():
    clear = judge.Verdicts(verdict_rows({"fastest": [10, 20, 30, 40], "a": [21, 39, 61, 80], "b": [11, 21, 29, 42]}))
    assert clear.winners("download", "goodput", judge.ALL) == ["a"]
    mean, low, high, significant = clear.difference("download", "goodput", judge.ALL, "a", "fastest")
    assert low < mean < high and significant and 1.9 < 2.718281828 ** mean < 2.1
    assert clear.difference("download", "goodput", judge.ALL, "fastest", "a")[0] == -mean
    assert clear.near_best("download", "goodput", judge.ALL, "a") == 1
    assert clear.near_best("download", "goodput", judge.ALL, "b") == 0
    tie = judge.Verdicts(verdict_rows({"fastest": [10, 20, 30, 40], "a": [11, 19, 33, 38]}))
    assert sorted(tie.winners("download", "goodput", judge.ALL)) == ["a", "fastest"]


def page_says_what_the_data_say():
    rows = rows_of(STUDY, "data.csv")
    verdicts, text = judge.Verdicts(rows), read(STUDY, "README.md")
    assert page.fill(text, verdicts) == text, "say ./flowbind study --page"
    assert verdicts.policies == setting.POLICIES
    wired, radio = design.make(), design.make_radio()
    assert verdicts.topologies == [topology.name for topology in wired + radio]
    measured = len(wired) * (2 * len(MEASURES) + 1) + len(radio) * len(MEASURES)
    assert len(rows) == len(verdicts.policies) * measured
    for name in re.findall(r"\]\(([^)#:]+)\)", text):
        assert os.path.exists(os.path.join(STUDY, name)), f"README.md names {name}, which is not there"


def page_claims_hold():
    """What README.md says in words, under "In short"."""
    verdicts = judge.Verdicts(rows_of(STUDY, "data.csv"))

    def best(policy, traffic, measure, group):
        return policy in verdicts.winners(traffic, measure, group)

    def better(policy, other, traffic, measure, group):
        mean, _, _, significant = verdicts.difference(traffic, measure, group, policy, other)
        return mean > 0 and significant

    def certainly_worse(policy, traffic, measure, group):
        return verdicts.difference(traffic, measure, group, policy, "fastest")[2] < 0

    assert best("redundant", "call", "MOS", "all") and best("tailored", "call", "MOS", "all")
    for group in ("all", "losses"):
        assert verdicts.winners("together", "MOS", group) == ["tailored"], group
    for policy in ("edpf", "weighted"):
        assert certainly_worse(policy, "call", "MOS", "all"), policy
    assert verdicts.winners("download", "goodput", "no losses")[0] == "edpf"
    assert verdicts.winners("together", "goodput", "no losses")[0] == "separate"
    assert verdicts.winners("download", "goodput", "losses") == ["redundant"]
    assert not better("edpf", "fastest", "download", "goodput", "losses")
    assert verdicts.winners("page", "page_time", "all") == ["redundant"]
    assert better("edpf", "fastest", "page", "page_time", "all")
    assert certainly_worse("separate", "page", "page_time", "all")
    assert len(verdicts.winners("together", "page_time", "all")) > 1
    assert verdicts.winners("film", "film_rate", "all")[0] == "redundant"
    assert verdicts.winners("together", "film_rate", "all")[0] == "edpf"
    assert certainly_worse("edpf", "together", "goodput", "radio")
    for policy in ("edpf", "weighted"):
        assert certainly_worse(policy, "together", "film_rate", "radio"), policy
    for policy in ("fastest", "lowest-rtt"):
        assert best(policy, "together", "MOS", "radio") and best(policy, "together", "goodput", "radio"), policy


def every_number_of_the_page_is_made():
    """What stands outside of the marks has no results in it: digits only where something is called so."""
    text = page.WORD.sub("", page.TABLE.sub("", read(STUDY, "README.md")))
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|^    .*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"RFC [0-9]+|\[R[0-9]+|ns-3|IPv4|95 %", "", text)
    found = re.findall(r".*[0-9].*", text)
    assert not found, found


def wrong_page():
    verdicts = judge.Verdicts(verdict_rows({"fastest": [1, 2]}))
    for mark, said in (("<!-- table no -->\n<!-- end -->", "no table 'no'"),
                       ("<!--= no -->1<!--/-->", "no number 'no'")):
        try:
            page.fill(mark, verdicts)
        except page.PageError as error:
            assert said in str(error)
        else:
            raise AssertionError(mark)


def wrong_tables():
    cases = [
        ("a,b\n", ":1: the columns have to be"),
        (HEAD, "there is no topology in it"),
        (HEAD + "a,home,fast,wired,1Mbps,1ms,15kB,0%,\n", "has one link"),
        (HEAD + "a,home,slow,wired,1Mbps,1ms,15kB,0%,\n", ":2: link 'slow'; 'fast' is expected"),
        (HEAD + "a,home,fast,wired,1Mbps,1ms\n", ":2: 9 cells are expected"),
        (SLOW + "b,home,third,wired,9kbps,1ms,15kB,0%,\nb,home,more,wired,9kbps,1ms,15kB,0%,\n", "at most 3"),
        (SLOW + "b,home,third,wired,1Gbps,1ms,15kB,0%,\n", "link 'third' is faster than 'second'"),
        (SLOW.replace("0%", "none"), ":2: loss 'none' is no share"),
    ]
    for text, said in cases:
        write("t.csv", text)
        try:
            design.read("t.csv")
        except InputError as error:
            assert said in str(error), (said, str(error))
        else:
            raise AssertionError(f"accepted: {text}")


def wrong_use():
    assert "--update is of the whole study" in run("--quick", "--update", expected=2)[1]
    assert "exclude each other" in run("--quick", "--topologies", "t.csv", expected=2)[1]
    assert "cannot read it" in run("--topologies", "nowhere.csv", expected=2)[1]
    write("t.csv", SLOW.replace("600kbps", "fast"))
    assert "the simulator refuses it" in run("--topologies", "t.csv", "--quiet", expected=2)[1]


def small_study():
    write("t.csv", SLOW)
    printed, _ = run("--topologies", "t.csv", "--quiet", "--out", "s")
    assert "2 topologies" in printed
    for kind in KINDS:
        assert f"| {kind.name}: " in printed
    rows = rows_of("s", "data.csv")
    assert len(rows) == 2 * len(setting.POLICIES) * (2 * len(MEASURES) + 1)
    goodput = {(row["policy"], row["topology"]): float(row["value"]) for row in rows
               if row["measure"] == "goodput" and row["traffic"] == "download"}
    assert 0.7e6 < goodput["fastest", "a"] < 0.9e6 < 1.1e6 < goodput["weighted", "a"] < 1.5e6
    made = {name: os.stat(os.path.join("s", "runs", name)).st_mtime_ns
            for name in os.listdir(os.path.join("s", "runs"))}
    data = read("s", "data.csv")
    run("--topologies", "t.csv", "--quiet", "--out", "s")
    assert made == {name: os.stat(os.path.join("s", "runs", name)).st_mtime_ns for name in made}
    assert read("s", "data.csv") == data


def prints_the_design():
    assert run("--design")[0] == read(STUDY, "topologies.csv")


TESTS = [points_keep_their_distance, design_is_the_committed_one, benefits, scores, winners,
         page_says_what_the_data_say, page_claims_hold, every_number_of_the_page_is_made, wrong_page,
         wrong_tables, wrong_use, small_study, prints_the_design]


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
