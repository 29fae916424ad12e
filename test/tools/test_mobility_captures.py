#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Mobility Headers that simulations of Proxy Mobile IPv6 put on the wire, read by tshark and by mobility_reader.py,
which share nothing with the simulator: none is malformed, and both read the same.

usage: test_mobility_captures.py [BUILD-FOLDER] (default: the program that the variable FLOWBIND_SIM names)
"""

import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

import mip4_reader
import mobility_reader

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("FLOWBIND_ROOT") or os.path.dirname(os.path.dirname(HERE))

FOLDER = os.path.join(ROOT, "examples", "scenarios")
SMALL = 4000000

# field of tshark: (type of the option or None, key of the reader, how tshark writes its value)
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
    "mip6.rc": (28, "restart_counter", str),
    "mip6.gre_key": (33, "key", lambda key: str(int(str(key), 0))),
    "mip6.dmnp.prefix_len": (55, "prefix", lambda prefix: prefix.split("/")[1]),
}
# Options tshark has a name for: all but those that are newer than it is, or too new.
NAMED = {"mnid": 8, "vsm": 19, "hnp": 22, "hi": 23, "att": 24, "mnlli": 25, "lla": 26, "ts": 27, "rc": 28, "natd": 31,
         "grek": 33, "ipv4hareq": 36, "ipv4harep": 37, "ipv4dra": 38, "dmnp": 55, "acoa": 3}


def simulator():
    if len(sys.argv) > 1:
        return os.path.join(os.path.abspath(sys.argv[1]), "flowbind-sim")
    return os.environ.get("FLOWBIND_SIM") or sys.exit(__doc__)


def tshark(path, display, *fields):
    command = ["tshark", "-n", "-r", path, "-d", "udp.port==5436,mipv6", "-Y", display, "-T", "fields",
               "-E", "occurrence=a"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def mobility_header(link, octets):
    """(octets, source, destination) of the Mobility Header in a frame; None: there is none. Addresses: of IPv6 only."""
    if link == 1:  # Ethernet
        kind, octets = octets[12:14], octets[14:]
    elif link == 9:  # PPP
        kind, octets = octets[:2], octets[2:]
    else:
        kind = b""
    if octets[0] >> 4 == 6 and octets[6] == 135:
        end = 40 + int.from_bytes(octets[4:6], "big")
        source, destination = (str(ipaddress.IPv6Address(octets[at:at + 16])) for at in (8, 24))
        return octets[40:end], source, destination
    header = 4 * (octets[0] & 15)
    if octets[0] >> 4 == 4 and octets[9] == 17 and b"\x15\x3c" in (octets[header:header + 2],
                                                                  octets[header + 2:header + 4]):
        length = int.from_bytes(octets[header + 4:header + 6], "big")
        return octets[header + 8:header + length], None, None
    assert kind or link not in (1, 9)
    return None


def values_of(found, kind, key, spell):
    sources = [found] if kind is None else [o for o in found["options"] if o["type"] == kind]
    return [spell(source[key]) for source in sources if key in source]


def check_capture(path):
    """How many Mobility Headers a capture has; both readers have to agree on each."""
    read = {}
    for number, _, link, octets in mip4_reader.read_frames(path):
        header = mobility_header(link, octets)
        if header is not None:
            read[number] = mobility_reader.read_message(*header)
    wrong = tshark(path, "mipv6 && (_ws.malformed || mip6.bogus_header_length || mip6.opt.len.invalid)", "frame.number")
    assert not wrong, f"{path}: tshark finds frame {wrong[0][0]} malformed"
    shown = tshark(path, "mipv6", "frame.number", "mip6.mobility_opt", *[f"mip6.options.{name}" for name in NAMED],
                   *AGREED)
    assert [int(row[0]) for row in shown] == sorted(read), f"{path}: {len(shown)} frames and {len(read)}"
    for number, others, *rest in shown:
        found, place = read[int(number)], f"{path}: frame {number}"
        types = {option["type"] for option in found["options"]} - {0, 1}
        named = {kind for kind, text in zip(NAMED.values(), rest) if text}
        assert named == types & set(NAMED.values()), f"{place}: options {named} and {types}"
        unnamed = {int(other, 0) for other in others.split(",") if other}
        assert unnamed - {0, 1} == types - set(NAMED.values()), f"{place}: options {unnamed} and {types}"
        for (field, (kind, key, spell)), text in zip(AGREED.items(), rest[len(NAMED):]):
            if text == "" and kind is None:
                continue  # another message's
            expected = values_of(found, kind, key, spell)
            assert [value for value in text.split(",") if value] == expected, f"{place}: {field} {text}, {expected}"
    return read


def scenarios():
    """(name, text) of each scenario of Proxy Mobile IPv6."""
    for file in sorted(os.listdir(FOLDER)):
        if file.endswith(".yaml"):
            with open(os.path.join(FOLDER, file), encoding="utf-8") as stream:
                text = stream.read()
            if "\nprotocol: pmip6\n" in text:
                yield file[:-len(".yaml")], text


def check_scenario(program, name, text):
    done = subprocess.run([program, os.path.join(FOLDER, name + ".yaml"), "--pcap", "--quiet", "--out", name],
                          capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    kinds, options = set(), set()
    # Radio networks wrap what they carry, and large captures take long; what is at the anchor is read in any case.
    radio = "type: wlan" in text or "type: lte" in text
    for capture in sorted(file for file in os.listdir(name) if file.endswith(".pcap")):
        small = os.path.getsize(os.path.join(name, capture)) < SMALL
        if capture == "home-agent.pcap" or (small and not radio):
            for message in check_capture(os.path.join(name, capture)).values():
                kinds.add(message["type"])
                options |= {option["type"] for option in message["options"]}
    shutil.rmtree(name)
    assert {5, 6} <= kinds and {8, 23, 24, 27} <= options, (kinds, options)
    return kinds, options


def main():
    if shutil.which("tshark") is None:
        sys.exit("test_mobility_captures.py: tshark is missing (Debian: apt-get install tshark)")
    passed = failed = 0
    kinds, options = set(), set()
    program = simulator()
    with tempfile.TemporaryDirectory(prefix="flowbind-mobility-") as folder:
        os.chdir(folder)
        for name, text in scenarios():
            try:
                more = check_scenario(program, name, text)
                kinds, options = kinds | more[0], options | more[1]
                passed += 1
                print(f"PASS {name}", flush=True)
            except Exception:  # pylint: disable=broad-except
                traceback.print_exc(file=sys.stdout)
                print(f"FAIL {name}", flush=True)
                failed += 1
        os.chdir("/")
    everything = {5, 6, 13} <= kinds and {8, 19, 22, 23, 24, 27, 28, 31, 36, 37, 44, 45, 63, 64} <= options
    passed, failed = passed + everything, failed + (not everything)
    print(f"{'PASS' if everything else 'FAIL'} all kinds of messages and options: {sorted(kinds)} {sorted(options)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
