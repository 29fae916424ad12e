# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of programs that read captures share: running them, writing captures, the list of tests."""

import json
import os
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = None
SCRATCH = None
CASES = []

with open(os.path.join(ROOT, "test", "vectors", "vectors.json"), encoding="utf-8") as vectors_file:
    VECTORS = {vector["id"]: vector for vector in json.load(vectors_file)["vectors"]}


def case(function):
    """Makes a function a test; generators yield (name, function) for many tests alike."""
    CASES.append(function)
    return function


def run(*arguments, text=None):
    """(exit code, list of objects, standard error) of the program."""
    done = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def decode(*arguments, text=None):
    """The one object of a successful run."""
    code, objects, errors = run(*arguments, text=text)
    assert code == 0 and not errors, f"exit code {code}: {errors}"
    assert len(objects) == 1, objects
    return objects[0]


def equal(found, expected, what=""):
    assert found == expected, f"{what}: {found!r} instead of {expected!r}"


def refusal(message):
    """(reply code, reason) or ("drop", reason) or None."""
    if "reply_code" in message:
        assert "drop" not in message and message["explanation"], message
        return message["reply_code"], message["reason"]
    return ("drop", message["drop"]) if "drop" in message else None


def ethertype(packet):
    return b"\x08\0" if packet[0] >> 4 == 4 else b"\x86\xdd"


def ppp(packet):
    return b"\x21" if packet[0] >> 4 == 4 else b"\x57"


def snap(packet):
    return SNAP[:6] + ethertype(packet)


WIFI_ADDRESSES = bytes(range(18))
SNAP = bytes.fromhex("aaaa030000000800")
RADIOTAP = bytes.fromhex("00000c000000000000000000")
LINKS = {
    "Ethernet": (1, lambda ip: bytes(12) + ethertype(ip) + ip + bytes(max(0, 46 - len(ip)))),
    "Ethernet, VLAN": (1, lambda ip: bytes(12) + bytes.fromhex("81000007") + ethertype(ip) + ip),
    "Ethernet, two VLANs": (1, lambda ip: bytes(12) + bytes.fromhex("88a8000181000007") + ethertype(ip) + ip),
    "802.3 with SNAP": (1, lambda ip: bytes(12) + struct.pack("!H", 8 + len(ip)) + snap(ip) + ip),
    "PPP": (9, lambda ip: b"\0" + ppp(ip) + ip),
    "PPP, HDLC": (9, lambda ip: b"\xff\x03\0" + ppp(ip) + ip),
    "PPP, short protocol": (9, lambda ip: ppp(ip) + ip),
    "raw": (101, lambda ip: ip),
    "raw IPv4": (228, lambda ip: ip),
    "Linux cooked": (113, lambda ip: bytes(14) + ethertype(ip) + ip),
    "Linux cooked 2": (276, lambda ip: ethertype(ip) + bytes(18) + ip),
    "802.11": (105, lambda ip: b"\x08\x01\0\0" + WIFI_ADDRESSES + b"\x10\0" + snap(ip) + ip + b"\1\2\3\4"),
    "802.11, four addresses": (105, lambda ip: b"\x08\x03\0\0" + WIFI_ADDRESSES + b"\x10\0" + bytes(6) + snap(ip) + ip),
    "802.11, QoS": (105, lambda ip: b"\x88\x02\0\0" + WIFI_ADDRESSES + b"\x10\0" + b"\5\0" + snap(ip) + ip),
    "802.11, QoS, HT": (105,
                        lambda ip: b"\x88\x82\0\0" + WIFI_ADDRESSES + b"\x10\0" + b"\5\0" + bytes(4) + snap(ip) + ip),
    "radiotap": (127, lambda ip: RADIOTAP + b"\x88\x01\0\0" + WIFI_ADDRESSES + b"\x10\0\0\0" + snap(ip) + ip),
}
FORMATS = {"<micro": ("<", 0xa1b2c3d4, 1000), ">micro": (">", 0xa1b2c3d4, 1000), "<nano": ("<", 0xa1b23c4d, 1),
           ">nano": (">", 0xa1b23c4d, 1)}


def capture(name, link, frames, form="<nano", snap=65535):
    """Writes a pcap file; frame n (from 1) has the time n seconds and n * 1001000 ns. Returns its path."""
    order, magic, unit = FORMATS[form]
    octets = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)
    for number, frame in enumerate(frames, 1):
        fraction = number * 1001000 % 10**9 // unit
        octets += struct.pack(order + "IIII", number, fraction, min(snap, len(frame)), len(frame))
        octets += frame[:snap]
    path = os.path.join(SCRATCH, name + ".pcap")
    with open(path, "wb") as file:
        file.write(octets)
    return path


def collect():
    for function in CASES:
        found = function() if function.__code__.co_flags & 0x20 else [(function.__name__.replace("_", " "), function)]
        yield from found


def main(variable="FLOWBIND_DECODE"):
    """Runs the tests of the file that calls this; its argument, or else that variable, is the program."""
    global PROGRAM, SCRATCH
    name = os.path.basename(sys.argv[0])
    PROGRAM = sys.argv[1] if len(sys.argv) > 1 else os.environ.get(variable)
    if not PROGRAM or not os.access(PROGRAM, os.X_OK):
        sys.exit(f"{name}: {PROGRAM}: no such program; usage: {name} PROGRAM, or ${variable}")
    PROGRAM = os.path.abspath(PROGRAM)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="flowbind-decode-") as SCRATCH:
        for title, function in collect():
            try:
                function()
                passed += 1
                print(f"PASS {title}")
            except Exception as error:  # a test must not end the others
                failed += 1
                print(f"FAIL {title}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
