#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs waf: the one on the PATH, the one $WAFDIR names, or the one inside Debian's package xmds2.

Debian packages no waf, but xmds2 contains an unpacked one. The package is downloaded and unpacked into the build
folder ($FLOWBIND_BUILD, else build/), not installed; what waf builds goes into waf/ there.

usage: waf.py configure, then waf.py build: as for waf itself
"""

import glob
import os
import shutil
import subprocess
import sys
import types

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("FLOWBIND_BUILD") or os.path.join(ROOT, "build"))
PLACE = os.path.join(BUILD, "waf-tool")
INSIDE = "usr/lib/python3/dist-packages/xpdeint/waf"


def fetch():
    """The folder that holds waflib, downloaded if it has to be."""
    folder = os.path.join(PLACE, INSIDE)
    if os.path.isdir(os.path.join(folder, "waflib")):
        return folder
    print("Downloading waf (inside Debian's package xmds2, which is unpacked, not installed) ...", flush=True)
    os.makedirs(PLACE, exist_ok=True)
    download = ["apt-get", "download", "-q", "xmds2"]
    result = subprocess.run(download, cwd=PLACE, capture_output=True, text=True, check=False)
    if result.returncode != 0 and os.geteuid() == 0:  # the package lists may be missing or old
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
        result = subprocess.run(download, cwd=PLACE, capture_output=True, text=True, check=False)
    packages = glob.glob(os.path.join(PLACE, "xmds2_*.deb"))
    if result.returncode != 0 or not packages:
        sys.exit(
            f"waf.py: cannot download the package xmds2:\n{result.stderr}"
            "Run 'apt-get update' if the package lists are missing, put waf on the PATH, or set WAFDIR to a folder"
            " that contains waflib."
        )
    subprocess.run(["dpkg-deb", "-x", packages[0], PLACE], check=True)
    return folder


def main():
    arguments = sys.argv[1:]
    # All that waf writes belongs into the build folder, its lock file too: it is configured from the sources and used
    # from there.
    out = os.path.join(BUILD, "waf")
    if "configure" in arguments:
        os.environ.update(NO_LOCK_IN_TOP="1", NO_LOCK_IN_RUN="1")
        arguments += ["-o", out]
        os.chdir(ROOT)
    elif os.path.isdir(out):
        os.chdir(out)
    folder = os.environ.get("WAFDIR")
    if not folder and shutil.which("waf"):
        os.execvp("waf", ["waf"] + arguments)
    folder = folder or fetch()
    if not os.path.isdir(os.path.join(folder, "waflib")):
        sys.exit(f"waf.py: WAFDIR={folder} contains no waflib")
    sys.argv[1:] = arguments
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    if sys.version_info >= (3, 12):  # waf 2.0.15 imports what Python 3.12 dropped
        module = types.ModuleType("imp")
        module.new_module = types.ModuleType
        sys.modules["imp"] = module
    from waflib import Context, Scripting  # pylint: disable=import-outside-toplevel,import-error

    Scripting.waf_entry_point(os.getcwd(), Context.WAFVERSION, folder)


if __name__ == "__main__":
    main()
