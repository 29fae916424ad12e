#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ./flowbind study [--quick] [OPTION]...

Which policy for whom: simulates each policy in many topologies of two and three links, with each kind of traffic alone
and with all of them together, and says who wins. results/study/README.md is what came out.

  --quick             one topology of each class, to see what it does
  --topologies FILE   links of your own, a table like results/study/topologies.csv
  --runs N            runs of each topology: seeds 1 to N (1); a topology counts once, with the mean of its runs
  --jobs N            runs at a time (the number of processors)
  --out DIR           folder for the results (flowbind-out/study)
  --design            print the topologies, as the generator makes them from its seed, and do nothing else
  --page              no runs: only tables, numbers and pictures in results/study, from the data.csv there
  --update            put data, page and pictures into results/study, too: for who changes the study
  --quiet             no progress

Interrupted in any way, the same command goes on where it stopped.
"""

import argparse
import csv
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "campaign"))

import campaign  # noqa: E402
import design  # noqa: E402
import judge  # noqa: E402
import output  # noqa: E402
import page  # noqa: E402
import pictures  # noqa: E402
import setting  # noqa: E402
from campaign import InputError  # noqa: E402

PAGE = "README.md"


def complain(message):
    raise InputError(f"{message}\nSay: flowbind study --help")


def parse_arguments(words):
    parser = argparse.ArgumentParser(prog="flowbind study", add_help=False)
    for name in ("--quick", "--design", "--page", "--update", "--quiet"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--topologies")
    parser.add_argument("--runs", type=campaign.parse_count, default=1)
    parser.add_argument("--jobs", type=campaign.parse_count, default=os.cpu_count())
    parser.add_argument("--out", default="flowbind-out/study")
    parser.error = complain
    options = parser.parse_args(words)
    if options.update and (options.quick or options.topologies):
        complain("--update is of the whole study, neither --quick nor with --topologies")
    if options.quick and options.topologies:
        complain("--quick and --topologies exclude each other")
    return options


def choose_topologies(options):
    if options.topologies:
        return design.read(options.topologies)
    if options.quick:
        return [topology for topology in design.make() if topology.name.endswith("-01")]
    return design.make() + design.make_radio()


class Study:
    """The runs and their means."""

    def __init__(self, options):
        self.options, self.topologies = options, choose_topologies(options)
        self.work = campaign.Campaign(os.path.abspath(options.out))
        points = setting.points(self.topologies)
        origin = options.topologies or "results/study"
        described = [(root, dict(zip(("topology", "policy", "traffic"), which)), f"{origin}: {' '.join(which)}")
                     for which, root in points]
        keys = self.work.add_points(described, options.quiet)
        self.keys = {which: key for key, (which, _) in zip(keys, points)}
        self.seeds = list(range(1, options.runs + 1))

    def make_runs(self):
        wanted = [(key, seed) for seed in self.seeds for key in self.keys.values()]
        self.work.run(wanted, self.options.jobs, self.options.quiet)

    def value(self, topology, policy, traffic, measure):
        """The mean over the runs of a topology."""
        key, values = self.keys[topology, policy, traffic], []
        for seed in self.seeds:
            metrics = {(flow, metric): float(value) for flow, metric, value in self.work.metrics(key, seed)}
            values.append(measure.read(metrics))
        return sum(values) / len(values)

    def rows(self):
        made = judge.data_rows(self.topologies, self.value)
        return [dict(zip(judge.COLUMNS, map(str, row))) for row in made]


def read_rows(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; ./flowbind study --update makes it") from error


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def conclude(folder, verdicts, whole):
    """Page and pictures into the folder: the names of the files."""
    text = page.fill(read(os.path.join(HERE, PAGE)), verdicts) if whole else page.plain(verdicts)
    output.write(os.path.join(folder, PAGE), text)
    return [PAGE] + pictures.draw(folder, verdicts)


def make_page():
    rows = read_rows(os.path.join(HERE, "data.csv"))
    names = conclude(HERE, judge.Verdicts(rows), True)
    drop_unwanted(names)
    print(f"Files in {HERE}/\n  {' '.join(kept(names))}")
    return campaign.EXIT_GOOD


def kept(names):
    """What the repository has: pictures for pages."""
    return [name for name in names if not name.endswith((".pdf", ".gp"))]


def drop_unwanted(names):
    for name in set(names) - set(kept(names)):
        os.unlink(os.path.join(HERE, name))


def said(verdicts):
    """What is shown on the screen."""
    lines = [f"{len(verdicts.members[judge.ALL])} topologies; changes against {judge.REFERENCE}, with 95 % intervals",
             ""]
    return "\n".join(lines + [page.winners_table(verdicts)])


def make_study(options):
    study = Study(options)
    study.make_runs()
    rows, folder = study.rows(), study.work.folder
    verdicts = judge.Verdicts(rows)
    output.write(os.path.join(folder, "data.csv"),
                 campaign.table_text(judge.COLUMNS, [[row[name] for name in judge.COLUMNS] for row in rows]))
    output.write(os.path.join(folder, "topologies.csv"), design.text(study.topologies))
    names = ["topologies.csv", "data.csv"] + conclude(folder, verdicts, not (options.quick or options.topologies))
    print(said(verdicts))
    print(f"Files in {os.path.relpath(folder)}/\n  {' '.join(names)}\n  runs/ has every run, scenarios/ its scenario")
    if options.update:
        for name in kept(names):
            shutil.copyfile(os.path.join(folder, name), os.path.join(HERE, name))
    return campaign.EXIT_GOOD


def main(words):
    if words and words[0] in ("--help", "-h"):
        print(__doc__[len("usage: "):], end="")
        return 0

    def work():
        options = parse_arguments(words)
        if options.design:
            print(design.text(design.make() + design.make_radio()), end="")
            return campaign.EXIT_GOOD
        return make_page() if options.page else make_study(options)

    return campaign.guarded("flowbind study", work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
