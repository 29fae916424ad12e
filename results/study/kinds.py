# SPDX-License-Identifier: BSD-3-Clause
"""What is sent in the study, and what is judged by: a line here is all that another kind of traffic needs."""

import dataclasses
import math
from typing import Callable

WARMUP = 2  # seconds in which paths are registered; then all traffic begins
DURATION = 15  # seconds of it


@dataclasses.dataclass(frozen=True)
class Kind:
    """Traffic of a scenario. Its port is `port` and the number of the topology: flow-hash decides anew in each."""

    name: str
    port: int
    words: str  # of the scenario file
    about: str


KINDS = [
    Kind("call", 10000, "kind: voip, direction: both, match: {protocol: udp, port: PORT}",
         "a call, G.711, both ways"),
    Kind("download", 40000, "kind: tcp, direction: down, match: {protocol: tcp, port: PORT}",
         "one TCP connection (CUBIC) that takes what it gets"),
    Kind("page", 20000, "kind: web, page: 200kB, objects: 20, think: 500ms, direction: down, "
                        "match: {protocol: tcp, port: PORT}",
         "pages of 200 kB in 20 objects over one connection, one after the other, with half a second to look at each"),
    Kind("film", 30000, "kind: video, segment: 2s, buffer: 10s, direction: down, match: {protocol: tcp, port: PORT}",
         "a film at 0.4, 1, 2.5, 5 or 8 Mbit/s, in segments of 2 s, with 10 s of buffer"),
]

TOGETHER = "together"  # all kinds at a time; else each is alone


def mean_of(*names):
    """The mean of several metrics of a run, (flow, metric) each."""
    def read(metrics):
        found = [metrics[name] for name in names if name in metrics]
        return sum(found) / len(found) if found else None
    return read


@dataclasses.dataclass(frozen=True)
class Measure:
    """What a user of this kind of traffic notices, one number a run."""

    name: str  # in data.csv
    kind: str
    title: str
    unit: str
    read: Callable  # of {(flow, metric): value}
    factor: float = 1  # what the unit is
    more_is_better: bool = True
    # Where only ratios count, as with rates and times: means are geometric, differences percent
    ratio: bool = False
    least: float = 0  # of a ratio: what is less counts as this
    near: float = 0.05  # as good as the best: within this, a share where `ratio`

    def score(self, value):
        """What means and differences are taken of: larger is better."""
        if self.ratio:
            value = math.log(max(value, self.least))
        return value if self.more_is_better else -value

    def unscore(self, score):
        value = score if self.more_is_better else -score
        return math.exp(value) if self.ratio else value


def page_time(metrics):
    """The mean over the pages that were loaded, and one that was not, if that took longer already."""
    pages, mean = metrics["page/down", "pages"], metrics.get(("page/down", "page_time_mean_s"), 0.0)
    waiting = metrics["page/down", "page_waiting_s"]
    return (pages * mean + waiting) / (pages + 1) if waiting > mean else mean


def without_picture(metrics):
    """Seconds before the film began, and of its stalls."""
    return metrics.get(("film/down", "film_start_s"), float(DURATION)) + metrics["film/down", "film_stalled_s"]


MEASURES = [
    Measure("MOS", "call", "MOS", "", mean_of(("call/up", "mos"), ("call/down", "mos")), near=0.1),
    Measure("delay", "call", "mean delay", "ms",
            mean_of(("call/up", "delay_mean_s"), ("call/down", "delay_mean_s")), 1e-3, more_is_better=False, ratio=True,
            least=1e-4),
    Measure("goodput", "download", "goodput", "Mbit/s", mean_of(("download/down", "goodput_bps")), 1e6, ratio=True,
            least=1000),
    Measure("page_time", "page", "time of a page", "s", page_time, more_is_better=False, ratio=True, least=0.01),
    Measure("film_rate", "film", "rate", "Mbit/s",
            lambda metrics: metrics.get(("film/down", "film_rate_bps"), 0.0), 1e6, ratio=True, least=1000),
    Measure("no_picture", "film", "no picture", "s", without_picture, more_is_better=False, near=0.5),
]

BENEFIT = next(measure for measure in MEASURES if measure.kind == "download")  # what the aggregation benefit is of
