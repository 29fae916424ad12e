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


def opinion(delay_s, loss):
    """Mean opinion score of a call, 1 to 4.5, by the E-model (ITU-T G.107) with its default values.

    G.711 with packet loss concealment and random loss (Bpl 25.1, Ie 0, of ITU-T G.113); the impairment by delay in the
    approximation of R. Cole and J. Rosenbluth, Voice over IP Performance Monitoring, 2001.
    """
    delay_ms = 1e3 * delay_s
    rating = 93.2 - 0.024 * delay_ms - 0.11 * max(0.0, delay_ms - 177.3) - 95 * 100 * loss / (100 * loss + 25.1)
    if rating <= 0:
        return 1.0
    return min(4.5, max(1.0, 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating)))


PACKET = 0.02  # seconds of a call in a packet, which its first sample waits for


def mean_opinion(*flows):
    """The mean of both directions. The listener's buffer waits as long as 95 % of the packets take at most."""
    def read(metrics):
        found = [opinion(metrics[flow, "delay_p95_s"] + PACKET, metrics[flow, "loss"])
                 if (flow, "delay_p95_s") in metrics else 1.0 for flow in flows]
        return sum(found) / len(found)
    return read


MEASURES = [
    Measure("MOS", "call", "MOS", "", mean_opinion("call/up", "call/down"), near=0.1),
    Measure("delay", "call", "mean delay", "ms",
            mean_of(("call/up", "delay_mean_s"), ("call/down", "delay_mean_s")), 1e-3, more_is_better=False, ratio=True,
            least=1e-4),
    Measure("goodput", "download", "goodput", "Mbit/s", mean_of(("download/down", "goodput_bps")), 1e6, ratio=True,
            least=1000),
]

BENEFIT = next(measure for measure in MEASURES if measure.kind == "download")  # what the aggregation benefit is of
