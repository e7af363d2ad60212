#!/usr/bin/env bash
# Runs the tests of engines with the Docker, the Python and the compilers of Debian 13, in a
# container that is a machine of its own: `make test-docker` calls it.
#
#   tests/provision/docker13.sh [PYTEST'S ARGUMENTS]
#
# The container has nearly every capability, so that it can run an engine: it is no protection from
# what runs in it. It is kept between two calls; `docker rm -f -v buildd-debian13` removes it.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
name=buildd-debian13
image=buildd-test/debian13:1

main() {
    have_machine
    copy_tree
    run 'tests/provision/provision.sh python docker engine image'
    run 'exec .venv/bin/python -m tests.provision.suite docker "$@"' "$@"
}

# What an engine in a container needs; --privileged asks for more than every machine gives.
have_machine() {
    [ "$(docker inspect --format '{{.State.Running}}' "$name" 2>/dev/null)" = true ] && return
    docker rm -f -v "$name" >/dev/null 2>&1 || true
    docker run --detach --name "$name" --hostname debian13 --init \
        --cap-add ALL --cap-drop SYS_RESOURCE --device-cgroup-rule 'a *:* rwm' \
        --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        --security-opt systempaths=unconfined --security-opt label=disable \
        --volume /var/lib/docker --volume /tmp --volume /etc/ssl/certs:/etc/ssl/certs:ro \
        --env PIP_CERT --env SSL_CERT_FILE --env REQUESTS_CA_BUNDLE \
        "$image" sh -c '
            mount -o remount,rw /sys
            for group in /sys/fs/cgroup /sys/fs/cgroup/*; do
                mount -o remount,rw,bind "$group" 2>/dev/null
            done
            exec sleep infinity' >/dev/null
}

# What is committed and what is not, but for what .gitignore names.
copy_tree() {
    git -C "$root" ls-files --cached --others --exclude-standard -z |
        (cd "$root" && xargs -0 ls -d 2>/dev/null) |
        tar --create --directory "$root" --files-from=- |
        docker exec --interactive "$name" sh -c '
            mkdir -p /buildd && cd /buildd && rm -rf tests daemon clients && tar --extract'
}

# run SCRIPT [ARGUMENT…]
run() {
    local script=$1
    shift
    docker exec --workdir /buildd --env BUILDD_TEST_ENGINE=docker "$name" \
        bash -c "$script" bash "$@"
}

main "$@"
