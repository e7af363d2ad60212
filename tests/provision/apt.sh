# shellcheck shell=bash disable=SC2154 # provision.sh sets `cache` and `root`
# Debian's packages, and its sources of packages. provision.sh sources this file.

is_root() { [ "$(id -u)" = 0 ]; }

# missing_packages NAME…: those that are not installed; all of them where there is no dpkg.
missing_packages() {
    local name
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' ||
            printf '%s ' "$name"
    done
}

# packages NAME…: install those that are missing, or fail.
packages() {
    local missing
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null ||
        fail "This machine has no apt-get. Install what these packages of Debian bring: $missing"
    is_root || fail "Debian packages are missing: $missing- run \`make setup\` as root, once."
    say "installing $missing; "
    quietly env DEBIAN_FRONTEND=noninteractive apt-get update
    # shellcheck disable=SC2086 # a name each
    quietly env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing
}

# can_have NAME…: whether these packages are here, or can be installed; says what keeps them away.
can_have() {
    local missing
    missing=$(missing_packages "$@")
    if [ -z "$missing" ] || { is_root && command -v apt-get >/dev/null; }; then
        packages "$@"
    else
        say "without ${missing% } (\`make setup\` as root installs it); "
        return 1
    fi
}

# fetch_source NAME PACKAGE: a source package's files in .cache/sources/NAME; 1 if there are none
# to be had.
fetch_source() {
    local name=$1 package=$2 work=$cache/sources/$1.part apt=$cache/apt
    can_have dpkg-dev || return 1
    # The machine's own sources, asked for source packages, without touching its configuration.
    mkdir -p "$apt/lists/partial"
    source_lines >"$apt/sources.list" || {
        say "no sources of this Debian are configured in /etc/apt; "
        return 1
    }
    local options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$apt/lists" -o APT::Sandbox::User=root)
    if [ ! -f "$apt/updated" ]; then
        attempt apt-get "${options[@]}" update || return 1
        touch "$apt/updated"
    fi
    rm -rf "$work"
    mkdir -p "$work"
    (cd "$work" && attempt apt-get "${options[@]}" source --only-source "$package") || return 1
    mv "$work"/*/ "$cache/sources/$name"
    rm -rf "$work"
}

# source_lines [DIRECTORY [RELEASE]]: the `deb` and `Types: deb` entries of a directory like
# /etc/apt for this machine's release or another, as `deb-src` lines; 1 if there are none.
source_lines() {
    local directory=${1:-/etc/apt} release=${2:-}
    # shellcheck source=/dev/null
    [ -n "$release" ] || release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    [ -n "$release" ] || return 1
    all_source_lines "$directory" | grep -E " $release(-updates)? "
}

all_source_lines() {
    local file
    # A pattern that no file matches stays as it is, and cannot be read.
    for file in "$1"/sources.list "$1"/sources.list.d/*.list; do
        if [ -r "$file" ]; then
            sed -n 's/^deb[[:blank:]]\{1,\}/deb-src /p' "$file"
        fi
    done
    for file in "$1"/sources.list.d/*.sources; do
        if [ -r "$file" ]; then
            stanza_lines "$file"
        fi
    done
}

stanza_lines() {
    awk '
        function flush(    i, n, s) {
            n = split(suites, s, " ")
            for (i = 1; uris && !disabled && i <= n; i++)
                print "deb-src", options (options ? " " : "") uris, s[i], components
            uris = suites = components = options = disabled = ""
        }
        { value = $0; sub(/^[^:]*: */, "", value) }
        /^Enabled: *no/ { disabled = 1 }
        /^URIs:/ { uris = value }
        /^Suites:/ { suites = value }
        /^Components:/ { components = value }
        /^Signed-By: *\// { options = "[signed-by=" value "]" }
        /^$/ { flush() }
        END { flush() }
    ' "$1"
}
