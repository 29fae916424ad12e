#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Formats the C and C++ sources: a comment that does not fit behind its code moves above it, then clang-format.

usage: format.py [FILE...] (default: all sources)
"""

import os
import re
import subprocess
import sys

import sources

COLUMNS = 100
TRAILING = re.compile(r"^(\s*)(\S.*?)\s+(/\*(?:[^*]|\*(?!/))*\*/|//.*)$")


def comment_above(line):
    """The line as it is, or its trailing comment on a line of its own and then the rest."""
    found = TRAILING.match(line)
    if len(line) <= COLUMNS or not found or found[2].count('"') % 2 or found[2].startswith(("/*", "*", "//", "}")):
        return line
    indent, code, comment = found.groups()
    comment = re.sub(r"^(/\*[*!]|//[/!])<", r"\1", comment)
    return f"{indent}{comment}\n{indent}{code}"


def main():
    paths = sys.argv[1:] or [os.path.join(sources.ROOT, path) for path in sources.tree()]
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        moved = "\n".join(comment_above(line) for line in text.split("\n"))
        done = subprocess.run(
            ["clang-format", "--assume-filename=" + os.path.abspath(path)],
            input=moved,
            capture_output=True,
            text=True,
            check=True,
        )
        if done.stdout != text:
            print(path)
            with open(path, "w", encoding="utf-8") as file:
                file.write(done.stdout)


if __name__ == "__main__":
    main()
