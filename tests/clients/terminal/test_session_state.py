"""The session state that `buildd lsp` keeps for the editor and for the next daemon."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildd_cli.lsp.framing import Frame, FrameReader, encode
from buildd_cli.lsp.session_state import SessionState

URI = "file:///p/a.c"

INITIALIZE = {"id": 0, "method": "initialize", "params": {"rootUri": "file:///p"}}


def frame(message: dict[str, Any]) -> Frame:
    return FrameReader().feed(encode(message))[0]


def messages(raws: list[bytes]) -> list[dict[str, Any]]:
    return [frame.message for frame in FrameReader().feed(b"".join(raws))]


@pytest.fixture
def begun() -> SessionState:
    """The state of an initialized session with an open file."""
    made = SessionState()
    hear(made, INITIALIZE)
    tell(made, {"id": 0, "result": {}})
    hear(made, {"method": "initialized", "params": {}})
    item = {"uri": URI, "languageId": "c", "version": 1, "text": "one"}
    hear(made, notification("textDocument/didOpen", textDocument=item))
    return made


def hear(conversation: SessionState, message: dict[str, Any]) -> bool:
    return conversation.from_editor(frame(message))


def tell(conversation: SessionState, message: dict[str, Any]) -> None:
    conversation.from_daemon(frame(message))


def notification(method: str, **params: Any) -> dict[str, Any]:
    return {"method": method, "params": params}


def change(version: int, text: str, **more: Any) -> dict[str, Any]:
    identifier = {"uri": URI, "version": version}
    changes = [{"text": text, **more}]
    return notification("textDocument/didChange", textDocument=identifier, contentChanges=changes)


def save(**more: Any) -> dict[str, Any]:
    return notification("textDocument/didSave", textDocument={"uri": URI}, **more)


def progress(token: str, kind: str) -> dict[str, Any]:
    return notification("$/progress", token=token, value={"kind": kind})


def methods(conversation: SessionState) -> list[str]:
    return [message["method"] for message in messages(conversation.replay())]


def test_changes_are_said_again_until_the_text_is_whole(begun: SessionState) -> None:
    hear(begun, change(2, "x", range={}))
    assert methods(begun) == ["initialized", "textDocument/didOpen", "textDocument/didChange"]
    hear(begun, save(text="whole"))
    tell(begun, notification("window/workDoneProgress/create", token="t"))
    tell(begun, progress("t", "end"))
    assert methods(begun) == ["initialized", "textDocument/didOpen"]
    (_, opened) = messages(begun.replay())
    item = opened["params"]["textDocument"]
    assert (item["version"], item["text"], item["languageId"]) == (2, "whole", "c")
    hear(begun, change(3, "all of it"))
    (_, opened) = messages(begun.replay())
    assert opened["params"]["textDocument"]["text"] == "all of it"
    hear(begun, notification("textDocument/didClose", textDocument={"uri": URI}))
    assert methods(begun) == ["initialized"]


def test_a_save_is_said_again_once_unless_work_that_began_after_it_has_ended(
    begun: SessionState,
) -> None:
    tell(begun, notification("window/workDoneProgress/create", token="earlier"))
    hear(begun, save())
    tell(begun, progress("earlier", "end"))
    assert methods(begun)[-1] == "textDocument/didSave"
    assert methods(begun)[-1] == "textDocument/didOpen"


def test_a_save_whose_run_gave_way_to_a_newer_one_is_said_again(begun: SessionState) -> None:
    hear(begun, save())
    for token in ("older", "newer"):
        tell(begun, notification("window/workDoneProgress/create", token=token))
    tell(begun, progress("older", "end"))
    assert methods(begun)[-1] == "textDocument/didSave"


def test_what_the_editor_waits_for_is_ended_when_the_daemon_has_gone(begun: SessionState) -> None:
    hear(begun, {"id": 7, "method": "workspace/executeCommand", "params": {}})
    tell(begun, progress("t", "begin"))
    tell(begun, {"id": "q", "method": "window/showMessageRequest", "params": {}})
    shown = {"uri": URI, "diagnostics": [{}]}
    tell(begun, notification("textDocument/publishDiagnostics", **shown))
    (ended, failed) = messages(begun.daemon_lost())
    assert ended["params"]["value"]["kind"] == "end"
    assert (failed["id"], failed["error"]["code"]) == (7, -32803)
    assert not hear(begun, {"id": "q", "result": None}), "whoever asked has gone"
    (cleared,) = messages(begun.clear_diagnostics())
    assert cleared["params"] == {"uri": URI, "diagnostics": []}
    assert begun.clear_diagnostics() == begun.daemon_lost() == []


def test_what_is_asked_meanwhile_goes_to_the_next(begun: SessionState) -> None:
    begun.daemon_lost()
    hear(begun, {"id": 8, "method": "textDocument/hover", "params": {}})
    hear(begun, {"id": 9, "method": "textDocument/codeLens", "params": {}})
    (cancelled,) = messages(begun.fail_requests("cancelled", -32800, only=9))
    assert cancelled["id"] == 9
    assert methods(begun)[-1] == "textDocument/hover"


def test_the_editor_s_own_initialize_waits_for_the_next() -> None:
    conversation = SessionState()
    hear(conversation, INITIALIZE)
    assert conversation.daemon_lost() == conversation.fail_requests("no") == []
    assert conversation.initialize_params() is None
    assert methods(conversation) == ["initialize"]


def test_folders_are_kept_as_they_are_now(begun: SessionState) -> None:
    other = {"uri": "file:///o", "name": "o"}
    event = {"added": [other], "removed": [{"uri": "file:///p", "name": "p"}]}
    hear(begun, notification("workspace/didChangeWorkspaceFolders", event=event))
    greeting = begun.initialize_params()
    assert greeting
    assert greeting["workspaceFolders"] == [other]


@pytest.mark.parametrize("params", [None, 5, [], [[5]], {}, {"textDocument": 5}, {"event": {}}])
@pytest.mark.parametrize("method", [5, "initialize", "textDocument/didChange", "$/progress"])
def test_what_is_not_lsp_harms_nothing(begun: SessionState, method: object, params: object) -> None:
    numbers: list[object] = [1, [], None]
    for number in numbers:
        message = {"id": number, "method": method, "params": params}
        assert hear(begun, message)
        tell(begun, message)


@given(st.lists(st.binary(max_size=40)), st.integers(1, 30), st.sampled_from([b"\r\n", b"\n"]))
def test_what_is_cut_is_all_that_came(bodies: list[bytes], size: int, end: bytes) -> None:
    whole = [b"content-length: %d%b%b%b" % (len(body), end, end, body) for body in bodies]
    data = b"".join(whole)
    frames = FrameReader()
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    assert [frame.raw for piece in pieces for frame in frames.feed(piece)] == whole


@pytest.mark.parametrize("head", [b"X: 1\n\n", b"Content-Length: x\n\n", b"x" * 9000])
def test_where_framing_is_lost_everything_is_passed_on(head: bytes) -> None:
    frames = FrameReader()
    assert (
        b"".join(frame.raw for frame in [*frames.feed(head), *frames.feed(b"more")])
        == head + b"more"
    )
    assert frames.is_lost
