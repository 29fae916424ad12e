# SPDX-License-Identifier: BSD-3-Clause
"""R3: what two paths of unequal delay make of the order, and what the resequencer makes good."""

from figure import Panel, Row

TITLE = "Reordering over two paths, and resequencing"
SPACING = 1e-3  # seconds between two packets: 12 Mbit/s of 1500 octets, one in turn over each path
STREAM = ["scheduler=round-robin", "rates=1G,1G", "load=12M", "packets=4000"]
GAPS = [0.5, 1.5, 2.5, 3.5, 5.5, 7.5, 10.5, 15.5, 20.5, 30.5, 40.5, 60.5, 80.1, 100.5, 130.5]
TIMEOUT_GAP = 40.5
TIMEOUTS = [5, 10, 20, 30, 35, 38, 39, 39.4, 39.6, 40, 42, 45, 50, 60]
# RFC 4737 7 and 10.3: orders of arrival; the extent and n-reordering of each reordered packet
ORDERS = {
    "a": "1,2,3,5,6,7,8,4,9,10",
    "b": "1,2,3,4,7,5,6,8,9,10",
    "c": "1,2,3,7,8,9,10,4,5,6,11",
    "d": "1,2,3,6,7,4,5,8,9,10,12,13,11,14,15,16",
}

PANELS = [
    Panel("Reordering extent, and packets that wait", "difference of the delays / spacing of the packets", "packets",
          [("extent", "greatest extent (RFC 4737 4.2)"), ("buffer", "packets that wait at a time")],
          x_range="[0:135]"),
    Panel("Time in the resequencer", "difference of the delays / spacing of the packets", "mean wait / spacing",
          [("wait", "mean time a packet waits for others")], x_range="[0:135]"),
    Panel("How long the resequencer waits", "time-out / spacing of the packets", "packets in order, %",
          [("in_order", f"delays differ by {TIMEOUT_GAP} spacings; late packets are not delivered")],
          x_range="[0:62]", y_range="[0:108]", marks=((TIMEOUT_GAP - 1, "difference of delays"),)),
    Panel("Share of reordered packets", "difference of the delays / spacing of the packets", "reordered packets, %",
          [("reordered", "reordered (RFC 4737 3)")], x_range="[0:135]", y_range="[0:60]"),
]


def delays(gap):
    return f"delays=0,{gap * SPACING:.6f}"


def cells(text):
    return [float(cell) for cell in text.splitlines()[1].split(",")]


def two_paths(experiment):
    streams = experiment.programs({gap: ["flowbind-paths", "stream", *STREAM, delays(gap)] for gap in GAPS})
    rows = []
    for gap, text in streams.items():
        in_order, network, reordered, extent, buffer = cells(text)[:5]
        rows += [Row("extent", gap, extent), Row("buffer", gap, buffer), Row("reordered", gap, 100 * reordered),
                 Row("wait", gap, (in_order - network) / SPACING)]
    return rows


def time_outs(experiment):
    """The library's resequencer."""
    words = ["flowbind-paths", "resequence", *STREAM, delays(TIMEOUT_GAP)]
    wanted = {timeout: [*words, f"timeout={timeout * SPACING:.6f}"] for timeout in TIMEOUTS}
    rows = []
    for timeout, text in experiment.programs(wanted).items():
        rows.append(Row("in_order", timeout, 100 * cells(text)[0]))
    return rows


def orders(experiment):
    found = experiment.programs({name: ["flowbind-paths", "order", "numbers=" + numbers]
                                 for name, numbers in ORDERS.items()})
    rows = []
    for name, text in found.items():
        for line in text.splitlines()[1:]:
            number, extent, n = (int(cell) for cell in line.split(","))
            rows += [Row(f"order_{name}_extent", number, extent), Row(f"order_{name}_n", number, n)]
    return rows


def measure(experiment):
    return two_paths(experiment) + time_outs(experiment) + orders(experiment)
