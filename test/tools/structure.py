#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the rules that a compiler does not: which layer may include which, licences, sizes, style.

Each check is a function from {path: text} to complaints, and stands in CHECKS with an example that it must find fault
with: the self-test runs every check on its own bad example first. usage: structure.py
"""

import os
import re
import shutil
import subprocess
import sys

import sources

CODE = re.compile(r"\.(c|cc|h)$")
SKIPPED = {".git", "build", "flowbind-out", "__pycache__", ".cache"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "string.h"}
LAYERS = ["base", "wire", "state", "steer", "role", "agent"]
LINES_OF_A_FILE = 1000
LINES_OF_A_FUNCTION = 70
COLUMNS_OF_CODE, COLUMNS_OF_TEXT = 100, 120


def read_tree():
    """{path: text} of every text file of the project that is not built."""
    files = {}
    for where, folders, names in os.walk(sources.ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in SKIPPED and not os.path.exists(os.path.join(where, name, "CMakeCache.txt"))
        ]
        for name in names:
            path = os.path.join(where, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                octets = file.read()
            if b"\0" not in octets[:4096]:
                files[os.path.relpath(path, sources.ROOT)] = octets.decode(errors="replace")
    return files


def code_of(files, *folders):
    """C and C++ files under these folders, sorted."""
    return [(p, t) for p, t in sorted(files.items()) if CODE.search(p) and p.startswith(folders)]


def without_comments(text):
    """The text with comments and string contents blanked, lines kept."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda m: '""' if m[0][0] == '"' else "\n" * m[0].count("\n"), text)


# ---------------------------------------------------------------------------------------------------------------------
# Who may include what


def layer_of(path):
    """Position of a file of the library in LAYERS; files directly in core-c/src belong to the agent."""
    folder = path.split("/")[2]
    return LAYERS.index(folder) if folder in LAYERS else LAYERS.index("agent")


def core_layers(files):
    """The library's layers point one way, and it includes nothing but itself and four standard headers."""
    complaints = []
    for path, text in code_of(files, "core-c/src/", "core-c/include/"):
        public = path.startswith("core-c/include/")
        for bracket, name in INCLUDE.findall(text):
            first = name.split("/")[0]
            if bracket == "<":
                allowed = name in FREESTANDING
            elif first == "flowbind":
                allowed = "core-c/include/" + name in files
            elif "/" not in name:
                allowed = not public and os.path.dirname(path) + "/" + name in files
            else:
                allowed = not public and first in LAYERS and LAYERS.index(first) <= layer_of(path)
            if not allowed:
                complaints.append(f"{path} includes {name}")
    return complaints


# What the parts around the library may include, by the first folder of a quoted include; None: without a folder.
MAY_INCLUDE = {
    "core-c/port/nettle/": {None, "flowbind"},
    "core-c/port/capture/": {None, "base"},
    "core-c/port/config/": {None, "flowbind", "config", "capture"},
    "core-c/port/decode/": {None, "flowbind", "capture", "decode", "base", "wire"},
    "model/": {None, "flowbind", "ns3"},
    "helper/": {None, "flowbind", "ns3", "config"},
    "examples/": {None, "flowbind", "ns3", "config"},
    "test/ns3/": {None, "flowbind", "ns3", "config"},
    "results/stats/": {None},
    "results/paths/": {None, "flowbind", "base", "steer"},
}


def outer_layers(files):
    """core-c <- model <- helper <- examples: nobody includes what stands further out, or the library's inside."""
    complaints = []
    order = ["model", "helper", "examples"]
    owner = {os.path.basename(p): p.split("/")[0] for p, _ in code_of(files, *[f + "/" for f in order])}
    for part, allowed in MAY_INCLUDE.items():
        for path, text in code_of(files, part):
            for bracket, name in INCLUDE.findall(text):
                folder = name.split("/")[0] if "/" in name else None
                home = owner.get(os.path.basename(name)) if folder in (None, "ns3") else None
                here = path.split("/")[0]
                if bracket == '"' and folder not in allowed:
                    complaints.append(f"{path} includes {name}")
                elif home and here in order and order.index(home) > order.index(here):
                    complaints.append(f"{path} includes {name}, which is in {home}/")
                elif part in ("model/", "helper/") and name.endswith("-module.h"):
                    complaints.append(f"{path} includes {name}: name single headers")
    return complaints


def core_purity(files):
    """No allocation, floating point, clock, standard output or writable statics in the library."""
    words = r"\b(malloc|calloc|realloc|free|float|double|time|clock|printf|abort|exit|rand|assert)\b(?=\s*[\(\s])"
    complaints = []
    for path, text in code_of(files, "core-c/src/", "core-c/include/"):
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            found = re.search(words, line) if not re.match(r"\s*#", line) else None
            if found and not (found[1] in ("time", "free", "clock") and not re.search(found[1] + r"\s*\(", line)):
                complaints.append(f"{path}:{number}: {found[1]}")
            if re.match(r"static (?!const\b|inline\b|_Noreturn\b)[^()]*(=|;)", line):
                complaints.append(f"{path}:{number}: a variable that outlives a call: {line.strip()}")
    return complaints


def portable_cxx(files):
    """What ns-3.35 or newer versions than Debian's do not have."""
    patterns = {
        r"\b(TestSuite::(UNIT|SYSTEM|EXAMPLE|PERFORMANCE)|TestCase::(QUICK|EXTENSIVE|TAKES_FOREVER)|Duration::QUICK)\b":
            "gone or new in other versions: use the default argument",
        r"\bSchedule(Now|Destroy|WithContext)?\s*\((?:[^()]|\([^()]*\))*\[[^\]]*\]\s*(\([^()]*\)\s*)?(mutable\s*)?\{":
            "ns-3.35 schedules no lambda",
    }
    complaints = []
    for path, text in code_of(files, "model/", "helper/", "examples/", "test/ns3/"):
        plain = without_comments(text)
        for pattern, reason in patterns.items():
            for found in re.finditer(pattern, plain):
                complaints.append(f"{path}:{plain[:found.start()].count(chr(10)) + 1}: {reason}")
    return complaints


# ---------------------------------------------------------------------------------------------------------------------
# Lists, licences, sizes, style


def source_list(files):
    """sources.list names every source, and no other."""
    return sources.compare(files.get("sources.list", ""), files)[0]


def module_list(files):
    """CMakeLists.txt names the ns-3 modules of sources.list."""
    modules = {words[0] for kind, words in sources.read_list(files.get("sources.list", "")) if kind == "ns3-module"}
    named = set(re.findall(r"^\s*\$\{lib([-\w]+)\}$", files.get("CMakeLists.txt", ""), re.MULTILINE))
    return [f"{name} stands in only one of sources.list and CMakeLists.txt" for name in sorted(modules ^ named)]


def licence_of(path):
    """The licence a file has by its folder."""
    script = path.endswith((".py", ".sh", ".cmake", "CMakeLists.txt", "wscript", ".clang-format"))
    if path.startswith("results/stats/"):
        return "GPL-3.0-or-later"
    if not script and path.startswith(("model/", "helper/", "examples/", "test/ns3/")):
        return "GPL-2.0-only"
    return "BSD-3-Clause"


def licences(files):
    """One SPDX line in every source and script, the one of its folder, at the top; no other licence text."""
    mark = re.compile(r"SPDX-License-Identifier: (\S+)")
    text_of_a_licence = re.compile(r"Permission is hereby granted|Redistribution and use in|GNU General Public License")
    complaints = []
    for path, text in sorted(files.items()):
        if path.startswith(("LICENSE", "test/tools/structure.py", "test/vectors/")) or path.endswith((".md", ".rst")):
            continue
        found = mark.findall("\n".join(text.splitlines()[:3]))
        is_source = CODE.search(path) or path.endswith((".py", ".sh", ".gp", ".cmake", "CMakeLists.txt", "wscript"))
        if not found and (is_source or text.startswith("#!")):
            complaints.append(f"{path}: its first lines lack SPDX-License-Identifier: {licence_of(path)}")
        elif found and found != [licence_of(path)]:
            complaints.append(f"{path}: {' '.join(found)} should be {licence_of(path)}")
        if len(mark.findall(text)) > 1 or text_of_a_licence.search(text):
            complaints.append(f"{path}: more about licences than one SPDX line")
    return complaints


def file_sizes(files):
    """A long file wants a split."""
    folders = ("core-c/", "model/", "helper/", "examples/", "results/", "test/")
    lengths = [(path, text.count("\n")) for path, text in code_of(files, *folders)]
    return [f"{path} has {n} lines (at most {LINES_OF_A_FILE})" for path, n in lengths if n > LINES_OF_A_FILE]


def function_lengths(files):
    """A long function wants a split.

    Functions are what stands between "{" and "}" in the first column. What returns an ns3::TypeId is a table of
    attributes and may be long.
    """
    complaints = []
    for path, text in code_of(files, "core-c/", "model/", "helper/", "examples/", "results/"):
        starts, lines = [], text.splitlines()
        for number, line in enumerate(lines, 1):
            if line == "{":
                starts.append(number)
            elif line.startswith("}") and starts:
                start = starts.pop()
                table = start > 2 and lines[start - 3] == "TypeId"
                if line == "}" and number - start - 1 > LINES_OF_A_FUNCTION and not table:
                    complaints.append(
                        f"{path}:{start}: a function of {number - start - 1} lines (at most {LINES_OF_A_FUNCTION})"
                    )
    return complaints


def columns(files):
    """Code in 100 columns, comments and strings in 120; no tabs, no blanks at the end of a line."""
    complaints = []
    for path, text in sorted(files.items()):
        if not (CODE.search(path) or path.endswith((".py", ".sh", "flowbind", ".cmake", "CMakeLists.txt", "wscript"))):
            continue
        plain = without_comments(text).split("\n") if CODE.search(path) else None
        for number, line in enumerate(text.split("\n"), 1):
            code = plain[number - 1].rstrip() if plain else ""
            if len(line) > COLUMNS_OF_TEXT or len(code) > COLUMNS_OF_CODE:
                complaints.append(f"{path}:{number}: {len(line)} columns")
            if "\t" in line or line != line.rstrip():
                complaints.append(f"{path}:{number}: a tab, or blanks at the end of the line")
    return complaints


def clang_format():
    """Path of clang-format 14, Debian 12's, or None: other versions differ in details."""
    program = shutil.which("clang-format")
    version = subprocess.run([program, "--version"], capture_output=True, check=True).stdout if program else b""
    return program if b"version 14." in version else None


def formatting(files):
    """clang-format would leave every file as it is (checked where its version is 14)."""
    program, complaints = clang_format(), []
    folders = ("core-c/", "model/", "helper/", "examples/", "results/", "test/")
    for path, text in code_of(files, *folders) if program else []:
        command = [program, "--assume-filename=" + os.path.join(sources.ROOT, path)]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.stdout != text:
            complaints.append(f"{path}: not formatted; run test/tools/format.py {path}")
    return complaints


def commands_are_documented(files):
    """Every command of ./flowbind is in its help."""
    script = files.get("flowbind", "")
    text = script.split("<<'END'")[-1].split("\nEND\n")[0]
    names = re.findall(r"^([a-z]+)(?: \| [-\w]+)*\)$", script, re.MULTILINE)
    return [f"flowbind {name}: not in the help" for name in names if not re.search(rf"^  {name}\b", text, re.MULTILINE)]


LIST = "sources.list"
LONG_FUNCTION = "void\nf(void)\n{\n" + "    g();\n" * 71 + "}\n"

# Check, and a tree that it must find fault with.
CHECKS = [
    (core_layers, {"core-c/src/base/a.c": '#include "wire/b.h"\n', "core-c/src/wire/b.h": ""}),
    (core_layers, {"core-c/src/wire/a.c": "#include <stdio.h>\n"}),
    (core_layers, {"core-c/include/flowbind/a.h": '#include "base/bytes.h"\n'}),
    (outer_layers, {"model/a.cc": '#include "ns3/b-helper.h"\n', "helper/b-helper.h": ""}),
    (outer_layers, {"model/a.cc": '#include "wire/ipv4.h"\n'}),
    (outer_layers, {"helper/a.cc": '#include "ns3/lte-module.h"\n'}),
    (core_purity, {"core-c/src/base/a.c": "void *p = malloc(3);\n"}),
    (core_purity, {"core-c/src/base/a.c": "static int counter;\n"}),
    (core_purity, {"core-c/src/base/a.c": "static double mean(double a);\n"}),
    (portable_cxx, {"model/a.cc": "Simulator::Schedule(Seconds(1), [this]() { F(); });\n"}),
    (portable_cxx, {"test/ns3/a.cc": "A() : TestSuite(\"a\", TestSuite::UNIT) {}\n"}),
    (source_list, {LIST: "core core-c/src/base/gone.c\n"}),
    (source_list, {LIST: "", "core-c/src/base/new.c": ""}),
    (module_list, {LIST: "ns3-module core\n", "CMakeLists.txt": "    ${libwifi}\n"}),
    (licences, {"model/a.cc": "int a;\n"}),
    (licences, {"model/a.cc": "// SPDX-License-Identifier: BSD-3-Clause\n"}),
    (licences, {"core-c/a.c": "/* SPDX-License-Identifier: BSD-3-Clause */\n/* GNU General Public License */\n"}),
    (file_sizes, {"core-c/src/base/a.c": "\n" * 1001}),
    (function_lengths, {"core-c/src/base/a.c": LONG_FUNCTION}),
    (function_lengths, {"model/a.cc": "namespace ns3\n{\n" + LONG_FUNCTION + "} // namespace ns3\n"}),
    (columns, {"core-c/src/base/a.c": "int " + "a" * 100 + ";\n"}),
    (columns, {"core-c/src/base/a.c": "int a; \n"}),
    (formatting, {"core-c/src/base/a.c": "int  a;\n"}),
    (commands_are_documented, {"flowbind": "<<'END'\n  run FILE\nEND\nrun)\nhidden)\n"}),
]


def main():
    results = []
    for check, bad in CHECKS:
        able = check(bad) or (check is formatting and not clang_format())
        results.append((f"{check.__name__} finds fault with a bad example", [] if able else [f"accepted {bad}"]))
    files = read_tree()
    for check in dict.fromkeys(check for check, _ in CHECKS):
        results.append((f"{check.__name__}: {check.__doc__.splitlines()[0]}", check(files)))

    failed = [(name, complaints) for name, complaints in results if complaints]
    for name, complaints in failed:
        print(f"{name} FAILED")
        print("\n".join("  " + complaint for complaint in complaints))
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
