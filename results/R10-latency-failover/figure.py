# SPDX-License-Identifier: BSD-3-Clause
"""R10: latency of requests by scheduler, two links as one, and the gap when a path goes silent."""

from figure import Panel, Row

TITLE = "Latency and failover (Multipath tutorial, ACM SIGCOMM 2020)"

SEGMENT = 1400
MESSAGE = "packet: 10kB, rate: 320kbps"  # 10 kB every 250 ms
SCHEDULERS = ("lowest-rtt", "round-robin")
INTERVALS = [50, 100, 200, 300, 500, 1000]  # ms between two probes
MISSED = 3  # as MPT: dead after three keepalives

PANELS = [
    Panel("10 kB there and 10 kB back, 40 and 80 ms RTT", "", "time for both, ms",
          [("latency_lowest_rtt", "lowest-rtt"), ("latency_round_robin", "round-robin")], bars=True),
    Panel("A request, and 10 kB as the answer", "", "time for both, ms",
          [("answer_lowest_rtt", "lowest-rtt"), ("answer_round_robin", "round-robin")], bars=True),
    Panel("TCP over 20 Mbit/s, 40 ms RTT", "", "goodput, Mbit/s",
          [("goodput_one", "one link"), ("goodput_two", "two, weighted")], bars=True),
    Panel("A path goes silent", "time between two probes, ms", "gap in the stream, ms",
          [("law", "3 x interval + a round trip"), ("gap_up", "from the mobile node"),
           ("gap_down", "toward the mobile node")], x_range="[0:1050]"),
]


def scenario(paths, default, traffic, more="", duration=8, warmup=3):
    """Mobile IPv4 over wired paths: (rate in Mbit/s, round-trip time in ms)."""
    lines = "\n".join(
        f"  - {{name: path{i + 1}, type: wired, bid: {i + 1}, label: {i + 1}, rate: {rate}Mbps, "
        f"delay: {rtt / 2:g}ms, queue: 200p, encapsulation: gre, weight: 1}}" for i, (rate, rtt) in enumerate(paths))
    return f"""protocol: mip4
duration: {duration}s
warmup: {warmup}s
paths:
{lines}
static-policy:
  flows:
    - {{name: nothing, match: {{protocol: sctp}}, use: [path1]}}
  default: {default}
backhaul: {{access: 0s, core: 0s}}
tcp: {{variant: cubic, segment: {SEGMENT}, buffers: 4MB}}
{more}
traffic:
{traffic}
"""


def two_delays(scheduler, traffic):
    """Over 40 and 80 ms, whose round-trip times both ends know."""
    more = "probe: {interval: 100ms}\nmobile-node: {path-metrics: true}"
    return scenario([(100, 40), (100, 80)], f"{{scheduler: {scheduler}, reorder: 200ms}}", traffic, more), 1


def answers(experiment):
    """One TCP connection, a request of one packet and 10 kB as the answer: the mean, for requests take both paths."""
    traffic = ("  - {name: load, kind: web, direction: down, start: 2s, page: 10kB, think: 200ms, "
               "match: {protocol: tcp, port: 9000}}")
    found = experiment.simulations({name: two_delays(name, traffic) for name in SCHEDULERS})
    return [Row("answer_" + name.replace("-", "_"), 0, 1e3 * metrics["load/down", "page_time_mean_s"])
            for name, metrics in found.items()]


def latency(experiment):
    """Request and response of 10 kB, each complete with its last packet: the 95th percentiles of the delays, added."""
    words = f"kind: cbr, {MESSAGE}, start: 2s, match: {{protocol: tcp, port: "
    traffic = (f"  - {{name: request, direction: up, {words}9000}}}}\n"
               f"  - {{name: response, direction: down, {words}9001}}}}")
    found = experiment.simulations({name: two_delays(name, traffic) for name in SCHEDULERS})
    return [Row("latency_" + name.replace("-", "_"), 0, 1e3 * (metrics["request/up", "delay_p95_s"] +
                                                               metrics["response/down", "delay_p95_s"]))
            for name, metrics in found.items()]


def aggregation(experiment):
    traffic = "  - {name: load, kind: tcp, direction: down, start: 1s, match: {protocol: tcp, port: 9000}}"
    found = experiment.simulations({
        "one": (scenario([(20, 40)], "flow-hash", traffic, duration=25), 1),
        "two": (scenario([(20, 40)] * 2, "{scheduler: weighted, reorder: 200ms}", traffic, duration=25), 1)})
    goodput = {name: metrics["load/down", "goodput_bps"] / 1e6 for name, metrics in found.items()}
    return [Row("goodput_one", 0, goodput["one"]), Row("goodput_two", 0, goodput["two"]),
            Row("gain", 0, goodput["two"] / goodput["one"])]


def failover(experiment):
    """The 40 ms path is a black hole after a while, the one with 30 ms takes over."""
    traffic = "\n".join(f"  - {{name: {name}, kind: cbr, rate: 1600kbps, packet: 200, direction: {name}, start: 2s, "
                        f"match: {{protocol: udp, port: {port}}}}}" for name, port in (("up", 9000), ("down", 9001)))
    events = "events:\n  - {at: 8s, path: path1, do: lose, what: packets, for: 30s}\n"
    policy = "policy:\n  flows:\n    - {name: all, match: {protocol: udp}, use: [path1, path2]}\n"
    found = experiment.simulations({
        interval: (scenario([(100, 40), (100, 30)], "flow-hash", traffic,
                            policy + events + f"probe: {{interval: {interval}ms}}", 20), 1)
        for interval in INTERVALS})
    rows = []
    for interval, metrics in found.items():
        rows += [Row("gap_" + way, interval, 1e3 * metrics[f"{way}/{way}", "longest_gap_s"]) for way in ("up", "down")]
        law = experiment.oracle("outage", f"keepalive={interval / 1000}", f"missed={MISSED}", "rtt=0.030")
        rows.append(Row("law", interval, 1e3 * float(law[0]["outage_s"])))
    return rows


def measure(experiment):
    return latency(experiment) + answers(experiment) + aggregation(experiment) + failover(experiment)
