#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ./flowbind compare SCENARIO --policy A --policy B [--policy C]... [OPTION]...

Runs a scenario under several policies with the same seeds and shows means with 95 % intervals (Student's t), and
the differences, seed by seed, marked as significant or not (Holm's procedure at 5 % over all pairs of policies).

  --policy P     a policy file; or a scheduler (flow-hash, edpf, ...) for what no flow of the policy decides; or
                 "scenario" for the policy as it is. The first one is what the others are compared with
  --runs N       runs of each policy: seeds 1 to N (10). With --until: at most so many (200)
  --until P      go on until the half-width of every interval is at most this share of its mean: --until 2%; it must
                 be so twice, the second time after a quarter more runs, lest chance stops it
  --metric M     what to compare, several times; the first one is what --until looks at
                 (goodput_bps, delay_mean_s, delay_p95_s, loss, reordered, failover_gap_s, mos,
                 completion_s, page_time_mean_s, film_rate_bps, film_stalled_s)
  --jobs N       runs at a time (the number of processors)
  --out DIR      folder for the results (flowbind-out/compare-NAME-OF-THE-SCENARIO)
  --quiet        no progress

Interrupted, the same command goes on where it stopped; with more runs or policies it makes only those it lacks.
"""

import argparse
import os
import re
import shlex
import sys

import campaign
import plot
import report
import scenario
from campaign import InputError

DEFAULT = ["goodput_bps", "delay_mean_s", "delay_p95_s", "loss", "reordered", "failover_gap_s", "mos", "completion_s",
           "page_time_mean_s", "film_rate_bps", "film_stalled_s"]
LEAST = 10  # runs before --until may stop
MOST_FLOWS = 12  # in a picture
COLUMNS = ["policy", "flow", "metric", "run", "value"]


def parse_share(text):
    found = re.fullmatch(r"([0-9]*\.?[0-9]+)(%?)", text)
    share = float(found[1]) / (100 if found[2] else 1) if found else 0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no share like 2%")
    return share


def parse_arguments(words):
    parser = argparse.ArgumentParser(prog="flowbind compare", usage=__doc__[len("usage: "):], add_help=False)
    parser.add_argument("scenario")
    parser.add_argument("--policy", action="append", default=[])
    parser.add_argument("--runs", type=campaign.parse_count)
    parser.add_argument("--until", type=parse_share)
    parser.add_argument("--metric", action="append")
    parser.add_argument("--jobs", type=campaign.parse_count, default=os.cpu_count())
    parser.add_argument("--out")
    parser.add_argument("--quiet", action="store_true")
    parser.error = complain
    return parser.parse_args(words)


def complain(message):
    raise InputError(f"{message}\nSay: flowbind compare --help")


def runs_wanted(rows, runs, held):
    """(how many runs in all are wanted after what flowbind-stats stop said of so many, 0: no more; whether it holds).

    What it foresees, but at most twice as many, since the spread of a few runs may be far off; and at least two more.
    To stop where the interval is narrow is to stop where chance made it narrow: intervals would hold too seldom. So the
    rule must hold again after a quarter more runs (`held`: it did before them). test/tools/bench_campaign.py shows what
    that gives.
    """
    open_ones = [row for row in rows if row["reached"] == "no"]
    if not open_ones:
        return (0 if held else runs + max(2, runs // 4)), True
    needed = max(int(row["needed"]) if row["needed"] else 2 * runs for row in open_ones)
    return max(runs + 2, min(needed, 2 * runs)), False


class Comparison:
    """The runs, and what they say."""

    def __init__(self, options):
        self.options = options
        self.metrics = campaign.check_metrics(list(dict.fromkeys(options.metric or DEFAULT)))
        if len(options.policy) < 2 or len(set(options.policy)) < len(options.policy):
            raise InputError("two different policies or more, each with --policy")
        self.name = scenario.label(options.scenario)
        root = campaign.load_scenario(options.scenario)
        campaign.check_paths(self.metrics, root)
        self.work = campaign.Campaign(os.path.abspath(options.out or f"flowbind-out/compare-{self.name}"))
        self.labels = scenario.unique_labels(options.policy)
        self.paths = scenario.paths_of(root)
        self.keys = self.work.add_points([(campaign.with_policy(root, policy, ""), {"policy": label},
                                           f"--policy {policy}") for policy, label
                                          in zip(options.policy, self.labels)], options.quiet)
        self.runs = 0

    def wanted(self):
        return [(key, seed) for seed in range(1, self.runs + 1) for key in self.keys]

    def make_runs(self, runs):
        self.runs = runs
        self.work.run(self.wanted(), self.options.jobs, self.options.quiet)

    def values(self):
        rows = []
        for key, label in zip(self.keys, self.labels):
            for seed in range(1, self.runs + 1):
                rows += [(label, flow, metric, seed, value) for flow, metric, value in self.work.metrics(key, seed)]
        return rows

    def next_runs(self, held):
        """What the stop rule asks for, see runs_wanted()."""
        rows = [row for row in self.values() if row[2] == self.metrics[0]]
        if not rows:
            raise InputError(f"no run has the metric {self.metrics[0]}")
        arguments = ("stop", "--by", "policy,flow", "--until", str(self.options.until), "--least", str(LEAST))
        found, _ = campaign.statistics(campaign.table_text(COLUMNS, rows), *arguments)
        return runs_wanted(found, self.runs, held)

    def go(self):
        """Makes all runs: what is to be said about their number."""
        if self.options.until is None:
            self.make_runs(self.options.runs or 10)
            return ""
        cap = self.options.runs or 200
        self.make_runs(min(LEAST, cap))
        goal = f"half-width at most {self.options.until:.3g} of the mean of {campaign.title_of(self.metrics[0])}"
        more, held = self.next_runs(False)
        while more > 0 and self.runs < cap:
            self.make_runs(min(more, cap))
            more, held = self.next_runs(held)
        if not held:
            which = " " if self.options.runs else ", not given here: 200"
            return (f"{goal}: not reached with {self.runs} runs of each, the most that were allowed "
                    f"(--runs{which.rstrip()})")
        return f"{goal}: took {self.runs} runs of each"


def parse(rows, name):
    """{(policy, flow, metric): (value, half-width)} of rows of flowbind-stats."""
    found = {}
    for row in rows:
        key = (row.get("policy") or (row["first"], row["second"]), row["flow"], row["metric"])
        found[key] = (campaign.number(row[name]), campaign.number(row["half_width"]), row.get("significant", ""))
    return found


def verdict_of(significant, spread):
    """What people read for what flowbind-stats says of a difference."""
    if significant and spread == 0:
        return "alike in every run"  # nothing random, and so nothing to test
    return {"yes": "significant", "no": "not significant"}.get(significant, "one run says nothing")


def table(comparison, means, differences):
    """What people read."""
    lines = []
    flows = list(dict.fromkeys(flow for _, flow, _ in means))
    first = comparison.labels[0]
    width = max(len(label) for label in comparison.labels)
    flow_width = max([len(flow) for flow in flows], default=0)
    for metric in comparison.metrics:
        here = [flow for flow in flows if any((label, flow, metric) in means for label in comparison.labels)]
        if not here:
            if comparison.options.metric:  # asked for
                lines += ["", f"{campaign.title_of(metric)}: no run has it"]
            continue
        if not any((means.get((label, flow, metric)) or (0,))[0] for label in comparison.labels for flow in here):
            lines += ["", f"{campaign.title_of(metric)}: none"]
            continue
        lines += ["", campaign.title_of(metric)]
        for flow in here:
            largest = max(abs(means[label, flow, metric][0] or 0) for label in comparison.labels
                          if (label, flow, metric) in means)
            factor, unit = campaign.unit_for(metric, largest)
            for i, label in enumerate(comparison.labels):
                mean, half, _ = means.get((label, flow, metric), (None, None, ""))
                text = campaign.spell(mean, half, factor) + (f" {unit}" if mean is not None else "")
                line = f"  {flow if i == 0 else '':<{flow_width}}  {label:<{width}}  {text:<26}"
                # The table says what changes from the first policy to this one; the file has "first - second".
                value, spread, verdict = differences.get(((first, label), flow, metric), (None, None, ""))
                if i > 0 and value is not None:
                    if value == 0 and spread == 0:
                        lines.append(f"{line} the same in every run")
                        continue
                    sign = "+" if value <= 0 else "-"
                    word = verdict_of(verdict, spread)
                    line += f" {sign}{campaign.spell(abs(value), spread, factor)} {unit}, {word}"
                lines.append(line.rstrip())
    return "\n".join(lines)


def picture(comparison, means):
    """A panel for each flow and metric, a bar for each policy; below, which paths the packets of the flow took."""
    flows = list(dict.fromkeys(flow for _, flow, _ in means))[:MOST_FLOWS]
    metrics = [metric for metric in comparison.metrics
               if any((means.get((label, flow, metric)) or (0,))[0] for label in comparison.labels for flow in flows)]
    shared = any(metric.startswith("path_share/") for _, _, metric in means)
    grid = plot.Grid(max(1, len(flows)), max(1, len(metrics) + shared))
    drawn = plot.Picture(f"{comparison.name}: policies compared",
                         f"means of {comparison.runs} runs with 95 % intervals",
                         grid.columns, grid.rows, 30)
    colours = plot.policy_colours(comparison.labels)
    drawn.legend = list(colours.items())
    if shared:
        paths = plot.path_colours(comparison.paths)
        drawn.legend += [None] + [("path " + name, colour) for name, colour in paths.items()]
    for i, flow in enumerate(flows):
        for j, metric in enumerate(metrics):
            found = [means.get((label, flow, metric), (None, None, ""))[:2] for label in comparison.labels]
            if any(mean is not None for mean, _ in found):
                bars(drawn, grid.place(i, j), f"{flow}: {campaign.title_of(metric)}", metric, found, colours.values())
        if shared:
            shares(drawn, grid.place(i, len(metrics)), flow, comparison, means)
    return drawn


def bars(drawn, place, title, metric, found, colours):
    """A panel: a bar with its interval for each of [(mean, half-width)]."""
    top = max((mean or 0) + (half or 0) for mean, half in found)
    factor, unit = campaign.unit_for(metric, max(mean or 0 for mean, _ in found))
    lines = [f"set ylabel {plot.quote(unit)} textcolor '#333333'", "unset xtics",
             f"set xrange [0:{len(found) + 1}]", f"set yrange [0:{top / factor * 1.08 if top > 0 else 1:.9g}]"]
    curves = []
    for i, ((mean, half), colour) in enumerate(zip(found, colours)):
        block = drawn.block([(i + 1, None if mean is None else mean / factor, 0 if half is None else half / factor)])
        curves.append(f"{block} using 1:2:(0.7) with boxes linecolor '{colour}' notitle")
        curves.append(plot.error_bars(block, "#333333"))
    drawn.panel(*place, title, lines, curves)


def shares(drawn, place, flow, comparison, means):
    """A panel: for each policy a bar in the colours of the paths."""
    colours = plot.path_colours(comparison.paths)
    curves = []
    for i, label in enumerate(comparison.labels):
        low = 0
        for name, colour in colours.items():
            part = 100 * ((means.get((label, flow, "path_share/" + name)) or (0,))[0] or 0)
            if part > 0:
                block = drawn.block([(i + 1, low, low + part)])
                curves.append(f"{block} using 1:2:($1-0.35):($1+0.35):2:3 with boxxyerror linecolor '{colour}' notitle")
                low += part
    if curves:
        drawn.panel(*place, f"{flow}: packets by path", ["set ylabel '%' textcolor '#333333'", "unset xtics",
                                                         f"set xrange [0:{len(comparison.labels) + 1}]",
                                                         "set yrange [0:100]"], curves)


def difference_of(comparison, differences, label, flow, metric):
    """What changes from the first policy to this one (the file has "first - second"): text, verdict."""
    value, spread, verdict = differences.get(((comparison.labels[0], label), flow, metric), (None, None, ""))
    if value is None:
        return "", ""
    if value == 0 and spread == 0:
        return "0", "the same in every run"
    factor, unit = campaign.unit_for(metric, abs(value))
    word = verdict_of(verdict, spread)
    return f"{'+' if value <= 0 else '-'}{campaign.spell(abs(value), spread, factor)} {unit}", word


def html_table(comparison, mean_rows, differences):
    columns = [("flow", False), ("metric", False), ("policy", False), ("mean ± half of the interval", True),
               ("runs", True), (f"difference to {comparison.labels[0]}", True), ("", False)]
    rows = []
    for row in mean_rows:
        if not row["mean"]:
            continue
        mean, half = float(row["mean"]), campaign.number(row["half_width"])
        factor, unit = campaign.unit_for(row["metric"], abs(mean))
        key = (row["policy"], row["flow"], row["metric"])
        text, verdict = difference_of(comparison, differences, *key)
        value = differences.get(((comparison.labels[0], row["policy"]), row["flow"], row["metric"]), (None,))[0]
        rows.append([row["flow"], campaign.title_of(row["metric"]), row["policy"],
                     (f"{campaign.spell(mean, half, factor)} {unit}", mean), (row["n"], row["n"]),
                     (text, "" if value is None else -value), verdict])
    return report.table(columns, rows)


def write_page(comparison, head, drawn, mean_rows, differences):
    work, options = comparison.work, comparison.options
    inputs = report.read_inputs([options.scenario] + options.policy)
    pictures = [work.path(name) for name in drawn if name.endswith(".svg")]
    page = report.page(f"{comparison.name}: policies compared", head, pictures,
                       html_table(comparison, mean_rows, differences), inputs,
                       report.origin(work, comparison.wanted(), comparison.command))
    work.write("report.html", page)


def remarks(comparison, means, differences):
    """What a reader would ask about results that are all the same."""
    found = []
    for label in comparison.labels[1:]:
        pair = (comparison.labels[0], label)
        changes = [value for (which, _, _), (value, _, _) in differences.items() if which == pair]
        if changes and not any(changes):
            found.append(f"{label} gave the same as {comparison.labels[0]} in every run: perhaps no packet was "
                         "left for it to decide about.")
    if comparison.runs > 1 and not any(half for _, half, _ in means.values()):
        found.append("All seeds gave the same: nothing in this scenario is random, and intervals say nothing.")
    return found


def conclude(comparison, remark):
    work = comparison.work
    values = comparison.values()
    text = campaign.table_text(COLUMNS, values)
    mean_rows, mean_text = campaign.statistics(text, "mean", "--by", "policy,flow,metric")
    difference_rows, difference_text = campaign.statistics(text, "paired", "--by", "flow,metric")
    means, differences = parse(mean_rows, "mean"), parse(difference_rows, "difference")
    runs = "1 run" if comparison.runs == 1 else f"{comparison.runs} runs (seeds 1 to {comparison.runs})"
    lines = [f"{comparison.name}: {len(comparison.labels)} policies, {runs} of each",
             f"Means ± half of the 95 % interval; behind it, the difference to {comparison.labels[0]}, seed by seed."]
    lines += [remark] if remark else []
    unmet = sum(not work.record(key, seed)["met"] for key, seed in comparison.wanted())
    if unmet:
        lines.append(f"{unmet} of {len(comparison.wanted())} runs did not meet an expectation of the scenario.")
    lines += remarks(comparison, means, differences)
    flows = len({flow for _, flow, _ in means})
    if flows > MOST_FLOWS:
        lines.append(f"The picture shows the first {MOST_FLOWS} of {flows} flows.")
    shown = "\n".join(lines) + "\n" + table(comparison, means, differences) + "\n"
    work.write("values.csv", text)
    work.write("means.csv", mean_text)
    work.write("differences.csv", difference_text)
    work.write("comparison.txt", shown)
    drawn = plot.draw(work.folder, "comparison", picture(comparison, means))
    write_page(comparison, lines, drawn, mean_rows, differences)
    files = ["report.html", "comparison.txt", "means.csv", "differences.csv", "values.csv"] + drawn
    print(f"{shown}\nFiles in {os.path.relpath(work.folder)}/\n  " + " ".join(files) + "\n  runs/ has every run")
    return campaign.EXIT_GOOD


def main(words):
    if not words or words[0] in ("--help", "-h"):
        print(__doc__, end="")
        return 0

    def work():
        comparison = Comparison(parse_arguments(words))
        comparison.command = shlex.join(["./flowbind", "compare", *words])
        return conclude(comparison, comparison.go())

    return campaign.guarded("flowbind compare", work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
