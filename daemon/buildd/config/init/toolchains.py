"""This module recognises kinds of projects, and proposes their images and tasks.

To add one, write a function and add a line to `TOOLCHAINS`. Caches, and the variables that point to
them, must not depend on the image, because the project may have its own build.Dockerfile.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from buildd.config.init.proposal import ProjectDirectory, Proposal, TaskProposal, debian, image
from buildd.config.init.script_toolchains import node, python

Toolchain = Callable[[ProjectDirectory], Proposal | None]
"""Returns the proposal for a directory, or None if it is another kind of project."""


_JSON = "--message-format=json"
"""With this option, diagnostics have fixes and exact ranges; the terminal still shows cargo's usual
text."""


def cargo(tree: ProjectDirectory) -> Proposal | None:
    """Propose cargo for a directory with a Cargo.toml."""
    if not tree.has("Cargo.toml"):
        return None
    pinned = re.search(
        r"^(?:channel\s*=\s*[\"'])?(\d+\.\d+(?:\.\d+)?)\b",
        tree.text("rust-toolchain.toml", "rust-toolchain"),
        re.MULTILINE,
    )
    return Proposal(
        dockerfile=image(
            f"rust:{pinned[1] if pinned else '1'}", "rustup component add clippy rustfmt"
        ),
        caches={"cargo": "/cache/cargo"},
        env={"CARGO_HOME": "/cache/cargo"},
        tasks=(
            TaskProposal(name="build", run=f"cargo build {_JSON}", on_save=("*.rs", "Cargo.toml")),
            TaskProposal(name="test", run=f"cargo test {_JSON}"),
            TaskProposal(name="lint", run=f"cargo clippy --all-targets {_JSON}"),
        ),
    )


def go(tree: ProjectDirectory) -> Proposal | None:
    """Propose the go command for a directory with a go.mod."""
    if not tree.has("go.mod"):
        return None
    version = re.search(r"^go\s+(\d+\.\d+)", tree.text("go.mod"), re.MULTILINE)
    return Proposal(
        dockerfile=image(f"golang:{version[1] if version else '1'}"),
        caches={"go": "/cache/go", "go-build": "/cache/go-build"},
        env={"GOPATH": "/cache/go", "GOCACHE": "/cache/go-build"},
        tasks=(
            TaskProposal(name="build", run="go build ./...", on_save=("*.go", "go.mod")),
            TaskProposal(name="test", run="go test -json ./..."),
            TaskProposal(name="lint", run="go vet ./..."),
        ),
    )


def maven(tree: ProjectDirectory) -> Proposal | None:
    """Propose Maven for a directory with a pom.xml."""
    if not tree.has("pom.xml"):
        return None
    return Proposal(
        dockerfile=image("maven:3-eclipse-temurin-21"),
        caches={"maven": "/cache/maven"},
        env={"MAVEN_ARGS": "--batch-mode -Dmaven.repo.local=/cache/maven"},
        tasks=(
            TaskProposal(name="build", run="mvn compile", on_save=("*.java", "pom.xml")),
            TaskProposal(name="test", run="mvn test"),
        ),
    )


def gradle(tree: ProjectDirectory) -> Proposal | None:
    """Propose Gradle, or the project's Gradle wrapper."""
    if not tree.has("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"):
        return None
    wrapped = tree.has("gradlew")
    command = "./gradlew" if wrapped else "gradle"
    return Proposal(
        dockerfile=image("eclipse-temurin:21-jdk" if wrapped else "gradle:8-jdk21"),
        caches={"gradle": "/cache/gradle"},
        env={"GRADLE_USER_HOME": "/cache/gradle"},
        tasks=(
            TaskProposal(
                name="build",
                run=f"{command} --console=plain assemble",
                on_save=("*.java", "*.kt", "*.gradle", "*.gradle.kts"),
            ),
            TaskProposal(name="test", run=f"{command} --console=plain test"),
        ),
    )


def meson(tree: ProjectDirectory) -> Proposal | None:
    """Propose Meson for a directory with a meson.build."""
    if not tree.has("meson.build"):
        return None
    folder = tree.unused(*_BUILD_FOLDERS)
    return _compiled(
        "meson ninja-build pkg-config",
        (
            TaskProposal(
                name="build",
                run=f"meson setup {folder} && meson compile -C {folder}",
                on_save=(*_C_FILES, "meson.build"),
            ),
            TaskProposal(name="test", run=f"meson test -C {folder} --print-errorlogs"),
        ),
    )


def cmake(tree: ProjectDirectory) -> Proposal | None:
    """Propose CMake for a directory with a CMakeLists.txt."""
    if not tree.has("CMakeLists.txt"):
        return None
    folder = tree.unused(*_BUILD_FOLDERS)
    tasks = [
        TaskProposal(
            name="build",
            run=f"cmake -S . -B {folder} && cmake --build {folder}",
            on_save=(*_C_FILES, "CMakeLists.txt", "*.cmake"),
        )
    ]
    tested = r"^\s*(?:enable_testing|add_test|include\s*\(\s*CTest)\b"
    if re.search(tested, tree.text("CMakeLists.txt"), re.IGNORECASE | re.MULTILINE):
        run = f"ctest --test-dir {folder} --output-on-failure"
        tasks.append(TaskProposal(name="test", run=run))
    return _compiled("cmake pkg-config", tuple(tasks))


def autotools(tree: ProjectDirectory) -> Proposal | None:
    """Propose `./configure && make` for a directory with configure or configure.ac."""
    generated = tree.has("configure")
    # If there is a Makefile beside configure.ac, `make` alone is meant to work.
    if not generated and (not tree.has("configure.ac") or tree.has(*_MAKEFILES)):
        return None
    steps = ["{ test -f config.status || ./configure; }", "make"]
    packages = "pkg-config"
    if tree.has("configure.ac"):
        steps.insert(0, "{ test -f configure || autoreconf --install; }")
        packages += " autoconf automake libtool"
    tasks = [TaskProposal(name="build", run=" && ".join(steps), on_save=_C_FILES)]
    templates = tree.text("Makefile.am") + tree.text("Makefile.in")
    target = "check" if tree.has("Makefile.am") else _target(templates, "check", "test")
    if target:
        tasks.append(TaskProposal(name="test", run=f"make {target}"))
    return _compiled(packages, tuple(tasks))


def make(tree: ProjectDirectory) -> Proposal | None:
    """Propose make for a directory with a Makefile, and the targets that it has."""
    if not tree.has(*_MAKEFILES):
        return None
    text = tree.text(*_MAKEFILES)
    name = next(name for name in _MAKEFILES if tree.has(name))
    tasks = [TaskProposal(name="build", run="make", on_save=(*_C_FILES, name))]
    for task, targets in {"test": ("test", "check"), "lint": ("lint",)}.items():
        if target := _target(text, *targets):
            tasks.append(TaskProposal(name=task, run=f"make {target}"))
    return _compiled("", tuple(tasks))


def _compiled(packages: str, tasks: tuple[TaskProposal, ...]) -> Proposal:
    """Propose Debian's compilers with ccache, and further packages of Debian.

    With ccache, unchanged files are not compiled again after a `clean` or on another branch.
    """
    return Proposal(
        dockerfile=debian(f"build-essential ccache {packages}".rstrip())
        + "# With this PATH, gcc and g++ run through ccache.\nENV PATH=/usr/lib/ccache:$PATH\n",
        caches={"ccache": "/cache/ccache"},
        env={"CCACHE_DIR": "/cache/ccache"},
        tasks=tasks,
    )


def _target(text: str, *names: str) -> str:
    """Return the first of the names that is a target in the text of a Makefile, else empty."""
    for name in names:
        if re.search(rf"^(?:[\w.-]+ +)*{name}(?: +[\w.-]+)*\s*::?(?!=)", text, re.MULTILINE):
            return name
    return ""


_C_FILES = ("*.c", "*.h", "*.cc", "*.cpp", "*.cxx", "*.hh", "*.hpp")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""The names of Makefiles, in the order in which make looks for them."""

_BUILD_FOLDERS = ("build", "_build", "build.buildd")
"""Names for the build directory. One that exists already may contain another compiler's files."""

PLAIN = Proposal(dockerfile=debian("build-essential ca-certificates git"))
"""The proposal for a directory of an unknown kind."""

TOOLCHAINS: dict[str, Toolchain] = {
    "cargo": cargo,
    "go": go,
    "maven": maven,
    "gradle": gradle,
    "meson": meson,
    "cmake": cmake,
    "python": python,
    "node": node,
    "autotools": autotools,
    "make": make,
}
"""The first toolchain that makes a proposal is used: those for many languages come last."""
