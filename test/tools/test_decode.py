#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests flowbind-decode: every vector, captures of every link type, and bad input.

usage: test_decode.py [PROGRAM]    PROGRAM is flowbind-decode; without it $FLOWBIND_DECODE

With FLOWBIND_CAPTURES naming a folder, the captures in it (*.pcap) are read as well, by flowbind-decode and by
mip4_reader.py, and both must say the same.
"""

import glob
import hashlib
import hmac
import ipaddress
import os
import re
import struct
import subprocess
import sys

import decode_cases
import mip4_reader
from decode_cases import (FORMATS, LINKS, SNAP, VECTORS, WIFI_ADDRESSES, capture, case, decode, equal, refusal,
                          run)

SPI, KEY = 257, bytes.fromhex("0123456789abcdef0123456789abcdef")
KEYS = {SPI: KEY}
WITH_KEY = ["--key", f"{SPI}={KEY.hex()}"]
ACCEPTED = [f"M{n:02}" for n in range(1, 13)] + ["N07", "N12"]  # N07 fails only where it is known what is registered
REFUSED = {
    "N01": (134, "bulk-and-overwrite"),
    "N02": (134, "multipath-repeated"),
    "N03": (134, "label-zero"),
    "N04": (134, "bid-reserved"),
    "N05": (134, "multipath-length"),
    "N06": (134, "bid-count"),
    "N08": (131, "bad-authenticator"),
    "N09": (134, "multipath-after-authentication"),
    "N10": (134, "bid-count-of-drop"),
    "N11": (134, "selector-end-without-start"),
    "N13": (134, "selector-length"),
}
IDS = [f"M{n:02}" for n in range(1, 13)] + [f"N{n:02}" for n in range(1, 14)]

# Names of the vector file -> names of the program's output.
FIXED = {"Code": "code", "Lifetime": "lifetime_s"}
ADDRESSES = {"Home Address": "home_address", "Home Agent": "home_agent", "Care-of Address": "care_of_address"}
MULTIPATH = {"If-ATT": "if_att", "If-Label": "if_label", "BID": "bid"}
SELECTOR = {
    "Source Address": "source_address",
    "Destination Address": "destination_address",
    "IPsec SPI": "spi",
    "Flow Label": "flow_label",
    "Source Port": "source_port",
    "Destination Port": "destination_port",
    "DS": "ds",
    "TC": "traffic_class",
    "Protocol": "protocol",
    "NH": "next_header",
}

def authenticated(octets):
    """The octets with a Mobile-Home Authentication behind them."""
    octets += bytes([32, 20]) + struct.pack("!I", SPI)
    return octets + hmac.new(KEY, octets, hashlib.md5).digest()


def fixed_request(lifetime=1800):
    octets = bytes.fromhex(VECTORS["M01"]["hex"])
    return octets[:2] + struct.pack("!H", lifetime) + octets[4:24]


MULTIPATH_OCTETS = bytes.fromhex("9a01000404010100")

# ---------------------------------------------------------------------------------------------------------------------
# Vectors


def spelled(name, octets):
    """One value of a selector as the program spells it."""
    if len(octets) == 16 or name.endswith("Address"):
        return str(ipaddress.ip_address(octets))
    value = int.from_bytes(octets, "big")
    if name in ("IPsec SPI", "Flow Label"):
        return f"{value:#x}"
    return f"{value:#04x}" if name in ("DS", "TC") else str(value)


def expected_selector(fields):
    """{name: "start-end"} from the fields "(G)Start Source Port", ... of a vector."""
    selector = {}
    for field in fields:
        found = re.match(r".*\([A-P]\)(Start|End) (.*)", field["name"])
        if found:
            value = spelled(found[2], bytes.fromhex(field["hex"]))
            name = SELECTOR[found[2]]
            selector[name] = value if found[1] == "Start" else selector.get(name, "") + "-" + value
    return selector


def expected_extensions(fields):
    """The fields of each extension, by the name in front of the dot, in order."""
    groups = {}
    for field in fields:
        if "." in field["name"] and not field["name"].startswith("Identification."):
            prefix, name = field["name"].split(".", 1)
            groups.setdefault(prefix, {})[name] = field
    return list(groups.values())


def check_extension(found, fields):
    """An extension of the output against the octets of the vector file."""
    octets = {name: bytes.fromhex(field["hex"]) for name, field in fields.items()}
    equal(found["type"], octets["Type"][0], "type")
    if "Authenticator" in octets:
        equal(found["spi"], int.from_bytes(octets["SPI"], "big"), "spi")
        equal(found["authenticator"], octets["Authenticator"].hex(), "authenticator")
        return
    equal(found["subtype"], octets["Subtype"][0], "subtype")
    if "error" in found and "data" in found:
        length = int.from_bytes(octets["Length"], "big")
        equal(found["data"], b"".join(list(octets.values())[3:]).hex(), "data")
        equal(len(found["data"]), 2 * length, "length of data")
        return
    if octets["Subtype"][0] == 1:
        for name, key in MULTIPATH.items():
            equal(found[key], octets[name][0], key)
        flags = octets["B|O|Reserved"][0]
        equal((found["bulk"], found["overwrite"]), (bool(flags & 0x80), bool(flags & 0x40)), "B, O")
        return
    equal(found["action"], {0: "DROP", 1: "FORWARD"}[octets["Action"][0]], "action")
    equal(found["bids"], list(octets["BID List"]), "bids")
    equal(found["ts_format"], octets["TS Format"][0], "ts_format")
    equal(found["selector"], expected_selector(fields.values()), "selector")


def check_vector(name, message):
    """A message of the output against the octets of the vector file."""
    fields = VECTORS[name]["fields"]
    octets = {field["name"]: bytes.fromhex(field["hex"]) for field in fields}
    equal(message["type"], octets["Type"][0], "type")
    equal(message["name"], {1: "Registration Request", 3: "Registration Reply"}[message["type"]], "name")
    for field, key in FIXED.items():
        if field in octets:
            equal(message[key], int.from_bytes(octets[field], "big"), key)
        else:
            assert key not in message, key
    for field, key in ADDRESSES.items():
        if field in octets:
            equal(message[key], str(ipaddress.IPv4Address(octets[field])), key)
        else:
            assert key not in message, key
    if "Flags" in octets:
        flags = octets["Flags"][0]
        equal(message["flags"], "".join(c for i, c in enumerate("SBDMGrTx") if flags & 0x80 >> i), "flags")
    identification = octets["Identification.high"] + octets["Identification.low"]
    equal(message["identification"], "0x" + identification.hex(), "identification")
    expected = expected_extensions(fields)
    equal(len(message["extensions"]), len(expected), "number of extensions")
    for found, group in zip(message["extensions"], expected):
        check_extension(found, group)
    equal(message["authentic"], name != "N08", "authentic")
    equal(refusal(message), REFUSED.get(name), "refusal")


@case
def vectors():
    for name in IDS:
        yield f"{name} as UDP payload", lambda n=name: check_vector(n, decode(VECTORS[n]["hex"], *WITH_KEY))
        yield f"{name} as IP packet", lambda n=name: check_vector(n, decode(*WITH_KEY, VECTORS[n]["packet_hex"]))


@case
def the_tests_list_covers_every_vector():
    equal(sorted(ACCEPTED + list(REFUSED)), sorted(IDS))


def extension_of(name, kind):
    """The extension of type `kind` of a vector, from both readers, which have to agree."""
    message = decode(VECTORS[name]["hex"], *WITH_KEY)
    found = [extension for extension in message["extensions"] if extension["type"] == kind]
    separate = mip4_reader.read_message(bytes.fromhex(VECTORS[name]["hex"]), KEYS)
    theirs = [extension for extension in separate["extensions"] if extension["type"] == kind]
    equal(len(found), len(theirs))
    for mine, other in zip(found, theirs):
        same_extension(mine, other)
    return found[0]


@case
def udp_tunnels():
    request = extension_of("M18", 144)
    equal([request[k] for k in ("force", "through_agent", "encapsulation")], [False, False, 0])
    reply = extension_of("M19", 44)
    equal([reply[k] for k in ("reply_code", "assented", "forced", "keepalive_s")], [0, True, False, 110])


@case
def a_udp_tunnel_request_in_the_wrong_place():
    octets = bytes.fromhex(VECTORS["M18"]["hex"])
    message = decode((octets[:1] + b"\x02" + octets[2:]).hex())  # D = 0: then a foreign agent asks
    equal([message["reply_code"], message["reason"]], [134, "udp-tunnel-misplaced"])
    message = decode((octets[:32] + octets[40:] + octets[32:40]).hex())
    equal([message["reply_code"], message["reason"]], [134, "udp-tunnel-misplaced"])
    message = decode((octets[:33] + b"\x05" + octets[34:39] + octets[40:]).hex())
    equal([message["reply_code"], message["extensions"][1]["error"]], [134, "udp-tunnel-misplaced"])


@case
def tunnel_data():
    message = decode(VECTORS["D04"]["hex"])
    equal([message[k] for k in ("name", "next_header", "destination_port")], ["Tunnel Data", 4, 62001])
    equal(message["inner"], {"source": "192.0.2.200", "destination": "198.51.100.10", "protocol": 17})
    equal(decode("0404")["drop"], "truncated")


@case
def a_mobile_router():
    equal(extension_of("M20", 131)["nai"], "mr1@example.net")
    network = extension_of("M20", 148)
    equal([network[k] for k in ("subtype", "prefix")], [0, "198.51.100.128/28"])
    prefix = extension_of("M20", 152)
    equal([prefix[k] for k in ("subtype", "prefix")], [1, "2001:db8:a::/64"])


@case
def answers_to_a_mobile_router():
    """By hand: an acknowledgement and a prefix reply in a reply, each read by both readers."""
    head = VECTORS["M02"]["hex"][:40]
    for extension, kind, key, expected in (
            ("9408 0102 1c00 c6336480", 148, "reply_code", 2), ("9408 0200 1c00 c6336480", 148, "subtype", 2),
            ("9814 0208 4000 20010db8000a00000000000000000000", 152, "reply_code", 8),
            ("9802 0300", 152, "subtype", 3), ("9803 09aabb", 152, "data", "09aabb"),
            ("9403 07aabb", 148, "data", "07aabb"), ("8303 61ff62", 131, "nai", "a?b")):
        octets = head + extension.replace(" ", "")
        found = decode(octets)["extensions"][0]
        equal([found["type"], found[key]], [kind, expected])
        if kind != 131:
            same_extension(found, mip4_reader.read_message(bytes.fromhex(octets))["extensions"][0])
    equal(decode(head + "94070102c6336480aa")["extensions"][0]["error"], "network-malformed")


@case
def agent_discovery():
    for octets in (VECTORS["M21"]["hex"], VECTORS["M21"]["packet_hex"]):
        message = decode(octets)
        equal([message[k] for k in ("protocol", "type", "name", "code", "lifetime_s", "sequence", "flags",
                                    "registration_lifetime_s", "care_of_addresses")],
              ["icmp", 9, "Agent Advertisement", 16, 30, 256, "FGTU", 600, ["203.0.113.65"]])
    equal(decode("0a00f5ff00000000")["name"], "Agent Solicitation")
    equal(decode("0a00f5fe00000000")["drop"], "advertisement")
    equal(decode(VECTORS["M21"]["hex"][:-2] + "42")["drop"], "advertisement")
    equal(decode("0900f6df0002001e")["name"], "Router Advertisement")


@case
def packet_addresses():
    message = decode(VECTORS["M02"]["packet_hex"])
    equal([message[k] for k in ("source", "source_port", "destination", "destination_port")],
          ["192.0.2.1", 434, "203.0.113.17", 51434])


@case
def identification_time():
    equal(decode(VECTORS["M01"]["hex"])["identification_time"], "2026-01-01T00:00:00.066Z")
    later = bytes.fromhex(VECTORS["M01"]["hex"])
    later = later[:16] + bytes.fromhex("0000000080000000") + later[24:]
    equal(decode(later.hex())["identification_time"], "2036-02-07T06:28:16.500Z")


@case
def names():
    message = decode(VECTORS["M03"]["hex"])
    equal([e["name"] for e in message["extensions"]],
          ["Multipath", "Flow-Binding", "Flow-Binding", "Mobile-Home Authentication"])
    equal(message["extensions"][0]["if_att_name"], "3GPP E-UTRAN")
    equal(decode(VECTORS["M10"]["hex"])["code_name"], "MULTIPATH_NOT_ALLOWED")
    equal(decode(VECTORS["M11"]["hex"])["code_name"], "INVALID_FB_IDENTIFIER")


@case
def every_field_of_a_selector():
    for n in range(1, 9):
        vector = VECTORS[f"S{n:02}"]
        selector = bytes.fromhex(vector["hex"])
        body = bytes([1, 1, 1, 1 if n < 7 else 2]) + selector
        octets = authenticated(fixed_request() + MULTIPATH_OCTETS + b"\x9a\x02" + struct.pack("!H", len(body)) + body)
        message = decode(octets.hex(), *WITH_KEY)
        equal(message["authentic"], True)
        equal(refusal(message), None)
        equal(message["extensions"][1]["selector"], expected_selector(vector["fields"]), vector["id"])


# ---------------------------------------------------------------------------------------------------------------------
# Keys and gates


@case
def without_a_key():
    message = decode(VECTORS["M01"]["hex"])
    equal(message["authentic"], None)
    equal(refusal(message), None)
    equal(decode(VECTORS["M01"]["hex"], "--key", f"258={KEY.hex()}")["authentic"], None, "key of another SPI")
    equal(decode(VECTORS["N08"]["hex"])["authentic"], None)
    equal(refusal(decode(VECTORS["N01"]["hex"])), REFUSED["N01"], "rules of RFC 7629 need no key")


@case
def with_a_wrong_key():
    message = decode(VECTORS["M01"]["hex"], "--key", "257=00")
    equal(message["authentic"], False)
    equal(refusal(message), (131, "bad-authenticator"))
    equal(refusal(decode(VECTORS["N01"]["hex"], "--key", "257=00")), (131, "bad-authenticator"), "what comes first")
    reply = decode(VECTORS["M02"]["hex"], "--key", "257=00")
    equal(refusal(reply), ("drop", "bad-authenticator"), "a reply is not answered")


@case
def several_keys():
    keys = ["--key=770=00", *WITH_KEY, "--key", "514=ffeeddccbbaa99887766554433221100", "--key",
            "771=000102030405060708090A0B0C0D0E0F"]
    for name, types in {"M13": [32, 33], "M14": [32, 34], "M15": [32, 34], "M16": [32, 33]}.items():
        message = decode(VECTORS[name]["hex"], *keys)
        found = {e["type"]: e["authentic"] for e in message["extensions"] if "authentic" in e}
        equal(found, {t: True for t in types}, name)
        equal(message["authentic"], True, name)


@case
def hmac_sha256():
    octets = fixed_request() + bytes([32, 36]) + struct.pack("!I", SPI)
    octets += hmac.new(KEY, octets, hashlib.sha256).digest()
    equal(decode(octets.hex(), *WITH_KEY)["authentic"], True)
    equal(refusal(decode(octets.hex(), *WITH_KEY)), None)


@case
def authentication_extensions_out_of_order():
    octets = fixed_request()
    equal(decode(octets.hex())["authentic"], False, "none at all")
    equal(refusal(decode(octets.hex())), ("drop", "no-authentication"))
    octets = authenticated(authenticated(octets))
    equal(refusal(decode(octets.hex(), *WITH_KEY)), ("drop", "repeated-authentication"))
    octets = fixed_request() + bytes([32, 8]) + struct.pack("!II", SPI, 0)
    equal(refusal(decode(octets.hex(), *WITH_KEY)), ("drop", "authentication-length"))
    octets = fixed_request() + bytes([32, 2, 0, 0])
    equal(refusal(decode(octets.hex())), ("drop", "authentication-length"))


@case
def a_foreign_agents_denial_needs_no_authentication():
    octets = bytearray(bytes.fromhex(VECTORS["M10"]["hex"])[:20])
    octets[1] = 65
    equal(refusal(decode(octets.hex())), None)
    octets[1] = 0
    equal(refusal(decode(octets.hex())), ("drop", "no-authentication"))


@case
def the_other_selector_layout():
    message = decode(VECTORS["N13"]["hex"], "--ts-layout", "rfc6089", *WITH_KEY)
    equal(refusal(message), None)
    equal(message["extensions"][1]["selector"], {"source_port": "5060", "protocol": "17"})
    equal(refusal(decode(VECTORS["M03"]["hex"], "--ts-layout=rfc6089")), (134, "selector-length"))


@case
def framing():
    for octets, reason in [
        (b"\x63", "unknown-message"),
        (b"\x01", "truncated"),
        (fixed_request()[:23], "truncated"),
        (fixed_request() + b"\x20", "truncated"),
        (fixed_request() + b"\x9a\x07\0\0", "unknown-subtype"),
        (fixed_request() + b"\x64\0", "unknown-extension"),
        (fixed_request() + b"\xc8\0" * 129, "too-many-extensions"),
    ]:
        message = decode(octets.hex())
        equal(refusal(message), ("drop", reason), octets.hex())
        equal(message["authentic"], None)
        equal("home_address" in message, len(octets) >= 24)
    equal(decode("63")["type"], 0x63)
    equal(decode("63")["name"], "unknown")
    skipped = decode(authenticated(fixed_request() + b"\0\xc8\x02\xab\xcd\0").hex())["extensions"][0]
    equal(skipped, {"type": 200, "name": "unknown", "data": "abcd"})


@case
def care_of_addresses():
    for address in ["00000000", "e0000001", "ffffffff", VECTORS["M01"]["hex"][8:16], VECTORS["M01"]["hex"][16:24]]:
        octets = bytes.fromhex(VECTORS["M01"]["hex"])[:32]
        octets = octets[:12] + bytes.fromhex(address) + octets[16:]
        equal(refusal(decode(authenticated(octets).hex(), *WITH_KEY)), (134, "care-of-address-invalid"), address)


@case
def bids_a_home_agent_must_know():
    equal(decode(VECTORS["N07"]["hex"], *WITH_KEY)["needs_bids"], [7])
    equal(refusal(decode(VECTORS["N07"]["hex"], *WITH_KEY)), None)
    equal(decode(VECTORS["M12"]["hex"], *WITH_KEY)["needs_bids"], [1, 2])
    assert "needs_bids" not in decode(VECTORS["M01"]["hex"], *WITH_KEY)
    octets = bytearray(bytes.fromhex(VECTORS["N07"]["hex"])[:-22])
    octets[31] = 0x40  # O: only its own BID is left, so 7 cannot be known
    equal(refusal(decode(authenticated(bytes(octets)).hex(), *WITH_KEY)), (153, "bid-unknown"))


@case
def a_deregistration_ignores_o():
    message = decode(VECTORS["N12"]["hex"], *WITH_KEY)
    equal(message["extensions"][0]["overwrite"], True, "shown as it is on the wire")
    equal(refusal(message), None)


@case
def cut_at_every_length():
    whole = VECTORS["M12"]["hex"]
    for length in range(1, len(whole) // 2):
        message = decode(whole[:2 * length], *WITH_KEY)
        kind, reason = refusal(message)
        equal(kind, "drop", str(length))
        assert reason in ("truncated", "no-authentication"), f"{length}: {reason}"
        assert message["authentic"] is not True


# ---------------------------------------------------------------------------------------------------------------------
# Captures

SEPARATE = set(LINKS) - {"Ethernet, VLAN", "Ethernet, two VLANs", "PPP, short protocol", "Linux cooked 2"}
def packets():
    return [bytes.fromhex(VECTORS[name]["packet_hex"]) for name in IDS]


def check_capture(path, objects, separate=True):
    """All vectors, in order, from a capture; and the separate reader agrees."""
    equal(len(objects), len(IDS), "messages")
    for number, (name, message) in enumerate(zip(IDS, objects), 1):
        check_vector(name, message)
        equal(message["frame"], number, "frame")
        assert abs(message["time"] - number * 1.001001) < 1e-5, message["time"]
        transport = VECTORS[name]["transport"]
        equal([message[k] for k in ("source", "destination", "source_port", "destination_port")],
              [transport[k] for k in ("ip_src", "ip_dst", "udp_sport", "udp_dport")])
    if separate:
        compare_readers(objects, list(mip4_reader.read_messages(path, KEYS)))


def same_extension(ours, theirs):
    equal(ours["type"], theirs["type"])
    for key in ("if_att", "if_label", "bid", "bulk", "overwrite", "action", "bids", "ts_format", "spi", "authenticator",
                "authentic", "data", "force",
                "through_agent", "encapsulation", "reply_code", "forced", "keepalive_s", "nai", "prefix"):
        equal(ours.get(key), theirs.get(key), key)
    numbers = {"spi": "{:#x}", "flow_label": "{:#x}", "ds": "{:#04x}", "traffic_class": "{:#04x}"}
    selector = {
        name: "-".join(numbers.get(name, "{}").format(value) for value in values if value is not None)
        for name, values in theirs.get("selector", {}).items()
    }
    equal(ours.get("selector", {}), selector, "selector")


def compare_readers(ours, theirs):
    """Two readers that share nothing must say the same, and refuse the same."""
    equal(len(ours), len(theirs), "messages")
    for mine, other in zip(ours, theirs):
        for key in ("frame", "source", "source_port", "destination", "destination_port"):
            equal(mine[key], other[key], key)
        if "error" in other:
            assert refusal(mine) is not None, f"{other['error']}: {mine}"
            continue
        refused = refusal(mine)
        assert refused is None or refused[1] in ("bad-authenticator", "no-authentication"), refused
        equal(mine["name"], "Registration " + other["type"].capitalize())
        for key in ("code", "lifetime_s", "home_address", "home_agent", "care_of_address", "authentic"):
            equal(mine.get(key), other.get(key), key)
        equal(int(mine["identification"], 16), other["identification"], "identification")
        equal(len(mine["extensions"]), len(other["extensions"]), "extensions")
        for pair in zip(mine["extensions"], other["extensions"]):
            same_extension(*pair)


@case
def link_types():
    for title, (link, frame) in LINKS.items():
        def check(link=link, frame=frame, title=title):
            path = capture("link", link, [frame(ip) for ip in packets()])
            code, objects, errors = run(path, *WITH_KEY)
            equal((code, errors), (0, ""), title)
            check_capture(path, objects, title in SEPARATE)

        yield f"capture: {title}", check


@case
def pcap_formats():
    for form in FORMATS:
        def check(form=form):
            path = capture("format", 101, packets(), form)
            check_capture(path, run(*WITH_KEY, path)[1])

        yield f"capture: pcap, {form}", check


@case
def time_has_nine_decimals():
    path = capture("time", 101, packets())
    done = subprocess.run([decode_cases.PROGRAM, path], capture_output=True, text=True, check=True)
    assert '"time":1.001001000,' in done.stdout.splitlines()[0], done.stdout.splitlines()[0]


@case
def other_packets_are_passed_over():
    ip = packets()[0]
    frames = [
        LINKS["Ethernet"][1](ip),
        bytes(12) + b"\x86\xdd" + bytes(60),  # IPv6
        bytes(12) + b"\x08\x06" + bytes(28),  # ARP
        LINKS["Ethernet"][1](ip[:9] + b"\x06" + ip[10:]),  # TCP
        LINKS["Ethernet"][1](ip[:20] + b"\1\2\3\4" + ip[24:]),  # other ports
        b"",
        bytes(13),
        LINKS["Ethernet"][1](ip),
    ]
    code, objects, errors = run(capture("others", 1, frames))
    equal((code, errors, [o["frame"] for o in objects]), (0, "", [1, 8]))


@case
def wifi_frames_that_cannot_be_read():
    ip = packets()[0]
    frames = [
        b"\x80\0" + bytes(60),  # a beacon
        b"\xc8\x01" + bytes(24),  # QoS Null
        b"\x08\x41\0\0" + WIFI_ADDRESSES + b"\x10\0" + SNAP + ip,  # protected
        b"\x88\x02\0\0" + WIFI_ADDRESSES + b"\x10\0" + b"\x85\0" + SNAP + ip,  # A-MSDU
        b"\x08\x05\0\0" + WIFI_ADDRESSES + b"\x10\0" + SNAP + ip,  # more fragments
        b"\x08\x01\0\0" + WIFI_ADDRESSES + b"\x11\0" + SNAP + ip,  # fragment 1
        LINKS["802.11"][1](ip),
    ]
    frames += [LINKS["802.11, QoS"][1](ip)[:length] for length in range(0, 60)]
    code, objects, errors = run(capture("wifi", 105, frames))
    equal((code, [o["frame"] for o in objects]), (0, [7]))
    assert "1 encrypted 802.11 frames skipped" in errors and "3 aggregated" in errors, errors


@case
def udp_checksum():
    ip = packets()[0]
    wrong = ip[:26] + b"\x12\x34" + ip[28:]
    message = decode(wrong.hex(), *WITH_KEY)
    equal(refusal(message), ("drop", "udp-checksum"))
    equal(message["home_address"], "198.51.100.10", "it is shown all the same")
    none = ip[:26] + b"\0\0" + ip[28:]
    equal(refusal(decode(none.hex())), None, "B5944-04: zero means none")
    for octet in range(28, len(ip)):
        damaged = bytearray(ip)
        damaged[octet] ^= 0x10
        equal(refusal(decode(damaged.hex())), ("drop", "udp-checksum"), str(octet))
    code, objects, _ = run(capture("checksum", 101, [wrong, ip, none]))
    equal((code, [refusal(o) for o in objects]), (0, [("drop", "udp-checksum"), None, None]))


@case
def udp_length():
    ip = packets()[0]
    for length in (0, 7, len(ip) - 19, 65535):
        octets = ip[:24] + struct.pack("!H", length) + ip[26:]
        equal(refusal(decode(octets.hex())), ("drop", "udp-length"), str(length))
    empty = ip[:2] + struct.pack("!H", 28) + ip[4:24] + struct.pack("!HH", 8, 0)
    equal(refusal(decode(empty.hex())), ("drop", "truncated"))


@case
def fragments_and_cut_packets_are_reported():
    ip = packets()[0]
    first = ip[:6] + b"\x20\0" + ip[8:]
    second = ip[:6] + b"\0\x05" + ip[8:]
    code, objects, errors = run(capture("fragments", 101, [first, second, ip]))
    equal((code, [o["frame"] for o in objects]), (0, [3]))
    assert "frame 1 skipped: a fragment" in errors, errors
    code, objects, errors = run(capture("cut", 101, [ip, ip[:20] + b"\1\2\3\4" + ip[24:]], snap=60))
    equal((code, objects), (0, []))
    assert "frame 1 skipped: only part" in errors and "frame 2" not in errors, errors
    assert "no message of Mobile IPv4 (UDP port 434) or Proxy Mobile IPv6" in errors, errors
    assert "in 2 frames" in errors, errors


@case
def header_options():
    ip = packets()[0]
    longer = bytes([0x46]) + ip[1:2] + struct.pack("!H", len(ip) + 4) + ip[4:20] + b"\x01\x01\x01\x00" + ip[20:]
    check_vector("M01", decode(longer.hex(), *WITH_KEY))


# ---------------------------------------------------------------------------------------------------------------------
# The command line


@case
def ways_to_write_hex():
    text = VECTORS["M01"]["hex"]
    pairs = [text[i:i + 2] for i in range(0, len(text), 2)]
    forms = ["0x" + text, text.upper(), " ".join(pairs), ":".join(pairs), "-".join(pairs), "\n".join(pairs) + "\n",
             " 0X" + "\t".join(pairs)]
    for form in forms:
        check_vector("M01", decode(form, *WITH_KEY))
        check_vector("M01", decode("-", *WITH_KEY, text=form))
    check_vector("M01", decode(*WITH_KEY, *pairs))


@case
def help_is_printed():
    for option in ("--help", "-h"):
        done = subprocess.run([decode_cases.PROGRAM, option], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("usage: flowbind-decode HEX | FILE") and not done.stderr, done


@case
def bad_usage():
    good = VECTORS["M01"]["hex"]
    not_pcap = os.path.join(decode_cases.SCRATCH, "text.pcap")
    with open(not_pcap, "w", encoding="ascii") as file:
        file.write("this is no capture at all\n")
    damaged = capture("damaged", 101, packets())
    with open(damaged, "r+b") as file:
        file.truncate(os.path.getsize(damaged) - 3)
    table = [
        ([], "nothing to decode"),
        ([""], "not one hexadecimal digit"),
        (["  "], "not one hexadecimal digit"),
        (["0x"], "not one hexadecimal digit"),
        ([good[:-1]], "odd number"),
        (["0122xy"], "neither a file nor hexadecimal: see character 5"),
        (["no-such-file.pcap"], "neither a file nor hexadecimal"),
        ([not_pcap], "cannot be read as a capture"),
        ([os.devnull], "cannot be read as a capture"),
        ([decode_cases.SCRATCH], "cannot be read as a capture"),
        ([damaged], "damaged behind frame 24"),
        ([capture("usb", 220, [b"x"])], "captured on a link of type USB_LINUX_MMAPPED (220); readable are: Ethernet"),
        ([good, "--key"], "expected SPI=KEY"),
        ([good, "--key", "257"], "expected SPI=KEY"),
        ([good, "--key", "=00"], "expected SPI=KEY"),
        ([good, "--key", "0x101=00"], "SPI in decimal"),
        ([good, "--key", "-1=00"], "SPI in decimal"),
        ([good, "--key", "4294967296=00"], "0 to 4294967295"),
        ([good, "--key", "257="], "1 to 32 octets"),
        ([good, "--key", "257=0"], "1 to 32 octets"),
        ([good, "--key", "257=0g"], "1 to 32 octets"),
        ([good, "--key", "257=" + "00" * 33], "1 to 32 octets"),
        ([good, "--key", "257=00", "--key", "257=01"], "already"),
        ([good, "--keys", "257=00"], "unknown option --keys"),
        ([good, "-x"], "unknown option -x"),
        ([good, "--ts-layout", "other"], "expected rfc7629 or rfc6089"),
    ]
    for arguments, complaint in table:
        code, objects, errors = run(*arguments)
        equal(code, 2, f"exit code for {arguments}")
        assert complaint in errors and errors.count("\n") == 1, f"{arguments}: {errors}"
        assert arguments == [damaged] or not objects, objects


@case
def key_at_its_limits():
    octets = bytes.fromhex(VECTORS["M01"]["hex"])[:32]
    key = bytes(range(32))
    octets += bytes([32, 20]) + struct.pack("!I", 4294967295)
    octets += hmac.new(key, octets, hashlib.md5).digest()
    equal(decode(octets.hex(), f"--key=4294967295={key.hex()}")["authentic"], True)


@case
def packets_that_are_no_message():
    ip = packets()[0]
    tcp = ip[:9] + b"\x06" + ip[10:]
    other_ports = ip[:20] + b"\1\2\3\4" + ip[24:]
    fragment = ip[:6] + b"\x20\0" + ip[8:]
    for octets in (tcp, other_ports, fragment, ip[:-1], ip[:10]):
        code, objects, errors = run(octets.hex())
        equal((code, objects), (1, []))
        assert errors.startswith("flowbind-decode: "), errors


@case
def standard_input_without_a_digit():
    code, objects, errors = run("-", text="")
    equal((code, objects), (2, []))
    assert "not one hexadecimal digit" in errors, errors


# ---------------------------------------------------------------------------------------------------------------------
# The separate reader, and captures by others


@case
def separate_reader_accepts_and_refuses():
    for name in IDS:
        octets = bytes.fromhex(VECTORS[name]["hex"])
        try:
            message = mip4_reader.read_message(octets, KEYS)
            assert name in ACCEPTED + ["N08"], name
            equal(message["authentic"], name != "N08", name)
        except mip4_reader.Malformed:
            assert name in REFUSED and name != "N08", name


@case
def captures_by_others():
    folder = os.environ.get("FLOWBIND_CAPTURES")
    if not folder:
        return
    for path in sorted(glob.glob(os.path.join(folder, "*.pcap"))):
        def check(path=path):
            code, objects, errors = run(path, *WITH_KEY)
            equal(code, 0, errors)
            compare_readers(objects, list(mip4_reader.read_messages(path, KEYS)))

        yield f"capture: {os.path.basename(path)}", check


if __name__ == "__main__":
    sys.exit(decode_cases.main())
