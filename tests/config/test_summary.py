"""These tests check the summary that the user reads before consent."""

from __future__ import annotations

from pathlib import Path

from buildd.config import load
from buildd.config.trust import consent
from tests.config.support import plant

CONTAINER = """
[environments.build]
dockerfile = "build.Dockerfile"
context = "."
target = "tools"
build-args = { V = "1" }
secrets = { token = "../shared/token" }
on-change = "ask"
pull = "always"
mount = "/go/src"
user = "root"
caches = { gomod = "/go/pkg/mod", ccache = { path = "/ccache", shared = true } }
mounts = [
  { source = "../shared", target = "/shared", read-only = true },
  { source = "../docker.sock", target = "/var/run/docker.sock" },
]
env = { A = "1 2" }
network = false
processes = 0
cap-add = ["SYS_ADMIN"]
gpus = 1
ssh-agent = true
sudo = true
on-create = { first = "make deps\\nmake all", more = { a = ["npm", "ci", "a b"] } }
on-start = "./serve &"

[tasks.build]
run = "set -e\\nmake"
on-save = ["*.c", "*.h"]
env = { B = "2" }

[tasks.test]
run = ["go", "test", "a b"]
directory = "src"
"""

SOCKET = "; THROUGH THIS SOCKET IT CONTROLS THE ENGINE, and so this machine"

HOST = (
    "environment h: commands run as you ON THIS MACHINE, without a container, and can do "
    "everything that you can"
)


def test_a_container(tmp_path: Path) -> None:
    root = plant(
        str(tmp_path),
        {
            "p/buildd.toml": CONTAINER,
            "p/build.Dockerfile": "FROM scratch\n",
            "p/src/": "",
            "shared/token": "",
            "docker.sock": "",
        },
    )
    assert consent.summary(load.load(f"{root}/p")) == (
        "configuration: buildd.toml",
        "environment build: a container (docker) with an image built from build.Dockerfile",
        "    builds the stage tools",
        "    its build gets the files of . that the Dockerfile copies",
        "    its build gets the arguments V=1",
        f"    ITS BUILD CAN READ {root}/shared/token, the secret token",
        "    asks before it rebuilds the image",
        "    pulls images: always",
        "    commands run as root (new files in the project may belong to root)",
        "    can read and write this project, at /go/src",
        f"    can read {root}/shared, at /shared",
        f"    CAN READ AND WRITE {root}/docker.sock, at /var/run/docker.sock{SOCKET}",
        "    keeps /go/pkg/mod in the cache gomod",
        "    keeps /ccache in the cache ccache, SHARED WITH OTHER PROJECTS",
        "    sets A='1 2'",
        "    runs after the container was created:",
        "    $ make deps",
        "    $ make all",
        "    $ npm ci 'a b'",
        "    runs each time it becomes warm:",
        "    $ ./serve &",
        "    CAN USE YOUR SSH AGENT, and so log in wherever your keys can",
        (
            "    CAN BECOME ROOT in the container, and write mounted files as this machine's root "
            "unless the engine is rootless"
        ),
        ("    HAS THE CAPABILITIES SYS_ADMIN; some let root in the container control this machine"),
        "    GPUs: 1",
        "    HAS NO LIMIT ON PROCESSES, and so can make this machine unusable",
        "    network: none",
        "task build: in build, on request, and WHENEVER A FILE IS SAVED that matches *.c *.h",
        "    $ set -e",
        "    $ make",
        "    sets B=2",
        "task test: in build, in the directory src, on request",
        "    $ go test 'a b'",
    )


def test_the_host_engine_is_in_capitals(tmp_path: Path) -> None:
    text = '[environments.h]\nengine = "host"\n[tasks.t]\nrun = "make"\non-save = true\n'
    path = plant(str(tmp_path), {"buildd.toml": text})
    assert consent.summary(load.load(path)) == (
        "configuration: buildd.toml",
        HOST,
        "task t: in h, on request, and WHENEVER A FILE IS SAVED that matches **",
        "    $ make",
    )


def test_host_variables_are_named(tmp_path: Path) -> None:
    text = (
        '[environments.h]\nimage = "x"\nenv = { A = "${localEnv:TOKEN}", B = "${localEnv:X:1}" }\n'
    )
    lines = consent.summary(load.load(plant(str(tmp_path), {"buildd.toml": text})))
    assert "    GETS THE VALUES OF YOUR VARIABLES TOKEN, X" in lines


def test_control_characters_hide_nothing(tmp_path: Path) -> None:
    text = (
        '[environments.h]\nengine = "host"\nenv = { A = "\\u202e1\\u001b[8m" }\n'
        '[tasks.t]\nrun = "evil\\r\\u001b[2K\\u001b[1Agood\\n\\nmore"\n'
        'on-save = ["*.c\\u001b[2J]"]\n'
    )
    lines = consent.summary(load.load(plant(str(tmp_path), {"buildd.toml": text})))
    assert all(line.isprintable() for line in lines)
    assert "    $ evil\\r\\x1b[2K\\x1b[1Agood" in lines
    assert "    $ more" in lines
    assert "    sets A='\\u202e1\\x1b[8m'" in lines


def test_a_run_image(tmp_path: Path) -> None:
    text = (
        '[environments.h]\nimage = "x"\n[tasks.t]\nrun = "make"\n'
        '[images.run]\ndockerfile = "run.Dockerfile"\nneeds = ["t"]\ntag = "mine:1"\n'
        'target = "slim"\nbuild-args = { A = "1" }\n'
    )
    path = plant(str(tmp_path), {"buildd.toml": text, "run.Dockerfile": ""})
    assert consent.summary(load.load(path))[-4:] == (
        "image run: built from run.Dockerfile on request, after t, with the tag mine:1",
        "    its build gets the files of .",
        "    builds the stage slim",
        "    sets A=1",
    )
