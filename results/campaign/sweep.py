#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ./flowbind sweep CAMPAIGN.yaml [--jobs N] [--slurm [--batch N]] [--out DIR] [--quiet]

Runs every combination of scenario parameters, policies and seeds that a file names:

  scenario: two-links.yaml           # relative to this file
  policies: [scenario, edpf]         # as of ./flowbind compare; not given: the scenario's own
  runs: 10                           # seeds 1 to 10; or  seeds: [1, 7, 9]
  vary:                              # keys of the scenario, items of lists by their name
    paths.lte.delay: [20ms, 60ms]
    tcp.variant: [cubic, newreno]
  metrics: [goodput_bps, loss]       # what tables and the picture show; not given: goodput_bps

doc/campaign-reference.md has all of it. Interrupted in any way, the same command goes on where it stopped. A run is
kept under the build and the scenario it is of, so that nothing is mixed; its run.json says commit, version of ns-3,
scenario and seed.

  --jobs N       runs at a time on this machine (the number of processors)
  --slurm        as an array job of Slurm; this folder, the build and the results must be on a file system that the
                 nodes share. sbatch's own variables choose: SBATCH_PARTITION, SBATCH_TIMELIMIT, SBATCH_ACCOUNT ...
  --batch N      with --slurm: runs in one task (so many that a task takes a minute and there are at most 1000 tasks)
  --out DIR      folder for the results (flowbind-out/sweep-NAME-OF-THE-CAMPAIGN)
  --quiet        no progress
"""

import argparse
import copy
import functools
import os
import shlex
import sys

import campaign
import local
import plot
import report
import scenario
import slurm
from campaign import InputError
from campaign_file import Plan

MOST_FLOWS = 12  # in a picture


class Sweep:
    def __init__(self, options):
        self.options, self.plan = options, Plan(options.file)
        self.name = scenario.label(options.file)
        root = campaign.load_scenario(self.plan.scenario)
        try:
            campaign.check_paths(self.plan.metrics, root)
        except InputError as error:
            raise InputError(f"{self.plan.where_of('metrics')}: {error}") from error
        self.work = campaign.Campaign(os.path.abspath(options.out or f"flowbind-out/sweep-{self.name}"))
        points = []
        for nodes in self.plan.combinations():
            points += self.points_of(root, nodes)
        keys = self.work.add_points(points, options.quiet)
        self.points = [(key, values) for key, (_, values, _) in zip(keys, points)]
        self.columns = list(self.plan.vary) + ["policy"]

    def points_of(self, root, nodes):
        """Of one combination of parameters: (scenario, {parameter: text}, what messages call it) for each policy."""
        changed = copy.deepcopy(root)
        for path, node in nodes.items():
            try:
                scenario.assign(changed, path, node)
            except InputError as error:
                raise self.plan.wrong(node, str(error)) from error
        for policy, label in zip(self.plan.policies, scenario.unique_labels(self.plan.policies)):
            values = {path: scenario.spell(node) for path, node in nodes.items()}
            values["policy"] = label
            where = self.plan.where_of("vary" if nodes else "policies")
            origin = f"{where}: {' '.join(f'{k}={v}' for k, v in values.items())}"
            yield campaign.with_policy(changed, policy, self.plan.folder), values, origin

    def wanted(self):
        return [(key, seed) for seed in self.plan.seeds for key, _ in self.points]

    def values(self):
        return [[values[c] for c in self.columns] + [flow, metric, seed, value] for key, values in self.points
                for seed in self.plan.seeds for flow, metric, value in self.work.metrics(key, seed)]


def curves_of(sweep, rows):
    """{the values of a curve: colour}: a curve for each combination of what is not on the axis."""
    others = sweep.columns[1:]
    found = list(dict.fromkeys(tuple(row[c] for c in others) for row in rows))
    if len(sweep.columns) == 1:
        return {(): plot.COLOURS[0]}
    if len(others) == 1:
        colours = plot.policy_colours([which[0] for which in found])
        return {which: colours[which[0]] for which in found[:len(plot.COLOURS)]}
    return dict(zip(found, plot.COLOURS))


def axis_of(name, places):
    """Where each value stands, how far its neighbour is, and the lines of gnuplot for it."""
    at, unit = plot.numeric_axis(places)
    label = f"set xlabel {plot.quote(name + (f' ({unit})' if unit else ''))} noenhanced textcolor '#333333'"
    if at is None:
        at = {place: i for i, place in enumerate(places)}
        tics = ", ".join(f"{plot.quote(place.replace('%', '%%'))} {i}" for i, place in enumerate(places))
        return at, 1, [label, f"set xtics ({tics}) noenhanced", f"set xrange [-0.5:{len(places) - 0.5}]"]
    low, high = min(at.values()), max(at.values())
    marks = ", ".join(f"{value:.9g}" for value in sorted(at.values()))
    near = min(b - a for a, b in zip(sorted(at.values()), sorted(at.values())[1:]))
    margin = max(0.04 * (high - low), 0.1 * near)
    return at, near, [label, f"set xtics ({marks})", f"set xrange [{low - margin:.9g}:{high + margin:.9g}]"]


def picture(sweep, rows):
    """A panel for each flow and metric: the first parameter to the right, a curve for each of the others."""
    axis, others = sweep.columns[0], sweep.columns[1:]
    at, step, axis_lines = axis_of(axis, list(dict.fromkeys(row[axis] for row in rows)))
    flows = list(dict.fromkeys(row["flow"] for row in rows))[:MOST_FLOWS]
    metrics = [m for m in sweep.plan.metrics if any(row["metric"] == m for row in rows)]
    curves, grid = curves_of(sweep, rows), plot.Grid(max(1, len(flows)), max(1, len(metrics)))
    drawn = plot.Picture(f"{sweep.name}: {axis}", f"means of {len(sweep.plan.seeds)} runs with 95 % intervals",
                         grid.columns, grid.rows, 80)
    drawn.legend = [(" ".join(which), colour) for which, colour in curves.items() if which]
    for i, flow in enumerate(flows):
        for j, metric in enumerate(metrics):
            here = [row for row in rows if row["flow"] == flow and row["metric"] == metric and row["mean"]]
            if not here:
                continue
            top = max(float(row["mean"]) + float(row["half_width"] or 0) for row in here)
            factor, unit = campaign.unit_for(metric, max(abs(float(row["mean"])) for row in here))
            lines = [f"set ylabel {plot.quote(unit)} textcolor '#333333'",
                     f"set yrange [0:{top / factor * 1.08 if top > 0 else 1:.9g}]"] + axis_lines
            place = grid.place(i, j)
            if place[1] + 1 < grid.rows:
                lines.append("unset xlabel")
            panel = []
            for number, (which, colour) in enumerate(curves.items()):
                beside = 0.02 * step * (number - (len(curves) - 1) / 2)  # so that equal points do not hide one another
                data = sorted((at[row[axis]] + beside, float(row["mean"]) / factor,
                               float(row["half_width"] or 0) / factor)
                              for row in here if tuple(row[c] for c in others) == which)
                if data:
                    panel += curve(drawn, data, colour)
            drawn.panel(*place, f"{flow}: {campaign.title_of(metric)}", lines, panel)
    return drawn


def curve(drawn, data, colour):
    block = drawn.block(data)
    points = f"linespoints pointtype 7 pointsize 0.6 linecolor '{colour}'"
    return [f"{block} using 1:2 with {points} notitle", plot.error_bars(block, colour)]


def table(sweep, rows):
    """Each metric's rows, in columns as wide as what stands in them."""
    lines = []
    for metric in sweep.plan.metrics:
        cells = [["flow", *sweep.columns, campaign.title_of(metric)]]
        for row in rows:
            if row["metric"] == metric and row["mean"]:
                mean, half = float(row["mean"]), campaign.number(row["half_width"])
                factor, unit = campaign.unit_for(metric, mean)
                cells.append([row["flow"], *(row[c] for c in sweep.columns),
                              f"{campaign.spell(mean, half, factor)} {unit}"])
        widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
        lines += [""] + ["  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths)).rstrip()
                         for line in cells]
        if len(cells) == 1:
            lines.append("  no run has it")
    return "\n".join(lines)


def html_table(sweep, rows):
    columns = [("flow", False), ("metric", False)] + [(name, False) for name in sweep.columns] + \
        [("mean ± half of the interval", True), ("low", True), ("high", True), ("runs", True)]
    lines = []
    for row in rows:
        if not row["mean"]:
            continue
        mean, half = float(row["mean"]), campaign.number(row["half_width"])
        factor, unit = campaign.unit_for(row["metric"], abs(mean))
        ends = [(f"{float(row[name]) / factor:.4g}" if row[name] else "", row[name]) for name in ("low", "high")]
        lines.append([row["flow"], campaign.title_of(row["metric"]), *(row[c] for c in sweep.columns),
                      (f"{campaign.spell(mean, half, factor)} {unit}", mean), *ends, (row["n"], row["n"])])
    return report.table(columns, lines)


def conclude(sweep):
    columns = sweep.columns + ["flow", "metric", "run", "value"]
    text = campaign.table_text(columns, sweep.values())
    rows, means = campaign.statistics(text, "mean", "--by", ",".join(sweep.columns + ["flow", "metric"]))
    lead = [f"{sweep.name}: {len(sweep.points)} combinations, {len(sweep.plan.seeds)} runs of each; means ± half of "
            "the 95 % interval"]
    shown = [row for row in rows if row["metric"] in sweep.plan.metrics]
    flows = len({row["flow"] for row in shown})
    curves = len({tuple(row[c] for c in sweep.columns[1:]) for row in shown})
    for number, most, what in ((flows, MOST_FLOWS, "flows"), (curves, len(plot.COLOURS), "curves")):
        if number > most:
            lead.append(f"The picture shows the first {most} of {number} {what}.")
    said = "\n".join(lead) + "\n" + table(sweep, rows) + "\n"
    work = sweep.work
    work.write("values.csv", text)
    work.write("means.csv", means)
    work.write("sweep.txt", said)
    drawn = plot.draw(work.folder, "sweep", picture(sweep, rows))
    files = [sweep.options.file, sweep.plan.scenario]
    files += [os.path.join(sweep.plan.folder, policy) for policy in sweep.plan.policies]
    pictures = [work.path(name) for name in drawn if name.endswith(".svg")]
    work.write("report.html", report.page(f"Campaign {sweep.name}", lead, pictures, html_table(sweep, shown),
                                          report.read_inputs(files),
                                          report.origin(work, sweep.wanted(), sweep.command)))
    names = " ".join(["report.html", "sweep.txt", "means.csv", "values.csv"] + drawn)
    print(f"{said}\nFiles in {os.path.relpath(work.folder)}/\n  {names}\n  runs/ has every run")
    return campaign.EXIT_GOOD


def complain(message):
    raise InputError(f"{message}\nSay: flowbind sweep --help")


def parse_arguments(words):
    parser = argparse.ArgumentParser(prog="flowbind sweep", add_help=False)
    parser.add_argument("file")
    parser.add_argument("--jobs", type=campaign.parse_count, default=os.cpu_count())
    parser.add_argument("--slurm", action="store_true")
    parser.add_argument("--batch", type=campaign.parse_count)
    parser.add_argument("--out")
    parser.add_argument("--quiet", action="store_true")
    parser.error = complain
    options = parser.parse_args(words)
    if options.batch and not options.slurm:
        complain("--batch is of --slurm")
    return options


def main(words):
    if not words or words[0] in ("--help", "-h"):
        print(__doc__, end="")
        return 0

    def work():
        options = parse_arguments(words)
        make = local.make_runs
        if options.slurm:
            slurm.check()
            make = functools.partial(slurm.make_runs, batch=options.batch)
        sweep = Sweep(options)
        sweep.command = shlex.join(["./flowbind", "sweep", *words])
        sweep.work.run(sweep.wanted(), options.jobs, options.quiet, make)
        return conclude(sweep)

    return campaign.guarded("flowbind sweep", work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
