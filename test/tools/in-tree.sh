#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds this folder as a module of an ns-3 source tree, and runs its test suites there.
# With CMake (ns-3 >= 3.36) it builds in NS3_DIR/build-flowbind, with waf in NS3_DIR/build.
# usage: in-tree.sh NS3_DIR [JOBS]
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
[[ $# -ge 1 && -d $1/src/core ]] || {
    echo "usage: in-tree.sh NS3_DIR [JOBS]; NS3_DIR is an ns-3 source tree" >&2
    exit 2
}
ns3=$(cd -- "$1" && pwd)
jobs=${2:-$(nproc)}

link=$ns3/contrib/flowbind
if [[ ! -e $link ]]; then
    mkdir -p -- "$ns3/contrib"
    ln -s -- "$root" "$link"
fi
[[ $(readlink -f -- "$link") == "$(readlink -f -- "$root")" ]] || {
    echo "in-tree.sh: $link already is another folder" >&2
    exit 1
}

cd -- "$ns3"
if [[ -f CMakeLists.txt ]]; then
    cmake -S . -B build-flowbind -G Ninja -DCMAKE_BUILD_TYPE=release -DNS3_ENABLED_MODULES=flowbind \
        -DNS3_TESTS=ON -DNS3_EXAMPLES=ON -DNS3_FILTER_MODULE_EXAMPLES_AND_TESTS=flowbind
    ninja -C build-flowbind -j "$jobs"
    runner=(build/utils/ns3*-test-runner*)
else
    # Newer compilers find faults with ns-3.35 itself, hence --disable-werror.
    ./waf configure -d optimized --enable-modules=flowbind --disable-python --disable-gtk --disable-werror \
        --enable-tests --enable-examples
    ./waf build -j "$jobs"
fi
for suite in $(grep -ohP '\bTestSuite\s*\(\s*"\K[^"]+' "$root"/test/ns3/*.cc); do
    if [[ -f CMakeLists.txt ]]; then
        "${runner[@]}" --suite="$suite"
    else
        ./waf --run-no-build "test-runner --suite=$suite"
    fi
done
