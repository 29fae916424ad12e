# SPDX-License-Identifier: BSD-3-Clause
"""R1: which flows move when an interface goes, and what elastic flows carry together."""

from figure import Panel, Row

TITLE = "Flows that move when a path goes (RFC 2991, RFC 2992)"
FLOWS = 1000000
COUNTS = range(2, 17)
ELASTIC = [1, 2, 3, 5, 10, 20]

PANELS = [
    Panel("One of N paths goes", "paths before, N", "share of flows that move",
          [("hrw", "flow-hash (highest random weight)"), ("ht_best", "hash-threshold, path in the middle"),
           ("ht_worst", "hash-threshold, first path"), ("modN", "hash modulo N")],
          x_range="[1.5:16.5]", y_range="[0:1]"),
    Panel("One of five paths goes", "which one", "share of flows that move",
          [("hrw_N5", "flow-hash (highest random weight)"), ("ht_N5", "hash-threshold, path in the middle")],
          x_range="[0.5:5.5]", y_range="[0:1]"),
    Panel("Elastic flows over 20, 10 and 1 Mbit/s", "flows", "throughput, Mbit/s",
          [("equal", "flow-hash, no weights"), ("weighted", "flow-hash, weights 20:10:1")], x_range="[0:21]"),
]


def value(rows, name):
    return float(rows[0][name])


def closed_forms(experiment):
    """The other rules, which the library does not have, for comparison."""
    rows = []
    for count in COUNTS:
        for series, lost in (("ht_best", (count + 1) // 2), ("ht_worst", 1)):
            moved = experiment.oracle("hash-threshold", f"paths={count}", f"lost={lost}")
            rows.append(Row(series, count, value(moved, "moved")))
        rows.append(Row("modN", count, value(experiment.oracle("modulo-hash", f"paths={count}"), "moved")))
    for lost in range(1, 6):
        rows.append(Row("ht_N5", lost, value(experiment.oracle("hash-threshold", "paths=5", f"lost={lost}"), "moved")))
    return rows


def moved(experiment):
    """What the library's flow-hash does with a million flows: by number of paths, and by the path that goes."""
    def command(count, lost):
        return ["flowbind-paths", "moved", "weights=" + ",".join(["1"] * count), f"lost={lost}", f"flows={FLOWS}"]

    wanted = {(count, lost): command(count, lost) for count in COUNTS for lost in {1, count, (count + 1) // 2}}
    wanted.update({(5, lost): command(5, lost) for lost in range(1, 6)})
    found = experiment.programs(wanted)
    share, strays = {}, 0
    for key, text in found.items():
        cells = text.splitlines()[1].split(",")
        share[key] = float(cells[2])
        strays += int(cells[3])
    rows = [Row("hrw", count, share[count, (count + 1) // 2]) for count in COUNTS]
    rows += [Row("hrw_N5", lost, share[5, lost]) for lost in range(1, 6)]
    return rows + [Row("strays", 0, strays)]


def elastic(experiment):
    weights = {"equal": [], "weighted": ["weights=20,10,1"]}
    found = experiment.programs({(series, flows): ["flowbind-paths", "elastic", "rates=20M,10M,1M", f"flows={flows}",
                                                   "sets=20000", *words]
                                 for series, words in weights.items() for flows in ELASTIC})
    return [Row(series, flows, float(text.splitlines()[1]) / 1e6) for (series, flows), text in found.items()]


def measure(experiment):
    return closed_forms(experiment) + moved(experiment) + elastic(experiment)
