#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes test/fuzz/corpus/, the inputs fuzzing starts from, of test/vectors/vectors.json: the same files every time.

usage: make_corpus.py [--check]     --check: only say what differs from what is there (exit code 1)
"""

import json
import os
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORPUS = os.path.join(ROOT, "test", "fuzz", "corpus")

# Steps and their flags, as in fuzz_home_agent.c, fuzz_mobile_node.c and fuzz_foreign_agent.c.
HOME = {"time": 0, "message": 1, "rights": 2, "remove": 3, "clock": 4, "downlink": 5, "uplink": 6}
MOBILE = {"time": 0, "reply": 1, "up": 2, "down": 3, "policy": 4, "administrator": 5, "clock": 6, "uplink": 7,
          "downlink": 8, "hear": 9, "share": 10}
BY_AGENT, GOOD_CHECKSUM, FROM_AGENT, DISCOVERS_HOME = 0x80, 16, 4, 0x2000
FOREIGN = {"time": 0, "request": 1, "reply": 2, "icmp": 3, "link": 4, "association": 5, "solicit": 6, "from_link": 7,
           "tunnelled": 8}
CURRENT, ADDRESSED, SIGNED, AS_IT_IS = 4, 8, 16, 3
NAMED, NEAR = 32, 64
ANSWERS, FOR_NODE, VOUCHED, STRANGE, REPLY_NAMED = 1, 2, 4, 8, 16
ANSWER_LAST = 4 | 8 | 16 | 32
# ... fuzz_lma.c and fuzz_mag.c
LMA = {"time": 0, "message": 1, "subscriber": 2, "gateway": 3, "clock": 4, "downlink": 5, "uplink": 6, "icmp": 7}
MAG = {"time": 0, "message": 1, "up": 2, "down": 3, "attach": 4, "detach": 5, "policy": 6, "administrator": 7,
       "quality": 8, "clock": 9, "uplink": 10, "downlink": 11}
NOW_AND_SEALED, OVER_SECOND, OVER_IPV4 = 3, 8, 24


def vectors(proxy=False):
    """{id: vector} of everything about Mobile IPv4, selectors and packets; or about Proxy Mobile IPv6."""
    with open(os.path.join(ROOT, "test", "vectors", "vectors.json"), encoding="utf-8") as file:
        return {v["id"]: v for v in json.load(file)["vectors"] if (v["family"] == "PMIPv6") == proxy}


def extensions(message):
    """(offset, type, subtype, body) of each extension; ends where the framing does."""
    at = 24 if message[0] == 1 else 20
    while at + 2 <= len(message):
        kind = message[at]
        if kind == 0:
            at += 1
            continue
        head, length = (4, int.from_bytes(message[at + 2 : at + 4], "big")) if kind == 154 else (2, message[at + 1])
        yield at, kind, message[at + 1] if kind == 154 else 0, message[at + head : at + head + length]
        at += head + length


def unsigned(message):
    """The message up to its Mobile-Home Authentication."""
    return next((message[:at] for at, kind, _, _ in extensions(message) if kind == 32), message)


def flow_bindings(message):
    return [body for _, kind, subtype, body in extensions(message) if (kind, subtype) == (154, 2)]


def rule_of(message):
    """The first Flow-Binding Extension as a whole."""
    body = flow_bindings(message)[0]
    return b"\x9a\x02" + counted(body)


def counted(octets):
    return struct.pack(">H", len(octets)) + octets


def step(number, *parts):
    return bytes([number]) + b"".join(bytes([part]) if isinstance(part, int) else part for part in parts)


def seconds(number):
    return struct.pack(">H", 0x8000 | number)


def message_step(message):
    """A request as the vector has it, but current and signed."""
    return step(HOME["message"], CURRENT | ADDRESSED | SIGNED, counted(unsigned(message)))


def packet_step(kind, source, packet):
    return step(kind, source, 0, counted(packet))


def home_agent(messages, packets):
    """Programs for the home agent: every request by itself, and histories."""
    config = struct.pack(">H", 7 | 8)
    requests = {name: m for name, m in messages.items() if m[0] == 1}
    for name, message in requests.items():
        yield name, config + message_step(message)
        yield name + "-as-it-is", config + step(HOME["message"], AS_IT_IS, counted(message))
    paths = b"".join(message_step(requests[name]) for name in ("m01", "m03", "m12"))
    data = b"".join(packet_step(HOME["downlink"], 0, p) + packet_step(HOME["uplink"], 17, p) for p in packets)
    yield "figure2-and-packets", config + paths + data
    for name in ("m05", "m06", "m07", "m09", "n07", "n12"):
        yield f"figure2-then-{name}", config + paths + message_step(requests[name]) + data
    yield "figure2-expires", config + paths + step(HOME["time"], seconds(500)) + message_step(requests["m05"]) + step(
        HOME["time"], seconds(1300)) + data
    yield "figure2-refreshed", config + paths + step(HOME["time"], seconds(500)) + message_step(requests["m05"]) + step(
        HOME["time"], seconds(500)) + data
    yield "seven-rules", config + paths + message_step(unsigned(requests["m12"]) + 2 * rule_of(requests["m03"]))
    yield "figure2-rights", config + paths + step(HOME["rights"], 0) + message_step(requests["m03"]) + step(
        HOME["remove"], 0) + step(HOME["rights"], 4) + step(HOME["clock"], 200) + paths
    yield "small", struct.pack(">H", 1) + paths
    yield "strict", struct.pack(">H", 7 | 16 | 32 | 64 | 128 | 256 | 512 | 1024 | 2048 | 4096) + paths


def mobile_node(messages, packets, advertisement):
    """Programs for the mobile node: every reply to its first request, and histories."""
    config = struct.pack(">H", 1)
    policy = [body for body in flow_bindings(messages["m12"])]
    policy_step = step(MOBILE["policy"], len(policy), *[counted(body) for body in policy])
    accepted = step(MOBILE["reply"], ANSWER_LAST, counted(unsigned(messages["m02"])))
    for name, message in messages.items():
        if message[0] == 3:
            yield name, config + policy_step + step(MOBILE["up"], 0) + step(
                MOBILE["reply"], ANSWER_LAST, counted(unsigned(message))) + step(MOBILE["time"], seconds(70))
    paths = b"".join(step(MOBILE["up"], link) + accepted for link in range(3))
    data = b"".join(packet_step(MOBILE["uplink"], 0, p) + step(MOBILE["downlink"], 0) + bytes([0, 0]) + counted(p)
                    for p in packets)
    yield "figure2-and-packets", config + policy_step + paths + data
    yield "figure2-link-down", config + policy_step + paths + step(MOBILE["down"], 0) + data + step(
        MOBILE["up"], 0) + accepted
    for change in range(3):
        yield f"address-changes-{change}", struct.pack(">H", 1 | change << 8) + policy_step + paths + step(
            MOBILE["up"], 0) + 4 * accepted
    yield "refresh", config + policy_step + paths + 3 * (step(MOBILE["time"], seconds(250)) + accepted)
    yield "silence", config + step(MOBILE["up"], 0) + 8 * step(MOBILE["time"], seconds(5)) + accepted
    tunnelled = step(MOBILE["reply"], ANSWER_LAST, counted(unsigned(messages["m19"])))
    for tunnel in range(3):
        waits = b"".join(step(MOBILE["time"], seconds(wait)) for wait in (110, 1, 2, 4))
        yield f"keepalives-{tunnel}", config + step(MOBILE["up"], 4 * tunnel) + tunnelled + waits + tunnelled + step(
            MOBILE["time"], seconds(60))
    yield "no-multipath", struct.pack(">H", 16) + policy_step + paths
    yield "administrator", config + paths + b"".join(step(MOBILE["administrator"], n) + accepted
                                                    for n in (0x81, 1, 0x80, 0)) + step(MOBILE["clock"], 100)
    config = struct.pack(">H", DISCOVERS_HOME | 1)
    heard = step(MOBILE["hear"], GOOD_CHECKSUM | FROM_AGENT, counted(advertisement))
    visit = config + step(MOBILE["up"], BY_AGENT) + heard
    yield "foreign-agent", visit + accepted + step(MOBILE["time"], seconds(20)) + heard + data + step(
        MOBILE["time"], seconds(35)) + heard
    yield "foreign-agent-shares-a-key", config + step(MOBILE["share"], 0) + visit[len(config) :] + accepted
    for code in (65, 69, 72, 74, 77, 79):
        refused = bytes([3, code]) + unsigned(messages["m02"])[2:]
        yield f"foreign-agent-{code}", visit + step(MOBILE["reply"], ANSWER_LAST & ~32, counted(refused)) + step(
            MOBILE["time"], seconds(70))
    home = advertisement[:14] + b"\x20\0" + advertisement[16:]
    yield "home", visit + accepted + step(MOBILE["hear"], GOOD_CHECKSUM, counted(home)) + accepted + step(
        MOBILE["time"], seconds(40))


def foreign_agent(messages, packets):
    """Programs for the foreign agent: every message by itself, and visits."""
    config = struct.pack(">H", 0)
    requests = {name: m for name, m in messages.items() if m[0] == 1}
    replies = {name: m for name, m in messages.items() if m[0] == 3}

    def request(message, how=CURRENT | ADDRESSED | SIGNED | NEAR, where=0):
        return step(FOREIGN["request"], how, where, counted(unsigned(message)))

    def reply(message, how=ANSWERS | FOR_NODE | VOUCHED):
        return step(FOREIGN["reply"], how, counted(unsigned(message)))

    for name, message in requests.items():
        yield name, config + request(message) + reply(messages["m15"])
        yield name + "-as-it-is", config + step(FOREIGN["request"], AS_IT_IS | NEAR, 0, counted(message))
    for name, message in replies.items():
        yield name, config + request(messages["m13"]) + reply(message)
        yield name + "-as-it-is", config + request(messages["m13"]) + step(FOREIGN["reply"], 0, counted(message))
    visit = request(messages["m13"]) + reply(messages["m15"])
    data = b"".join(packet_step(FOREIGN["tunnelled"], 0, p) + step(FOREIGN["from_link"], 0, counted(p))
                    for p in packets)
    data += packet_step(FOREIGN["tunnelled"], 0, packets[0])
    yield "visit-and-packets", config + visit + data
    yield "visit-ends", config + visit + request(messages["m07"]) + reply(messages["m08"], ANSWERS | FOR_NODE) + data
    yield "visit-expires", config + visit + step(FOREIGN["time"], seconds(601)) + data
    yield "visit-link-down", config + visit + step(FOREIGN["link"], 0) + data + step(FOREIGN["link"], 4) + visit
    yield "named", config + request(messages["m13"], CURRENT | ADDRESSED | SIGNED | NEAR | NAMED) + reply(
        messages["m15"], ANSWERS | FOR_NODE | VOUCHED | REPLY_NAMED) + data
    yield "silence", config + 6 * request(messages["m13"]) + 8 * step(FOREIGN["time"], seconds(1))
    yield "strangers", config + request(messages["m13"]) + reply(messages["m15"], ANSWERS | FOR_NODE | STRANGE) + reply(
        messages["m15"], ANSWERS | FOR_NODE)
    for quoted in (1, 40):
        yield f"unreachable-{quoted}", config + b"".join(
            request(messages["m13"]) + step(FOREIGN["icmp"], 3, code, quoted, counted(b"")) for code in range(4))
    yield "solicitations", config + step(FOREIGN["solicit"], 0, 0) + step(FOREIGN["solicit"], 0, 9) + step(
        FOREIGN["time"], seconds(30))
    yield "all-agents", config + request(messages["m13"], CURRENT | ADDRESSED | SIGNED, 4) + reply(messages["m15"])
    yield "associations", config + step(FOREIGN["association"], 0) + visit + step(FOREIGN["association"], 3) + visit
    yield "both", struct.pack(">H", 1) + visit + data
    for bit in range(2, 14):
        yield f"configuration-{bit}", struct.pack(">H", 1 << bit) + visit + data


def proxy_vectors():
    """Mobility Headers of the vectors by name, and the two data packets without their outer IPv6 header."""
    known = {name.lower(): v for name, v in vectors(proxy=True).items()}
    headers = {name: bytes.fromhex(v["hex"]) for name, v in known.items() if name[0] == "p"}
    return headers, {name: bytes.fromhex(known[name]["hex"]) for name in ("d05", "d06")}


def over(name):
    """The path a vector goes over, as in PROXY_OVER."""
    return {"p03": OVER_SECOND, "p04": OVER_SECOND, "p18": OVER_IPV4}.get(name, 0)


def answered(packet):
    """An IPv6 packet with its addresses swapped."""
    return packet[:8] + packet[24:40] + packet[8:24] + packet[40:]


def lma():
    """Programs for the anchor: every message by itself, and histories."""
    config = struct.pack(">H", 7)
    headers, data = proxy_vectors()
    inner = data["d05"][40:]

    def message(name, how=NOW_AND_SEALED):
        return step(LMA["message"], how | over(name), counted(headers[name]))

    for name in headers:
        yield name, config + message(name)
        yield name + "-as-it-is", config + message(name, 0)
    paths = message("p01") + message("p03")
    down = step(LMA["downlink"], 0, counted(inner))
    up = step(LMA["uplink"], 0, 41, counted(answered(inner))) + step(LMA["uplink"], 0, 47, counted(data["d06"][40:]))
    yield "two-paths-and-packets", config + paths + down + up
    for name in ("p07", "p09", "p10", "p12", "p13", "p14", "p16", "p18"):
        yield f"two-paths-then-{name}", config + paths + message(name) + down + up
    yield "two-paths-expire", config + paths + step(LMA["time"], seconds(3000)) + message("p07") + step(
        LMA["time"], seconds(3700)) + down
    yield "grace", config + message("p01") + message("p10", NOW_AND_SEALED | 4) + step(LMA["time"], seconds(11)) + down
    yield "removed", config + paths + step(LMA["subscriber"], 0x80) + down + step(LMA["subscriber"], 0) + paths + step(
        LMA["gateway"], 0x80) + down
    yield "too-big", config + paths + down + step(
        LMA["icmp"], counted(bytes.fromhex("0200000000000514") + data["d05"])) + down
    yield "anybody", struct.pack(">H", 7 | 8 | 16 | 16384 | 32768) + paths + step(LMA["time"], seconds(200)) + down
    for bit in range(5, 16):
        more = message("p12") + message("p13") + message("p18")
        yield f"configuration-{bit}", struct.pack(">H", 7 | 1 << bit) + paths + more + down + up


def mag():
    """Programs for the gateway: every message as the answer to its first update, and histories."""
    config = struct.pack(">H", 1)
    headers, data = proxy_vectors()
    inner = data["d05"][40:]
    attach = step(MAG["attach"], 4 | 32)

    def answer(name, how=NOW_AND_SEALED):
        return step(MAG["message"], how | over(name), counted(headers[name]))

    for name in headers:
        yield name, config + step(MAG["up"], 64) + attach + answer(name) + step(MAG["time"], seconds(70))
    pause = step(MAG["time"], seconds(2))
    paths = step(MAG["up"], 64) + step(MAG["up"], 65) + attach + answer("p02") + pause + answer("p04")
    up = step(MAG["uplink"], 0, counted(answered(inner)))
    down = step(MAG["downlink"], 0, 41, counted(inner)) + step(MAG["downlink"], 0, 47, counted(data["d06"][40:]))
    policy = step(MAG["policy"], 2, bytes([0, 80, 0xc8, 60]))
    yield "two-paths-and-packets", config + paths + up + down
    yield "two-paths-policy", config + paths + policy + pause + answer("p02") + pause + answer("p04") + up + down
    yield "two-paths-down", config + paths + step(MAG["down"], 0) + pause + answer("p11") + up + down + step(
        MAG["down"], 1) + pause + up
    yield "two-paths-refresh", config + paths + step(MAG["time"], seconds(3000)) + answer("p08") + step(
        MAG["time"], seconds(3000)) + up
    yield "two-paths-detach", config + paths + step(MAG["detach"], 0) + pause + answer("p11") + pause + up
    yield "refused", config + paths + answer("p05") + step(MAG["time"], seconds(70)) + answer("p05")
    yield "legacy", config + step(MAG["up"], 64) + step(MAG["up"], 65) + attach + answer("p06") + pause + up + down + (
        step(MAG["time"], seconds(3700)))
    yield "gre", config + step(MAG["up"], 64 | 8) + attach + answer("p02") + pause + answer("p02") + up + down
    yield "ipv4", config + step(MAG["up"], 64 | 3 | 32) + attach + step(
        MAG["message"], NOW_AND_SEALED | OVER_IPV4, counted(headers["p02"])) + up
    yield "silence", config + step(MAG["up"], 64) + attach + 8 * step(MAG["time"], seconds(20))
    yield "administrator", config + paths + b"".join(step(MAG["administrator"], n) + pause + answer("p02")
                                                    for n in (1, 0x81, 0, 0x80))
    for bit in range(1, 13):
        yield f"configuration-{bit}", struct.pack(">H", 1 | 1 << bit) + paths + policy + step(
            MAG["quality"], 0, 1, 2) + step(MAG["time"], seconds(200)) + up + down


def ipv6_tunnels():
    """Of fuzz_tunnel: D05 and D06 behind their outer IPv6 header, and D05 with a limit outside and inside."""
    with open(os.path.join(ROOT, "test", "vectors", "vectors.json"), encoding="utf-8") as file:
        known = {v["id"]: bytes.fromhex(v["hex"]) for v in json.load(file)["vectors"] if v["id"] in ("D05", "D06")}
    inner = known["D05"][40:]
    limit = bytes([41, 0, 4, 1, 2, 1, 1, 0])
    outer = known["D05"][:4] + bytes([0, 63, 60, 64]) + known["D05"][8:40]
    return {
        "d05": bytes([41 | 0x80, 0]) + inner,
        "d06": bytes([47 | 0x80, 0]) + known["D06"][40:],
        "limit": bytes([60 | 0x80, 0]) + limit + inner,
        "nested": bytes([41 | 0x80, 0]) + outer + limit + inner,
    }


def extension_bodies(octets):
    """Bodies of extensions and ICMP messages, each behind the number of its decoder in fuzz_extension.c."""
    quoted = octets["d01"][:28]
    return {
        "mobile-network-request": bytes([0]) + octets["m20"][41:49],
        "mobile-network-answer": bytes([0]) + bytes.fromhex("940801001c00c6336480"),
        "ipv6-prefix-request": bytes([1]) + octets["m20"][49:69],
        "ipv6-prefix-reply": bytes([1]) + bytes.fromhex("9814020140002001 0db8000a00000000000000000000"),
        "ipv6-tunneling-mode": bytes([1]) + bytes.fromhex("98020300"),
        "udp-tunnel-request": bytes([2]) + octets["m18"][32:40],
        "udp-tunnel-reply": bytes([3]) + octets["m19"][20:28],
        "selector-suboption": bytes([4]) + bytes.fromhex("0309020000820000005006"),
        "advertisement": bytes([5]) + octets["m21"],
        "solicitation": bytes([5]) + bytes.fromhex("0a00f5ff00000000"),
        "too-big": bytes([6]) + bytes.fromhex("0304000000000578") + quoted,
        "host-unreachable": bytes([6]) + bytes.fromhex("0301000000000000") + quoted,
    }


def mobility_message(front, options):
    """A Mobility Header over IPv4 with these options; its length is filled up with Pad1."""
    octets = bytes.fromhex(front + options)
    octets += bytes(-len(octets) % 8)
    return b"\1" + octets[:1] + bytes([len(octets) // 8 - 1]) + octets[2:]


def mobility_headers():
    """Mobility Headers for fuzz_mobility_header.c: the vectors, and the options that are in none of them."""
    update, answer = "3b00050000000001820003 84", "3b000600000000200001 0384"
    metrics = "131500007ed901" + "00004e20000003e8000027100000c350"
    return {
        **{name.lower(): bytes([v["transport"].get("next_header") != 135]) + bytes.fromhex(v["hex"])
           for name, v in vectors(proxy=True).items() if name[0] == "P"},
        "addresses": mobility_message(update, "00000310" + "20010db8" + "00" * 12 + "01021a10fe80" + "00" * 14),
        "ipv4-request": mobility_message(update, "240660000a000001" + "370680180a010200" + "2102000023040001 0000"),
        "ipv4-answer": mobility_message(answer, "250600600a000001" + "260600000a0000fe" + "27020001" +
                                        "1f0680000000006e" + "210600000a0b0c0e"),
        "flows": mobility_message(update, "2c0400010002" + "2d0e00010001000002040001000203020100" + metrics),
        "wrong-multipath": mobility_message(update, "3f05080b010000" + "4003010061" + "4003010062"),
        "error": mobility_message("3b000700000002" + "00" * 17, ""),
    }


def mobility_packets():
    """The vectors of Proxy Mobile IPv6 for fuzz_decode.c: as text, and as packets of a raw capture."""
    signalling = {name.lower(): v for name, v in vectors(proxy=True).items() if name[0] == "P"}
    return {
        **{name + "-text": b"\0" + v["hex"].encode() for name, v in signalling.items()},
        **{name + "-raw": b"\3" + bytes.fromhex(v["packet_hex"]) for name, v in signalling.items()},
    }


def corpus():
    """{target: {name: octets}}."""
    known = {name.lower(): v for name, v in vectors().items()}
    octets = {name: bytes.fromhex(v["hex"]) for name, v in known.items()}
    messages = {name: m for name, m in octets.items() if known[name]["layer"] == "UDP payload"}
    packets = {name: bytes.fromhex(v.get("packet_hex") or "") for name, v in known.items()}
    packets = {name: p for name, p in packets.items() if p}
    selectors = {name: o for name, o in octets.items() if known[name]["family"] == "RFC6088"}
    inner = [octets[name] for name in sorted(known) if known[name]["layer"] == "IP packet"]
    inner += [p[20:] for p in inner if len(p) > 40 and p[9] == 4]
    rules = {f"{name}-{i}": body for name, m in messages.items() for i, body in enumerate(flow_bindings(m))}
    return {
        "message": {name: b"\0" + m for name, m in messages.items()},
        "flow_binding": {name: bytes([name.startswith("n13")]) + body for name, body in rules.items()},
        "selector": {name: bytes([2 if "IPv6" in known[name]["name"] else 1]) + s for name, s in selectors.items()},
        "ipv4": {name: b"\0\0" + p[:68] for name, p in packets.items()},
        "tunnel": {
            **{name: bytes([p[9], p[1]]) + p[28 if p[9] == 17 else 20:]
               for name, p in packets.items() if name[0] == "d"},
            **ipv6_tunnels(),
        },
        "decode": {
            **{name + "-text": b"\0" + m.hex(" ").encode() for name, m in messages.items()},
            **{name + "-raw": b"\3" + p for name, p in packets.items()},
            **{name + "-ethernet": b"\1" + bytes(12) + b"\x08\0" + p for name, p in packets.items()},
            **mobility_packets(),
        },
        "extension": extension_bodies(octets),
        "mobility_header": mobility_headers(),
        "foreign_agent": dict(foreign_agent(messages, inner)),
        "home_agent": dict(home_agent(messages, inner)),
        "lma": dict(lma()),
        "mag": dict(mag()),
        "mobile_node": dict(mobile_node(messages, inner, octets["m21"])),
    }


def there():
    """The same, of the files that are there."""
    found = {}
    for target in sorted(os.listdir(CORPUS)) if os.path.isdir(CORPUS) else []:
        for name in os.listdir(os.path.join(CORPUS, target)):
            with open(os.path.join(CORPUS, target, name), "rb") as file:
                found.setdefault(target, {})[name] = file.read()
    return found


def flat(targets):
    return {f"{target}/{name}": octets for target, inputs in targets.items() for name, octets in inputs.items()}


def main():
    made, found = flat(corpus()), flat(there())
    differ = sorted(path for path in made.keys() | found.keys() if made.get(path) != found.get(path))
    if sys.argv[1:] == ["--check"]:
        print("\n".join(differ + [f"{len(made) - len(differ)} inputs as they should be, {len(differ)} not"]))
        return 1 if differ else 0
    if sys.argv[1:]:
        sys.exit(__doc__)
    for path in differ:
        if path not in made:
            os.remove(os.path.join(CORPUS, path))
            continue
        os.makedirs(os.path.dirname(os.path.join(CORPUS, path)), exist_ok=True)
        with open(os.path.join(CORPUS, path), "wb") as file:
            file.write(made[path])
    print(f"{len(made)} inputs in {CORPUS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
