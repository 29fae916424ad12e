# SPDX-License-Identifier: BSD-3-Clause
# What ./flowbind does before it works: install packages and build. Sourced by it; everything said goes to stderr.
# Expects $root, the project's folder; sets $build, the build folder.

# fail CODE MESSAGE
fail()
{
    echo "flowbind: $2" >&2
    exit "$1"
}

# Where to build: in the tree, or in the user's own cache folder where the tree or its build/ is somebody else's.
build=${FLOWBIND_BUILD:-$root/build}
if [[ -z ${FLOWBIND_BUILD:-} && ! -w $build && (-e $build || ! -w $root) ]]; then
    build=${XDG_CACHE_HOME:-$HOME/.cache}/flowbind-$(cksum <<<"$root" | cut -d' ' -f1)
fi
[[ $build == /* ]] || build=$PWD/$build

# Creates the build folder. The marker is what allows clean() to delete it.
make_build_folder()
{
    mkdir -p -- "$build" 2>/dev/null && touch -- "$build/.flowbind-build" 2>/dev/null ||
        fail 1 "cannot write to '$build'. Name another folder in the environment variable FLOWBIND_BUILD."
}

clean()
{
    [[ -e $build ]] || return 0
    [[ -e $build/.flowbind-build ]] || fail 1 "'$build' was not made by flowbind: delete it yourself if you mean it."
    rm -rf -- "$build"
}

# Copies stdin to the file $2 and condenses it: lines that match $3 become one updating line behind the label $1 (a line
# every five seconds when stderr is no terminal); other lines are shown in full.
condense()
{
    local label=$1 log=$2 progress=$3 line next=$SECONDS columns=80 shown=0
    [[ -t 2 ]] && columns=$(stty size <&2 2>/dev/null | cut -d' ' -f2) && [[ ${columns:-0} -gt 20 ]] || columns=80
    : >"$log"
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        [[ $line != "ninja: Entering directory"* && $line != "ninja: no work to do." ]] || continue
        if [[ ! $line =~ $progress ]]; then
            printf '%s%s\n' "$([[ $shown == 1 ]] && printf '\r\e[K')" "$line" >&2
            shown=0
        elif [[ -t 2 ]]; then
            printf '\r\e[K%.*s' $((columns - 1)) "$label $line" >&2
            shown=1
        elif ((SECONDS >= next)); then
            printf '%.120s\n' "$label $line" >&2
            next=$((SECONDS + 5))
        fi
    done
    [[ $shown == 0 ]] || printf '\r\e[K' >&2
}

# ---------------------------------------------------------------------------------------------------------------------
# Packages

# install_packages NAME...: those of them that are not installed yet
install_packages()
{
    local stamp missing=() package
    make_build_folder
    stamp=$build/.packages-$(cksum <<<"$*" | cut -d' ' -f1)
    # Nothing was installed or removed since we last looked.
    [[ $stamp -nt /var/lib/dpkg/status ]] && return
    if ! command -v dpkg-query >/dev/null; then
        echo "flowbind: this is no Debian; make sure that these packages' contents are installed: $*" >&2
        touch -- "$stamp"
        return
    fi
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    if [[ ${#missing[@]} -gt 0 ]]; then
        apt_install $(printf '%s\n' "${missing[@]}" | sort -u)
    fi
    touch -- "$stamp"
}

apt_install()
{
    local as_root=() log=$build/apt.log
    if [[ $(id -u) -ne 0 ]]; then
        as_root=(sudo -n)
        if ! sudo -n true 2>/dev/null; then
            echo "flowbind: these Debian packages are missing, and installing them needs root. Run this first:" >&2
            echo "sudo apt-get install --no-install-recommends $*"
            exit 3
        fi
    fi
    echo "flowbind: installing $# Debian packages: $*" >&2
    if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
        "${as_root[@]}" apt-get update 2>&1 | condense "  package lists:" "$log" . || apt_failed "$log" "$@"
    fi
    # Old lists name versions that are gone: fetch them anew and try once more.
    apt_get_install "$@" || {
        echo "flowbind: that did not work; fetching the package lists anew" >&2
        "${as_root[@]}" apt-get update 2>&1 | condense "  package lists:" "$log" . && apt_get_install "$@"
    } || apt_failed "$log" "$@"
}

apt_get_install()
{
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "$@" </dev/null 2>&1 | condense "  apt:" "$log" .
}

apt_failed()
{
    local log=$1
    shift
    grep -E '^(E|Err|W):?' "$log" | tail -n 10 >&2 || tail -n 10 "$log" >&2
    fail 1 "installing packages failed (all of apt's output: $log). Is this machine online? Needed:
apt-get install --no-install-recommends $*"
}

# ---------------------------------------------------------------------------------------------------------------------
# Build

# compile "OPTION..." TARGET...: configures the build folder so that these options are on, and builds the targets
compile()
{
    local options=$1 option arguments=() missing=0
    shift
    make_build_folder
    exec 9>"$build/.lock"
    flock 9 # two commands at a time build one after the other

    # A folder that was moved or copied knows paths that are not its own.
    if [[ -e $build/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt"; then
        rm -rf -- "$build/CMakeCache.txt" "$build/CMakeFiles"
    fi
    for option in FLOWBIND_NS3 FLOWBIND_DECODE FLOWBIND_CLASSIFY FLOWBIND_STATS FLOWBIND_TESTS FLOWBIND_SANITIZE \
        FLOWBIND_FUZZ; do
        if [[ " $options " == *" $option "* ]]; then
            grep -qxF "$option:BOOL=ON" "$build/CMakeCache.txt" 2>/dev/null || missing=1
            arguments+=("-D$option=ON")
        elif [[ ! -e $build/CMakeCache.txt ]]; then
            arguments+=("-D$option=OFF") # what an earlier command turned on stays on
        fi
    done
    if [[ $missing == 1 || ! -e $build/build.ninja ]]; then
        cmake -S "$root" -B "$build" -G Ninja "${arguments[@]}" >"$build/configure.log" 2>&1 || {
            cat "$build/configure.log" >&2
            rm -f -- "$build/build.ninja"
            fail 1 "configuring the build failed"
        }
    fi
    NINJA_STATUS='[%f/%t] ' ninja -C "$build" -j "$(nproc)" "$@" 2>&1 |
        condense "  building" "$build/build.log" '^(\[[0-9]+/[0-9]+\] |-- )' ||
        fail 1 "the build failed; everything it said is in $build/build.log"
    exec 9>&-
}
