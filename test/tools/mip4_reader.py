#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A second reader of Mobile IPv4 messages with the extensions of RFC 7629, to judge what the library writes.

It was written from RFC 5944, RFC 7629 and RFC 6088 alone and shares nothing with the library's decoder. It is strict:
what is not exactly as those texts say is an error, not something to cope with.

usage: mip4_reader.py FILE.pcap | HEX [--key SPI=KEY]...    prints one JSON object a message
"""

import hashlib
import hmac
import ipaddress
import json
import os
import struct
import sys

PORT = 434
MAGIC = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6), b"\xa1\xb2\xc3\xd4": (">", 1e-6),
         b"\x4d\x3c\xb2\xa1": ("<", 1e-9), b"\xa1\xb2\x3c\x4d": (">", 1e-9)}
ETHERNET, PPP, RAW_BSD, RAW, WIFI, COOKED, RADIOTAP, IPV4 = 1, 9, 12, 101, 105, 113, 127, 228
UDP_TUNNEL = {44: "udp-tunnel-reply", 144: "udp-tunnel-request"}  # RFC 3519 3.1, 3.2
AUTHENTICATION = {32: "mobile-home", 33: "mobile-foreign", 34: "foreign-home"}

# RFC 6088 3.1 and 3.2: the fields in the order of their flags, A being the top bit; (name, octets).
PARTS = ("start", "end")
IPV4_FIELDS = [("source_address", 4), ("destination_address", 4), ("spi", 4), ("source_port", 2),
               ("destination_port", 2), ("ds", 1), ("protocol", 1)]
IPV6_FIELDS = [("source_address", 16), ("destination_address", 16), ("spi", 4), ("flow_label", 4), ("source_port", 2),
               ("destination_port", 2), ("traffic_class", 1), ("next_header", 1)]
SELECTORS = {1: IPV4_FIELDS, 2: IPV6_FIELDS}


class Malformed(ValueError):
    """The octets are no message as the RFCs have it."""


def need(condition, complaint):
    if not condition:
        raise Malformed(complaint)


# ---------------------------------------------------------------------------------------------------------------------
# Messages


def read_selector(form, octets):
    """{field: [start, end]} of a binary traffic selector; end is None for a single value."""
    need(form in SELECTORS, f"TS Format {form}")
    need(len(octets) >= 4, "selector without flag word")
    flags = int.from_bytes(octets[:4], "big")
    at, bit, selector = 4, 31, {}
    for name, size in SELECTORS[form]:
        values = []
        for part in PARTS:
            value = None
            if flags >> bit & 1:
                need(part == "start" or values[0] is not None, f"{name}: end without start")
                need(at + size <= len(octets), f"{name}: missing")
                value = octets[at:at + size]
                value = str(ipaddress.ip_address(value)) if name.endswith("address") else int.from_bytes(value, "big")
                at += size
            values.append(value)
            bit -= 1
        if values[0] is not None:
            selector[name] = values
    need(flags & (1 << bit + 1) - 1 == 0, f"reserved flags in {flags:#010x}")
    need(at == len(octets), f"{len(octets) - at} octets behind the selector")
    return selector


def read_multipath(octets):
    """RFC 7629 4.1."""
    need(len(octets) == 4, f"Multipath of {len(octets)} octets")
    att, label, bid, flags = octets
    need(1 <= label <= 255, "If-Label 0")
    need(1 <= bid <= 254, f"BID {bid}")
    need(flags & 0x3f == 0, "reserved bits behind B and O")
    need(flags != 0xc0, "B and O")
    return {"name": "multipath", "if_att": att, "if_label": label, "bid": bid, "bulk": bool(flags & 0x80),
            "overwrite": bool(flags & 0x40)}


def read_flow_binding(octets):
    """RFC 7629 4.2."""
    need(len(octets) >= 2, "Flow-Binding without BID Count")
    action, count = octets[:2]
    need(action in (0, 1), f"Action {action}")
    need(1 <= count <= 8 if action else count == 1, f"BID Count {count} with Action {action}")
    need(len(octets) > 2 + count, "Flow-Binding without TS Format")
    bids = list(octets[2:2 + count])
    need(not action or all(1 <= bid <= 254 for bid in bids), f"BIDs {bids}")
    form = octets[2 + count]
    return {"name": "flow-binding", "action": "FORWARD" if action else "DROP", "bids": bids, "ts_format": form,
            "selector": read_selector(form, octets[3 + count:])}


def read_authentication(kind, octets, before, keys):
    """RFC 5944 3.5: SPI, authenticator over everything in front of it."""
    need(len(octets) > 4, f"{kind} authentication of {len(octets)} octets")
    spi = int.from_bytes(octets[:4], "big")
    authenticator = octets[4:]
    authentic = None
    if spi in keys:
        expected = hmac.new(keys[spi], before + octets[:4], hashlib.md5).digest()
        authentic = hmac.compare_digest(expected, authenticator)
    return {"name": kind, "spi": spi, "authenticator": authenticator.hex(), "authentic": authentic}


def read_extensions(octets, at, keys):
    extensions = []
    while at < len(octets):
        kind = octets[at]
        if kind == 0:
            at += 1
            continue
        if kind == 154:
            need(at + 4 <= len(octets), "154 without Length")
            subtype, length = octets[at + 1], int.from_bytes(octets[at + 2:at + 4], "big")
            body = at + 4
        else:
            need(at + 2 <= len(octets), f"extension {kind} without Length")
            subtype, length = None, octets[at + 1]
            body = at + 2
        value = octets[body:body + length]
        need(len(value) == length, f"extension {kind} ends behind the message")
        if kind == 154:
            need(subtype in (1, 2), f"154 with subtype {subtype}")
            extension = read_multipath(value) if subtype == 1 else read_flow_binding(value)
        elif kind in AUTHENTICATION:
            extension = read_authentication(AUTHENTICATION[kind], value, octets[:body], keys)
        elif kind in UDP_TUNNEL:
            need(length == 6, f"extension {kind} of {length} octets")
            extension = {"name": UDP_TUNNEL[kind], "data": value.hex()}
        else:
            need(kind >= 128, f"unknown extension {kind}")
            extension = {"name": "skipped", "data": value.hex()}
        extensions.append({"type": kind, "offset": at, **extension})
        at = body + length
    return extensions


def check_order(message):
    """RFC 7629 4.1, 4.2, RFC 5944 3.2: how often, and in which order."""
    names = [extension["name"] for extension in message["extensions"]]
    need(names.count("multipath") <= 1, "more than one Multipath")
    need(names.count("mobile-home") <= 1, "more than one Mobile-Home Authentication")
    if message["type"] == "request":
        need("flow-binding" not in names or "multipath" in names, "Flow-Binding without Multipath")
    else:
        need("multipath" not in names, "Multipath in a reply")
    if "mobile-home" in names:
        behind = names[names.index("mobile-home"):]
        need("multipath" not in behind and "flow-binding" not in behind, "154 behind the authentication")


def read_message(octets, keys=None):
    """A message (the UDP payload) as a dictionary. `keys` is {SPI: octets}."""
    need(len(octets) > 0, "empty message")
    if octets[0] == 1:
        need(len(octets) >= 24, f"request of {len(octets)} octets")
        _, flags, lifetime, home, agent, care_of, identification = struct.unpack("!BBHIIIQ", octets[:24])
        message = {"type": "request", "flags": flags, "lifetime_s": lifetime}
        addresses = {"home_address": home, "home_agent": agent, "care_of_address": care_of}
        at = 24
    elif octets[0] == 3:
        need(len(octets) >= 20, f"reply of {len(octets)} octets")
        _, code, lifetime, home, agent, identification = struct.unpack("!BBHIIQ", octets[:20])
        message = {"type": "reply", "code": code, "lifetime_s": lifetime}
        addresses = {"home_address": home, "home_agent": agent}
        at = 20
    else:
        raise Malformed(f"message type {octets[0]}")
    message.update((name, str(ipaddress.IPv4Address(value))) for name, value in addresses.items())
    message["identification"] = identification
    message["extensions"] = read_extensions(octets, at, keys or {})
    check_order(message)
    message["authentic"] = next((e["authentic"] for e in message["extensions"] if e["name"] == "mobile-home"), False)
    return message


# ---------------------------------------------------------------------------------------------------------------------
# Packets and captures


def ones_complement(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def read_packet(octets):
    """(source, source port, destination, destination port, payload, checksum right) of UDP in IPv4; None for others."""
    if len(octets) < 20 or octets[0] >> 4 != 4:
        return None
    header = (octets[0] & 15) * 4
    length, fragment = struct.unpack("!H2xH", octets[2:8])
    if octets[9] != 17 or fragment & 0x3fff or len(octets) < length or length < header + 8:
        return None
    udp = octets[header:length]
    source_port, destination_port, udp_length, checksum = struct.unpack("!HHHH", udp[:8])
    udp = udp[:udp_length]
    pseudo = octets[12:20] + struct.pack("!HH", 17, udp_length)
    right = checksum == 0 or ones_complement(pseudo + udp) == 0xffff
    return (str(ipaddress.IPv4Address(octets[12:16])), source_port, str(ipaddress.IPv4Address(octets[16:20])),
            destination_port, udp[8:], right)


def after_snap(octets):
    return octets[8:] if octets[:8] == b"\xaa\xaa\x03\0\0\0\x08\0" else None


def after_wifi(octets):
    """The IPv4 packet in an 802.11 data frame with one packet in the clear."""
    if len(octets) < 24 or octets[0] & 0x4c != 0x08 or octets[1] & 0x44:
        return None
    header = 24 + (6 if octets[1] & 3 == 3 else 0)
    if octets[0] & 0x80:
        if octets[header] & 0x80:
            return None
        header += 2 + (4 if octets[1] & 0x80 else 0)
    return after_snap(octets[header:])


def ip_packet(link, octets):
    """The IPv4 packet in a frame of this link type; None for other frames."""
    if link == ETHERNET:
        if octets[12:14] == b"\x08\0":
            return octets[14:]
        return after_snap(octets[14:]) if int.from_bytes(octets[12:14], "big") < 1536 else None
    if link == PPP:
        octets = octets[2:] if octets[:2] == b"\xff\x03" else octets
        return octets[2:] if octets[:2] == b"\0\x21" else None
    if link in (RAW_BSD, RAW, IPV4):
        return octets
    if link == WIFI:
        return after_wifi(octets)
    if link == COOKED:
        return octets[16:] if octets[14:16] == b"\x08\0" else None
    if link == RADIOTAP:
        return after_wifi(octets[int.from_bytes(octets[2:4], "little"):])
    raise Malformed(f"link type {link}")


def read_frames(path):
    """(number, time in seconds, link type, octets) of every frame of a pcap file."""
    with open(path, "rb") as file:
        data = file.read()
    need(data[:4] in MAGIC, f"{path}: no pcap file")
    order, unit = MAGIC[data[:4]]
    link = struct.unpack(order + "I", data[20:24])[0] & 0x0fffffff
    at, number = 24, 0
    while at < len(data):
        need(at + 16 <= len(data), f"{path}: ends inside the header of frame {number + 1}")
        seconds, fraction, captured, _ = struct.unpack(order + "IIII", data[at:at + 16])
        need(at + 16 + captured <= len(data), f"{path}: ends inside frame {number + 1}")
        number += 1
        yield number, seconds + fraction * unit, link, data[at + 16:at + 16 + captured]
        at += 16 + captured


def read_messages(path, keys=None):
    """Every message to or from port 434 of a pcap file; malformed ones have `error` instead of fields."""
    for number, time, link, octets in read_frames(path):
        packet = ip_packet(link, octets)
        found = read_packet(packet) if packet is not None else None
        if found is None or PORT not in (found[1], found[3]):
            continue
        source, source_port, destination, destination_port, payload, right = found
        message = {"frame": number, "time": time, "source": source, "source_port": source_port,
                   "destination": destination, "destination_port": destination_port, "checksum": right,
                   "length": len(payload)}
        try:
            message.update(read_message(payload, keys))
        except Malformed as error:
            message["error"] = str(error)
        yield message


# ---------------------------------------------------------------------------------------------------------------------


def read_key(text):
    """(SPI, octets) of "SPI=KEY"."""
    spi, key = text.split("=", 1)
    return int(spi), bytes.fromhex(key)


def main(arguments):
    keys, inputs = {}, []
    arguments = list(arguments)
    while arguments:
        argument = arguments.pop(0)
        if argument == "--key" and arguments:
            keys.update([read_key(arguments.pop(0))])
        else:
            inputs.append(argument)
    if len(inputs) != 1 or inputs[0].startswith("-"):
        sys.exit(__doc__)
    try:
        if os.path.exists(inputs[0]):
            messages = read_messages(inputs[0], keys)
        else:
            messages = [read_message(bytes.fromhex(inputs[0]), keys)]
        for message in messages:
            print(json.dumps(message))
    except ValueError as error:
        sys.exit(f"mip4_reader.py: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
