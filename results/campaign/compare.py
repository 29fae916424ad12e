#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ./flowbind compare SCENARIO --policy A --policy B [--policy C]... [OPTION]...

Runs a scenario under several policies with the same seeds and shows means with 95 % intervals (Student's t), and
the differences, seed by seed, marked as significant or not (Holm's procedure at 5 % over all pairs of policies).

  --policy P     a policy file; or a scheduler (flow-hash, edpf, ...) for what no flow of the policy decides; or
                 "scenario" for the policy as it is. The first one is what the others are compared with
  --runs N       runs of each policy: seeds 1 to N (10). With --until: at most so many (200)
  --until P      go on until the half-width of every interval is at most this share of its mean: --until 2%
  --metric M     what to compare, several times; the first one is what --until looks at
                 (goodput_bps, delay_mean_s, delay_p95_s, loss, reordered, failover_gap_s)
  --jobs N       runs at a time (the number of processors)
  --out DIR      folder for the results (flowbind-out/compare-NAME-OF-THE-SCENARIO)
  --quiet        no progress

Interrupted, the same command goes on where it stopped; with more runs or policies it makes only those it lacks.
"""

import argparse
import os
import re
import sys

import campaign
import plot
import scenario
from campaign import InputError

DEFAULT = ["goodput_bps", "delay_mean_s", "delay_p95_s", "loss", "reordered", "failover_gap_s"]
LEAST = 10  # runs before --until may stop
COLUMNS = ["policy", "flow", "metric", "run", "value"]


def parse_share(text):
    found = re.fullmatch(r"([0-9]*\.?[0-9]+)(%?)", text)
    share = float(found[1]) / (100 if found[2] else 1) if found else 0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no share like 2%")
    return share


def parse_count(text):
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 on")
    return int(text)


def parse_arguments(words):
    parser = argparse.ArgumentParser(prog="flowbind compare", usage=__doc__[len("usage: "):], add_help=False)
    parser.add_argument("scenario")
    parser.add_argument("--policy", action="append", default=[])
    parser.add_argument("--runs", type=parse_count)
    parser.add_argument("--until", type=parse_share)
    parser.add_argument("--metric", action="append")
    parser.add_argument("--jobs", type=parse_count, default=os.cpu_count())
    parser.add_argument("--out")
    parser.add_argument("--quiet", action="store_true")
    parser.error = complain
    return parser.parse_args(words)


def complain(message):
    raise InputError(f"{message}\nSay: flowbind compare --help")


def unique_labels(policies):
    """What tables call the policies: names of files, or whole paths where two are the same."""
    short = [scenario.label(policy) for policy in policies]
    return short if len(set(short)) == len(short) else policies


class Comparison:
    """The runs, and what they say."""

    def __init__(self, options):
        self.options = options
        self.metrics = campaign.check_metrics(options.metric or DEFAULT)
        if len(options.policy) < 2 or len(set(options.policy)) < len(options.policy):
            raise InputError("two different policies or more, each with --policy")
        self.name = scenario.label(options.scenario)
        root = campaign.load_scenario(options.scenario)
        self.work = campaign.Campaign(os.path.abspath(options.out or f"flowbind-out/compare-{self.name}"))
        self.labels = unique_labels(options.policy)
        self.keys = []
        for policy, label in zip(options.policy, self.labels):
            changed = campaign.with_policy(root, policy, "")
            self.keys.append(self.work.add_point(changed, {"policy": label}, f"--policy {policy}"))
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

    def next_runs(self):
        """How many runs in all the stop rule asks for (0: enough), and where it looks at the moment."""
        rows = [row for row in self.values() if row[2] == self.metrics[0]]
        if not rows:
            raise InputError(f"no run has the metric {self.metrics[0]}")
        arguments = ("stop", "--by", "policy,flow", "--until", str(self.options.until), "--least", str(LEAST))
        found, _ = campaign.statistics(campaign.table_text(COLUMNS, rows), *arguments)
        open_ones = [row for row in found if row["reached"] == "no"]
        if not open_ones:
            return 0
        needed = max(int(row["needed"]) if row["needed"] else 2 * self.runs for row in open_ones)
        return max(self.runs + 2, min(needed, 2 * self.runs))

    def go(self):
        """Makes all runs: what is to be said about their number."""
        if self.options.until is None:
            self.make_runs(self.options.runs or 10)
            return ""
        cap = self.options.runs or 200
        self.make_runs(min(LEAST, cap))
        goal = f"half-width at most {self.options.until:.3g} of the mean of {campaign.title_of(self.metrics[0])}"
        more = self.next_runs()
        while more > 0 and self.runs < cap:
            self.make_runs(min(more, cap))
            more = self.next_runs()
        if more > 0:
            return f"{goal}: not reached with {self.runs} runs of each, the most that were allowed (--runs)"
        return f"{goal}: took {self.runs} runs of each"


def parse(rows, name):
    """{(policy, flow, metric): (value, half-width)} of rows of flowbind-stats."""
    found = {}
    for row in rows:
        key = (row.get("policy") or (row["first"], row["second"]), row["flow"], row["metric"])
        found[key] = (campaign.number(row[name]), campaign.number(row["half_width"]), row.get("significant", ""))
    return found


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
                    word = {"yes": "significant", "no": "not significant"}.get(verdict, "one run says nothing")
                    line += f" {sign}{campaign.spell(abs(value), spread, factor)} {unit}, {word}"
                lines.append(line.rstrip())
    return "\n".join(lines)


def picture(comparison, means):
    """A panel for each flow and metric, a bar for each policy."""
    flows = list(dict.fromkeys(flow for _, flow, _ in means))[:12]
    metrics = [metric for metric in comparison.metrics
               if any((means.get((label, flow, metric)) or (0,))[0] for label in comparison.labels for flow in flows)]
    drawn = plot.Picture(f"{comparison.name}: policies compared",
                         f"means of {comparison.runs} runs with 95 % intervals",
                         max(1, len(flows)), max(1, len(metrics)), 30)
    drawn.legend = comparison.labels
    for column, flow in enumerate(flows):
        for row, metric in enumerate(metrics):
            found = [means.get((label, flow, metric), (None, None, ""))[:2] for label in comparison.labels]
            if all(mean is None for mean, _ in found):
                continue
            top = max((mean or 0) + (half or 0) for mean, half in found)
            factor, unit = campaign.unit_for(metric, max(mean or 0 for mean, _ in found))
            lines = [f"set ylabel {plot.quote(unit)} textcolor '#333333'", "unset xtics",
                     f"set xrange [0:{len(found) + 1}]", f"set yrange [0:{top / factor * 1.08 if top > 0 else 1:.9g}]"]
            curves = []
            for i, (mean, half) in enumerate(found):
                block = drawn.block([(i + 1, None if mean is None else mean / factor,
                                      0 if half is None else half / factor)])
                colour = plot.COLOURS[i % len(plot.COLOURS)]
                curves.append(f"{block} using 1:2:(0.7) with boxes linecolor '{colour}' notitle")
                curves.append(plot.error_bars(block, "#333333"))
            drawn.panel(column, row, f"{flow}: {campaign.title_of(metric)}", lines, curves)
    return drawn


def report(comparison, remark):
    work = comparison.work
    values = comparison.values()
    text = campaign.table_text(COLUMNS, values)
    mean_rows, mean_text = campaign.statistics(text, "mean", "--by", "policy,flow,metric")
    difference_rows, difference_text = campaign.statistics(text, "paired", "--by", "flow,metric")
    means, differences = parse(mean_rows, "mean"), parse(difference_rows, "difference")
    runs = "1 run" if comparison.runs == 1 else f"{comparison.runs} runs (seeds 1 to {comparison.runs})"
    head = (f"{comparison.name}: {len(comparison.labels)} policies, {runs} of each\n"
            f"Means ± half of the 95 % interval; behind it, the difference to {comparison.labels[0]}, seed by seed.")
    lines = [head] + ([remark] if remark else [])
    unmet = work.unmet(comparison.wanted())
    if unmet:
        lines.append(f"{unmet} of {len(comparison.wanted())} runs did not meet an expectation of the scenario.")
    shown = "\n".join(lines) + "\n" + table(comparison, means, differences) + "\n"
    work.write("values.csv", text)
    work.write("means.csv", mean_text)
    work.write("differences.csv", difference_text)
    work.write("comparison.txt", shown)
    drawn = plot.draw(work.folder, "comparison", picture(comparison, means))
    files = ["comparison.txt", "means.csv", "differences.csv", "values.csv"] + drawn
    print(f"{shown}\nFiles in {os.path.relpath(work.folder)}/\n  " + " ".join(files) + "\n  runs/ has every run")
    return campaign.EXIT_GOOD


def main(words):
    if not words or words[0] in ("--help", "-h"):
        print(__doc__, end="")
        return 0

    def work():
        comparison = Comparison(parse_arguments(words))
        return report(comparison, comparison.go())

    return campaign.guarded("flowbind compare", work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
