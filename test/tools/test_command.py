#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""./flowbind explains itself, refuses what it does not know, and sets itself up as it says."""

import os
import stat
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Stands in for a program of the system: notes how it was called, and answers.
FAKE = """#!/bin/sh
echo "{name} $*" >>"$FAKE_LOG"
{body}
"""


class Machine:
    """A folder that holds a copy of the command, in a place with blanks in its name, and programs that only pretend."""

    def __init__(self, folder):
        self.root = os.path.join(folder, "a tree with blanks")
        self.bin = os.path.join(folder, "bin")
        self.log = os.path.join(folder, "log")
        os.makedirs(os.path.join(self.root, "test", "tools"))
        os.makedirs(self.bin)
        for name in ("flowbind", "test/tools/setup.sh"):
            with open(os.path.join(ROOT, name), encoding="utf-8") as source:
                self.write(os.path.join(self.root, name), source.read())

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def fake(self, name, body="exit 0"):
        self.write(os.path.join(self.bin, name), FAKE.format(name=name, body=body))

    def run(self, *arguments, where=None):
        environment = dict(os.environ, PATH=self.bin + ":" + os.environ["PATH"], FAKE_LOG=self.log)
        environment.pop("FLOWBIND_BUILD", None)
        return subprocess.run(
            [os.path.join(self.root, "flowbind"), *arguments],
            cwd=where or self.bin,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def called(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8") as file:
            return file.read()


def pretend_installed(machine):
    machine.fake("dpkg-query", "printf installed")
    machine.fake("cmake", 'for a; do case $p in -B) b=$a;; -S) s=$a;; esac; p=$a; done; touch "$b/build.ninja"\n'
                 'echo "CMAKE_HOME_DIRECTORY:INTERNAL=$s" >"$b/CMakeCache.txt"\n'
                 'for a; do case $a in -D*) echo "${a#-D}" | sed s/=/:BOOL=/ >>"$b/CMakeCache.txt";; esac; done')
    machine.fake("ninja", 'printf \'#!/bin/sh\\necho "at $PWD: $*"\\n\' >"$2/flowbind-decode"\n'
                 'chmod +x "$2/flowbind-decode"; echo "[1/1] Linking"')


def test_help(machine):
    for arguments in ([], ["help"], ["--help"], ["-h"], ["run", "--help"], ["test", "-h"]):
        result = machine.run(*arguments)
        assert result.returncode == 0, arguments
        for word in ("run FILE", "decode HEX", "classify POLICY", "test [--quick]", "bench", "clean", "FLOWBIND_BUILD"):
            assert word in result.stdout, (arguments, word)
    assert not machine.called()


def test_help_of_campaigns(machine):
    """Their own page, without installing or building anything."""
    for name in ("compare", "sweep"):
        os.makedirs(os.path.join(machine.root, "results", "campaign"), exist_ok=True)
        with open(os.path.join(ROOT, "results", "campaign", name + ".py"), encoding="utf-8") as source:
            machine.write(os.path.join(machine.root, "results", "campaign", name + ".py"), source.read())
        result = machine.run(name, "--help")
        assert result.returncode == 0 and result.stdout.startswith(f"usage: ./flowbind {name}"), result
        assert "--jobs N" in result.stdout and "import" not in result.stdout, result
        assert machine.run(name).returncode == 2 and machine.run(name, "no-such.yaml").returncode == 2
    assert not machine.called()


def test_unknown_command(machine):
    result = machine.run("frobnicate")
    assert result.returncode == 2 and "frobnicate" in result.stderr and "help" in result.stderr, result


def test_run_refuses_a_missing_file_before_it_builds(machine):
    result = machine.run("run", "no-such.yaml")
    assert result.returncode == 2 and "no-such.yaml" in result.stderr, result
    assert machine.run("run").returncode == 2
    assert not machine.called()


def test_missing_packages_without_root(machine):
    """Neither root nor sudo: says what to install, and nothing else, on stdout; exit code 3."""
    machine.fake("id", "echo 1000")
    machine.fake("sudo", "exit 1")
    machine.fake("dpkg-query", 'case "$4" in libpcap-dev|ninja-build) exit 1;; *) printf installed;; esac')
    machine.fake("apt-get")
    result = machine.run("decode", "00")
    expected = "sudo apt-get install --no-install-recommends libpcap-dev ninja-build\n"
    assert (result.returncode, result.stdout) == (3, expected), result
    assert "apt-get" not in machine.called()


def test_missing_packages_with_sudo(machine):
    pretend_installed(machine)
    machine.fake("id", "echo 1000")
    machine.fake("sudo", '[ "$1" = -n ] && shift; exec "$@"')
    machine.fake("dpkg-query", 'case "$4" in libpcap-dev) exit 1;; *) printf installed;; esac')
    machine.fake("apt-get")
    result = machine.run("decode", "00")
    assert result.returncode == 0, result
    assert "apt-get install --yes --no-install-recommends libpcap-dev\n" in machine.called(), machine.called()


def test_failing_installation(machine):
    machine.fake("id", "echo 0")
    machine.fake("dpkg-query", "exit 1")
    machine.fake("apt-get", "echo 'E: Unable to fetch some archives' >&2; exit 100")
    result = machine.run("decode", "00")
    assert result.returncode == 1, result
    assert "Unable to fetch" in result.stderr and "online" in result.stderr and "libpcap-dev" in result.stderr, result


def test_second_time_starts_at_once(machine):
    pretend_installed(machine)
    with tempfile.TemporaryDirectory() as elsewhere:
        result = machine.run("decode", "some file.pcap", "--key", "256=00", where=elsewhere)
        assert result.stdout == f"at {os.path.realpath(elsewhere)}: some file.pcap --key 256=00\n", result
    os.truncate(machine.log, 0)
    # Whatever dpkg's real database is, it has not changed since.
    assert machine.run("decode", "00").returncode == 0
    calls = [line.split()[0] for line in machine.called().splitlines()]
    assert calls == ["ninja"], calls


def test_a_moved_folder_is_configured_anew(machine):
    pretend_installed(machine)
    assert machine.run("decode", "00").returncode == 0
    moved = machine.root + " moved"
    os.rename(machine.root, moved)
    machine.root = moved
    os.truncate(machine.log, 0)
    assert machine.run("decode", "00").returncode == 0
    assert "cmake -S " + moved in machine.called(), machine.called()


def test_options_stay_on(machine):
    """What an earlier command turned on, a later one does not turn off."""
    pretend_installed(machine)
    assert machine.run("decode", "00").returncode == 0
    assert "-DFLOWBIND_NS3=OFF" in machine.called()
    os.truncate(machine.log, 0)
    assert machine.run("build").returncode == 0
    called = machine.called()
    assert "-DFLOWBIND_NS3=ON" in called and "=OFF" not in called, called


def test_compile_errors_are_shown(machine):
    pretend_installed(machine)
    machine.fake("ninja", "echo '[1/9] Building a.c'; echo 'FAILED: a.o'; echo 'a.c:3: error: no'; exit 1")
    result = machine.run("decode", "00")
    assert result.returncode == 1 and "a.c:3: error: no" in result.stderr and "FAILED: a.o" in result.stderr, result
    assert result.stdout == "", result


def test_clean_deletes_only_what_it_made(machine):
    pretend_installed(machine)
    assert machine.run("decode", "00").returncode == 0
    build = os.path.join(machine.root, "build")
    assert os.path.isdir(build)
    assert machine.run("clean").returncode == 0 and not os.path.exists(build)
    os.mkdir(build)
    result = machine.run("clean")
    assert result.returncode == 1 and os.path.isdir(build) and "delete it yourself" in result.stderr, result


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    for name, test in tests:
        with tempfile.TemporaryDirectory(prefix="flowbind-command-") as folder:
            try:
                test(Machine(folder))
            except AssertionError as error:
                failed += 1
                print(f"{name} FAILED: {error!r}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
