#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ./flowbind sweep CAMPAIGN.yaml [--jobs N] [--out DIR] [--quiet]

Runs every combination of scenario parameters, policies and seeds that a file names, on all processors:

  scenario: two-links.yaml           # relative to this file
  policies: [scenario, edpf]         # as of ./flowbind compare; not given: the scenario's own
  runs: 10                           # seeds 1 to 10; or  seeds: [1, 7, 9]
  vary:                              # keys of the scenario, items of lists by their name
    paths.lte.delay: [20ms, 60ms]
    tcp.variant: [cubic, newreno]
  metrics: [goodput_bps, loss]       # what tables and the picture show; not given: goodput_bps

Interrupted in any way, the same command goes on where it stopped. A run is kept under the build and the scenario it is
of, so that nothing is mixed; its run.json says commit, version of ns-3, scenario and seed.

  --jobs N       runs at a time (the number of processors)
  --out DIR      folder for the results (flowbind-out/sweep-NAME-OF-THE-CAMPAIGN)
  --quiet        no progress
"""

import argparse
import copy
import itertools
import os
import re
import sys

import yaml

import campaign
import plot
import scenario
from campaign import InputError

KEYS = ("scenario", "policies", "runs", "seeds", "vary", "metrics")


class Plan:
    """A campaign file. What is wrong in it is said with its line."""

    def __init__(self, path):
        self.path = path
        self.root = scenario.read(path)
        seen = set()
        for name, _ in self.root.value:
            if name.value not in KEYS:
                raise self.wrong(name, f"unknown key '{name.value}'; there are: {' '.join(KEYS)}")
            if name.value in seen:
                raise self.wrong(name, f"the key '{name.value}' stands twice")
            seen.add(name.value)
        file = scenario.find(self.root, "scenario")
        if not isinstance(file, yaml.ScalarNode):
            raise InputError(f"{path}:1: 'scenario: FILE' is missing")
        self.folder = os.path.dirname(path)
        self.scenario = os.path.join(self.folder, file.value)
        if not os.path.exists(self.scenario):
            raise self.wrong(file, f"there is no scenario file '{self.scenario}'")
        self.policies = self.words("policies") or ["scenario"]
        self.metrics = campaign.check_metrics(self.words("metrics") or ["goodput_bps"])
        self.seeds = self.read_seeds()
        self.vary = self.read_vary()

    def wrong(self, node, what):
        return InputError(f"{scenario.where(self.path, node)}: {what}")

    def words(self, key):
        node = scenario.find(self.root, key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or not node.value or \
                not all(isinstance(item, yaml.ScalarNode) for item in node.value):
            raise self.wrong(node, f"'{key}' is a list of words: [a, b]")
        words = [item.value for item in node.value]
        if len(set(words)) < len(words):
            raise self.wrong(node, f"something stands twice in '{key}'")
        return words

    def whole(self, node):
        if not isinstance(node, yaml.ScalarNode) or not re.fullmatch(r"[1-9][0-9]{0,8}", node.value):
            raise self.wrong(node, "a whole number from 1 on is expected")
        return int(node.value)

    def read_seeds(self):
        runs, seeds = scenario.find(self.root, "runs"), scenario.find(self.root, "seeds")
        if runs is not None and seeds is not None:
            raise self.wrong(seeds, "'runs' and 'seeds' exclude each other")
        if seeds is not None:
            self.words("seeds")
            return [self.whole(item) for item in seeds.value]
        return list(range(1, (self.whole(runs) if runs is not None else 10) + 1))

    def read_vary(self):
        """{path of a key: its nodes}."""
        node = scenario.find(self.root, "vary")
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong(node, "'vary' is a mapping of keys of the scenario and lists of values")
        for name, values in node.value:
            if not isinstance(values, yaml.SequenceNode) or not values.value:
                raise self.wrong(values, f"'{name.value}' needs a list of values: [a, b]")
        return {name.value: values for name, values in node.value}

    def combinations(self):
        """Of the parameters: {key: node}."""
        for nodes in itertools.product(*(values.value for values in self.vary.values())):
            yield dict(zip(self.vary, nodes))


def spell_value(node):
    return node.value if isinstance(node, yaml.ScalarNode) else " ".join(scenario.write(node).split())


class Sweep:
    def __init__(self, options):
        self.options, self.plan = options, Plan(options.file)
        self.name = scenario.label(options.file)
        root = campaign.load_scenario(self.plan.scenario)
        self.work = campaign.Campaign(os.path.abspath(options.out or f"flowbind-out/sweep-{self.name}"))
        self.points = []  # (key, {parameter: text})
        for nodes in self.plan.combinations():
            changed = copy.deepcopy(root)
            for path, node in nodes.items():
                try:
                    scenario.assign(changed, path, node)
                except InputError as error:
                    raise self.plan.wrong(node, str(error)) from error
            for policy in self.plan.policies:
                values = {path: spell_value(node) for path, node in nodes.items()}
                values["policy"] = scenario.label(policy)
                origin = f"{options.file}: {' '.join(f'{k}={v}' for k, v in values.items())}"
                final = campaign.with_policy(changed, policy, self.plan.folder)
                self.points.append((self.work.add_point(final, values, origin), values))
        self.columns = list(self.plan.vary) + ["policy"]

    def wanted(self):
        return [(key, seed) for seed in self.plan.seeds for key, _ in self.points]

    def values(self):
        return [[values[c] for c in self.columns] + [flow, metric, seed, value] for key, values in self.points
                for seed in self.plan.seeds for flow, metric, value in self.work.metrics(key, seed)]


def picture(sweep, rows):
    """A panel for each flow and metric: the first parameter to the right, a curve for each of the others."""
    axis, others = sweep.columns[0], sweep.columns[1:]
    places = list(dict.fromkeys(row[axis] for row in rows))
    flows = list(dict.fromkeys(row["flow"] for row in rows))[:12]
    metrics = [m for m in sweep.plan.metrics if any(row["metric"] == m for row in rows)]
    curves_of = list(dict.fromkeys(tuple(row[c] for c in others) for row in rows))[:len(plot.COLOURS)]
    drawn = plot.Picture(f"{sweep.name}: {axis}", f"means of {len(sweep.plan.seeds)} runs with 95 % intervals",
                         max(1, len(flows)), max(1, len(metrics)))
    drawn.legend = [" ".join(which) for which in curves_of]
    for column, flow in enumerate(flows):
        for line, metric in enumerate(metrics):
            here = [row for row in rows if row["flow"] == flow and row["metric"] == metric and row["mean"]]
            if not here:
                continue
            top = max(float(row["mean"]) + float(row["half_width"] or 0) for row in here)
            factor, unit = campaign.unit_for(metric, max(abs(float(row["mean"])) for row in here))
            tics = ", ".join(f"{plot.quote(place.replace('%', '%%'))} {i}" for i, place in enumerate(places))
            lines = [f"set ylabel {plot.quote(unit)} textcolor '#333333'", f"set xtics ({tics})",
                     f"set xrange [-0.5:{len(places) - 0.5}]",
                     f"set yrange [0:{top / factor * 1.08 if top > 0 else 1:.9g}]"]
            drawn_curves = []
            for i, which in enumerate(curves_of):
                data = [(places.index(row[axis]) + 0.06 * (i - (len(curves_of) - 1) / 2), float(row["mean"]) / factor,
                         float(row["half_width"] or 0) / factor)
                        for row in here if tuple(row[c] for c in others) == which]
                if not data:
                    continue
                colour = plot.COLOURS[i]
                block = drawn.block(data)
                points = f"linespoints pointtype 7 pointsize 0.6 linecolor '{colour}'"
                drawn_curves += [f"{block} using 1:2 with {points} notitle", plot.error_bars(block, colour)]
            drawn.panel(column, line, f"{flow}: {campaign.title_of(metric)}", lines, drawn_curves)
    return drawn


def table(sweep, rows):
    lines = []
    for metric in sweep.plan.metrics:
        lines += ["", campaign.title_of(metric)]
        for row in rows:
            if row["metric"] == metric and row["mean"]:
                mean, half = float(row["mean"]), campaign.number(row["half_width"])
                factor, unit = campaign.unit_for(metric, mean)
                point = "  ".join(f"{row[c]:<10}" for c in sweep.columns)
                lines.append(f"  {row['flow']:<14} {point} {campaign.spell(mean, half, factor)} {unit}")
    return "\n".join(["  " + "  ".join(["flow"] + sweep.columns)] + lines)


def report(sweep):
    columns = sweep.columns + ["flow", "metric", "run", "value"]
    text = campaign.table_text(columns, sweep.values())
    rows, means = campaign.statistics(text, "mean", "--by", ",".join(sweep.columns + ["flow", "metric"]))
    shown = (f"{sweep.name}: {len(sweep.points)} points, {len(sweep.plan.seeds)} runs of each; means ± half of the "
             f"95 % interval\n{table(sweep, rows)}\n")
    sweep.work.write("values.csv", text)
    sweep.work.write("means.csv", means)
    sweep.work.write("sweep.txt", shown)
    drawn = plot.draw(sweep.work.folder, "sweep", picture(sweep, rows))
    files = " ".join(["sweep.txt", "means.csv", "values.csv"] + drawn)
    print(f"{shown}\nFiles in {os.path.relpath(sweep.work.folder)}/\n  {files}\n  runs/ has every run")
    return campaign.EXIT_GOOD


def complain(message):
    raise InputError(f"{message}\nSay: flowbind sweep --help")


def main(words):
    if not words or words[0] in ("--help", "-h"):
        print(__doc__, end="")
        return 0

    def work():
        parser = argparse.ArgumentParser(prog="flowbind sweep", add_help=False)
        parser.add_argument("file")
        parser.add_argument("--jobs", type=int, default=os.cpu_count())
        parser.add_argument("--out")
        parser.add_argument("--quiet", action="store_true")
        parser.error = complain
        sweep = Sweep(parser.parse_args(words))
        sweep.work.run(sweep.wanted(), sweep.options.jobs, sweep.options.quiet)
        return report(sweep)

    return campaign.guarded("flowbind sweep", work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
