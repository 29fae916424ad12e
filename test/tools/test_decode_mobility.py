#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests flowbind-decode on Mobility Headers: every vector, beside a separate reader and tshark, and bad input.

usage: test_decode_mobility.py [PROGRAM]    PROGRAM is flowbind-decode; without it $FLOWBIND_DECODE
"""

import shutil
import struct
import subprocess
import sys

import decode_cases
import mobility_reader
from decode_cases import LINKS, VECTORS, capture, case, decode, equal, run

IDS = [f"P{n:02}" for n in range(1, 19)]
OVER_IPV6 = [name for name in IDS if name != "P18"]
ANSWERED = {"P14": (128, "bulk-and-overwrite"), "P15": (128, "update-no-gateway-identifier")}
NAMES = {5: "Proxy Binding Update", 6: "Proxy Binding Acknowledgement", 13: "Heartbeat"}
UPDATE, ANSWER, BEAT = "3b00050000000001 8200 0384", "3b00060000000020 0001 0384", "3b000d000000 0001 0000004d"
NUMBERS = {"spi": "{:#x}", "flow_label": "{:#x}", "ds": "{:#04x}", "traffic_class": "{:#04x}"}

# Of a sufficient update: MN-ID "a@b", Home Network Prefix ::/0, Handoff Indicator 1, Access Technology Type 4.
IDENTITY, PREFIX, HANDOFF, TECHNOLOGY = "080401614062", "1612" + "00" * 18, "17020001", "18020004"
GATEWAY, MULTIPATH = "40040100 6767", "3f06080b01000000"


def message(front, options=""):
    """A Mobility Header of these octets, filled up with Pad1."""
    octets = bytes.fromhex(front + options)
    octets += bytes(-len(octets) % 8)
    return octets[:1] + bytes([len(octets) // 8 - 1]) + octets[2:]


def sealed(octets):
    """The header between the addresses of P01, its checksum made right by hand, as an IPv6 packet."""
    source, destination = (VECTORS["P01"]["transport"][key] for key in ("ip_src", "ip_dst"))
    octets = octets[:4] + b"\0\0" + octets[6:]
    octets = octets[:4] + struct.pack("!H", mobility_reader.checksum(source, destination, octets)) + octets[6:]
    return packet(octets)


def packet(octets, next_header=135):
    front = bytes.fromhex(VECTORS["P01"]["packet_hex"])[:40]
    return front[:4] + struct.pack("!H", len(octets)) + bytes([next_header]) + front[7:] + octets


def verdict(found):
    """(status, reason) or ("drop", reason) or None."""
    if "reply_status" in found:
        assert "drop" not in found and found["explanation"] and found["reply_status_name"], found
        return found["reply_status"], found["reason"]
    return ("drop", found["drop"]) if "drop" in found else None


def same_option(ours, theirs):
    """All the separate reader has found is in the output."""
    for key, value in theirs.items():
        if key == "selector":
            value = {name: "-".join(NUMBERS.get(name, "{}").format(v) for v in values if v is not None)
                     for name, values in value.items()}
        if key == "data" and "round_trip_us" in ours:
            value = [int(value[i:i + 8], 16) for i in range(0, 32, 8)]
            equal([ours[k] for k in ("round_trip_us", "loss_ppm", "rate_up_kbps", "rate_down_kbps")], value)
            continue
        equal(ours.get(key), value, f"option {theirs['type']} {key}")


def same_message(ours, theirs):
    for key in ("type", "sequence", "flags", "lifetime_s", "status"):
        equal(ours.get(key), theirs.get(key), key)
    equal([o["type"] for o in ours["options"]], [o["type"] for o in theirs["options"]], "options")
    for pair in zip(ours["options"], theirs["options"]):
        same_option(*pair)


def check_vector(name, found):
    """A message of the output against the separate reader, which refuses one vector, and the vector's fields."""
    vector = VECTORS[name]
    equal(found["protocol"], "mobility")
    equal(found["name"], NAMES[found["type"]])
    equal(verdict(found), ANSWERED.get(name), "verdict")
    fields = {field["name"]: bytes.fromhex(field["hex"]) for field in vector["fields"]}
    equal(found["type"], fields["MH Type"][0])
    types = [octets[0] for key, octets in fields.items() if key.endswith(".Type")]
    equal([option["type"] for option in found["options"]], types, "options")
    transport = vector["transport"]
    try:
        theirs = mobility_reader.read_message(bytes.fromhex(vector["hex"]), transport["ip_src"], transport["ip_dst"])
    except mobility_reader.Malformed:
        equal(name, "P14", "refused by the separate reader")
        return
    same_message(found, theirs)


# ---------------------------------------------------------------------------------------------------------------------
# Vectors


@case
def vectors():
    for name in IDS:
        yield f"{name} as Mobility Header", lambda n=name: check_vector(n, decode(VECTORS[n]["hex"]))
        yield f"{name} as IP packet", lambda n=name: check_vector(n, decode(VECTORS[n]["packet_hex"]))


@case
def packet_addresses():
    found = decode(VECTORS["P01"]["packet_hex"])
    equal([found["source"], found["destination"], "source_port" in found], ["2001:db8:8::1", "2001:db8:f::1", False])
    found = decode(VECTORS["P18"]["packet_hex"])
    equal([found[k] for k in ("source", "source_port", "destination", "destination_port")],
          ["203.0.113.90", 5436, "192.0.2.53", 5436])


@case
def what_a_first_update_says():
    found = decode(VECTORS["P01"]["hex"])
    equal([found[k] for k in ("flags", "sequence", "lifetime_s")], ["AP", 1, 3600])
    by_type = {option["type"]: option for option in found["options"]}
    equal([by_type[8]["nai"], by_type[64]["nai"]], ["mr1@example.net", "mag7@example.net"])
    equal([by_type[22]["prefix"], by_type[55]["prefix"]], ["::/0", "::/0"])
    equal([by_type[23]["handoff_name"], by_type[24]["technology_name"]], ["attachment over a new interface", "virtual"])
    equal(by_type[27]["time"], "2026-01-01T00:00:00.500Z")
    equal(by_type[25]["link_layer"], "02005e005301")
    equal([by_type[63][k] for k in ("name", "if_att_name", "if_label", "bid", "bulk", "overwrite")],
          ["MAG Multipath Binding", "3GPP E-UTRAN", 11, 1, False, False])


@case
def what_a_refusal_says():
    found = decode(VECTORS["P05"]["hex"])
    equal([found["status"], found["status_name"]], [180, "CANNOT_SUPPORT_MULTIPATH_BINDING"])
    equal(decode(message(ANSWER.replace("3b000600000000", "3b0006000000a9"), "").hex())["status_name"],
          "MCOA SIMULTANEOUS HOME AND FOREIGN PROHIBITED")
    equal(decode(message(ANSWER.replace("3b000600000000", "3b0006000000f0"), "").hex())["status_name"], "unassigned")


@case
def flows():
    options = [o for o in decode(VECTORS["P12"]["hex"])["options"] if o["type"] == 45]
    equal([[o[k] for k in ("fid", "priority", "status", "bids", "ts_format")] for o in options],
          [[1, 10, 0, [2], 2], [2, 20, 0, [1], 2]])
    equal([o["selector"] for o in options],
          [{"source_port": "80", "next_header": "6"}, {"source_port": "5060", "next_header": "17"}])


# ---------------------------------------------------------------------------------------------------------------------
# The other options, by hand

BY_HAND = {
    "alternate care-of address": (UPDATE, "0100" + "031020010db8000400000000000000000001"),
    "link-local address": (UPDATE, "0100" + "1a10fe80000000000000020053fffe000001"),
    "IPv4 request": (UPDATE, "240660000a000001"),
    "IPv4 answers": (ANSWER, "250600600a000001" + "260600000a0000fe" + "27020001"),
    "DHCP relay": (ANSWER, "27020000"),
    "NAT detection": (ANSWER, "1f0680000000006e"),
    "GRE without a key": (UPDATE, "21020000"),
    "GRE key": (ANSWER, "210600000a0b0c0e"),
    "flow summary": (UPDATE, "2c0400010100"),
    "flow of two paths": (UPDATE, "2d0e00030014000002040001000200000000"),
    "IPv4 selector": (UPDATE, "2d15000300140000020200010309010002080000 13c4 11"),
    "delegated IPv4 prefix": (UPDATE, "0104 00000000 37068018 0a010200"),
    "vendor": (UPDATE, "0100" + "130800007ed907616263"),
    "path metrics": (UPDATE, "0100" + "131500007ed90100004e20000003e8000027100000c350"),
    "identifier that is no NAI": (UPDATE, "08070200000000000a" + "400805" + "00 02005e005301"),
    "unsolicited heartbeat": (BEAT.replace("0001 0000004d", "0003 00000000"), "0100" + "1c0400000009"),
    "bulk": (UPDATE, "3f06080b01800000" + GATEWAY),
    "overwrite": (ANSWER, "3f06040902400000"),
}


@case
def options_by_hand():
    for title, (front, options) in BY_HAND.items():
        def check(front=front, options=options):
            octets = message(front, options)
            found = decode(octets.hex())
            same_message(found, mobility_reader.read_message(octets))
            assert found["options"] and not [o for o in found["options"] if "error" in o], found

        yield f"option: {title}", check


@case
def binding_identifiers_are_named():
    option = decode(message(UPDATE, "230800028587 0a000001").hex())["options"][0]
    equal(option, {"type": 35, "name": "Binding Identifier", "bid": 2, "status": 133, "home": True, "priority": 7,
                   "care_of_address": "10.0.0.1"})
    option = decode(message(UPDATE, "231400020007" + "20010db8" + "00" * 11 + "01").hex())["options"][0]
    equal(option["care_of_address"], "2001:db8::1")
    equal("care_of_address" in decode(message(UPDATE, "230400020007").hex())["options"][0], False)


@case
def unknown_and_misplaced_options():
    found = decode(message(UPDATE, "c803aabbcc" + "1c0400000009").hex())
    equal(found["options"], [{"type": 200, "name": "unknown", "data": "aabbcc"},
                             {"type": 28, "name": "Restart Counter", "data": "00000009"}])
    equal(decode(message(BEAT, MULTIPATH).hex())["options"],
          [{"type": 63, "name": "MAG Multipath Binding", "data": "080b01000000"}])


@case
def options_that_cannot_be_read():
    for options, reason, data in (("3f05080b010000", "multipath-length", "080b010000"),
                                  ("1702", "", ""),
                                  ("1612008120" + "00" * 15, "mobility-option-length", "008120" + "00" * 15),
                                  ("2d0a00010001000002030001", "malformed", "00010001000002030001"),
                                  ("2d1000010001000003080300000000000000", "selector-format", "0300" + "00" * 6)):
        found = decode(message(UPDATE, options).hex())
        if not reason:  # the body is what would have been padding
            equal(found["options"][0]["handoff"], 0)
            continue
        equal([found["options"][0]["error"], found["options"][0]["data"]], [reason, data])
    option = decode(message(UPDATE, "3f06080b00000000").hex())["options"][0]
    equal([option["bid"], option["error"]], [0, "bid-reserved"])


# ---------------------------------------------------------------------------------------------------------------------
# What an anchor makes of it


@case
def the_order_of_an_anchor():
    """RFC 5213 5.3.1: the first thing that is missing; what is wrong with options comes behind that."""
    enough = IDENTITY + PREFIX + HANDOFF + TECHNOLOGY
    wrong = "3f06080bff000000"
    for options, expected in (
            ("", (160, "update-no-identifier")),
            (wrong + PREFIX, (160, "update-no-identifier")),
            (IDENTITY, (158, "update-no-prefix")),
            (IDENTITY + PREFIX + TECHNOLOGY, (161, "update-no-handoff")),
            (IDENTITY + PREFIX + HANDOFF, (162, "update-no-technology")),
            (IDENTITY + "240660000a000001" + HANDOFF + TECHNOLOGY, None),
            (enough, None),
            (enough + wrong, (128, "bid-reserved")),
            (enough + "3f05080b010000", (128, "multipath-length")),
            (enough + "3f06080b01c00000" + GATEWAY, (128, "bulk-and-overwrite")),
            (enough + MULTIPATH, (128, "update-no-gateway-identifier")),
            (enough + MULTIPATH + "40020100", (128, "update-no-gateway-identifier")),
            (enough + MULTIPATH + GATEWAY, None),
            (enough + MULTIPATH + GATEWAY + MULTIPATH, (128, "mobility-option-repeated")),
            (enough + "240660000a000001" * 2, (173, "update-ipv4-addresses")),
            (enough + PREFIX * 4, (130, "mobility-too-many-options")),
            (enough + "1b0400000000", (128, "mobility-option-length")),
            (enough + "c8ff", ("drop", "truncated"))):
        equal(verdict(decode(message(UPDATE, options).hex())), expected, options)


@case
def messages_that_are_dropped():
    for octets, reason in ((message(UPDATE.replace("8200", "8000"), IDENTITY), "mobility-not-proxy"),
                           (message(ANSWER.replace("0020 0001", "0000 0001"), IDENTITY), "mobility-not-proxy"),
                           (message(ANSWER, HANDOFF * 2), "mobility-option-repeated"),
                           (bytes.fromhex("3b000500000000018200038400000000"), "mobility-length"),
                           (bytes.fromhex("3b010700000002000000000000000000"), "mobility-length"),
                           (bytes.fromhex("3b00630000000000"), "mobility-type"),
                           (bytes.fromhex("3b05050000000001"), "truncated"), (b"\x3b", "truncated")):
        equal(verdict(decode(octets.hex())), ("drop", reason), octets.hex())
    equal(decode("3b00630000000000")["name"], "unknown")
    equal(decode(message("3b000700000002" + "00" * 17).hex())["status_name"], "unrecognized MH Type value")
    equal(decode(message(UPDATE.replace("8200", "8000")).hex())["name"], "Binding Update")
    octets = bytearray(bytes.fromhex(VECTORS["P01"]["hex"]))
    octets[0] = 58
    equal(verdict(decode(sealed(bytes(octets)).hex())), ("drop", "mobility-payload-proto"))


@case
def checksum():
    whole = bytes.fromhex(VECTORS["P03"]["packet_hex"])
    for bit in range(8 * 8, 8 * len(whole), 7):
        if bit // 8 == 41:
            continue  # Header Len: another message, or one that is cut
        octets = bytearray(whole)
        octets[bit // 8] ^= 0x80 >> bit % 8
        equal(verdict(decode(octets.hex())), ("drop", "mobility-checksum"), str(bit))
    by_itself = whole[40:44] + b"\0\0" + whole[46:]
    equal(verdict(decode(by_itself.hex())), None, "nobody knows between whom")


@case
def udp_over_ipv4():
    whole = bytes.fromhex(VECTORS["P18"]["packet_hex"])
    wrong = whole[:26] + b"\x12\x34" + whole[28:]
    equal(verdict(decode(wrong.hex())), ("drop", "udp-checksum"))
    equal(decode(wrong.hex())["sequence"], 1, "it is shown all the same")
    any_checksum = whole[:26] + b"\0\0" + whole[28:32] + b"\xab\xcd" + whole[34:]
    equal(verdict(decode(any_checksum.hex())), None, "B5844-03: the Checksum field is ignored")


@case
def cut_at_every_length():
    for name in ("P12", "P17"):
        octets = bytes.fromhex(VECTORS[name]["hex"])
        for length in range(1, len(octets)):
            equal(verdict(decode(octets[:length].hex())), ("drop", "truncated"), f"{name} {length}")


# ---------------------------------------------------------------------------------------------------------------------
# Captures


def packets(names):
    return [bytes.fromhex(VECTORS[name]["packet_hex"]) for name in names]


@case
def link_types():
    for title, (link, frame) in LINKS.items():
        def check(link=link, frame=frame):
            names = IDS if link != 228 else ["P18"]
            code, objects, errors = run(capture("link", link, [frame(ip) for ip in packets(names)]))
            equal((code, errors, len(objects)), (0, "", len(names)))
            for number, (name, found) in enumerate(zip(names, objects), 1):
                equal(found["frame"], number)
                check_vector(name, found)

        yield f"capture: {title}", check
    yield "capture: raw IPv6", lambda: equal(len(run(capture("raw6", 229, packets(OVER_IPV6)))[1]), 17)


@case
def packets_that_are_passed_over_or_skipped():
    whole = packets(["P01"])[0]
    header = whole[40:]
    hops = packet(bytes([135, 0, 1, 4, 0, 0, 0, 0]) + header, 0)
    first = packet(bytes([135, 0, 0, 1, 0, 0, 0, 9]) + header[:64], 44)
    second = packet(bytes([135, 0, 0, 65, 0, 0, 0, 9]) + header[64:], 44)
    udp = packet(struct.pack("!HHHH", 5436, 5436, 8 + len(header), 0) + header, 17)
    code, objects, errors = run(capture("others", 101, [hops, first, second, udp, whole]))
    equal((code, [o["frame"] for o in objects]), (0, [1, 5]))
    check_vector("P01", objects[0])
    equal(errors.count("\n"), 1, errors)
    assert "frame 2 skipped: a fragment" in errors, errors
    code, objects, errors = run(capture("cut", 101, [whole], snap=90))
    equal((code, objects), (0, []))
    assert "only part" in errors and "Mobility Header" in errors, errors
    for octets in (udp, first, whole[:-1]):
        equal(run(octets.hex())[0], 1)


@case
def both_protocols_in_one_capture():
    frames = packets(["M01", "P01", "M02", "P18"])
    code, objects, errors = run(capture("both", 101, frames))
    equal((code, errors), (0, ""))
    equal([o["name"] for o in objects],
          ["Registration Request", "Proxy Binding Update", "Registration Reply", "Proxy Binding Update"])


# ---------------------------------------------------------------------------------------------------------------------
# tshark, which knows all of it but the insides of 44, 45, 63 and 64


def tshark(path, display, *fields):
    """Rows of fields of the frames that match; a field that is there more than once is joined with commas."""
    command = ["tshark", "-n", "-r", path, "-Y", display, "-T", "fields", "-E", "occurrence=a"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


# field of tshark: (type of the option or None, key of the output, how tshark writes its value)
AGREED = {
    "mip6.mhtype": (None, "type", str),
    "mip6.bu.seqnr": (None, "sequence", str),
    "mip6.ba.seqnr": (None, "sequence", str),
    "mip6.hb.seqnr": (None, "sequence", str),
    "mip6.ba.status": (None, "status", str),
    "mip6.bu.lifetime": (None, "lifetime_s", lambda seconds: str(seconds // 4)),
    "mip6.ba.lifetime": (None, "lifetime_s", lambda seconds: str(seconds // 4)),
    "mip6.mnid.identifier": (8, "nai", str),
    "mip6.nemo.mnp.mnp": (22, "prefix", lambda prefix: prefix.split("/", maxsplit=1)[0]),
    "mip6.hi": (23, "handoff", str),
    "mip6.att": (24, "technology", str),
    "mip6.mnlli.lli": (25, "link_layer", str),
    "mip6.rc": (28, "restart_counter", str),
    "mip6.gre_key": (33, "key", lambda key: str(int(key, 0))),
    "mip6.dmnp.prefix_len": (55, "prefix", lambda prefix: prefix.split("/")[1]),
    "mip6.dmnp.dmnp_ipv6": (55, "prefix", lambda prefix: prefix.split("/", maxsplit=1)[0]),
}


def values_of(found, kind, key, spell):
    sources = [found] if kind is None else [o for o in found["options"] if o["type"] == kind]
    return [spell(source[key]) for source in sources if key in source]


def check_with_tshark():
    path = capture("tshark", 101, packets(IDS))
    objects = run(path)[1]
    equal(tshark(path, "_ws.malformed || mip6.bogus_header_length || mip6.opt.len.invalid", "frame.number"), [])
    rows = tshark(path, "mipv6", "frame.number", *AGREED)
    equal(len(rows), len(IDS), "frames that tshark takes for Mobility Headers")
    compared = 0
    for row in rows:
        found = objects[int(row[0]) - 1]
        for (field, (kind, key, spell)), text in zip(AGREED.items(), row[1:]):
            if text == "" and kind is None:
                continue  # another message's
            expected = values_of(found, kind, key, spell)
            equal([value for value in text.split(",") if value], expected, f"frame {row[0]} {field}")
            compared += len(expected)
    assert compared > 150, compared


def check_flags_with_tshark():
    path = capture("flags", 101, packets(IDS))
    objects = run(path)[1]
    for prefix, kind, letters in (("mip6.bu.", 5, "AHLKMPFT"), ("mip6.ba.", 6, "KPT"), ("mip6.hb.", 13, "UR")):
        fields = [f"{prefix}{letter.lower()}_flag" for letter in letters]
        for row in tshark(path, f"mip6.mhtype == {kind}", "frame.number", *fields):
            shown = "".join(letter for letter, value in zip(letters, row[1:]) if value in ("1", "True"))
            equal(objects[int(row[0]) - 1]["flags"], shown, f"frame {row[0]}")


# Options tshark has a name for.
NAMED = {"mnid": 8, "vsm": 19, "hnp": 22, "hi": 23, "att": 24, "mnlli": 25, "lla": 26, "ts": 27, "rc": 28, "natd": 31,
         "grek": 33, "bi": 35, "ipv4hareq": 36, "ipv4harep": 37, "ipv4dra": 38, "ipv4dsm": 39, "dmnp": 55, "acoa": 3}


def check_options_with_tshark():
    """It names the same options; of others it has the number."""
    path = capture("options", 101, packets(IDS) + [sealed(message(*octets)) for octets in BY_HAND.values()])
    objects = run(path)[1]
    equal(len(objects), len(IDS) + len(BY_HAND))
    equal([o for o in objects[len(IDS):] if verdict(o) and verdict(o)[0] == "drop"], [])
    equal(tshark(path, "_ws.malformed || mip6.opt.len.invalid", "frame.number"), [])
    rows = tshark(path, "mipv6", "frame.number", "mip6.mobility_opt", *[f"mip6.options.{name}" for name in NAMED])
    equal(len(rows), len(objects))
    for number, others, *shown in rows:
        types = [option["type"] for option in objects[int(number) - 1]["options"]]
        equal({kind for kind, text in zip(NAMED.values(), shown) if text}, set(types) & set(NAMED.values()), number)
        equal({int(other, 0) for other in others.split(",") if other}, set(types) - set(NAMED.values()), number)


@case
def beside_tshark():
    if shutil.which("tshark") is None:
        raise AssertionError("tshark is not installed: ./flowbind setup installs it")
    yield "tshark: fields", check_with_tshark
    yield "tshark: flags", check_flags_with_tshark
    yield "tshark: options", check_options_with_tshark


if __name__ == "__main__":
    sys.exit(decode_cases.main())
