#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests flowbind-classify: captures written here, of every link type, beside tshark; options; bad input.

usage: test_classify.py [PROGRAM]    PROGRAM is flowbind-classify; without it $FLOWBIND_CLASSIFY
"""

import collections
import ipaddress
import os
import random
import shutil
import struct
import subprocess
import sys

import decode_cases
from decode_cases import FORMATS, LINKS, capture, case, equal, run

HOME, PEER, OTHER = "10.0.0.5", "192.0.2.1", "198.51.100.9"
HOME6, PEER6 = "2001:db8::5", "2001:db8:1::7"
TCP, UDP, ICMP, ESP, FRAGMENT = 6, 17, 1, 50, 44
POLICY = """
flows:
  - {name: web, match: {protocol: tcp, port: 80}, use: [lte, drop]}
  - {name: voice, match: {protocol: udp, port: 5060-5070}, use: [wlan, lte]}
  - {name: tunnel, match: {protocol: esp, spi: 256-511}, use: [cdma]}
  - {name: urgent, match: {dscp: ef}, use: [wlan]}
  - {name: labelled, match: {flow_label: 77}, use: [lte]}
  - {name: web6, match: {family: ipv6, protocol: tcp, port: 80}, use: [wlan, lte]}
  - {name: never, match: {address: 203.0.113.0/24}, use: [drop]}
default: round-robin
"""


def ports(source, destination, payload=b"", udp=False):
    if udp:
        return struct.pack("!HHHH", source, destination, 8 + len(payload), 0) + payload
    return struct.pack("!HHIIBBHHH", source, destination, 1, 0, 0x50, 2, 65535, 0, 0) + payload


def ipv4(source, destination, protocol, payload, tos=0, fragment=0, ident=1):
    """fragment: the word with the flags; 0x2000 is more fragments."""
    header = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(payload), ident, fragment, 64, protocol, 0,
                         ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed)
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return header[:10] + struct.pack("!H", ~total & 0xffff) + header[12:] + payload


def ipv6(source, destination, protocol, payload, traffic_class=0, label=0):
    return struct.pack("!IHBB16s16s", 6 << 28 | traffic_class << 20 | label, len(payload), protocol, 64,
                       ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed) + payload


def policy(text=POLICY):
    path = os.path.join(decode_cases.SCRATCH, "policy.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def classify(path, *options, text=POLICY):
    """(flows, rules by name, the capture) of a successful run, and what it said beside."""
    code, objects, errors = run(policy(text), path, "--json", *options)
    assert code == 0, errors
    flows = [item for item in objects if item["type"] == "flow"]
    rules = {item["rule"]: item for item in objects if item["type"] == "rule"}
    found = [item for item in objects if item["type"] == "capture"]
    assert len(found) == 1 and objects[-1] is found[0] and len(objects) == len(flows) + len(rules) + 1
    return flows, rules, found[0], errors


def table(path, *options, text=POLICY):
    """(exit code, lines, standard error) without --json."""
    done = subprocess.run([decode_cases.PROGRAM, policy(text), path, *options], capture_output=True, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


MIXED = [
    (ipv4(HOME, PEER, TCP, ports(40000, 80)), "up", "web"),
    (ipv4(PEER, HOME, TCP, ports(80, 40000, b"x" * 500)), "down", "web"),
    (ipv4(HOME, PEER, UDP, ports(9000, 5065, b"y" * 20, True)), "up", "voice"),
    (ipv4(PEER, HOME, UDP, ports(5065, 9000, b"y" * 20, True)), "down", "voice"),
    (ipv4(PEER, HOME, UDP, ports(9000, 5065, b"", True)), "down", None),  # the mobile node's own port is not "port"
    (ipv4(PEER, HOME, ESP, struct.pack("!II", 300, 1)), "down", "tunnel"),
    (ipv4(PEER, HOME, ESP, struct.pack("!II", 512, 1)), "down", None),
    (ipv4(PEER, HOME, UDP, ports(1, 2, b"", True), tos=46 << 2 | 1), "down", "urgent"),
    (ipv4(HOME, "203.0.113.7", ICMP, bytes(8)), "up", "never"),
    (ipv4(HOME, PEER, ICMP, bytes(8)), "up", None),
    (ipv6(HOME6, PEER6, TCP, ports(40000, 80)), "up", "web6"),
    (ipv6(PEER6, HOME6, UDP, ports(7, 8, b"", True), label=77), "down", "labelled"),
    (ipv6(PEER6, HOME6, UDP, ports(7, 8, b"", True), label=78), "down", None),
]


@case
def link_types_and_file_formats():
    for link, (number, wrap) in LINKS.items():
        frames = [wrap(octets) for octets, _, _ in MIXED if number != 228 or octets[0] >> 4 == 4]

        def check(number=number, frames=frames):
            for form in FORMATS:
                flows, _, found, _ = classify(capture("link", number, frames, form=form), "--home", HOME, "--home",
                                              HOME6)
                equal(found["packets"], len(frames), form)
                by_frame = {flow["first_frame"]: flow for flow in flows}
                wanted = [item for item in MIXED if number != 228 or item[0][0] >> 4 == 4]
                for frame, (_, way, rule) in enumerate(wanted, 1):
                    equal((by_frame[frame]["direction"], by_frame[frame]["rule"]), (way, rule), f"frame {frame}")

        yield f"link type {link}", check


@case
def flows_rules_and_shares():
    frames = [octets for octets, _, _ in MIXED]
    flows, rules, found, _ = classify(capture("mixed", 101, frames + frames), "--home", HOME, "--home", HOME6)
    equal(len(flows), len(frames))
    assert all(flow["packets"] == 2 for flow in flows), flows
    equal([flow["octets"] for flow in flows], sorted((2 * len(frame) for frame in frames), reverse=True))
    equal(found["octets"], 2 * sum(map(len, frames)))
    equal({name: rule["flows"] for name, rule in rules.items()},
          {"web": 2, "voice": 2, "tunnel": 1, "urgent": 1, "labelled": 1, "web6": 1, "never": 1, None: 4})
    equal(sum(rule["octets"] for rule in rules.values()), found["octets"])
    assert abs(sum(rule["share"] for rule in rules.values()) - 1) < 0.001
    equal((rules["web"]["paths"], rules["web"]["drop"]), (["lte"], True))
    equal((rules["voice"]["paths"], rules["voice"]["drop"]), (["wlan", "lte"], False))
    equal((rules["never"]["paths"], rules["never"]["drop"]), ([], True))
    equal(rules[None]["scheduler"], "round-robin")


@case
def an_aligned_table():
    frames = [octets for octets, _, _ in MIXED]
    code, lines, _ = table(capture("table", 101, frames), "--home", HOME, "--home", HOME6)
    equal(code, 0)
    head, count = lines[0], len(frames)
    equal(head.split(), ["source", "destination", "protocol", "way", "packets", "octets", "rule", "paths"])
    for line in lines[1:count + 1]:
        for title in ("destination", "protocol", "way", "rule", "paths"):
            at = head.index(title)
            assert line[at - 2:at] == "  " and line[at] != " ", (title, line)
        equal(line[head.index("octets") + 6], " ", line)  # numbers end below the end of their title
    web = next(line for line in lines if line.startswith("192.0.2.1:80 "))
    equal(web.split(), ["192.0.2.1:80", "10.0.0.5:40000", "tcp", "down", "1", "540", "web", "lte", ">", "drop"])
    assert any(line.startswith("[2001:db8::5]:40000 ") and line.endswith("web6       wlan > lte") for line in lines), \
        lines
    assert any("udp ds 46" in line and line.endswith("urgent     wlan") for line in lines), lines
    assert any("esp 0x12c" in line for line in lines), lines
    equal(lines[count + 1], "")
    equal(lines[count + 2].split(), ["rule", "flows", "packets", "octets", "share", "paths"])
    equal([line.split()[0] for line in lines[count + 3:]],
          ["web", "voice", "tunnel", "urgent", "labelled", "web6", "never", "(default)"])


@case
def only_the_largest():
    frames = [octets for octets, _, _ in MIXED]
    path = capture("top", 101, frames)
    equal(len(classify(path, "--home", HOME, "--top", "2")[0]), 2)
    code, lines, _ = table(path, "--home", HOME, "--top", "2")
    equal((code, lines[3]), (0, f"... and {len(frames) - 2} flows with fewer octets"))


@case
def which_side_is_the_mobile_node():
    path = capture("side", 101, [octets for octets, _, _ in MIXED[:4]] + [ipv4(OTHER, PEER, ICMP, bytes(8))])
    flows, _, found, errors = classify(path)  # PEER has most packets
    equal({(flow["source"], flow["direction"]) for flow in flows}, {(HOME, "down"), (PEER, "up"), (OTHER, "down")})
    equal(found["home"], [PEER + "/32"])
    assert f"taken for the mobile node: {PEER}" in errors, errors
    for home in (HOME, "10.0.0.0/8"):
        flows, rules, found, errors = classify(path, "--home", home)
        equal({(flow["source"], flow["direction"]) for flow in flows}, {(HOME, "up"), (PEER, "down"), (OTHER, "none")})
        equal((errors, found["not_the_mobile_nodes"], rules["web"]["flows"]), ("", 1, 2))
    assert "(not the mobile node's)" in "\n".join(table(path, "--home", HOME)[1])
    for way in ("down", "up"):
        flows, rules, _, errors = classify(path, "--direction", way)
        equal({flow["direction"] for flow in flows}, {way})
        equal((errors, rules["web"]["flows"]), ("", 1))


@case
def the_one_that_sent_first_of_two():
    flows, _, found, _ = classify(capture("first", 101, [octets for octets, _, _ in MIXED[:2]]))
    equal(found["home"], [HOME + "/32"])
    equal({flow["rule"] for flow in flows}, {"web"})


@case
def later_fragments_follow_the_first():
    whole = ports(5065, 9000, bytes(2000), True)
    pieces = [ipv4(PEER, HOME, UDP, whole[:1480], fragment=0x2000, ident=7),
              ipv4(PEER, HOME, UDP, whole[1480:], fragment=1480 // 8, ident=7),
              ipv4(PEER, HOME, UDP, whole[1480:], fragment=1480 // 8, ident=8)]  # of another packet
    first6 = struct.pack("!BBHI", UDP, 0, 1, 99) + whole[:1480]
    later6 = struct.pack("!BBHI", UDP, 0, 1480, 99) + whole[1480:]
    pieces += [ipv6(PEER6, HOME6, FRAGMENT, first6), ipv6(PEER6, HOME6, FRAGMENT, later6)]
    flows, _, found, errors = classify(capture("fragments", 101, pieces), "--home", HOME, "--home", HOME6)
    equal([(flow["first_frame"], flow["packets"], flow["rule"]) for flow in flows], [(4, 2, None), (1, 2, "voice"),
                                                                                    (3, 1, None)])
    equal(found["fragments_without_first"], 1)
    assert "1 fragments whose first one is not in the capture" in errors, errors
    assert "source_port" in flows[1] and "source_port" not in flows[2]


@case
def packets_that_were_cut():
    frames = [octets for octets, _, _ in MIXED[:4]]
    flows, rules, found, errors = classify(capture("cut", 101, frames, snap=24), "--home", HOME)
    equal((found["truncated"], rules["web"]["flows"], rules["web"]["octets"]), (0, 2, len(frames[0] + frames[1])))
    flows, rules, found, errors = classify(capture("cut", 101, frames, snap=21), "--home", HOME)
    equal((found["truncated"], rules["web"]["flows"], len(flows)), (4, 0, 4))
    assert "4 packets were cut before their ports" in errors and "snap length" in errors, errors
    flows, rules, found, errors = classify(capture("cut", 101, frames, snap=19), "--home", HOME)
    equal((found["malformed"], flows), (4, []))
    assert "4 IP packets that are damaged" in errors, errors


@case
def frames_without_ip():
    frames = [bytes(12) + b"\x08\x06" + bytes(28), LINKS["Ethernet"][1](MIXED[0][0])]
    flows, _, found, errors = classify(capture("arp", 1, frames))
    equal((len(flows), found["frames"], found["without_ip"]), (1, 2, 1))
    assert "1 frames without an IP packet" in errors, errors


@case
def an_empty_capture():
    path = capture("empty", 1, [])
    flows, rules, found, errors = classify(path)
    equal((flows, len(rules), found["packets"]), ([], 8, 0))
    assert f"{path}: no IP packet in 0 frames" in errors, errors
    code, lines, _ = table(path)
    equal((code, lines[0].split()[0], len(lines)), (0, "rule", 9))


# ---------------------------------------------------------------------------------------------------------------------
# Many packets


def any_packets(count):
    """Packets of any kind between the home addresses and some others."""
    numbers = random.Random(7629)
    for _ in range(count):
        protocol = numbers.choice([TCP, TCP, UDP, UDP, ICMP, ESP, 132])
        payload = {TCP: lambda a, b: ports(a, b), UDP: lambda a, b: ports(a, b, bytes(a % 9), True),
                   ICMP: lambda a, b: bytes(8), ESP: lambda a, b: struct.pack("!II", 200 + b % 400, 1),
                   132: lambda a, b: struct.pack("!HHII", a, b, 0, 0)}[protocol](
                       numbers.choice([80, 443, 5060, 5070, 40000 + numbers.randrange(5)]),
                       numbers.choice([80, 443, 5060, 5071, 40000 + numbers.randrange(5)]))
        tos = numbers.choice([0, 0, 46 << 2, 46 << 2 | 1])
        if numbers.random() < 0.7:
            ends = [HOME, numbers.choice([PEER, OTHER, "203.0.113.77"])]
            numbers.shuffle(ends)
            yield ipv4(*ends, protocol, payload, tos=tos)
        else:
            ends = [HOME6, PEER6]
            numbers.shuffle(ends)
            yield ipv6(*ends, protocol, payload, traffic_class=tos, label=numbers.choice([0, 77, 78]))


FIELDS = ["frame.number", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto", "ipv6.nxt", "tcp.srcport",
          "tcp.dstport", "udp.srcport", "udp.dstport", "sctp.srcport", "sctp.dstport", "esp.spi", "ip.dsfield.dscp",
          "ipv6.tclass.dscp", "ipv6.flow", "ip.len", "ipv6.plen"]


def rule_by_tshark(row):
    """What POLICY says of a packet, by the fields tshark found in it."""
    down = (row["ip.dst"] or row["ipv6.dst"]) in (HOME, HOME6)
    six = bool(row["ipv6.src"])
    protocol = int(row["ipv6.nxt"] or row["ip.proto"])
    end = "src" if down else "dst"
    port = row[f"tcp.{end}port"] or row[f"udp.{end}port"] or row[f"sctp.{end}port"]
    port = int(port) if port else None
    spi = int(row["esp.spi"], 16) if row["esp.spi"] else None
    dscp = int(row["ip.dsfield.dscp"] or row["ipv6.tclass.dscp"])
    if not six:
        address = ipaddress.ip_address(row["ip." + end])
        if protocol == TCP and port == 80:
            return "web"
        if protocol == UDP and 5060 <= port <= 5070:
            return "voice"
        if spi is not None and 256 <= spi <= 511:
            return "tunnel"
        if dscp == 46:
            return "urgent"
        return "never" if address in ipaddress.ip_network("203.0.113.0/24") else None
    if int(row["ipv6.flow"], 16) == 77:
        return "labelled"
    return "web6" if protocol == TCP and port == 80 else None


@case
def beside_tshark():
    if shutil.which("tshark") is None:
        raise AssertionError("tshark is not installed: ./flowbind setup installs it")

    def check():
        path = capture("many", 101, list(any_packets(3000)))
        command = ["tshark", "-n", "-r", path, "-T", "fields", "-o", "ip.defragment:FALSE"]
        for field in FIELDS:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        rows = [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]
        equal(len(rows), 3000)
        wanted = collections.Counter()
        for row in rows:
            octets = int(row["ip.len"]) if row["ip.len"] else 40 + int(row["ipv6.plen"])
            wanted[rule_by_tshark(row), "packets"] += 1
            wanted[rule_by_tshark(row), "octets"] += octets
        flows, rules, _, _ = classify(path, "--home", HOME, "--home", HOME6)
        for name, rule in rules.items():
            equal((rule["packets"], rule["octets"]), (wanted[name, "packets"], wanted[name, "octets"]), str(name))
        assert all(rule["packets"] > 0 for rule in rules.values()), rules
        first = {flow["first_frame"]: flow for flow in flows}
        for row in rows:
            flow = first.get(int(row["frame.number"]))
            if flow is not None:
                equal(flow["source"], row["ip.src"] or row["ipv6.src"])
                equal(flow["protocol"], int(row["ipv6.nxt"] or row["ip.proto"]))
                equal(str(flow.get("source_port", "")),
                      row["tcp.srcport"] or row["udp.srcport"] or row["sctp.srcport"])
                equal(flow["dscp"], int(row["ip.dsfield.dscp"] or row["ipv6.tclass.dscp"]))
                equal(flow.get("spi"), int(row["esp.spi"], 16) if row["esp.spi"] else None)

    yield "beside tshark", check


@case
def many_flows():
    """More than tables begin with, and a capture that is not small."""
    frames = [ipv4(HOME, PEER, UDP, ports(1024 + n % 20000, 5060 + n % 2 * 100, b"", True)) for n in range(60000)]
    flows, rules, found, _ = classify(capture("flows", 101, frames), "--home", HOME)
    equal((len(flows), found["packets"]), (20000, 60000))
    assert all(flow["packets"] == 3 for flow in flows)
    equal((rules["voice"]["flows"], rules[None]["flows"]), (10000, 10000))


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be done


def refused(*arguments):
    code, objects, errors = run(*arguments)
    equal((code, objects), (2, []), errors)
    return errors


@case
def bad_captures():
    path = capture("whole", 101, [octets for octets, _, _ in MIXED])
    with open(path, "rb") as file:
        octets = file.read()
    errors = refused(policy(), path + ".not")
    assert "No such file" in errors, errors
    for name, content in (("nothing", b""), ("text", b"flows: []\n" * 20)):
        broken = os.path.join(decode_cases.SCRATCH, name)
        with open(broken, "wb") as file:
            file.write(content)
        errors = refused(policy(), broken)
        assert "cannot be read as a capture" in errors and "expected a capture in pcap or pcapng" in errors, errors
    with open(path, "wb") as file:
        file.write(octets[:-5])
    code, objects, errors = run(policy(), path, "--json", "--home", HOME)
    equal((code, objects[-1]["packets"]), (2, len(MIXED) - 1))
    assert f"damaged behind frame {len(MIXED) - 1}" in errors and "before the damage was used" in errors, errors
    errors = refused(policy(), capture("strange", 147, []))
    assert "captured on a link of type" in errors and "readable are: Ethernet" in errors, errors


@case
def bad_policies():
    path = capture("any", 101, [MIXED[0][0]])
    errors = refused(os.path.join(decode_cases.SCRATCH, "no.yaml"), path)
    assert "no.yaml" in errors and "No such file" in errors, errors
    errors = refused(policy("flows: []\n"), path)
    assert "flows: " in errors and "expected" in errors, errors
    errors = refused(policy("flows:\n  - {name: a, match: {port: 99999}, use: [x]}\n"), path)
    assert ":2:" in errors and "99999" in errors, errors


@case
def unknown_paths():
    path = capture("paths", 101, [MIXED[0][0]])
    classify(path, "--paths", "wlan,lte,cdma")
    errors = refused(policy(), path, "--paths", "wlan,lt,cdma")
    assert "flow 'web' uses path 'lte', which does not exist" in errors and "lt" in errors, errors


@case
def bad_options():
    path = capture("options", 101, [])
    for arguments, words in (((policy(),), "no capture"),
                             ((policy(), path, path), "one of each"),
                             ((policy(), path, "--home"), "its value is missing"),
                             ((policy(), path, "--home", "10.0.0"), "expected an address or a prefix"),
                             ((policy(), path, "--home", "10.0.0.0/33"), "expected an address or a prefix"),
                             ((policy(), path, "--home", "2001:db8::/129"), "expected an address or a prefix"),
                             ((policy(), path, *["--home", HOME] * 17), "no more than 16"),
                             ((policy(), path, "--direction", "left"), "expected down, up or auto"),
                             ((policy(), path, "--paths", ","), "expected names"),
                             ((policy(), path, "--top", "0"), "1 or more"),
                             ((policy(), path, "--jason"), "unknown option '--jason'")):
        errors = refused(*arguments)
        assert errors.startswith("flowbind classify: ") and words in errors, errors


@case
def help_is_no_error():
    for arguments in (["--help"], []):
        done = subprocess.run([decode_cases.PROGRAM, *arguments], capture_output=True, text=True, timeout=60,
                              check=False)
        equal(done.returncode, 0)
        assert done.stdout.startswith("usage: flowbind classify POLICY.yaml CAPTURE.pcap") and not done.stderr, done


if __name__ == "__main__":
    sys.exit(decode_cases.main("FLOWBIND_CLASSIFY"))
