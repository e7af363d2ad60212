"""What is masked in the log and in reports, and what is not. The data files hold the lines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from buildd.base.masking import is_secret, masked

DATA = Path(__file__).parent / "masking"


def lines(name: str) -> list[str]:
    """The lines of a data file, without comments."""
    text = (DATA / name).read_text("utf-8")
    return [line for line in text.splitlines() if line[:1] != "#"]


def pairs() -> list[tuple[str, str]]:
    """What is said, and what is shown of it."""
    given = lines("masked.txt")
    assert {line[:2] for line in given[::2]} == {"< "}
    assert {line[:2] for line in given[1::2]} == {"> "}
    return [(said[2:], shown[2:]) for said, shown in zip(given[::2], given[1::2], strict=True)]


@pytest.mark.parametrize(("said", "shown"), pairs())
def test_a_secret_is_masked(said: str, shown: str) -> None:
    assert masked(said) == shown
    assert masked(masked(said)) == masked(said)
    assert masked(f"first\n{said}\nlast") == f"first\n{shown}\nlast"


@pytest.mark.parametrize("said", lines("unmasked.txt"))
def test_what_is_no_secret_stays(said: str) -> None:
    assert masked(said) == said


def test_a_private_key_is_masked_to_its_end() -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc-def\nghi=\n-----END OPENSSH PRIVATE KEY-----"
    assert masked(f"a {key} b") == (
        "a -----BEGIN OPENSSH PRIVATE KEY-----***-----END OPENSSH PRIVATE KEY----- b"
    )
    public = key.replace("PRIVATE", "PUBLIC")
    assert masked(public) == public


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "NPM_TOKEN",
        "PGPASSWORD",
        "API_KEY",
        "PGPASS",
        "MYSQL_PWD",
        "DB_PWD",
        "NPM_AUTH",
        "SSH_KEY",
        "SMTP_PASS",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)
    assert is_secret(name.lower())


@pytest.mark.parametrize("name", ["PATH", "PWD", "OLDPWD", "SSH_AUTH_SOCK", "MONKEY", "COMPASS"])
def test_other_names(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    "piece",
    [
        *("token", "token=", "token:", "token ", "--token ", "--token", "a", "-", ".", ": ", "="),
        *('"', "'", "\\", '\\"', 'token="', "token='\\", "a://", "a://b@", "a://b:@", "@", "/"),
        *("-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "-----", "eyJ", "eyJ.", "eyJaaaaaaaaa."),
        *("ghp_", "sk-", "AKIA", "SG.", "Authorization: ", "bearer ", "password: ", "a-", "a.b-c="),
        *(" ", "\t", "\n", "pass", "secret_", "x=", "_auth", "é", "ghp_aaaaaaaaaaaaaaaaaaaaa"),
    ],
)
def test_the_time_grows_with_the_text_only(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    begin = time.process_time()
    masked(text)
    masked(f"token={text}")
    # Some 0.2 s; one that is quadratic takes minutes.
    assert time.process_time() - begin < 10
