#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A second reader of Mobility Headers with the options of Proxy Mobile IPv6, to judge what the library writes.

It was written from RFC 6275, 5213, 4283, 5094, 5844, 5845, 5847, 6089, 6088, 7148 and 8278 alone and shares nothing
with the library's decoder. It is strict: what is not exactly as those texts say, alignment and padding too, is an
error.

usage: mobility_reader.py HEX    prints one JSON object
"""

import ipaddress
import json
import struct
import sys

from mip4_reader import Malformed, need, read_selector

FIXED = {5: 12, 6: 12, 7: 24, 13: 12}
UPDATE, ACKNOWLEDGEMENT, HEARTBEAT = 5, 6, 13
BU_FLAGS = [("A", 0x8000), ("H", 0x4000), ("L", 0x2000), ("K", 0x1000), ("M", 0x800), ("R", 0x400), ("P", 0x200),
            ("F", 0x100), ("T", 0x80)]
BA_FLAGS = [("K", 0x80), ("R", 0x40), ("P", 0x20), ("T", 0x10)]
HEARTBEAT_FLAGS = [("U", 2), ("R", 1)]


def number(octets):
    return int.from_bytes(octets, "big")


def ipv6(octets):
    need(len(octets) == 16, "not an IPv6 address")
    return str(ipaddress.IPv6Address(octets))


def ipv4(octets):
    need(len(octets) == 4, "not an IPv4 address")
    return str(ipaddress.IPv4Address(octets))


def prefix(length, octets):
    return str(ipaddress.ip_network((octets, length)))  # refuses bits behind the length


def sized(body, *lengths):
    need(len(body) in lengths, f"length {len(body)}, not one of {lengths}")


def zero(octets):
    need(not any(octets), "reserved octets are not 0")


def identifier(subtype, octets):
    if subtype == 1:
        return {"subtype": 1, "nai": octets.decode("ascii")}
    return {"subtype": subtype, "identifier": octets.hex()}


def one_octet(name):
    def read(body):
        sized(body, 2)
        zero(body[:1])
        return {name: body[1]}

    return read


def home_prefix(body):
    sized(body, 18)
    zero(body[:1])
    return {"prefix": prefix(body[1], body[2:])}


def delegated_prefix(body):
    need(body[0] in (0, 0x80), "reserved bits")
    sized(body, 6 if body[0] else 18)
    return {"prefix": prefix(body[1], body[2:])}


def gateway(body):
    zero(body[1:2])
    return identifier(body[0], body[2:])


def multipath(body):
    sized(body, 6)
    zero([body[3] & 0x3f, *body[4:]])
    need(0 < body[2] < 255, "BID is reserved")
    need(body[3] != 0xc0, "B and O")
    return {"if_att": body[0], "if_label": body[1], "bid": body[2], "bulk": bool(body[3] & 0x80),
            "overwrite": bool(body[3] & 0x40)}


def link_layer(body):
    zero(body[:2])
    return {"link_layer": body[2:].hex()}


def gre_key(body):
    sized(body, 2, 6)
    zero(body[:2])
    return {"key": "0x" + body[2:].hex()} if len(body) == 6 else {}


def nat_detection(body):
    sized(body, 6)
    zero([body[0] & 0x7f, body[1]])
    return {"force": bool(body[0]), "refresh_s": number(body[2:])}


def home_request(body):
    sized(body, 6)
    zero([body[0] & 3, body[1]])
    return {"prefix_length": body[0] >> 2, "address": ipv4(body[2:])}


def home_reply(body):
    sized(body, 6)
    zero([body[1] & 3])
    return {"status": body[0], "prefix_length": body[1] >> 2, "address": ipv4(body[2:])}


def default_router(body):
    zero(body[:2])
    return {"address": ipv4(body[2:])}


def dhcp(body):
    sized(body, 2)
    zero([body[0], body[1] & 0xfe])
    return {"dhcp": "server" if body[1] else "relay"}


def vendor(body):
    return {"vendor": number(body[:4]), "subtype": body[4], "data": body[5:].hex()}


def flow_summary(body):
    need(body and len(body) % 2 == 0, "not a whole number of FIDs")
    return {"fids": [number(body[i:i + 2]) for i in range(0, len(body), 2)]}


def flow(body):
    fid, priority, _, status = struct.unpack("!HHBB", body[:6])
    need(fid and priority, "FID or FID-PRI 0")
    zero(body[4:5])
    found = {"fid": fid, "priority": priority, "status": status, "bids": []}
    at = 6
    while at < len(body):
        if body[at] == 0:
            at += 1
            continue
        kind, length = body[at], body[at + 1]
        inner = body[at + 2:at + 2 + length]
        need(len(inner) == length, "a sub-option goes beyond its option")
        at += 2 + length
        if kind == 2:
            need(inner and not found["bids"] and length % 2 == 0, "Binding Reference")
            found["bids"] = [number(inner[i:i + 2]) for i in range(0, length, 2)]
        elif kind == 3:
            need("selector" not in found, "two selectors")
            zero(inner[1:2])
            found["ts_format"] = inner[0]
            found["selector"] = read_selector(inner[0], inner[2:])
        else:
            need(kind == 1, f"sub-option {kind}")
            zero(inner)
    return found


def whole(name, convert, length):
    def read(body):
        sized(body, length)
        return {name: convert(body)}

    return read


# type: (modulus, offset, reader)
OPTIONS = {
    3: (8, 6, whole("care_of_address", ipv6, 16)),
    8: (1, 0, lambda body: identifier(body[0], body[1:])),
    19: (4, 2, vendor),
    22: (8, 4, home_prefix),
    23: (1, 0, one_octet("handoff")),
    24: (1, 0, one_octet("technology")),
    25: (2, 0, link_layer),
    26: (8, 6, whole("address", ipv6, 16)),
    27: (8, 2, whole("timestamp", lambda body: "0x" + body.hex(), 8)),
    28: (4, 2, whole("restart_counter", number, 4)),
    31: (4, 0, nat_detection),
    33: (4, 0, gre_key),
    36: (4, 0, home_request),
    37: (4, 0, home_reply),
    38: (4, 0, default_router),
    39: (1, 0, dhcp),
    44: (2, 0, flow_summary),
    45: (2, 0, flow),
    55: (8, 2, delegated_prefix),
    63: (1, 0, multipath),
    64: (1, 0, gateway),
}


def read_options(octets, at):
    """[{"type": ..., ...}] of the options from `at` on."""
    found = []
    while at < len(octets):
        if octets[at] == 0:
            at += 1
            continue
        need(at + 1 < len(octets), "an option without Length")
        kind, length = octets[at], octets[at + 1]
        body = octets[at + 2:at + 2 + length]
        need(len(body) == length, f"option {kind} goes beyond the message")
        if kind == 1:
            zero(body)
        else:
            need(kind in OPTIONS, f"option {kind}")
            modulus, offset, read = OPTIONS[kind]
            need(at % modulus == offset, f"option {kind} at {at}")
            found.append({"type": kind, **read(body)})
        at += 2 + length
    return found


def set_flags(flags, value):
    need(value & ~sum(bit for _, bit in flags) == 0, "reserved flags")
    return "".join(letter for letter, bit in flags if value & bit)


def checksum(source, destination, octets):
    """RFC 6275 6.1.1, over octets whose own field is there: 0 when it is right."""
    data = (ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed +
            struct.pack("!II", len(octets), 135) + octets)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return 0xffff - (total % 0xffff or 0xffff)


def read_message(octets, source=None, destination=None):
    """A Mobility Header as a dictionary; with IPv6 addresses its checksum has to be right, otherwise 0."""
    need(len(octets) >= 8 and len(octets) == (octets[1] + 1) * 8, "Header Len")
    need(octets[0] == 59 and octets[3] == 0, "Payload Proto or Reserved")
    kind = octets[2]
    need(kind in FIXED and len(octets) >= FIXED[kind], f"MH Type {kind}")
    if source and ":" in source:
        need(checksum(source, destination, octets) == 0, "checksum")
    else:
        zero(octets[4:6])
    message = {"type": kind}
    if kind == UPDATE:
        sequence, flags, lifetime = struct.unpack("!HHH", octets[6:12])
        message.update(sequence=sequence, flags=set_flags(BU_FLAGS, flags), lifetime_s=4 * lifetime)
    elif kind == ACKNOWLEDGEMENT:
        status, flags, sequence, lifetime = struct.unpack("!BBHH", octets[6:12])
        message.update(status=status, sequence=sequence, flags=set_flags(BA_FLAGS, flags), lifetime_s=4 * lifetime)
    elif kind == HEARTBEAT:
        flags, sequence = struct.unpack("!HI", octets[6:12])
        message.update(sequence=sequence, flags=set_flags(HEARTBEAT_FLAGS, flags))
    else:
        zero(octets[7:8])
        message.update(status=octets[6])
    message["options"] = read_options(octets, FIXED[kind])
    return message


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        print(json.dumps(read_message(bytes.fromhex(sys.argv[1]))))
    except Malformed as error:
        sys.exit(f"mobility_reader.py: {error}")


if __name__ == "__main__":
    main()
