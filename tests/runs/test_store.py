"""What a project's store gives back to the next daemon."""

from __future__ import annotations

import msgspec
import pytest

from buildd.files.state_dirs import make_runs_of
from buildd.model import Run, RunState, Trigger
from buildd.runs.store import Store, Stored

PROJECT = "/p"


@pytest.fixture
def store(directory: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("BUILDD_STATE_DIR", directory)
    make_runs_of(PROJECT)
    return Store(PROJECT)


def save(
    store: Store,
    name: str,
    created: float,
    ended: float,
    state: RunState = RunState.FINISHED,
    only: tuple[tuple[str, ...], ...] = (),
) -> None:
    run = Run(
        id=name * 8,
        project=PROJECT,
        task="build",
        environment="build",
        command="make",
        trigger=Trigger.REQUEST,
        state=state,
        created=created,
        ended=ended,
        only=only,
    )
    store.save(Stored(run=run))


def standing(store: Store) -> list[str]:
    return [stored.run.id[0] for stored in store.standing()]


def test_what_stands_is_the_last_whole_run_and_what_came_after_it(store: Store) -> None:
    save(store, "a", 1, 2)
    save(store, "b", 3, 4)
    save(store, "c", 5, 6, RunState.CANCELLED)
    save(store, "d", 7, 8, only=(("t",),))
    save(store, "e", 9, 10, RunState.LOST)
    assert standing(store) == ["b", "c", "d", "e"]


def test_runs_stand_in_the_order_of_their_ends(store: Store) -> None:
    save(store, "a", 1, 9)
    save(store, "b", 2, 5, only=(("t",),))
    assert standing(store) == ["b", "a"], "the whole run waited, and has the last word"


def test_a_record_of_an_earlier_daemon_says_whether_its_command_names_units() -> None:
    record = (
        b'{"run":{"id":"aaaaaaaa","project":"/p","task":"build","environment":"build",'
        b'"command":"make","trigger":"request"},"tells":true,"version":1}'
    )
    assert msgspec.json.decode(record, type=Stored).names_units
