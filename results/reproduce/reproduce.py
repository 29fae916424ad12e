#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ./flowbind reproduce [ID]... [OPTION]...

Makes published figures anew and compares them with their reference points. Without an ID: all of them.

  --out DIR    folder for what is measured and drawn (flowbind-out/reproduce-ID)
  --jobs N     runs at a time (the number of processors)
  --quiet      no progress, and of the points only those that fail
  --list       what there is
  --commit     into the figure's own folder, as it is committed

Ends with 1 if a point fails. What was reproduced and what was not stands in results/ID-.../README.md.
"""

import argparse
import concurrent.futures
import csv
import importlib.util
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(RESULTS, "campaign"))
sys.path.insert(0, HERE)

import plot  # noqa: E402

REFERENCE = ["series", "x", "y", "tol_abs", "tol_rel", "source", "tag"]
MEASURED = ["series", "x", "y", "half_width"]
# Where a reference comes from: text that was read, source or data that was read, computed. A value from memory is none.
TAGS = {"T", "S", "A"}


class InputError(Exception):
    """What the user, or a file of ours, got wrong."""


class Figure:
    """A folder results/ID-NAME: figure.py says what to run, ref.csv what should come out.

    figure.py has PROGRAMS (what is to be built), jobs() -> {key: words of a command}, rows({key: its JSON}) ->
    [(series, x, y, half width or None)] and picture(measured, reference) -> plot.Picture.
    """

    def __init__(self, folder):
        self.folder = folder
        self.id = os.path.basename(folder).split("-")[0]
        spec = importlib.util.spec_from_file_location(f"figure_{self.id}", os.path.join(folder, "figure.py"))
        self.code = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.code)
        self.reference = read_reference(os.path.join(folder, "ref.csv"))


def find_figures():
    """{ID: folder}."""
    names = sorted(os.listdir(RESULTS))
    return {name.split("-")[0]: os.path.join(RESULTS, name)
            for name in names if os.path.exists(os.path.join(RESULTS, name, "figure.py"))}


def read_reference(path):
    """Rows as dictionaries; y and the tolerances are numbers, or None where nothing is checked."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(line for line in file if not line.startswith("#"))
        if reader.fieldnames != REFERENCE:
            raise InputError(f"{path}: the columns are {','.join(REFERENCE)}")
        rows = list(reader)
    for number, row in enumerate(rows, 2):
        try:
            for column in ("x", "y"):
                row[column] = float(row[column])
            for column in ("tol_abs", "tol_rel"):
                row[column] = float(row[column]) if row[column] else None
        except ValueError:
            raise InputError(f"{path}, line {number}: x, y and the tolerances are numbers") from None
        if row["tag"] not in TAGS:
            raise InputError(f"{path}, line {number}: a reference of kind '{row['tag']}' is none")
    return rows


def tolerance(row):
    """How far off a value may be; None: it is not checked."""
    if row["tol_abs"] is None and row["tol_rel"] is None:
        return None
    return max(row["tol_abs"] or 0, (row["tol_rel"] or 0) * abs(row["y"]))


# ---------------------------------------------------------------------------------------------------------------------
# Runs


def run_job(build, words):
    command = [os.path.join(build, words[0]), *words[1:]]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise InputError(f"cannot run {command[0]}: {error.strerror}; build it with ./flowbind build") from None
    if done.returncode != 0:
        raise InputError(f"'{' '.join(command)}' ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)


class Progress:
    """A line that says how far it is, after two seconds and then once a second; five where nobody watches."""

    def __init__(self, label, total, quiet):
        self.label, self.total, self.quiet = label, total, quiet
        self.start = self.last = time.monotonic()
        self.done, self.shown = 0, False

    def step(self):
        self.done += 1
        now = time.monotonic()
        watched = sys.stderr.isatty()
        if self.quiet or now - self.start < 2 or now - self.last < (1 if watched else 5):
            return
        self.last = now
        left = (now - self.start) / self.done * (self.total - self.done)
        end = "" if watched else "\n"
        sys.stderr.write(("\r\033[K" if watched else "")
                         + f"{self.label}: {self.done} of {self.total} runs, about {left:.0f} s left{end}")
        sys.stderr.flush()
        self.shown = watched

    def close(self):
        if self.shown:
            sys.stderr.write("\r\033[K")


def run_all(figure, build, jobs, quiet):
    """{key: what the program printed}."""
    work = figure.code.jobs()
    progress = Progress(figure.id, len(work), quiet)
    answers = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(run_job, build, words): key for key, words in work.items()}
        try:
            for future in concurrent.futures.as_completed(waiting):
                answers[waiting[future]] = future.result()
                progress.step()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        finally:
            progress.close()
    return answers


# ---------------------------------------------------------------------------------------------------------------------
# What comes out


def number(value):
    return "" if value is None else f"{value:.7g}"


def write_measured(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MEASURED)
        for series, x, y, half in rows:
            writer.writerow([series, number(x), number(y), number(half)])


def check(figure, rows, quiet):
    """Prints pass or fail for each point that has a tolerance. \\return how many there are, and how many fail"""
    measured = {(series, number(x)): (y, half) for series, x, y, half in rows}
    points = failures = 0
    for row in figure.reference:
        allowed = tolerance(row)
        if allowed is None:
            continue
        points += 1
        value, half = measured.get((row["series"], number(row["x"])), (None, None))
        good = value is not None and abs(value - row["y"]) <= allowed
        failures += not good
        if good and quiet:
            continue
        if value is None:
            said = "not measured"
        else:
            off = f"{(value / row['y'] - 1) * 100:+.2f} %" if row["y"] else f"{value - row['y']:+g}"
            said = f"{number(value)}" + (f" +- {half:.2g}" if half else "") + f", {off}"
        print(f"{'pass' if good else 'FAIL'}  {figure.id}  {row['series']} at {number(row['x'])}: {said}"
              f" (reference {number(row['y'])} +- {allowed:.3g})")
    return points, failures


def same_as_committed(figure, folder, name):
    paths = [os.path.join(where, name) for where in (figure.folder, folder)]
    if not all(os.path.exists(path) for path in paths):
        return False
    texts = []
    for path in paths:
        with open(path, "rb") as file:
            texts.append(file.read())
    return texts[0] == texts[1]


def reproduce(figure, options):
    """\\return how many points fail"""
    start = time.monotonic()
    folder = figure.folder if options.commit else options.out or os.path.join("flowbind-out", f"reproduce-{figure.id}")
    os.makedirs(folder, exist_ok=True)
    rows = figure.code.rows(run_all(figure, options.build, options.jobs, options.quiet))
    write_measured(os.path.join(folder, "measured.csv"), rows)
    drawn = plot.draw(folder, figure.id, figure.code.picture(rows, figure.reference))
    points, failures = check(figure, rows, options.quiet)
    print(f"{figure.id}: {points - failures} of {points} points pass ({time.monotonic() - start:.0f} s); "
          f"{', '.join(['measured.csv', *drawn])} in {folder}")
    if not options.commit:
        same = same_as_committed(figure, folder, "measured.csv")
        print(f"{figure.id}: {'the same' if same else 'NOT the same'} as what is committed in "
              f"{os.path.relpath(figure.folder)}")
    return failures


def parse_arguments(words):
    parser = argparse.ArgumentParser(prog="flowbind reproduce", usage=__doc__[len("usage: "):], add_help=False)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--out")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--commit", action="store_true")
    parser.add_argument("--programs", action="store_true")  # for ./flowbind: what to build
    parser.error = complain
    options = parser.parse_args(words)
    options.build = os.environ.get("FLOWBIND_BUILD", os.path.join(os.path.dirname(RESULTS), "build"))
    if options.jobs < 1:
        complain("--jobs is from 1")
    return options


def complain(message):
    raise InputError(f"{message}\nSay: flowbind reproduce --help")


def choose(options):
    there = find_figures()
    unknown = [name for name in options.ids if name not in there]
    if unknown:
        raise InputError(f"there is no figure '{unknown[0]}'; there are {' '.join(there)}")
    chosen = options.ids or list(there)
    if options.out and len(chosen) > 1:
        raise InputError("--out is for one figure: name it")
    return [Figure(there[name]) for name in chosen]


def main():
    if {"--help", "-h"} & set(sys.argv[1:]):
        print(__doc__)
        return 0
    try:
        options = parse_arguments(sys.argv[1:])
        figures = choose(options)
        if options.programs:
            print(*sorted({program for figure in figures for program in figure.code.PROGRAMS}))
            return 0
        if options.list:
            for figure in figures:
                print(f"{figure.id}  {figure.code.TITLE}")
            return 0
        return 1 if sum(reproduce(figure, options) for figure in figures) else 0
    except InputError as error:
        print(f"flowbind: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"flowbind: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("flowbind: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
