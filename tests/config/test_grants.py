"""What consent must name, what it is shown of changes, and what the user's own file allows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import load, user_config
from buildd.config.trust import consent
from buildd.errors import UntrustedError
from buildd.model import Project
from tests.config.support import plant

PLAIN = '[environments.build]\nimage = "debian"\n[tasks.build]\nrun = "make"\n'


@pytest.fixture
def state(tmp_path: Path) -> str:
    (tmp_path / "state").mkdir(mode=0o700)
    return str(tmp_path / "state")


def project(tmp_path: Path, text: str = PLAIN, **files: str) -> Project:
    return load.load(plant(str(tmp_path / "project"), {"buildd.toml": text, **files}))


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ('image = "debian"', []),
        ('engine = "host"', ["host"]),
        ('image = "x"\nmounts = [{ source = "src", target = "/src" }]', []),
        ('image = "x"\nenv = { A = "${containerEnv:PATH}${localEnv:HOME}" }', []),
        ('image = "x"\nenv = { A = "${localEnv:TOKEN}" }', ["host-variables"]),
        ('image = "x"\nmounts = [{ source = "..", target = "/up" }]', ["host-paths"]),
        (
            (
                'image = "x"\nmounts = [{ source = "docker.sock", target = "/d" }, '
                '{ source = "/usr", target = "/u", read-only = true }]'
            ),
            ["engine-socket", "host-paths"],
        ),
        (
            (
                'image = "x"\nssh-agent = true\nsudo = true\ncap-add = ["SYS_ADMIN"]\n'
                'caches = { own = "/own", go = { path = "/go", shared = true } }'
            ),
            ["capabilities", "shared-caches", "ssh-agent", "sudo"],
        ),
        ('image = "x"\nuser = "root"', ["root"]),
        ('image = "x"\nuser = "image"', ["root"]),
        ('image = "x"\nuser = "host"', []),
        ('image = "x"\nuser = "node"', []),
        ('image = "x"\nuser = "0"', []),
    ],
)
def test_what_reaches_beyond_a_container_of_its_own_is_asked_for_by_name(
    tmp_path: Path, state: str, keys: str, names: list[str]
) -> None:
    text = f'[environments.build]\n{keys}\n[tasks.build]\nrun = "make"\n'
    loaded = project(tmp_path, text, **{"src/x": "", "docker.sock": ""})
    assert [grant.name for grant in consent.grants(loaded)] == names
    shown = consent.digest(loaded)
    for name in names:
        others = [one for one in names if one != name]
        with pytest.raises(UntrustedError, match=f"`{name}`"):
            consent.grant(loaded, shown, others, state=state)
    assert not consent.is_trusted(loaded, state=state)
    consent.grant(loaded, shown, names, state=state)
    assert consent.is_trusted(loaded, state=state)


def test_a_symbolic_link_is_what_it_leads_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "run").mkdir(parents=True)
    (outside / "run" / "docker.sock").touch()
    text = (
        '[environments.build]\ndockerfile = "Dockerfile"\ncontext = "all"\n'
        'mounts = [{ source = "run", target = "/run2" }, { source = "all", target = "/all" }]\n'
    )
    root = plant(str(tmp_path / "project"), {"buildd.toml": text, "Dockerfile": "FROM scratch\n"})
    os.symlink(outside, f"{root}/all")
    os.symlink(outside / "run", f"{root}/run")
    found = {grant.name: grant.detail for grant in consent.grants(load.load(root))}
    assert f"controls the engine through {outside}/run" in found["engine-socket"]
    assert f"reads and writes {outside}, which is outside" in found["host-paths"]
    assert f"image reads {outside}, which is outside" in found["host-paths"]


def test_a_change_is_shown_line_by_line(tmp_path: Path, state: str) -> None:
    text = PLAIN.replace('image = "debian"', 'dockerfile = "Dockerfile"')
    first = project(tmp_path, text, Dockerfile="FROM debian\nRUN true\n")
    assert consent.changes(first, state=state) == (), "nobody ever consented"
    consent.grant(first, consent.digest(first), state=state)
    assert consent.changes(first, state=state) == ()
    second = project(
        tmp_path,
        text.replace('"make"', '"make; curl evil"') + 'on-save = ["*.c"]\n',
        Dockerfile="FROM debian\nRUN false\n",
    )
    assert consent.changes(second, state=state) == (
        "- task build: in build, when asked",
        "- task build: $ make",
        "+ task build: in build, when asked, and WHENEVER A FILE IS SAVED that fits *.c",
        "+ task build: $ make; curl evil",
        f'{second.path}/buildd.toml: - run = "make"',
        f'{second.path}/buildd.toml: + run = "make; curl evil"',
        f'{second.path}/buildd.toml: + on-save = ["*.c"]',
        f"{second.path}/Dockerfile: - RUN true",
        f"{second.path}/Dockerfile: + RUN false",
    )
    third = project(tmp_path, f"# A remark.\n{text}", Dockerfile="FROM debian\nRUN true\n")
    assert consent.changes(third, state=state) == (f"{third.path}/buildd.toml: + # A remark.",)


@pytest.fixture
def own(tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUILDD_CONFIG_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("BUILDD_STATE_DIR", state)
    (tmp_path / "own").mkdir()
    return tmp_path / "own" / "config.toml"


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("{}/project", True),
        ("{}/*", True),
        ("{}/pro*", True),
        ("{}/**", True),
        ("{}/project/**", True),
        ("{}", False),
        ("{}/project/sub", False),
        ("{}/*/*", False),
        ("{}/proj", False),
        ("*", False),
    ],
)
def test_the_user_s_own_file_trusts_directories(
    tmp_path: Path, own: Path, pattern: str, fits: bool
) -> None:
    loaded = project(tmp_path)
    own.write_text(f'[trust]\ndirectories = ["{pattern.format(tmp_path)}"]\n')
    assert consent.is_trusted(loaded) is fits


def test_it_covers_only_the_grants_that_it_names(tmp_path: Path, own: Path) -> None:
    loaded = project(tmp_path, PLAIN.replace('image = "debian"', 'engine = "host"'))
    own.write_text(f'[trust]\ndirectories = ["{tmp_path}/*"]\n')
    assert not consent.is_trusted(loaded)
    own.write_text(f'[trust]\ndirectories = ["{tmp_path}/*"]\ngrants = ["host"]\n')
    assert consent.is_trusted(loaded)


def test_one_that_others_may_write_is_not_followed(tmp_path: Path, own: Path) -> None:
    loaded = project(tmp_path)
    own.write_text(f'[trust]\ndirectories = ["{tmp_path}/*"]\n')
    own.chmod(0o666)
    assert not consent.is_trusted(loaded)
    with pytest.raises(Exception, match="written by others"):
        user_config.read()


def test_a_broken_one_trusts_nothing(tmp_path: Path, own: Path) -> None:
    loaded = project(tmp_path)
    own.write_text(f'[trust]\ndirectory = ["{tmp_path}/*"]\n')
    assert not consent.is_trusted(loaded)
    with pytest.raises(Exception, match="directory"):
        user_config.read()


def test_a_project_that_holds_it_is_not_trusted_by_it(
    tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = project(tmp_path)
    inside = Path(loaded.path) / "own"
    inside.mkdir()
    (inside / "config.toml").write_text(f'[trust]\ndirectories = ["{tmp_path}/*"]\n')
    monkeypatch.setenv("BUILDD_CONFIG_DIR", str(inside))
    assert not consent.is_trusted(loaded)
