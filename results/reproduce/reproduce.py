#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ./flowbind reproduce [ID]... [OPTION]...

Measures the figures of papers in results/ again, all or those named (R1, R6, PF, ...), says for each published point
whether it was met, and draws the figure with the published points on it.

  --list        which figures there are, and how long they take
  --jobs N      programs at a time (the number of processors)
  --out DIR     folder for the results, a folder a figure (reproduce)
  --update      put data and picture into results/, too: for who changes a figure
  --quiet       no progress

Interrupted, the same command goes on where it stopped. Exit code: 0 all points met, 1 not all, 2 wrong input, 4 results
cannot be written.
"""

import argparse
import csv
import io
import os
import re
import shutil
import sys
import time

import chart
import experiment
import figure
import output
from campaign import InputError, guarded
from progress import spell_time

DATA = ["series", "x", "y", "low", "high"]


def parse_arguments(words):
    parser = argparse.ArgumentParser(prog="flowbind reproduce", usage=__doc__[len("usage: "):], add_help=False)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", default=str(os.cpu_count()))
    parser.add_argument("--out", default="reproduce")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    parser.error = complain
    arguments = parser.parse_args(words)
    if not re.fullmatch(r"[1-9][0-9]{0,3}", arguments.jobs):
        complain(f"--jobs: '{arguments.jobs}' is no number from 1 on")
    arguments.jobs = int(arguments.jobs)
    return arguments


def complain(text):
    raise InputError(f"{text}\n{__doc__.splitlines()[0]}")


def spell(number):
    return f"{number:.6g}"


def data_text(rows):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(DATA)
    for row in rows:
        writer.writerow([row.series] + ["" if value is None else spell(value)
                                        for value in (row.x, row.y, row.low, row.high)])
    return file.getvalue()


def points_text(verdicts):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(figure.COLUMNS[:5] + ["measured", "passed", "source"])
    for point, value, passed in verdicts:
        writer.writerow([point.series, point.x, spell(point.y), point.judged, point.tolerance,
                         "" if value is None else spell(value), {True: "yes", False: "no", None: ""}[passed],
                         point.source])
    return file.getvalue()


def demand(point):
    words = {"equal": "", "most": "at most ", "least": "at least ", "no": ""}[point.judged]
    margin = "" if point.tolerance in ("", "exact") else f" ± {point.tolerance}"
    return f"{words}{spell(point.y)}{margin}"


def report(fig, verdicts, seconds):
    print(f"{fig.id}  {fig.title}")
    lines = [["", "series", "x", "published", "measured"]]
    for point, value, passed in verdicts:
        mark = {True: "pass", False: "FAIL", None: "-"}[passed]
        lines.append([mark, point.series, point.x, demand(point), "not measured" if value is None else spell(value)])
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    for line in lines:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    judged = [passed for _, _, passed in verdicts if passed is not None]
    print(f"  {sum(judged)} of {len(judged)} points met, {spell_time(seconds)}\n", flush=True)


def reproduce(fig, arguments):
    """Whether all points were met."""
    start, folder = time.monotonic(), os.path.join(arguments.out, fig.id)
    if not arguments.quiet:
        print(f"flowbind: {fig.id}" + (f" takes about {fig.time} on two processors" if fig.time else ""),
              file=sys.stderr, flush=True)
    rows = fig.module.measure(experiment.Experiment(fig, folder, arguments.jobs, arguments.quiet))
    verdicts = figure.judge(fig.points, rows)
    output.write(os.path.join(folder, "data.csv"), data_text(rows))
    output.write(os.path.join(folder, "points.csv"), points_text(verdicts))
    files = ["data.csv", "points.csv"] + chart.draw(fig, rows, folder)
    report(fig, verdicts, time.monotonic() - start)
    print(f"Files in {folder}/\n  {' '.join(files)}\n", flush=True)
    if arguments.update:
        for name in files:
            if name == "data.csv" or name.endswith((".png", ".svg")):
                shutil.copyfile(os.path.join(folder, name), os.path.join(fig.folder, name))
    return all(passed is not False for _, _, passed in verdicts)


def choose(ids):
    found = figure.find_all()
    for name in ids:
        if name not in found:
            raise InputError(f"there is no figure '{name}'; there are: {' '.join(found)}")
    return [figure.Figure(found[name]) for name in (ids or found)]


def work(arguments):
    figures = choose(arguments.ids)
    if arguments.list:
        for fig in figures:
            print(f"{fig.id:<4} {fig.title}" + (f" ({fig.time})" if fig.time else ""))
        return 0
    missed = [fig.id for fig in figures if not reproduce(fig, arguments)]
    if len(figures) > 1:
        print(f"{len(figures) - len(missed)} of {len(figures)} figures reproduced"
              + (f"; not: {' '.join(missed)}" if missed else ""))
    return 1 if missed else 0


def main():
    def guard():
        try:
            return work(parse_arguments(sys.argv[1:]))
        except (figure.FigureError, experiment.RunError) as error:
            raise InputError(str(error)) from error

    return guarded("flowbind reproduce", guard)


if __name__ == "__main__":
    sys.exit(main())
