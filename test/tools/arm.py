#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles the library for a Cortex-M4 without a C library, and checks what the objects ask the linker for.

The library is meant for devices: beside its own names it may need the memory functions that every compiler takes for
granted, the compiler's run-time support, and the port's three functions (fb_port_hmac_*). usage: arm.py
"""

import os
import re
import subprocess
import sys
import tempfile

import sources

FLAGS = (
    "-std=c11 -ffreestanding -mcpu=cortex-m4 -mthumb -Os -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
).split()
ALLOWED = re.compile(r"^(mem(cpy|set|cmp|move)|__aeabi_\w+|fb_\w+)$")


def compile_one(path, folder):
    """Compiles a file; the object's path, or None; and what the compiler said."""
    target = os.path.join(folder, re.sub(r"\W", "_", os.path.relpath(path, sources.ROOT)) + ".o")
    includes = ["-I" + os.path.join(sources.ROOT, "core-c", name) for name in ("include", "src")]
    command = ["arm-none-eabi-gcc"] + FLAGS + includes + ["-c", path, "-o", target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (target if done.returncode == 0 else None), done.stderr


def foreign_symbols(objects):
    """Undefined symbols of the objects that are not allowed."""
    done = subprocess.run(["arm-none-eabi-nm", "-u"] + objects, capture_output=True, text=True, check=True)
    names = set(re.findall(r"^\s+U (\S+)$", done.stdout, re.MULTILINE))
    return sorted(name for name in names if not ALLOWED.match(name))


def writable_data(objects):
    """Objects with initialised or zeroed variables: the library keeps no state of its own."""
    found = []
    for path in objects:
        done = subprocess.run(["arm-none-eabi-size", path], capture_output=True, text=True, check=True)
        data, bss = done.stdout.splitlines()[1].split()[1:3]
        if (data, bss) != ("0", "0"):
            found.append(f"{os.path.basename(path)}: {data} octets of data, {bss} of bss")
    return found


BAD = {
    "a conversion that loses octets": "int f(long long x);\nint f(long long x) { return (char)1 + x; }\n",
    "a header that freestanding C lacks": "#include <sys/socket.h>\n",
}


def self_test(folder):
    """The checks must find what is wrong in bad examples: [(name, complaint or "")]."""
    results = []

    def example(text):
        path = os.path.join(folder, "bad.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return compile_one(path, folder)[0]

    for name, text in BAD.items():
        results.append((f"finds {name}", "it was compiled" if example(text) else ""))
    found = foreign_symbols([example("void *malloc(unsigned);\nvoid *f(void);\nvoid *f(void) { return malloc(1); }\n")])
    results.append(("finds a call of malloc", "" if found == ["malloc"] else f"found {found}"))
    found = writable_data([example("int counter = 1;\n")])
    results.append(("finds a variable", "" if found else "found nothing"))
    return results


def main():
    with open(os.path.join(sources.ROOT, "sources.list"), encoding="utf-8") as file:
        core = [words[-1] for kind, words in sources.read_list(file.read()) if kind == "core"]
    results, objects = [], []
    with tempfile.TemporaryDirectory(prefix="flowbind-arm-") as folder:
        for path in core:
            target, said = compile_one(os.path.join(sources.ROOT, path), folder)
            objects += [target] if target else []
            results.append((f"compiles {path}", "" if target else said))
        if objects:
            results.append(("needs no foreign symbol", " ".join(foreign_symbols(objects))))
            results.append(("keeps no variables", "\n".join(writable_data(objects))))
            size = subprocess.run(["arm-none-eabi-size", "-t"] + objects, capture_output=True, text=True, check=True)
            print(f"text and tables: {size.stdout.splitlines()[-1].split()[0]} octets")
        results += self_test(folder)

    failed = [(name, complaint) for name, complaint in results if complaint]
    for name, complaint in failed:
        print(f"{name}: FAILED\n{complaint}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
