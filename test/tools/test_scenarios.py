#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests of flowbind-sim as its users see it: files, captures, exit codes. The captures are read by tshark and by
mip4_reader.py, which share nothing with the simulator.

usage: test_scenarios.py [BUILD-FOLDER] (default: the program that the variable FLOWBIND_SIM names)

The main scenario here is the one of RFC 7629, Figures 1 and 2, made short; the files in examples/scenarios are run with
their expectations by run_tests.py.
"""

import csv
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree

import mip4_reader

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("FLOWBIND_ROOT") or os.path.dirname(os.path.dirname(HERE))
POLICY = os.path.join(ROOT, "examples", "policies", "rfc7629-figure2.yaml")

HOME, HOME_AGENT, CORRESPONDENT = "198.51.100.10", "192.0.2.1", "192.0.2.130"
CARE_OF = {"wlan": "203.0.113.17", "lte": "7.0.0.2", "cdma": "203.0.113.49"}
PATHS = {address: name for name, address in CARE_OF.items()}
KEYS = {256: bytes(range(16))}

DOWN_S, UP_S = 4, 6  # of WLAN in the scenario below
FIGURE2 = f"""\
protocol: mip4
duration: 9s
paths:
  - {{name: wlan, type: wlan, bid: 1, label: 1}}
  - {{name: lte,  type: lte,  bid: 2, label: 2}}
  - {{name: cdma, type: cdma, bid: 3, label: 3}}
policy: {POLICY}
traffic:
  - {{name: call,  kind: voip, direction: both, flow: SIP}}
  - {{name: web,   kind: tcp,  direction: down, flow: HTTP, start: 3s, stop: 5s}}
  - {{name: shell, kind: cbr,  direction: both, flow: SSH, rate: 32kbps, packet: 200}}
events:
  - {{at: {DOWN_S}s, path: wlan, do: down}}
  - {{at: {UP_S}s, path: wlan, do: up}}
expect:
  - {{flow: SIP,  between: [2s, 4s], path: wlan, loss-max: 0%}}
  - {{flow: SIP,  between: [4.5s, 6s], path: lte}}
  - {{flow: SIP,  between: [6.5s, 9s], path: wlan, loss-max: 0%}}
  - {{flow: SIP,  failover-gap-max: 200ms}}
  - {{flow: HTTP, path: lte, goodput-min: 15Mbps}}
  - {{flow: SSH,  path: cdma, loss-max: 0%, delay-max: 130ms}}
"""

# Quick to run: no radio.
WIRES = """\
protocol: mip4
duration: 5s
paths:
  - {name: one, type: wired, bid: 1, label: 1, up: 2Mbps, down: 8Mbps, delay: 20ms}
  - {name: two, type: wired, bid: 2, label: 2, rate: 4Mbps, delay: 40ms}
policy:
  flows:
    - name: bulk
      match: {protocol: tcp, port: 80}
      use: [one, drop]
    - name: voice
      match: {protocol: udp, port: 5060}
      use: [two, one]
"""


def simulator():
    if len(sys.argv) > 1:
        return os.path.join(os.path.abspath(sys.argv[1]), "flowbind-sim")
    return os.environ.get("FLOWBIND_SIM") or sys.exit(__doc__)


SIM = simulator()
CASES = []


def case(function):
    CASES.append(function)
    return function


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def read(path):
    with open(path, "rb") as file:
        return file.read()


def run(*arguments, expected=0, **options):
    """Runs flowbind-sim: (standard output, standard error)."""
    options.update(stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    done = subprocess.run([SIM, *arguments], **options)
    shown = "\n" + done.stdout + done.stderr
    check(done.returncode == expected, "exit code", done.returncode, "and not", expected, shown)
    return done.stdout, done.stderr


def run_text(text, *arguments, expected=0, **options):
    """The same for the text of a scenario."""
    return run(write("scenario.yaml", text), *arguments, expected=expected, **options)


_made = {}


def figure2(name="first", *arguments):
    """Folder with the results of the scenario above, captures included; run once."""
    if name not in _made:
        _made[name] = run(write("figure2.yaml", FIGURE2), "--pcap", "--out", name, *arguments)[0]
    return name


def results(folder):
    with open(os.path.join(folder, "results.csv"), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tshark(path, display, *fields):
    """Rows of fields of the packets that the filter lets through."""
    command = ["tshark", "-n", "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
               "-o", "tcp.check_checksum:TRUE", "-Y", display, "-T", "fields", "-E", "occurrence=a"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    check(done.returncode == 0, "tshark:", done.stderr)
    return [line.split("\t") for line in done.stdout.splitlines()]


def captures(folder):
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".pcap")]


def messages(folder, link):
    return list(mip4_reader.read_messages(os.path.join(folder, link + ".pcap"), KEYS))


def tunnelled(folder):
    """(time, way, path, correspondent's port) of every packet in a tunnel on the home agent's link."""
    for _, at, link, octets in mip4_reader.read_frames(os.path.join(folder, "home-agent.pcap")):
        packet = mip4_reader.ip_packet(link, octets)
        if packet is None or packet[9] != 4:
            continue
        source, destination = (".".join(map(str, packet[i:i + 4])) for i in (12, 16))
        inner = packet[20:]
        ports = struct.unpack("!HH", inner[20:24])
        if destination == HOME_AGENT:
            yield at, "up", PATHS[source], ports[1]
        else:
            yield at, "down", PATHS[destination], ports[0]


# ---------------------------------------------------------------------------------------------------------------------
# What RFC 7629 shows, on the wire


@case
def figure2_meets_its_expectations():
    """R7629-3-02: every tunnel carries traffic."""
    folder = figure2()
    text = read(os.path.join(folder, "summary.txt")).decode()
    check("Expectations: 6 of 6 met" in text, text)
    check(text in _made["first"], "summary.txt is not what was shown")


@case
def both_directions_use_the_same_path():
    """R7629-3-03, R7629-3-04: seen on the home agent's link, SIP rides WLAN, LTE, WLAN; HTTP LTE; SSH CDMA."""
    guard = 0.3
    phases = [(0, DOWN_S, "wlan"), (DOWN_S, UP_S, "lte"), (UP_S, 100, "wlan")]
    ports = {5060: None, 80: "lte", 22: "cdma"}
    seen = {}
    for at, way, path, port in tunnelled(figure2()):
        for begin, end, sip in phases:
            if begin + (guard if begin else 0) <= at < end:
                expected = ports[port] or sip
                check(path == expected, f"port {port} {way} at {at:.3f} s rides {path}, not {expected}")
                seen[port, way, begin] = seen.get((port, way, begin), 0) + 1
    for begin, _, _ in phases:
        for way in ("up", "down"):
            check(seen.get((5060, way, begin), 0) > 50, "too little SIP", way, "from", begin, "s:", seen)
            check(seen.get((22, way, begin), 0) > 20, "too little SSH", way, "from", begin, "s:", seen)


@case
def registrations_carry_their_bindings():
    """R7629-3-01, R7629-3.1-01, -02, -05: each link registers its own address, BID, label and technology."""
    folder = figure2()
    expected = {"wlan": (1, 1, 4), "lte": (2, 2, 8), "cdma": (3, 3, 10)}
    for path, numbers in expected.items():
        requests = [m for m in messages(folder, path) if m["type"] == "request" and m["lifetime_s"] > 0]
        check(requests, "no request on", path)
        for request in requests:
            check(request["care_of_address"] == request["source"] == CARE_OF[path], request)
            (multipath,) = [e for e in request["extensions"] if e["name"] == "multipath"]
            check((multipath["bid"], multipath["if_label"], multipath["if_att"]) == numbers, multipath)
        check(any(e["name"] == "flow-binding" for e in requests[0]["extensions"]), "no policy in the first on", path)


@case
def the_policy_is_figure_2():
    """The last policy on the wire is the whole table of RFC 7629, Figure 2; `drop` is a DROP with the same selector."""
    requests = [m for m in messages(figure2(), "home-agent") if m["type"] == "request"]
    policies = [[e for e in m["extensions"] if e["name"] == "flow-binding"] for m in requests]
    last = [policy for policy in policies if policy][-1]
    sip, http, ssh = ({"source_port": [port, None], "protocol": [protocol, None]}
                      for port, protocol in ((5060, 17), (80, 6), (22, 6)))
    rules = [(e["action"], e["bids"] if e["action"] == "FORWARD" else None, e["selector"]) for e in last]
    check(rules == [("FORWARD", [1, 2], sip), ("DROP", None, sip), ("FORWARD", [2], http), ("DROP", None, http),
                    ("FORWARD", [3, 2, 1], ssh)], rules)


@case
def every_message_is_sound_and_authentic():
    for path in captures(figure2()):
        for message in mip4_reader.read_messages(path, KEYS):
            check("error" not in message and message["checksum"] and message["authentic"], path, message)


@case
def replies_accept_and_tunnels_wait_for_them():
    """R7629-3.1-03, -04: Code 0 to every request, and no packet in a tunnel before its binding is accepted."""
    folder = figure2()
    accepted = {}
    requests = {}
    for message in messages(folder, "home-agent"):
        if message["type"] == "request":
            requests[message["identification"]] = message
            continue
        check(message["code"] == 0, message)
        request = requests.pop(message["identification"])
        if request["lifetime_s"]:
            accepted.setdefault(PATHS[request["care_of_address"]], message["time"])
    check(not requests, "unanswered:", requests)
    check(set(accepted) == set(CARE_OF), accepted)
    for at, way, path, _ in tunnelled(folder):
        check(at >= accepted[path], f"a packet {way} over {path} at {at}, before {accepted[path]}")


@case
def a_lost_path_is_deregistered_over_another():
    gone = [m for m in messages(figure2(), "lte") if m["type"] == "request" and m["lifetime_s"] == 0]
    check(len(gone) == 1 and abs(gone[0]["time"] - DOWN_S) < 0.001, gone)
    check(gone[0]["care_of_address"] == CARE_OF["wlan"] and gone[0]["source"] == CARE_OF["lte"], gone[0])


# ---------------------------------------------------------------------------------------------------------------------
# Captures in other people's eyes


@case
def tshark_finds_no_bad_checksum():
    for path in captures(figure2()):
        bad = tshark(path, " || ".join(f"{layer}.checksum.status == Bad" for layer in ("ip", "udp", "tcp")),
                     "frame.number")
        check(not bad, path, "frames", bad[:5])
        good = tshark(path, "ip.checksum.status == Good && "
                      "(udp.checksum.status == Good || tcp.checksum.status == Good)", "frame.number")
        check(len(good) > 50, path, "only", len(good), "good")


@case
def tshark_agrees_on_fixed_fields():
    """Only what stands before the first 154: tshark 4.0 takes that extension for one in the short format."""
    folder = figure2()
    ours = messages(folder, "home-agent")
    rows = tshark(os.path.join(folder, "home-agent.pcap"), "mip", "frame.number", "mip.type", "mip.life",
                  "mip.homeaddr", "mip.haaddr", "mip.coa", "mip.code", "udp.srcport", "udp.dstport")
    check(len(rows) == len(ours) and len(rows) >= 10, len(rows), "messages, not", len(ours))
    for row, message in zip(rows, ours):
        request = message["type"] == "request"
        expected = [str(message["frame"]), "1" if request else "3", str(message["lifetime_s"]), HOME, HOME_AGENT,
                    message["care_of_address"] if request else "", "" if request else "0"]
        check(row[:7] == expected, row, "and not", expected)
        check(row[8 if request else 7] == "434", row)


@case
def goodput_is_what_the_capture_shows():
    """The call from the mobile node, counted on the correspondent's link and taken from results.csv."""
    folder = figure2()
    arrived = tshark(os.path.join(folder, "correspondent.pcap"), f"udp.dstport == 5060 && ip.dst == {CORRESPONDENT}",
                     "frame.time_epoch", "udp.length")
    octets = sum(int(length) - 8 for at, length in arrived if UP_S <= float(at) < 9)
    (row,) = [r for r in results(folder)
              if r["flow"] == "call/up" and r["metric"] == "phase_goodput_bps" and float(r["time"]) == UP_S]
    check(abs(float(row["value"]) * 3 / 8 - octets) <= 2 * 172, row, octets)


# ---------------------------------------------------------------------------------------------------------------------
# Foreign agents, NATs, other encapsulations: the scenarios in examples/, captured

OTHERS = ("encapsulations", "foreign-agent", "home-address-by-nai", "mobile-router", "nat", "policy-by-label",
          "returning-home")
TUNNEL_DATA = "message type 4"  # RFC 3519: data, not a message


def example(name, out=None):
    """Folder with the results of one of them, captures included; run once."""
    out = out or name
    if out not in _made:
        path = os.path.join(ROOT, "examples", "scenarios", name + ".yaml")
        _made[out] = run(path, "--pcap", "--quiet", "--out", out)[0]
    return out


@case
def other_captures_are_sound():
    """Nothing malformed, no bad checksum. tshark cannot read 154 in messages; the next case does."""
    wrong = " || ".join(f"{layer}.checksum.status == Bad" for layer in ("ip", "udp", "tcp", "icmp"))
    for name in OTHERS:
        for path in captures(example(name)):
            bad = tshark(path, f"(_ws.malformed && !(mip.type == 1 || mip.type == 3)) || {wrong}", "frame.number")
            check(not bad, path, "frames", bad[:5])


@case
def other_messages_are_sound_and_authentic():
    for name in OTHERS:
        for path in captures(example(name)):
            for message in mip4_reader.read_messages(path, KEYS):
                check(message["checksum"], path, message)
                if message.get("error") != TUNNEL_DATA:
                    check("error" not in message and message["authentic"], path, message)


@case
def each_path_is_tunnelled_in_its_own_way():
    seen = {}
    for _, _, link, octets in mip4_reader.read_frames(os.path.join(example("encapsulations"), "home-agent.pcap")):
        packet = mip4_reader.ip_packet(link, octets)
        udp_data = packet[9] == 17 and packet[28] == 4
        if packet[9] != 17 or udp_data:
            source, destination = (".".join(map(str, packet[i:i + 4])) for i in (12, 16))
            careof = source if destination == HOME_AGENT else destination
            seen.setdefault(careof, set()).add(packet[9])
    check(seen == {"203.0.113.17": {4}, "203.0.113.33": {47}, "203.0.113.49": {55}, "203.0.113.65": {17}}, seen)


@case
def nobody_behind_the_nat_is_seen_outside():
    """RFC 3519 4.6: the care-of address in the request is private, its source is the NAT, and data goes there."""
    rows = messages(example("nat"), "home-agent")
    behind = [m for m in rows if m.get("care_of_address") == "10.0.0.17"]
    check(len(behind) == 2, behind)  # at first, and when the NAT had forgotten
    check(all(m["source"] == "203.0.113.17" and m["source_port"] != 434 for m in behind), behind)
    check(behind[0]["source_port"] != behind[1]["source_port"], behind)
    check(not any("10.0.0.17" in (m["source"], m["destination"]) for m in rows), "a private address outside")
    for first, last, port in ((0, 65, behind[0]["source_port"]), (80, 90, behind[1]["source_port"])):
        then = [m for m in rows if first <= m["time"] < last]
        ports = {m["destination_port"] for m in then if m["destination"] == "203.0.113.17"}
        check(ports == {port}, ports, "and not", port)


@case
def no_flow_binding_is_sent():
    for path in captures(example("policy-by-label")):
        for message in mip4_reader.read_messages(path, KEYS):
            names = [e["name"] for e in message["extensions"]]
            check("flow-binding" not in names, message)
            check(message["type"] == "reply" or "multipath" in names, message)


@case
def a_foreign_agent_relays():
    """RFC 5944 3.7: to the agent from the home address, to the home agent from the agent, and back the same way."""
    folder, agent = example("foreign-agent"), "203.0.113.30"
    air = [(m["type"], m["source"], m["destination"]) for m in messages(folder, "wlan")]
    wire = [(m["type"], m["source"], m["destination"]) for m in messages(folder, "wlan-backhaul")]
    check(len(air) == len(wire) == 6, air, wire)  # at first, when it is back, and when it restarted
    check(set(air) == {("request", HOME, agent), ("reply", agent, HOME)}, air)
    check(set(wire) == {("request", agent, HOME_AGENT), ("reply", HOME_AGENT, agent)}, wire)
    discovery = tshark(os.path.join(folder, "wlan.pcap"), "icmp.type == 9", "ip.ttl", "icmp.mip.coa")
    check(len(discovery) > 20 and all(row == ["1", agent] for row in discovery), discovery[:3])


@case
def what_is_behind_a_visitor_is_tunnelled_twice():
    """RFC 5177 7, RFC 5454 3.3.2: the foreign agent sees the home address, and not the passenger nor IPv6."""
    folder, agent = example("foreign-agent"), "203.0.113.30"
    to_home, from_home = [HOME, HOME_AGENT], [HOME_AGENT, HOME]
    inside = {
        ("4,17", *to_home, "198.51.101.2", CORRESPONDENT, ""), ("41", *to_home, "fd00:a::1"),
        ("4,17", *from_home, CORRESPONDENT, "198.51.101.2", ""), ("41", *from_home, "fd00:c::2"),
        ("17", HOME, CORRESPONDENT, ""), ("17", CORRESPONDENT, HOME, ""),
    }
    for capture, ends in (("wlan", None), ("wlan-backhaul", {HOME: (agent, HOME_AGENT), HOME_AGENT: (HOME_AGENT, agent),
                                                             CORRESPONDENT: (HOME_AGENT, agent)})):
        seen = tshark(os.path.join(folder, capture + ".pcap"), "udp.port == 5060 && frame.time_epoch < 12",
                      "ip.proto", "ip.src", "ip.dst", "ipv6.src")
        check(len(seen) > 2500, capture, len(seen))
        found = set()
        for protocols, sources, destinations, ipv6 in seen:
            pairs = zip(sources.split(","), destinations.split(","))
            found.add((protocols, *(address for pair in pairs for address in pair), ipv6))
        wanted = {(p, *rest) if ends is None else ("4," + p, *ends[rest[0]], *rest) for p, *rest in inside}
        check(found == wanted, capture, found ^ wanted)


@case
def who_comes_home_says_so():
    """RFC 5944 4.6: gratuitous ARP of the mobile node, its request, the home agent's ARP on its behalf; no tunnel."""
    path = os.path.join(example("returning-home"), "home.pcap")
    arp = tshark(path, f"arp.src.proto_ipv4 == {HOME} && arp.dst.proto_ipv4 == {HOME} && eth.dst == ff:ff:ff:ff:ff:ff",
                 "frame.time_epoch", "eth.src", "arp.src.hw_mac")
    agent, node = (tshark(path, f"ip.src == {address}", "eth.src")[0][0] for address in ("198.51.100.1", HOME))
    said = {}
    for at, sender, owner in arp:
        said.setdefault((sender, owner), []).append(float(at))
    check(set(said) == {(agent, agent), (node, node), (agent, node)}, said)
    caught, home, freed = said[agent, agent], said[node, node], said[agent, node]
    check(len(caught) == 6 and len(home) == 3 and len(freed) == 3, said)  # three times each (RFC 5944 4.6)
    request, reply = messages(example("returning-home"), "home")
    check(request["type"] == "request" and request["lifetime_s"] == 0, request)
    check(request["care_of_address"] == request["source"] == HOME, request)
    times = [caught[2], 12, home[0], request["time"], freed[0], home[2], freed[2], 26, caught[3]]
    check(times == sorted(times) and request["time"] <= reply["time"], times, reply)
    check(not tshark(path, "ip.proto == 4", "frame.number"), "a tunnel at home")
    calls = tshark(path, "udp.port == 5060", "ip.src", "ip.dst")
    there = sum(row == [CORRESPONDENT, HOME] for row in calls)
    back = sum(row == [HOME, CORRESPONDENT] for row in calls)
    check(there > 600 and back > 600 and there + back == len(calls), there, back, len(calls))


@case
def home_is_one_of_the_paths_in_results():
    folder = example("returning-home")
    shares = {(r["flow"], float(r["time"])): float(r["value"]) for r in results(folder)
              if r["metric"] == "phase_path_share" and r["path"] == "home"}
    check(shares[("call/down", 12)] > 0.9 and shares[("web/down", 12)] > 0.9, shares)
    check(all(at >= 12 for _, at in shares), shares)
    head = read(os.path.join(folder, "goodput.dat")).decode().splitlines()[1]
    check("call/down:home" in head and "web/down:home" in head, head)
    with open(os.path.join(folder, "signalling.csv"), encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["event"] == "home"]
    check([r["node"] for r in rows] == ["mobile-node"] * 2, rows)


@case
def the_first_request_has_a_name_and_no_address():
    """RFC 2794: the reply to it says the home address, and from then on it is said."""
    rows = messages(example("home-address-by-nai"), "home-agent")
    requests = [m for m in rows if m["type"] == "request"]
    names = [e for e in requests[0]["extensions"] if e["name"] == "nai"]
    check(requests[0]["home_address"] == "0.0.0.0" and len(names) == 1, requests[0])
    check("mn@example.net" in str(names), names)
    check(len(requests) == 4 and all(m["home_address"] == HOME for m in requests[1:]), requests)
    check(all(m["home_address"] == HOME for m in rows if m["type"] == "reply"), rows)


@case
def same_seed_same_bytes_elsewhere():
    for name in OTHERS:
        first, again = example(name), example(name, name + "-again")
        for path in sorted(os.listdir(first)):
            if path.endswith((".csv", ".pcap", ".txt", ".dat")):
                check(read(os.path.join(first, path)) == read(os.path.join(again, path)), first, path, "differs")


# ---------------------------------------------------------------------------------------------------------------------
# The same seed gives the same bytes


@case
def same_seed_same_bytes():
    first, again = figure2(), figure2("again")
    names = sorted(os.listdir(first))
    check(names == sorted(os.listdir(again)), names, os.listdir(again))
    compared = [name for name in names if name.endswith((".csv", ".pcap", ".txt", ".dat"))]
    check(len(compared) >= 4 + 8, compared)
    for name in compared:
        check(read(os.path.join(first, name)) == read(os.path.join(again, name)), name, "differs")


@case
def another_seed_other_bytes():
    first, other = figure2(), figure2("other", "--seed", "2")
    for name in ("wlan.pcap", "results.csv"):
        check(read(os.path.join(first, name)) != read(os.path.join(other, name)), name, "is the same")
    check({row["run"] for row in results(other)} == {"2"}, "results.csv names another run")


@case
def a_capture_changes_no_result():
    run("figure2.yaml", "--out", "without", "--quiet")
    check(read("without/results.csv") == read(os.path.join(figure2(), "results.csv")), "results.csv differs")
    check(not captures("without"), "captures nobody asked for")


# ---------------------------------------------------------------------------------------------------------------------
# Files


@case
def results_are_complete():
    rows = results(figure2())
    check(list(rows[0]) == ["run", "time", "flow", "path", "metric", "value"], rows[0])
    check({r["flow"] for r in rows} == {"call/up", "call/down", "web/down", "shell/up", "shell/down"}, "flows")
    bins = [r for r in rows if r["metric"] == "goodput_bps" and r["flow"] == "call/down"]
    check({r["path"] for r in bins} == {"wlan", "lte"}, {r["path"] for r in bins})
    during = {r["metric"]: float(r["value"]) for r in rows
              if r["flow"] == "call/up" and float(r["time"]) == DOWN_S and r["metric"].startswith("phase_")}
    check(set(during) >= {"phase_goodput_bps", "phase_delay_mean_s", "phase_delay_p95_s", "phase_loss",
                          "phase_reordered", "phase_longest_gap_s", "phase_failover_gap_s", "phase_path_share"}, during)
    check(0.01 < during["phase_delay_mean_s"] <= during["phase_delay_p95_s"] < 0.1, during)


@case
def signalling_is_complete():
    folder = figure2()
    with open(os.path.join(folder, "signalling.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sent = [r for r in rows if r["node"] == "mobile-node" and r["event"] == "sent"]
    on_wire = [m for m in messages(folder, "home-agent") if m["type"] == "request"]
    check(len(sent) == len(on_wire) == 5, len(sent), len(on_wire))
    for row, message in zip(sent, on_wire):
        check(int(row["identification"], 16) == message["identification"], row, message)
        check(int(row["lifetime_s"]) == message["lifetime_s"], row, message)
        check(CARE_OF[row["over"]] == message["source"], row, message)


@case
def the_chart_is_the_signalling():
    """One arrow a message, with the path the capture shows; the same text on the screen, in the file and again."""
    folder = figure2()
    chart = read(os.path.join(folder, "chart.txt")).decode()
    lines = chart.splitlines()
    arrows = [line for line in lines if re.search(r"-o-*>|<-*o-", line)]
    sent = messages(folder, "home-agent")
    check(len(arrows) == len(sent) == 10, len(arrows), "arrows for", len(sent), "messages\n" + chart)
    names = lines[3]
    for arrow, message in zip((line for line in arrows if ">" in line), (m for m in sent if m["type"] == "request")):
        path = PATHS[message["source"]]
        lane = arrow.index("o-", arrow.index("--"))
        check(names.index(path) <= lane < names.index(path) + len(path), path, "is not the lane of\n" + arrow)
        check(message["care_of_address"] in arrow, arrow)
    for word in ("==== wlan down", "==== wlan up", "BID 1 pending -> up (registered)", "policy: 5 rules"):
        check(word in chart, word, "is not in\n" + chart)
    shown, errors = run("figure2.yaml", "--chart", "--quiet", "--out", "charted")
    check(shown == chart and errors == "", shown, errors)


@case
def pictures_are_drawn():
    folder = figure2()
    check(read(os.path.join(folder, "goodput.png"))[:8] == b"\x89PNG\r\n\x1a\n", "goodput.png is none")
    tree = xml.etree.ElementTree.parse(os.path.join(folder, "goodput.svg"))
    words = " ".join("".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text"))
    for word in ("call", "web", "shell", "wlan down", "wlan up", "simulated time, s", "Mbit/s", "kbit/s", "cdma"):
        check(word in " ".join(words.split()), word, "is not in goodput.svg:", words)


@case
def without_gnuplot_results_are_kept():
    text = WIRES + "traffic:\n  - {name: call, kind: voip, direction: both, flow: voice}\n"
    _, errors = run_text(text, "--out", "plain", env=dict(os.environ, PATH="/nonexistent"))
    check("apt-get install gnuplot-nox" in errors, errors)
    check(os.path.exists("plain/results.csv") and os.path.exists("plain/goodput.gp"), os.listdir("plain"))
    check(not os.path.exists("plain/goodput.png"), "a picture without gnuplot")
    subprocess.run(["gnuplot", "goodput.gp"], cwd="plain", check=True, capture_output=True)
    check(os.path.exists("plain/goodput.png"), "goodput.gp draws nothing")


# ---------------------------------------------------------------------------------------------------------------------
# Models


def phase(folder, flow, metric):
    values = [float(r["value"]) for r in results(folder) if r["flow"] == flow and r["metric"] == "phase_" + metric]
    check(len(values) == 1, flow, metric, values)
    return values[0]


@case
def a_wire_has_its_rates_and_delay():
    run_text(WIRES + """
traffic:
  - {name: down,  kind: tcp,  direction: down, flow: bulk}
  - {name: voice, kind: voip, direction: both, flow: voice}
""", "--out", "wires")
    # 5 + 5 ms are the wires behind the path, and 172 + 28 + 20 octets at 4 Mbit/s take 0.44 ms.
    for way in ("up", "down"):
        check(0.0504 <= phase("wires", "voice/" + way, "delay_mean_s") < 0.0507, "delay",
              phase("wires", "voice/" + way, "delay_mean_s"))
        check(phase("wires", "voice/" + way, "loss") == 0, "loss")
        check(abs(phase("wires", "voice/" + way, "goodput_bps") - 68800) < 1000, "goodput")
    goodput = phase("wires", "down/down", "goodput_bps")
    check(6e6 < goodput < 8e6 * 1400 / 1472, "TCP over 8 Mbit/s:", goodput)


@case
def uplink_is_as_slow_as_it_is():
    run_text(WIRES + "traffic:\n  - {name: up, kind: tcp, direction: up, flow: bulk}\n", "--out", "uplink")
    goodput = phase("uplink", "up/up", "goodput_bps")
    check(1.4e6 < goodput < 2e6 * 1400 / 1472, "TCP over 2 Mbit/s:", goodput)
    # A flow in one direction is drawn upwards, whichever direction that is: the colour of a wire, more than in the key.
    check(read("uplink/goodput.svg").count(b"rgb(204, 121, 167)") > 10, "goodput.svg has no bars")


@case
def loss_is_what_the_file_says():
    text = WIRES.replace("delay: 40ms", "delay: 40ms, loss: 10%").replace("duration: 5s", "duration: 60s")
    run_text(text + "traffic:\n  - {name: call, kind: voip, direction: both, flow: voice}\n", "--out", "lossy")
    for way in ("up", "down"):
        loss = phase("lossy", "call/" + way, "loss")
        check(0.08 < loss < 0.12, "10 % loss came out as", loss)  # 2900 packets: within 3.6 standard deviations


@case
def several_flows_share_a_port():
    run_text(WIRES + """
traffic:
  - {name: first,  kind: tcp,  direction: down, flow: bulk, bytes: 200kB}
  - {name: second, kind: tcp,  direction: up,   flow: bulk, bytes: 100kB}
  - {name: call1,  kind: voip, direction: both, flow: voice}
  - {name: call2,  kind: voip, direction: both, flow: voice}
""", "--out", "shared")
    check(round(phase("shared", "first/down", "goodput_bps") * 3 / 8) == 200000, "first")
    check(round(phase("shared", "second/up", "goodput_bps") * 3 / 8) == 100000, "second")
    for flow in ("call1/up", "call1/down", "call2/up", "call2/down"):
        check(phase("shared", flow, "loss") == 0, flow)


@case
def without_a_policy_flows_spread_and_keep_to_a_path():
    text = WIRES[:WIRES.index("policy:")] + "traffic:\n" + "".join(
        f"  - {{name: f{i}, kind: cbr, direction: both, match: {{protocol: udp, port: {4000 + i}}}, rate: 8kbps}}\n"
        for i in range(12))
    run_text(text, "--out", "hash")
    used = {}
    for row in results("hash"):
        if row["metric"] == "phase_path_share":
            check(float(row["value"]) == 1, row)
            used.setdefault(row["flow"].split("/")[0], set()).add(row["path"])
    check(len(used) == 12 and all(len(paths) == 1 for paths in used.values()), used)
    check(set.union(*used.values()) == {"one", "two"}, used)


@case
def tcp_survives_an_outage():
    text = WIRES.replace("duration: 5s", "duration: 30s") + """
traffic:
  - {name: down, kind: tcp, direction: down, flow: bulk}
events:
  - {at: 5s, path: one, do: down}
  - {at: 10s, path: one, do: up}
expect:
  - {traffic: down, between: [6s, 10s], path: drop}
  - {traffic: down, between: [20s, 30s], path: one, goodput-min: 4Mbps}
"""
    shown, _ = run_text(text, "--out", "outage")
    check("2 of 2 met" in shown, shown)


@case
def policy_option_replaces_the_policy():
    policy = write("other.yaml", "flows:\n  - {name: voice, match: {protocol: udp, port: 5060}, use: [one]}\n")
    text = WIRES + "traffic:\n  - {name: call, kind: voip, direction: both, flow: voice}\n"
    shown, _ = run_text(text, "--policy", policy, "--out", "policy")
    check("policy other.yaml" in shown, shown)
    paths = {row["path"] for row in results("policy") if row["metric"] == "phase_path_share"}
    check(paths == {"one"}, paths)


@case
def without_rfc7629_there_is_one_path():
    """RFC 5944 alone: the path is known although its binding has no BID; when it is lost, the next one registers."""
    text = WIRES + """
mobile-node: {multipath: false}
traffic:
  - {name: call, kind: voip, direction: both, flow: voice}
events:
  - {at: 3s, path: one, do: down}
expect:
  - {flow: voice, between: [2s, 3s], path: one}
  - {flow: voice, between: [4s, 5s], path: two}
"""
    shown, _ = run_text(text, "--out", "legacy")
    check("2 of 2 met" in shown and "without RFC 7629" in shown, shown)


# ---------------------------------------------------------------------------------------------------------------------
# What is wrong is said, with the right exit code


WRONG = [
    ("an unknown key", WIRES + "colour: blue\n", "colour"),
    ("a path that does not exist", WIRES.replace("use: [two, one]", "use: [three]"), "three"),
    ("a second LTE", WIRES.replace("wired", "lte").replace(", up: 2Mbps, down: 8Mbps, delay: 20ms", "")
     .replace(", rate: 4Mbps, delay: 40ms", ""), "lte"),
    ("another address for LTE", WIRES.replace("type: wired", "type: lte", 1)
     .replace(", up: 2Mbps, down: 8Mbps, delay: 20ms", "") + "events:\n  - {at: 1s, path: one, do: renumber}\n", "LTE"),
    ("an address of another network", WIRES + "events:\n  - {at: 1s, path: two, do: renumber, address: 203.0.113.20}\n",
     "203.0.113.33 to 203.0.113.45"),
    ("an attribute ns-3 does not have", WIRES + 'ns3:\n  "ns3::TcpSocket::Colour": blue\n', "Colour"),
    ("a value ns-3 does not take", WIRES + 'ns3:\n  "ns3::TcpSocket::SegmentSize": many\n', "SegmentSize"),
    ("an attribute of nothing", WIRES + 'ns3:\n  "/NodeList/99/Colour": blue\n', "/NodeList/99"),
    ("no YAML", "protocol: [mip4\n", "scenario.yaml:"),
]


@case
def wrong_files_are_refused():
    for what, text, word in WRONG:
        shown, errors = run_text(text, "--out", "wrong", expected=2)
        line = [line for line in errors.splitlines() if line.startswith("scenario.yaml:")]
        check(line and word in errors, what + ":", errors)
        check(shown == "" and not os.path.exists("wrong"), what, "was run")


@case
def wrong_commands_are_refused():
    write("scenario.yaml", WIRES)
    for arguments in ([], ["missing.yaml"], ["scenario.yaml", "--seed", "0"], ["scenario.yaml", "--seed", "x"],
                      ["scenario.yaml", "--seed", "4294967296"], ["scenario.yaml", "--out"],
                      ["scenario.yaml", "--colour"], ["scenario.yaml", "other.yaml"],
                      ["scenario.yaml", "--policy", "missing.yaml"], ["scenario.yaml", "--out", ""]):
        shown, errors = run(*arguments, expected=2)
        check(shown == "" and errors != "", arguments)


@case
def check_and_help_run_nothing():
    shown, _ = run_text(WIRES, "--check", "--out", "checked")
    check("fine" in shown and not os.path.exists("checked"), shown)
    check("usage:" in run("--help")[0], "no help")


@case
def a_missed_expectation_is_exit_code_1():
    text = WIRES + """
traffic:
  - {name: call, kind: voip, direction: both, flow: voice}
expect:
  - {flow: voice, path: two}
  - {flow: voice, path: one}
  - {flow: voice, delay-max: 1ms}
  - {flow: voice, goodput-min: 1Mbps}
  - {flow: voice, path: none}
"""
    shown, _ = run_text(text, "--out", "missed", expected=1)
    check("Expectations: 1 of 5 met" in shown and shown.count("NOT MET") == 4, shown)
    check("was on two" in shown and "50.4 ms" in shown, shown)
    check(os.path.exists("missed/results.csv"), "the results are not there")
    _, errors = run_text(text, "--out", "missed", "--quiet", expected=1)
    check(errors.count("NOT MET") == 4, errors)


@case
def missed_signalling_is_exit_code_1():
    text = WIRES + """
expect:
  - {message: request, count: 2}
  - {message: request, bid: 1, path: two}
  - {message: reply, code: 153}
  - {message: reply, code: 0, between: [1s, 5s]}
  - {message: request, bulk: true, count: 1}
  - {bindings: [one, two], rules: 3}
  - {bindings: [one], at: 1s}
  - {bindings: [one, two], rules: 1}
"""
    shown, _ = run_text(text, "--out", "signals", expected=1)
    check("Expectations: 2 of 8 met" in shown and shown.count("NOT MET") == 6, shown)
    check("[one, two], rules 3" in shown, shown)


@case
def what_is_lost_is_lost():
    """Ordered losses: of one path, of one kind, so many or for so long; the rest arrives. The chart shows each."""
    text = WIRES.replace("duration: 5s", "duration: 12s") + """
timers: {lifetime: 10s}
events:
  - {at: 0s, path: two, do: lose, what: requests, count: 1}
  - {at: 4s, path: one, do: lose, what: packets, for: 2s}
  - {at: 7s, do: lose, what: replies, count: 1}
traffic:
  - {name: ones, kind: cbr, direction: both, rate: 32kbps, packet: 200, match: {protocol: udp, port: 9}, stop: 11s}
  - {name: twos, kind: voip, direction: both, flow: voice, stop: 11s}
expect:
  - {traffic: twos, path: two, loss-max: 0%}
  - {traffic: ones, between: [2s, 3900ms], loss-max: 0%}
  - {traffic: ones, between: [6100ms, 11s], loss-max: 0%}
"""
    text = text.replace("use: [two, one]", "use: [two, one]\n    - name: rest\n      match: {}\n      use: [one]")
    shown, _ = run_text(text, "--out", "losses", "--chart")
    check("3 of 3 met" in shown, shown)
    lost = [line for line in shown.splitlines() if re.search(r"\blost\b", line) and re.match(r" +\d", line)]
    check(len(lost) == 2 and "BID 2" in lost[0] and "accepted" in lost[1], lost, shown)
    losses = [r for r in results("losses") if r["metric"] == "phase_loss" and r["flow"].startswith("ones")]
    during = [float(r["value"]) for r in losses if float(r["time"]) == 4]
    check(len(during) == 2 and all(abs(loss - 2 / 3) < 0.02 for loss in during), losses)  # 2 s of 3


def with_limit():
    """In the child: no file longer than 2000 octets, which is how a full disk looks."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


@case
def a_full_disk_is_exit_code_4():
    text = WIRES + "traffic:\n  - {name: call, kind: voip, direction: both, flow: voice}\n"
    run_text(text, "--out", "full", "--pcap")
    before = {name: read(os.path.join("full", name)) for name in os.listdir("full")}
    for arguments in ([], ["--pcap"]):
        _, errors = run_text(text, "--out", "full", "--seed", "2", *arguments, expected=4, preexec_fn=with_limit)
        check("full/" in errors and "--out" in errors, errors)
        after = {name: read(os.path.join("full", name)) for name in os.listdir("full")}
        check(before == after, "earlier results were touched:", sorted(after))


@case
def a_folder_that_cannot_be_is_exit_code_4():
    write("file", "")
    for folder in ("file", "file/below", "/proc/results"):
        _, errors = run_text(WIRES, "--out", folder, expected=4)
        check(folder in errors, errors)


@case
def an_interrupt_leaves_nothing_behind():
    text = WIRES.replace("duration: 5s", "duration: 3600s")
    write("long.yaml", text + "traffic:\n  - {name: down, kind: tcp, direction: down, flow: bulk}\n")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([SIM, "long.yaml", "--out", "long"], **quiet) as child:
        for _ in range(200):
            if os.path.isdir("long") and os.listdir("long"):
                break
            time.sleep(0.05)
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        code = child.wait(timeout=60)
    check(code == 130 and os.listdir("long") == [], code, os.listdir("long"))


# ---------------------------------------------------------------------------------------------------------------------


def main():
    for tool in ("tshark", "gnuplot"):
        if shutil.which(tool) is None:
            sys.exit(f"test_scenarios.py: {tool} is missing (Debian: apt-get install tshark gnuplot-nox)")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="flowbind-scenarios-") as folder:
        os.chdir(folder)
        for function in CASES:
            start = time.monotonic()
            try:
                function()
                verdict = "PASS"
            except Exception:  # pylint: disable=broad-except
                traceback.print_exc(file=sys.stdout)
                verdict, failed = "FAIL", failed + 1
            print(f"{verdict} {function.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
        os.chdir("/")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
