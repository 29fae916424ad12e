# SPDX-License-Identifier: BSD-3-Clause
"""R5: what one TCP connection carries over WiFi and 3G together, by the size of its receive buffer."""

from figure import Panel, Row

TITLE = "Receive buffer over WiFi and 3G (NSDI 2012)"
TIME = "3 minutes"

SEGMENT = 1400
WIRE = SEGMENT + 52 + 32 + 2  # TCP and IP; IP and GRE with key and sequence number; ns-3's point-to-point links
PACKET = 1500  # a window of the oracle is made of these
WINDOWS = [15, 20, 30, 40, 50, 65, 75, 90, 100, 115, 150, 200, 300, 600]  # kB
LINKS = {
    "wifi": "{name: wifi, type: wired, bid: 1, label: 1, rate: 8Mbps, delay: 10ms, weight: 4",
    "umts": "{name: umts, type: wired, bid: 2, label: 2, rate: 2Mbps, delay: 75ms, weight: 1",
}
# Links, scheduler, and how long the resequencer waits at most
SERIES = {
    "wifi": (["wifi"], "flow-hash", ""),
    "umts": (["umts"], "flow-hash", ""),
    "round_robin": (["wifi", "umts"], "round-robin", "5s"),
    "weighted": (["wifi", "umts"], "weighted", "5s"),
    "edpf": (["wifi", "umts"], "edpf", "5s"),
    "raw": (["wifi", "umts"], "weighted", ""),
}

PANELS = [
    Panel("WiFi 8 Mbit/s, 20 ms; 3G 2 Mbit/s, 150 ms", "receive buffer, kB", "throughput, Mbit/s on the wire",
          [("wifi", "WiFi alone"), ("umts", "3G alone"), ("round_robin", "round-robin, put in order"),
           ("weighted", "weighted 4:1, put in order"), ("edpf", "edpf, put in order"),
           ("raw", "weighted 4:1, as it comes (ns-3's TCP, no RACK, no D-SACK)")],
          log="x", x_range="[13:700]", y_range="[0:11.5]",
          marks=((187.5, "sum of rates x longest RTT"), (600, "NSDI: enough"))),
    Panel("Striping by edpf against WiFi alone", "receive buffer, kB", "throughput / that of WiFi alone",
          [("edpf_to_wifi", "edpf / WiFi alone; rings: least")], log="x", x_range="[13:700]", y_range="[0:1.4]"),
]


def scenario(series, window):
    links, scheduler, wait = SERIES[series]
    paths = "\n".join(f"  - {LINKS[name]}, queue: 2000p, encapsulation: gre}}" for name in links)
    packets = window * 1000 // PACKET
    default = f"{{scheduler: {scheduler}, reorder: {wait}}}" if wait else scheduler
    # Without a reverse tunnel acknowledgements take the first path, as the oracle has it
    return f"""protocol: mip4
duration: 28s
warmup: 14s
paths:
{paths}
static-policy:
  flows:
    - {{name: nothing, match: {{protocol: sctp}}, use: [{links[0]}]}}
  default: {default}
mobile-node: {{path-metrics: true, reverse-tunnel: false}}
backhaul: {{access: 0s, core: 0s}}
tcp: {{variant: newreno, segment: {SEGMENT}, buffers: {packets * SEGMENT + 200}}}
ns3: {{"ns3::TcpSocket::DelAckCount": 1}}
traffic:
  - {{name: load, kind: tcp, direction: down, start: 1s, match: {{protocol: tcp, port: 9000}}}}
"""


def measure(experiment):
    wanted = {(series, window): (scenario(series, window), 1) for series in SERIES for window in WINDOWS}
    found = experiment.simulations(wanted)
    carried = {key: metrics["load/down", "goodput_bps"] / 1e6 * WIRE / SEGMENT for key, metrics in found.items()}
    rows = [Row(series, window, value) for (series, window), value in carried.items()]
    return rows + [Row("edpf_to_wifi", window, carried["edpf", window] / carried["wifi", window])
                   for window in WINDOWS]
