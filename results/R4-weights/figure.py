# SPDX-License-Identifier: BSD-3-Clause
"""R4: n:m striping over paths of unequal rates, and how goodput grows with the number of equal paths."""

from figure import Panel, Row

TITLE = "Weighted striping, and many equal paths (MPT-GRE; RFC 8278 3)"
TIME = "2 minutes"

PAYLOAD = 1424  # what fits into the tunnel's MTU, which leaves room for every encapsulation
TUNNEL = 20 + 12  # IP, and GRE with key and sequence number
PPP = 2  # ns-3's point-to-point links
SHARE = PAYLOAD / (PAYLOAD + 28 + TUNNEL + PPP)
SEGMENT = 1400  # of TCP, whose header has 32 octets
COUNTS = range(1, 13)
RATES = (10, 5)  # Mbit/s
RATIOS = {(1, 2): 0.5, (1, 1): 1, (3, 2): 1.5, (2, 1): 2, (3, 1): 3, (4, 1): 4}
OVERLOAD = 20  # Mbit/s
IN_ORDER = "{scheduler: weighted, reorder: 300ms}"
# What is offered around the law, to find the highest load without a loss
STEPS = [0.97, 0.98, 0.985, 0.99, 0.995, 1.005, 1.01, 1.02, 1.03]
SEQUENCES = {(1, 1): "01", (2, 1): "001", (3, 2): "01001", (10, 5, 1): "0010010010010012",
             (12, 18, 15): "120120121021012", (100, 80): "010101001"}

PANELS = [
    Panel("Equal paths of 100 Mbit/s, UDP", "paths", "goodput, Mbit/s",
          [("equal", "weighted, as many as there are paths"), ("law", "paths x rate, less headers")],
          x_range="[0:13]"),
    Panel("10 and 5 Mbit/s, n:m", "n / m", "Mbit/s on the wire",
          [("lossless", "UDP: highest load without loss"), ("overload", "UDP: what arrives of 20 Mbit/s"),
           ("tcp", "TCP, put in order"), ("tcp_raw", "TCP, as it comes")], x_range="[0:4.3]", y_range="[0:17]"),
]


def scenario(paths, default, traffic, duration, warmup):
    """Mobile IPv4 over wired paths (rate in Mbit/s, delay in ms, queue in packets, weight or None), all uplink."""
    lines = "\n".join(
        f"  - {{name: path{i + 1}, type: wired, bid: {i + 1}, label: {i + 1}, rate: {rate}Mbps, delay: {delay}ms, "
        f"queue: {queue}p, encapsulation: gre{f', weight: {weight}' if weight else ''}}}"
        for i, (rate, delay, queue, weight) in enumerate(paths))
    return f"""protocol: mip4
duration: {duration}s
warmup: {warmup}s
paths:
{lines}
static-policy:
  flows:
    - {{name: nothing, match: {{protocol: sctp}}, use: [path1]}}
  default: {default}
backhaul: {{access: 2ms, rate: 10Gbps}}
tcp: {{variant: cubic, segment: {SEGMENT}, buffers: 4MB}}
traffic:
  - {{name: load, direction: up, start: 1s, {traffic}}}
"""


def udp(rate):
    # The rate of a stream is that of its payload; the law is about the wire
    return f"kind: cbr, rate: {round(rate * SHARE * 1e6)}bps, packet: {PAYLOAD}, match: {{protocol: udp, port: 9000}}"


def equal_paths(experiment):
    def text(count):
        return scenario([(100, 2, 200, None)] * count, IN_ORDER, udp(105 * count), 2.5, 1.5)

    found = experiment.simulations({count: (text(count), 1) for count in COUNTS})
    rows = [Row("equal", count, found[count]["load/up", "goodput_bps"] / 1e6) for count in COUNTS]
    return rows + [Row("law", count, count * 100 * SHARE) for count in COUNTS] + fit(rows)


def fit(rows):
    """Slope and R squared of a straight line through the points."""
    xs, ys = [row.x for row in rows], [row.y for row in rows]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    sxx = sum((x - mean_x) ** 2 for x in xs)
    syy = sum((y - mean_y) ** 2 for y in ys)
    sxy = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))
    return [Row("slope", 0, sxy / sxx), Row("r_squared", 0, sxy * sxy / (sxx * syy))]


def law(ratio, load):
    """(capacity without loss, goodput of an overload), Mbit/s."""
    total = sum(ratio)
    return (min(rate * total / weight for rate, weight in zip(RATES, ratio)),
            sum(min(rate, load * weight / total) for rate, weight in zip(RATES, ratio)))


def ratios(experiment):
    wanted = {}
    for ratio in RATIOS:
        paths = [(rate, 10, 10, weight) for rate, weight in zip(RATES, ratio)]
        capacity = law(ratio, OVERLOAD)[0]
        for step in STEPS:
            wanted[ratio, step] = (scenario(paths, IN_ORDER, udp(capacity * step), 12, 2), 1)
        wanted[ratio, "overload"] = (scenario(paths, IN_ORDER, udp(OVERLOAD), 12, 2), 1)
        slow = [(rate, delay, 60, weight) for rate, delay, weight in zip(RATES, (10, 40), ratio)]
        tcp = "kind: tcp, match: {protocol: tcp, port: 9000}"
        wanted[ratio, "tcp"] = (scenario(slow, IN_ORDER, tcp, 40, 10), 1)
        wanted[ratio, "tcp_raw"] = (scenario(slow, "weighted", tcp, 40, 10), 1)
    found, rows = experiment.simulations(wanted), []
    for ratio, x in RATIOS.items():
        capacity = law(ratio, OVERLOAD)[0]
        fine = [step for step in STEPS if found[ratio, step]["load/up", "loss"] == 0]
        lossy = [step for step in STEPS if step not in fine]
        between = (max(fine, default=0) + min(lossy, default=0)) / 2
        rows.append(Row("lossless", x, capacity * between))
        rows.append(Row("overload", x, found[ratio, "overload"]["load/up", "goodput_bps"] / 1e6 / SHARE))
        segment = SEGMENT / (SEGMENT + 52 + TUNNEL + PPP)
        for series in ("tcp", "tcp_raw"):
            rows.append(Row(series, x, found[ratio, series]["load/up", "goodput_bps"] / 1e6 / segment))
    return rows


def sequences(experiment):
    """1 where the library's sequence is the one expected."""
    found = experiment.programs({weights: ["flowbind-paths", "sequence", "scheduler=weighted",
                                           "weights=" + ",".join(map(str, weights)), f"packets={len(expected)}"]
                                 for weights, expected in SEQUENCES.items()})
    return [Row("sequence_" + ":".join(map(str, weights)), 0, float(text.split()[1] == SEQUENCES[weights]))
            for weights, text in found.items()]


def measure(experiment):
    return sequences(experiment) + equal_paths(experiment) + ratios(experiment)
