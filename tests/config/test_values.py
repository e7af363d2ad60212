"""Values that need more than their type."""

from __future__ import annotations

import math

import pytest

from buildd.config.container_path import container_path
from buildd.config.values import (
    ValueProblemError,
    check_pattern,
    parse_bytes,
    parse_memory,
    parse_seconds,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4g", 4 << 30),
        ("512m", 512 << 20),
        ("512 MiB", 512 << 20),
        ("8192K", 8 << 20),
        ("1T", 1 << 40),
        ("10000000", 10_000_000),
        ("10000000b", 10_000_000),
        (10_000_000, 10_000_000),
        (0, 0),
        ("0", 0),
    ],
)
def test_sizes(value: int | str, expected: int) -> None:
    assert parse_bytes(value) == expected


@pytest.mark.parametrize("value", ["", "g", "4x", "-4g", "4.5g", "٤g", 512, -1, "9" * 30, 1 << 70])
def test_no_sizes(value: int | str) -> None:
    with pytest.raises(ValueProblemError):
        parse_memory(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("150ms", 0.15),
        ("2s", 2.0),
        ("1.5 s", 1.5),
        ("1m", 60.0),
        ("8h", 28800.0),
        (0.25, 0.25),
        (2, 2.0),
        (0, 0.0),
    ],
)
def test_times(value: float | str, expected: float) -> None:
    assert parse_seconds(value) == expected


@pytest.mark.parametrize("value", ["", "150", "2d", "-1s", "s", -0.1, math.inf, math.nan])
def test_no_times(value: float | str) -> None:
    with pytest.raises(ValueProblemError):
        parse_seconds(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/go/src/", "/go/src"),
        ("//a", "/a"),
        ("/a/../b", "/b"),
        ("/run/builddy", "/run/builddy"),
        *(
            (path, path)
            for path in (
                "/dev/shm",
                "/etc/app",
                "/home/me",
                "/lib/firmware",
                "/opt/tool",
                "/run",
                "/sys/fs/cgroup",
                "/tmp",
                "/usr/bin/tool",
                "/usr/lib/jvm",
                "/usr/local",
                "/usr/local/bin",
                "/usr/share",
                "/usr/src",
                "/var/lib",
                "/var/run/docker.sock",
            )
        ),
    ],
)
def test_container_paths(value: str, expected: str) -> None:
    assert container_path(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        *((value, "absolute path") for value in ("", "a", "./a")),
        *((value, "the container's root") for value in ("/", "//", "/a/..", "/proc/..")),
        ("/a\0b", "NUL"),
        *((value, "hide the programs") for value in ("/bin", "/sbin", "/lib", "/lib64", "/usr")),
        *((value, "hide the programs") for value in ("/usr/bin", "/usr/sbin", "/usr/lib/.")),
        *((value, "hide the programs") for value in ("/usr/lib/x86_64-linux-gnu", "/usr//bin/")),
        *((value, "hide the programs") for value in ("/lib/aarch64-linux-gnu", "/usr/lib64")),
        *((value, "belongs to the kernel") for value in ("/proc", "/proc/self", "/proc/a\nb")),
        *((value, "belongs to the kernel") for value in ("/sys", "/dev", "/x/../dev")),
        *((value, "the engine makes") for value in ("/dev/null", "/dev/pts", "/sbin/docker-init")),
        *((value, "buildd keeps") for value in ("/run/buildd", "/run/x/../buildd/y")),
        *((value, "buildd keeps") for value in ("/var/run/buildd", "/var/run/buildd/x")),
        *((value, "buildd keeps") for value in ("/var/lib/buildd", "/run/buildd-ssh-agent")),
        ("/var/run", "a link in most images"),
    ],
)
def test_no_container_paths(value: str, message: str) -> None:
    with pytest.raises(ValueProblemError) as raised:
        container_path(value)
    assert message in f"{raised.value} {raised.value.remedy}"


@pytest.mark.parametrize(
    "value", ["*.c", "**/*.go", "/src/", "!*.gen.c", "[ab].c", "\\#x", "[z-a]"]
)
def test_patterns(value: str) -> None:
    assert check_pattern(value) == value


@pytest.mark.parametrize("value", ["", " ", "!", "\\", "# comment", "[a", "*" * 257])
def test_no_patterns(value: str) -> None:
    with pytest.raises(ValueProblemError):
        check_pattern(value)
