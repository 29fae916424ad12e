# SPDX-License-Identifier: BSD-3-Clause
"""Who wins: means, paired differences and boxes over the topologies, all by flowbind-stats.

A topology counts once: what its runs gave is a mean first, since two seeds of one topology say nothing about others.
Policies are compared topology by topology.
"""

import campaign
import design
import setting
from kinds import BENEFIT, MEASURES, TOGETHER

COLUMNS = ["traffic", "measure", "policy", "topology", "class", "links", "losses", "value"]

ALL = "all"
# Topologies that are looked at apart: (name, whether a row of data is of it). Radio networks are not among all.
GROUPS = [
    (ALL, lambda row: row["class"] != design.RADIO),
    ("no losses", lambda row: row["losses"] == "no" and row["class"] != design.RADIO),
    ("losses", lambda row: row["losses"] == "yes"),
    ("short", lambda row: row["class"] == "low"),
    ("long", lambda row: row["class"] == "high"),
    ("two links", lambda row: row["links"] == "2" and row["class"] != design.RADIO),
    ("three links", lambda row: row["links"] == "3" and row["class"] != design.RADIO),
    (design.RADIO, lambda row: row["class"] == design.RADIO),
]
REFERENCE = "fastest"  # what the others are compared with


def benefit(goodput, alone):
    """Aggregation benefit: 0 is the best link alone, 1 the sum of all of them, -1 nothing at all."""
    best, total = max(alone), sum(alone)
    if goodput >= best:
        return (goodput - best) / (total - best) if total > best else 0.0
    return (goodput - best) / best


def measure_of(kind, traffic):
    """The measures that a setting has for a kind."""
    return [m for m in MEASURES if m.kind == kind and traffic in (kind, TOGETHER)]


def data_rows(topologies, value_of):
    """Rows of data.csv. `value_of(topology, policy, traffic, measure)` is the mean over a topology's runs."""
    rows = []
    for topology in topologies:
        about = [topology.name, topology.kind, len(topology.links), "yes" if topology.lossy else "no"]
        for policy in setting.POLICIES:
            for traffic in setting.traffics(topology):
                for measure in MEASURES:
                    if traffic in (measure.kind, TOGETHER):
                        value = value_of(topology.name, policy, traffic, measure)
                        rows.append([traffic, measure.name, policy, *about, f"{value:.6g}"])
        if BENEFIT.kind in setting.traffics(topology):
            rows += [[BENEFIT.kind, "benefit", policy, *about, f"{value:.6g}"]
                     for policy, value in benefits(topology, value_of)]
    return rows


def benefits(topology, value_of):
    """(policy, aggregation benefit) of a download alone."""
    alone = [value_of(topology.name, REFERENCE if link == topology.links[0] else setting.only(link.name), BENEFIT.kind,
                      BENEFIT) for link in topology.links]
    return [(policy, benefit(value_of(topology.name, policy, BENEFIT.kind, BENEFIT), alone))
            for policy in setting.POLICIES]


class Verdicts:
    """What the rows of data.csv (a dictionary each) say."""

    def __init__(self, rows):
        self.rows = rows
        self.measures = {measure.name: measure for measure in MEASURES}
        self.policies = list(dict.fromkeys(row["policy"] for row in rows))
        self.topologies = list(dict.fromkeys(row["topology"] for row in rows))
        self.values = {(r["traffic"], r["measure"], r["policy"], r["topology"]): float(r["value"]) for r in rows}
        self.members = {name: {row["topology"] for row in rows if belongs(row)} for name, belongs in GROUPS}
        text = self.scores()
        key = ("traffic", "measure", "group")
        self.mean = {(*(row[k] for k in key), row["policy"]): row
                     for row in campaign.statistics(text, "mean", "--by", ",".join(key) + ",policy")[0]}
        self.paired = {}
        for row in campaign.statistics(text, "paired", "--by", ",".join(key), "--pair", "topology")[0]:
            self.paired[(*(row[k] for k in key), row["first"], row["second"])] = row

    def score(self, row):
        measure = self.measures.get(row["measure"])
        return measure.score(float(row["value"])) if measure else float(row["value"])

    def scores(self):
        rows = [[row["traffic"], row["measure"], name, row["policy"], row["topology"], f"{self.score(row):.9g}"]
                for name, belongs in GROUPS for row in self.rows if belongs(row)]
        return campaign.table_text(["traffic", "measure", "group", "policy", "topology", "value"], rows)

    def difference(self, traffic, measure, group, policy, other):
        """By how much a policy's score is better than another's: (mean, low, high, significant)."""
        sign, row = 1, self.paired.get((traffic, measure, group, policy, other))
        if row is None:
            sign, row = -1, self.paired[traffic, measure, group, other, policy]
        mean = sign * float(row["difference"])
        if not row["half_width"]:
            return mean, None, None, False
        half = float(row["half_width"])
        return mean, mean - half, mean + half, row["significant"] == "yes"

    def ranking(self, traffic, measure, group):
        """Policies, the best first."""
        return sorted(self.policies, key=lambda policy: -float(self.mean[traffic, measure, group, policy]["mean"]))

    def winners(self, traffic, measure, group):
        """The best, and those that are not significantly worse."""
        best, *others = self.ranking(traffic, measure, group)
        return [best] + [policy for policy in others
                         if not self.difference(traffic, measure, group, best, policy)[3]]

    def near_best(self, traffic, measure, group, policy):
        """The share of topologies in which the policy is as good as the best one, or nearly."""
        near, topologies = 0, self.members[group]
        scale = self.measures[measure]
        for topology in topologies:
            scores = {p: scale.score(self.values[traffic, measure, p, topology]) for p in self.policies}
            near += scores[policy] >= max(scores.values()) - scale.near
        return near / len(topologies)
