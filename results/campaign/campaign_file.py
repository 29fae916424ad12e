#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Campaign files: one table says what may stand in them. It checks them, and makes doc/campaign-reference.md.

usage: campaign_file.py --reference     prints that page
"""

import itertools
import os
import re
import sys

import yaml

import campaign
import scenario
from campaign import InputError

MOST_RUNS = 1000000


class File:
    """The name of a scenario file, relative to the campaign file."""

    written = "file name"

    @staticmethod
    def read(plan, node, key):
        if not isinstance(node, yaml.ScalarNode):
            raise plan.wrong(node, f"'{key}' is the name of a file")
        path = os.path.join(plan.folder, node.value)
        if not os.path.exists(path):
            raise plan.wrong(node, f"there is no scenario file '{path}'")
        return path


class Words:
    written = "list of words"

    @staticmethod
    def read(plan, node, key):
        if not isinstance(node, yaml.SequenceNode) or not node.value or \
                not all(isinstance(item, yaml.ScalarNode) for item in node.value):
            raise plan.wrong(node, f"'{key}' is a list of words: [a, b]")
        plan.refuse_doubles(node, key)
        return [item.value for item in node.value]


class Policies(Words):
    written = "list of policy files, schedulers, `scenario`"

    @staticmethod
    def read(plan, node, key):
        policies = Words.read(plan, node, key)
        for policy, item in zip(policies, node.value):
            if not scenario.is_policy(policy, plan.folder):
                raise plan.wrong(item, f"there is no policy file '{os.path.join(plan.folder, policy)}'")
        return policies


class Metrics(Words):
    written = "list of metrics"

    @staticmethod
    def read(plan, node, key):
        names = Words.read(plan, node, key)
        for name, item in zip(names, node.value):
            try:
                campaign.check_metrics([name])
            except InputError as error:
                raise plan.wrong(item, str(error)) from error
        return names


class Number:
    written = "whole number"

    @staticmethod
    def read(plan, node, key):
        if not isinstance(node, yaml.ScalarNode) or not re.fullmatch(r"[1-9][0-9]{0,9}", node.value) \
                or int(node.value) >= 2**32:
            raise plan.wrong(node, f"'{key}': a whole number from 1 to 4294967295 is expected")
        return int(node.value)


class Numbers(Words):
    written = "list of whole numbers"

    @staticmethod
    def read(plan, node, key):
        Words.read(plan, node, key)
        return [Number.read(plan, item, key) for item in node.value]


class Vary:
    """{path of a key: its nodes}."""

    written = "mapping of keys and lists"

    # What has a key of its own, and columns of the tables.
    ELSEWHERE = {"seed": "seeds: [1, 2]", "policy": "policies: [a.yaml, b.yaml]", "static-policy": "policies: [a, b]",
                 "flow": "", "metric": "", "run": "", "value": ""}

    @staticmethod
    def read(plan, node, key):
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise plan.wrong(node, f"'{key}' is a mapping of keys of the scenario and lists of values, such as "
                             "paths.lte.delay: [20ms, 60ms]; without it only policies and seeds vary")
        for name, values in node.value:
            if name.value in Vary.ELSEWHERE:
                instead = Vary.ELSEWHERE[name.value]
                raise plan.wrong(name, f"'{name.value}' cannot vary" + (f"; say  {instead}" if instead else ""))
            if not isinstance(values, yaml.SequenceNode) or not values.value:
                raise plan.wrong(values, f"'{name.value}' needs a list of values: [a, b]")
            plan.refuse_doubles(values, name.value)
        plan.refuse_double_keys(node)
        return {name.value: values for name, values in node.value}


# Key, form, what it is when it is not given (None: it must be), meaning.
TABLE = [
    ("scenario", File, None, "What is simulated, relative to this file. The seed in it does not count."),
    ("policies", Policies, ["scenario"],
     "What is compared, as of `compare`: a policy file, relative to this file; a scheduler for what no flow of the "
     "policy decides; or `scenario`, the policy as it is."),
    ("runs", Number, 10, "Runs of each combination: seeds 1 to this. Not beside `seeds`."),
    ("seeds", Numbers, [], "These seeds, instead of `runs`."),
    ("vary", Vary, {},
     "What is different from combination to combination: keys of the scenario, and the values each of them gets. "
     "A key inside others is spelled with points; an item of a list by its name, or by its number from 1: "
     "`paths.lte.delay`, `events.1.at`. What is not in the scenario is added. `seed` and `policy` have keys of their "
     "own."),
    ("metrics", Metrics, ["goodput_bps"],
     "What tables and pictures show, of " + ", ".join(f"`{name}`" for name in campaign.METRICS)
     + ", `path_share/PATH`. `values.csv` has all of them."),
]

EXAMPLE = """scenario: ../scenarios/dual-stack.yaml
policies: [scenario, edpf]
runs: 3
vary:
  paths.fibre.loss: [0%, 1%, 2%]
  paths.dsl.delay: [10ms, 30ms]
metrics: [goodput_bps, loss]
"""


class Plan:
    """A campaign file. What is wrong in it is said with its line."""

    def __init__(self, path):
        self.path, self.folder = path, os.path.dirname(path)
        self.root = scenario.read(path)
        known = [key for key, _, _, _ in TABLE]
        for name, _ in self.root.value:
            if name.value not in known:
                raise self.wrong(name, f"unknown key '{name.value}'; there are: {' '.join(known)}")
        self.refuse_double_keys(self.root)
        found = {}
        for key, form, default, _ in TABLE:
            node = scenario.find(self.root, key)
            if node is None and default is None:
                raise InputError(f"{path}:1: '{key}: {form.written.upper()}' is missing")
            found[key] = default if node is None else form.read(self, node, key)
        self.scenario, self.policies, self.metrics = found["scenario"], found["policies"], found["metrics"]
        self.vary = found["vary"]
        both = scenario.find(self.root, "seeds")
        if both is not None and scenario.find(self.root, "runs") is not None:
            raise self.wrong(both, "'runs' and 'seeds' exclude each other")
        self.seeds = found["seeds"] or list(range(1, found["runs"] + 1))
        points = len(self.policies)
        for values in self.vary.values():
            points *= len(values.value)
        if points * len(self.seeds) > MOST_RUNS:
            raise InputError(f"{path}: {points} combinations, {len(self.seeds)} runs of each, are more than a campaign "
                             f"may have ({MOST_RUNS} runs)")

    def wrong(self, node, what):
        return InputError(f"{scenario.where(self.path, node)}: {what}")

    def refuse_doubles(self, node, key):
        """Values that stand twice would be runs that count twice."""
        seen = set()
        for item in node.value:
            text = scenario.spell(item)
            if text in seen:
                raise self.wrong(item, f"'{text}' stands twice in '{key}'")
            seen.add(text)

    def refuse_double_keys(self, node):
        seen = set()
        for name, _ in node.value:
            if name.value in seen:
                raise self.wrong(name, f"the key '{name.value}' stands twice")
            seen.add(name.value)

    def combinations(self):
        """Of the parameters: {key: node}."""
        for nodes in itertools.product(*(values.value for values in self.vary.values())):
            yield dict(zip(self.vary, nodes))

    def where_of(self, key):
        """Of a key, for messages."""
        name = next((name for name, _ in self.root.value if name.value == key), None)
        return scenario.where(self.path, name) if name is not None else self.path


def reference():
    rows = [f"| `{key}` | {form.written} | {spell_default(default)} | {meaning} |"
            for key, form, default, meaning in TABLE]
    metrics = []
    for name, (title, units) in campaign.METRICS.items():
        kept = {"ms": "s", "%": "share (1 is all)"}.get(units[-1][1], units[-1][1])
        metrics.append(f"| `{name}` | {title} | {kept} | {campaign.MEANINGS[name]} |")
    return f"""# Campaign files

This page is made from the table that checks the files (`results/campaign/campaign_file.py`); the test `test_campaigns`
compares the two and says how to make it anew.

A campaign is every combination of values of a scenario, policies and seeds. `./flowbind sweep FILE` runs it: on all
processors, or in a cluster with `--slurm`. The file is YAML. A key that is not listed here is refused, and so is one
that stands twice; an error says file, line and column, and nothing is run before the file is without errors and the
simulator has accepted every combination.

```yaml
{EXAMPLE}```

| key | value | default | meaning |
|---|---|---|---|
{chr(10).join(rows)}

What may stand in the scenario says [scenario-reference.md](scenario-reference.md).

## Metrics

Of each flow and run, over the whole time that is measured. Percentiles and gaps, which cannot be put together from
phases, are those of the worst phase.

| metric | in tables | in CSV files | |
|---|---|---|---|
{chr(10).join(metrics)}
| `path_share/PATH` | share of PATH | share (1 is all) | of the packets sent |

## What comes out

In `flowbind-out/sweep-NAME/`, or where `--out` says:

| | |
|---|---|
| `report.html` | one page with everything below, which needs no other file |
| `sweep.txt` | the table that is shown on the screen |
| `means.csv` | mean, standard deviation and 95 % interval (Student's t) of each combination, flow and metric |
| `values.csv` | the metrics of each run |
| `sweep.svg`, `.png`, `.pdf`, `.gp` | the picture: for pages, for LaTeX, and the gnuplot script that draws it |
| `runs/BUILD-SCENARIO/SEED/` | a run: `results.csv`, `signalling.csv`, `summary.txt`, `metrics.csv`; \
`run.json` with commit, version of ns-3, hashes of build and scenario, parameters, seed |
| `scenarios/` | the scenario of each combination, which `./flowbind run` runs alone |

A finished run appears at once or not at all. Interrupted in any way, the same command makes the runs that are missing.
Runs of another build, or of a scenario that was changed, stay but do not count.
"""


def spell_default(default):
    if default is None:
        return "required"
    if isinstance(default, list):
        return " ".join(f"`{item}`" for item in default)
    return f"`{default}`" if default else ""


if __name__ == "__main__":
    if sys.argv[1:] != ["--reference"]:
        sys.exit(__doc__)
    print(reference(), end="")
