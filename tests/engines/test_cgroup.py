"""These tests find the files in which the kernel counts how often a container met its limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from buildd.engines import cgroup

V1 = "9:memory:{0}\n8:pids:{0}\n7:cpu,cpuacct:{0}\n1:name=systemd:{0}\n"
V2 = "0::{0}\n"


@pytest.mark.parametrize(
    ("rows", "files"),
    [
        (V1, ("memory{0}/memory.oom_control", "pids{0}/pids.events")),
        (V2, (".{0}/memory.events", ".{0}/pids.events")),
    ],
    ids=["first version", "second version"],
)
@pytest.mark.parametrize(
    ("ours", "theirs", "seen"),
    [
        ("/user.slice", "/docker/{id}", "/docker/{id}"),
        # Of the engine's groups a container may see only its own, as the whole.
        ("/docker/outer", "/docker/outer/docker/{id}", "/docker/{id}"),
        ("/docker/outer", "/docker/outer/docker/{id}", "/docker/outer/docker/{id}"),
        ("/", "/docker/{id}", "/docker/{id}"),
        ("/user.slice", "/somewhere/else", ""),
    ],
)
def test_the_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: str,
    files: tuple[str, str],
    ours: str,
    theirs: str,
    seen: str,
) -> None:
    container = "0123456789abcdef" * 4
    monkeypatch.setattr(cgroup, "ROOT", f"{tmp_path}/groups")
    monkeypatch.setattr(cgroup, "PROCESSES", f"{tmp_path}/proc")
    for process, path in (("self", ours), ("77", theirs)):
        (tmp_path / "proc" / process).mkdir(parents=True)
        text = rows.format(path.format(id=container))
        (tmp_path / "proc" / process / "cgroup").write_text(text)
    memory, processes = (
        tmp_path / "groups" / file.format(seen.format(id=container)) for file in files
    )
    for counter, text in ((memory, "under_oom 0\noom_kill 2\n"), (processes, "max 3\n")):
        counter.parent.mkdir(parents=True, exist_ok=True)
        counter.write_text(text)
    counts = cgroup.read_counts(cgroup.group_of(77, container))
    assert counts == (cgroup.LimitCounts(memory=2, processes=3) if seen else cgroup.LimitCounts())


def test_a_process_that_has_ended() -> None:
    assert cgroup.group_of(2**30, "0123") == {}
