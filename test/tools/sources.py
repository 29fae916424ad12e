#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Keeps sources.list and the tree in step: prints what is missing on either side (exit code 1), or adds it.

usage: sources.py [--update]
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Folder -> kinds of a .c/.cc file and of a .h file. The first folder that fits counts.
FOLDERS = [
    ("core-c/include/flowbind/", None, "api"),
    ("core-c/src/", "core", "core-header"),
    ("core-c/port/nettle/", "port", "port-header"),
    ("core-c/port/config/", "config", "config-header"),
    ("core-c/port/capture/", "capture", "capture-header"),
    ("core-c/port/decode/", "decode", "decode-header"),
    ("core-c/port/classify/", "classify", "classify-header"),
    ("model/", "model", "model-header"),
    ("helper/", "helper", "helper-header"),
    ("examples/", "example", "example-header"),
    ("results/stats/", "stats", "stats-header"),
    ("results/paths/", "paths", "paths-header"),
    ("test/stats/", "stats-test", "stats-test-header"),
    ("test/core/", "core-test", "core-test-header"),
    ("test/rfc/", "rfc-test", "rfc-test-header"),
    ("test/bench/classify/", "bench-classify", "bench-classify-header"),
    ("test/bench/", "bench", "bench-header"),
    ("test/fuzz/", "fuzz-target", "fuzz-target-header"),
    ("test/ns3/", "ns3-test", "ns3-test-header"),
]
SOURCE = re.compile(r"\.(c|cc|h)$")
MAIN = re.compile(r"^(int\s+)?main\s*\(", re.MULTILINE)


def read_list(text):
    """The list as (kind, words) in order."""
    lines = (line.split("#")[0].split() for line in text.splitlines())
    return [(words[0], words[1:]) for words in lines if words]


def kind_of(path, text):
    """The kind a file has by its folder; None for a file that belongs into no list."""
    for folder, source, header in FOLDERS:
        if path.startswith(folder):
            kind = header if path.endswith(".h") else source
            has_main = MAIN.search(text)
            if kind in ("core-test", "rfc-test") and not has_main:
                return "test-support"
            if kind in ("ns3-test", "fuzz-target") and has_main:
                return kind + "-main"
            return kind
    return None


def line_for(path, text):
    """The line that lists this file. A part of an example without main() belongs to the runner."""
    kind = kind_of(path, text)
    if kind == "example":
        program = os.path.splitext(os.path.basename(path))[0] if MAIN.search(text) else "flowbind-sim"
        return f"example {program} {path}"
    return f"{kind} {path}"


def compare(list_text, files):
    """Complaints about a list, given {path: text} of all sources; and the lines that would be added."""
    listed = {words[-1] for kind, words in read_list(list_text) if kind != "ns3-module"}
    sources = {path for path in files if SOURCE.search(path) and kind_of(path, files[path])}
    added = [line_for(path, files[path]) for path in sorted(sources - listed)]
    gone = sorted(path for path in listed if path not in files)
    return [f"add '{line}'" for line in added] + [f"'{path}' does not exist" for path in gone], added


def tree():
    """{path: text} of every source in the folders above."""
    files = {}
    for folder in sorted({folder.split("/")[0] for folder, _, _ in FOLDERS}):
        for where, _, names in os.walk(os.path.join(ROOT, folder)):
            for name in names:
                if SOURCE.search(name):
                    path = os.path.join(where, name)
                    with open(path, encoding="utf-8") as file:
                        files[os.path.relpath(path, ROOT)] = file.read()
    return files


def update(list_path, list_text, files):
    """Writes the list anew: each kind's lines together, comments kept, what does not exist dropped."""
    _, added = compare(list_text, files)
    lines = []
    for line in list_text.splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] == "ns3-module" or words[-1] in files:
            lines.append(line)
    for new in added:
        kind = new.split()[0]
        places = [i for i, line in enumerate(lines) if line.split()[:1] == [kind] and line < new]
        same = [i for i, line in enumerate(lines) if line.split()[:1] == [kind]]
        heading = [i for i, line in enumerate(lines) if line.startswith("#") and f" {kind}:" in line]
        lines.insert((places or [same[0] - 1] if same else heading or [len(lines) - 1])[-1] + 1, new)
    with open(list_path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    list_path = os.path.join(ROOT, "sources.list")
    with open(list_path, encoding="utf-8") as file:
        list_text = file.read()
    files = tree()
    if sys.argv[1:] == ["--update"]:
        update(list_path, list_text, files)
        return 0
    if sys.argv[1:]:
        sys.exit(__doc__)
    complaints, _ = compare(list_text, files)
    for complaint in complaints:
        print(f"sources.list: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
