# shellcheck shell=bash disable=SC2154 # provision.sh sets `cache` and `root`
# Editors without a screen, for the tests of their plugins. provision.sh sources this file.

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
    if ! source_lines | sed 's/^deb-src /deb /; s/ [a-z]*\(-updates\)\? main/ trixie main/' |
        sort -u >"$where/sources.list"; then
        say "no sources of this Debian are configured: the tests of Neovim 0.10 are left out"
        return
    fi
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

# Those of Debian 13, unpacked and not installed: they run with the libraries that they came with.
step_editors() {
    local wanted=emacs-nox,elpa-lsp-mode,hx,vim,vim-ale where=$cache/editors path options=()
    if [ "$(cat "$where/.complete" 2>/dev/null)" != "$wanted" ]; then
        can_have mmdebstrap || {
            say "the tests of Emacs, Helix and Vim are left out"
            return
        }
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
