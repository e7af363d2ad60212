"""The summary that the user decides by."""

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

AS_ROOT = "WRITE TO WHAT IT SEES as this machine's root, unless the engine is rootless"

SOCKET = "; THROUGH THIS SOCKET IT CONTROLS THE ENGINE, and with it this machine"

HOST = (
    "environment h: commands run as you ON THIS MACHINE ITSELF, without a container, with all "
    "that you can reach"
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
        "environment build: a container (docker) of an image built from build.Dockerfile",
        "    its build ends with the stage tools",
        "    its build is sent the files of . that it copies",
        "    its build is given V=1",
        f"    ITS BUILD CAN READ {root}/shared/token, the secret token",
        "    its image is built again when asked",
        "    images are pulled: always",
        f"    commands run as ROOT: THEY {AS_ROOT}",
        "    sees this project at /go/src, and may write to it",
        f"    sees {root}/shared at /shared, read only",
        f"    sees {root}/docker.sock at /var/run/docker.sock, MAY WRITE TO IT{SOCKET}",
        "    keeps /go/pkg/mod as the cache gomod",
        "    keeps /ccache as the cache ccache, SHARED WITH OTHER PROJECTS",
        "    with A='1 2'",
        "    once it is made, runs:",
        "    $ make deps",
        "    $ make all",
        "    $ npm ci 'a b'",
        "    whenever it becomes warm, runs:",
        "    $ ./serve &",
        "    MAY USE YOUR SSH AGENT: it can log in wherever your keys can",
        (
            "    MAY BECOME ROOT INSIDE, and write to what it sees as this machine's root, unless "
            "the engine is rootless"
        ),
        "    HAS THE CAPABILITIES SYS_ADMIN: some let root inside control this machine",
        "    graphics processors: 1",
        "    HAS NO LIMIT OF PROCESSES: it can bring this machine to a halt",
        "    network: none",
        "task build: in build, when asked, and WHENEVER A FILE IS SAVED that fits *.c *.h",
        "    $ set -e",
        "    $ make",
        "    with B=2",
        "task test: in build of src, when asked",
        "    $ go test 'a b'",
    )


def test_the_host_is_said_loudly(tmp_path: Path) -> None:
    text = '[environments.h]\nengine = "host"\n[tasks.t]\nrun = "make"\non-save = true\n'
    path = plant(str(tmp_path), {"buildd.toml": text})
    assert consent.summary(load.load(path)) == (
        "configuration: buildd.toml",
        HOST,
        "task t: in h, when asked, and WHENEVER A FILE IS SAVED that fits **",
        "    $ make",
    )


def test_what_is_taken_from_the_host_is_said(tmp_path: Path) -> None:
    text = (
        '[environments.h]\nimage = "x"\nenv = { A = "${localEnv:TOKEN}", B = "${localEnv:X:1}" }\n'
    )
    lines = consent.summary(load.load(plant(str(tmp_path), {"buildd.toml": text})))
    assert "    IS GIVEN WHAT IS IN YOUR VARIABLE TOKEN, X" in lines


def test_nothing_can_be_hidden(tmp_path: Path) -> None:
    text = (
        '[environments.h]\nengine = "host"\nenv = { A = "\\u202e1\\u001b[8m" }\n'
        '[tasks.t]\nrun = "evil\\r\\u001b[2K\\u001b[1Agood\\n\\nmore"\n'
        'on-save = ["*.c\\u001b[2J]"]\n'
    )
    lines = consent.summary(load.load(plant(str(tmp_path), {"buildd.toml": text})))
    assert all(line.isprintable() for line in lines)
    assert "    $ evil\\r\\x1b[2K\\x1b[1Agood" in lines
    assert "    $ more" in lines
    assert "    with A='\\u202e1\\x1b[8m'" in lines


def test_a_run_image_is_said(tmp_path: Path) -> None:
    text = (
        '[environments.h]\nimage = "x"\n[tasks.t]\nrun = "make"\n'
        '[images.run]\ndockerfile = "run.Dockerfile"\nneeds = ["t"]\ntag = "mine:1"\n'
        'target = "slim"\nbuild-args = { A = "1" }\n'
    )
    path = plant(str(tmp_path), {"buildd.toml": text, "run.Dockerfile": ""})
    assert consent.summary(load.load(path))[-4:] == (
        "image run: built from run.Dockerfile when asked, after t, and called mine:1",
        "    its build is sent the files of .",
        "    of its stage slim",
        "    with A=1",
    )
