#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What two paths carry together, beside what each carries alone: UDP by packet, TCP put in order again.

    bench_aggregate.py BUILD_DIR             (./flowbind bench does that)

Proxy Mobile IPv6 in ns-3, two wired paths with GRE, everything downlink. UDP at 99.5 % of what 10 and 5 Mbit/s carry
less all headers, so that nothing need be lost. TCP (CUBIC, queues of one bandwidth-delay product) for 60 s after 10 s
of warm-up over 30 and 10 Mbit/s; its reference is the sum of two runs of the same scenario with one path each.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = "flowbind-sim"
# Between gateway and correspondent on the far side, each way.
BACKHAUL_MS = 10
# Headers around a UDP payload: UDP, IPv6, GRE with sequence number, IPv6, PPP of ns-3's point-to-point links.
HEADERS = 8 + 40 + 8 + 40 + 2
PAYLOAD = 1400
UDP_RATES, UDP_DELAYS, UDP_LOAD, UDP_TARGET = (10, 5), (10, 40), 0.995, 0.99
TCP_RATES = (30, 10)
# Delays of the two paths in ms, and the share of the sum that is the target.
TCP_CASES = (((10, 10), 0.97), ((10, 40), 0.95), ((10, 100), 0.90))
WARMUP_S, MEASURED_S = 10, 60


def fail(message):
    sys.exit(f"bench_aggregate.py: {message}")


def queue_packets(rate, delay):
    """One bandwidth-delay product, in packets of 1500 octets."""
    return max(10, round(rate * 1e6 * 2 * (delay + BACKHAUL_MS) / 1e3 / 8 / 1500))


def scenario(rates, delays, default, traffic):
    paths = "\n".join(
        f"  - {{name: path{i + 1}, type: wired, bid: {i + 1}, label: {i + 1}, rate: {rate}Mbps, delay: {delay}ms, "
        f"encapsulation: gre, queue: {queue_packets(rate, delay)}p}}"
        for i, (rate, delay) in enumerate(zip(rates, delays)))
    return f"""protocol: pmip6
duration: {WARMUP_S + MEASURED_S}s
warmup: {WARMUP_S}s
gateways:
  - {{name: gateway}}
paths:
{paths}
hosts:
  - {{name: host}}
access-gateway: {{path-metrics: true}}
backhaul: {{access: {BACKHAUL_MS}ms}}
static-policy:
  flows:
    - {{name: nothing, match: {{protocol: sctp, family: ipv6}}, use: [path1]}}
  default: {default}
tcp: {{variant: cubic, segment: 1340, buffers: 4MB}}
traffic:
  - {{name: load, direction: down, start: 2s, {traffic}}}
"""


def goodput(program, text, folder, name):
    """Mean bit/s of payload after the warm-up."""
    print(f"  simulating {name} ...", file=sys.stderr, flush=True)
    file, out = os.path.join(folder, "scenario.yaml"), os.path.join(folder, "out")
    with open(file, "w", encoding="utf-8") as stream:
        stream.write(text)
    done = subprocess.run([program, file, "--quiet", "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        fail(f"{PROGRAM} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    bits = 0.0
    with open(os.path.join(out, "results.csv"), encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["metric"] == "goodput_bps" and row["path"] and float(row["time"]) >= WARMUP_S:
                bits += float(row["value"])
    return bits / (MEASURED_S / 0.1)


def measure_udp(program, folder):
    capacity = sum(UDP_RATES) * 1e6 * PAYLOAD / (PAYLOAD + HEADERS)
    traffic = (f"kind: cbr, rate: {round(capacity * UDP_LOAD)}bps, packet: {PAYLOAD}, "
               "match: {protocol: udp, port: 9000, family: ipv6}")
    return [{"kind": "UDP", "scheduler": scheduler, "rates": UDP_RATES, "delays_ms": UDP_DELAYS,
             "reference_bps": round(capacity), "target": UDP_TARGET,
             "goodput_bps": round(goodput(program, scenario(UDP_RATES, UDP_DELAYS,
                                                            f"{{scheduler: {scheduler}, reorder: 200ms}}", traffic),
                                          folder, f"UDP, {scheduler}"))}
            for scheduler in ("weighted", "edpf")]


def measure_tcp(program, folder, delays, target):
    traffic = "kind: tcp, match: {protocol: tcp, port: 9000, family: ipv6}"
    alone = sum(goodput(program, scenario((rate,), (delay,), "flow-hash", traffic), folder,
                        f"TCP, {rate} Mbit/s, {delay} ms alone")
                for rate, delay in zip(TCP_RATES, delays))
    limit = 2 * max(delays) + 100
    both = goodput(program, scenario(TCP_RATES, delays, f"{{scheduler: weighted, reorder: {limit}ms}}", traffic),
                   folder, f"TCP, both with {delays[0]} and {delays[1]} ms")
    return {"kind": "TCP", "scheduler": "weighted", "rates": TCP_RATES, "delays_ms": delays, "target": target,
            "reference_bps": round(alone), "goodput_bps": round(both)}


def report(results):
    print("\nTwo paths together, payload in Mbit/s; reference: UDP the links less headers, TCP each path alone:\n")
    print(f"{'traffic':>8}{'scheduler':>12}{'Mbit/s':>10}{'delays, ms':>13}{'reference':>11}{'goodput':>9}{'share':>8}"
          f"{'target':>8}")
    met = True
    for row in results:
        share = row["goodput_bps"] / row["reference_bps"]
        good = share >= row["target"]
        met = met and good
        print(f"{row['kind']:>8}{row['scheduler']:>12}{'+'.join(map(str, row['rates'])):>10}"
              f"{' / '.join(map(str, row['delays_ms'])):>13}{row['reference_bps'] / 1e6:11.2f}"
              f"{row['goodput_bps'] / 1e6:9.2f}{share:8.3f}{row['target']:8.2f}  {'' if good else 'MISSED'}")
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default=os.environ.get("FLOWBIND_BUILD"), metavar="BUILD_DIR",
                        help=f"folder of {PROGRAM} (default: $FLOWBIND_BUILD)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    arguments = parser.parse_args()
    if arguments.build is None:
        parser.error(f"say where {PROGRAM} was built: bench_aggregate.py BUILD_DIR")
    program = os.path.join(arguments.build, PROGRAM)
    if not os.access(program, os.X_OK):
        fail(f"there is no {program}; build the project first: ./flowbind build")
    with tempfile.TemporaryDirectory(prefix="flowbind-bench-") as folder:
        results = measure_udp(program, folder) + [measure_tcp(program, folder, *case) for case in TCP_CASES]
    met = report(results)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as stream:
            json.dump(results, stream, indent=2)
            stream.write("\n")
    return 1 if arguments.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
