"""This module proposes configurations for Python and Node projects."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from buildd.base.json_text import parse_json_object
from buildd.config.init.proposal import ProjectDirectory, Proposal, TaskProposal, image

PYTHON_MINOR = 12
"""The minor version of Python 3 for projects that do not need a later one."""

NODE_MAJOR = 22
"""The major version of Node for projects that do not need a later one."""


def python(tree: ProjectDirectory) -> Proposal | None:
    """Propose `pip`, and the test runner and linters that the project has settings for."""
    if not tree.has("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"):
        return None
    project = _toml(tree.text("pyproject.toml"))
    settings = "\n".join(
        tree.text(name) for name in ("pyproject.toml", "setup.cfg", "tox.ini", "requirements.txt")
    )
    tools: list[str] = []
    tasks = [_python_build(tree, project)]
    if (
        "pytest" in settings
        or tree.names & {"tests", "test"}
        or any(re.fullmatch(r"test_.*\.py", name) for name in tree.names)
    ):
        tools.append("pytest")
        tasks.append(TaskProposal(name="test", run="python -m pytest"))
    for tool, command in _PYTHON_CHECKS.items():
        if re.search(rf"^\[(?:tool\.)?{tool}\b", settings, re.MULTILINE):
            tools.append(tool)
            name = tool if any(task.name == "lint" for task in tasks) else "lint"
            tasks.append(TaskProposal(name=name, run=command, on_save=("*.py",)))
    version = _python_minor(tree, project)
    install = [f"pip install --no-cache-dir {' '.join(tools)}"] if tools else []
    return Proposal(
        dockerfile=image(f"python:3.{version}", *install),
        caches={"python": "/cache/python", "pip": "/cache/pip"},
        env={"PYTHONUSERBASE": "/cache/python", "PIP_CACHE_DIR": "/cache/pip"},
        tasks=tuple(tasks),
    )


_PYTHON_CHECKS = {
    "ruff": "ruff check --output-format=full .",
    "mypy": "mypy .",
    "flake8": "flake8",
}


def _python_build(tree: ProjectDirectory, project: dict[str, Any]) -> TaskProposal:
    comment = "Installs the project's dependencies, which stay in the cache."
    tables = project.keys() & {"project", "build-system"}
    if tables or tree.has("setup.py"):
        extras = project.get("project", {})
        extras = extras.get("optional-dependencies", {}) if isinstance(extras, dict) else {}
        wanted = [name for name in ("dev", "test", "tests") if name in extras]
        what = f"'.[{','.join(wanted)}]'" if wanted else "."
        return TaskProposal(
            name="build", run=f"pip install --user --editable {what}", comment=comment
        )
    if tree.has("requirements.txt"):
        run = "pip install --user --requirement requirements.txt"
        return TaskProposal(name="build", run=run, comment=comment)
    return TaskProposal(name="build", run="python -m compileall -q .", on_save=("*.py",))


def _python_minor(tree: ProjectDirectory, project: dict[str, Any]) -> int:
    pinned = re.match(r"3\.(\d{1,2})\b", tree.text(".python-version"))
    if pinned:
        return int(pinned[1])
    wanted = project.get("project")
    wanted = wanted.get("requires-python") if isinstance(wanted, dict) else None
    least = re.search(r"(?:>=|~=|==)\s*3\.(\d{1,2})\b", str(wanted))
    return max(PYTHON_MINOR, int(least[1]) if least else 0)


def node(tree: ProjectDirectory) -> Proposal | None:
    """Propose the project's package manager, its scripts, and `tsc` for TypeScript."""
    if not tree.has("package.json"):
        return None
    package = parse_json_object(tree.text("package.json"))
    scripts = package.get("scripts")
    scripts = scripts if isinstance(scripts, dict) else {}
    manager = _node_manager(tree, package)
    locked = tree.has("package-lock.json", "npm-shrinkwrap.json")
    install = {
        "npm": "npm ci" if locked else "npm install",
        "yarn": "yarn install",
        "pnpm": "pnpm install",
    }[manager]
    check = {"npm": "npx", "yarn": "yarn run", "pnpm": "pnpm exec"}[manager]
    check += " tsc --noEmit --pretty false"
    typed = tree.has("tsconfig.json")
    comment = "Installs the packages. Run it once, and again when package.json has changed."
    has_build = typed or "build" in scripts
    name = "install" if has_build else "build"
    tasks = [TaskProposal(name=name, run=install, comment=comment)]
    sources = ("*.ts", "*.tsx", "*.mts", "*.cts") if typed else ("*.js", "*.jsx", "*.mjs", "*.cjs")
    if "build" in scripts:
        on_save = () if typed else sources
        tasks.append(TaskProposal(name="build", run=f"{manager} run build", on_save=on_save))
    if typed:
        name = "check" if "build" in scripts else "build"
        tasks.append(TaskProposal(name=name, run=check, on_save=sources))
    # `npm init` writes a test script that only fails.
    if "test" in scripts and "no test specified" not in str(scripts["test"]):
        tasks.append(TaskProposal(name="test", run=f"{manager} run test"))
    if "lint" in scripts:
        tasks.append(TaskProposal(name="lint", run=f"{manager} run lint"))
    caches = {manager: f"/cache/{manager}"}
    env = {_NODE_CACHES[manager]: f"/cache/{manager}"}
    commands: list[str] = []
    if manager != "npm":
        commands.append("corepack enable")
        caches["corepack"] = env["COREPACK_HOME"] = "/cache/corepack"
    return Proposal(
        dockerfile=image(f"node:{_node_major(tree, package)}", *commands),
        caches=caches,
        env=env,
        tasks=tuple(tasks),
    )


_NODE_CACHES = {
    "npm": "npm_config_cache",
    "yarn": "YARN_CACHE_FOLDER",
    "pnpm": "npm_config_store_dir",
}


def _node_manager(tree: ProjectDirectory, package: dict[str, Any]) -> str:
    named = str(package.get("packageManager", "")).partition("@")[0]
    if named in _NODE_CACHES:
        return named
    if tree.has("pnpm-lock.yaml"):
        return "pnpm"
    return "yarn" if tree.has("yarn.lock") else "npm"


def _node_major(tree: ProjectDirectory, package: dict[str, Any]) -> int:
    pinned = re.match(r"v?(\d{1,2})\b", tree.text(".nvmrc", ".node-version"))
    if pinned:
        return int(pinned[1])
    engines = package.get("engines")
    wanted = str(engines.get("node", "")) if isinstance(engines, dict) else ""
    exactly = re.fullmatch(r"[\^~=v]*(\d{1,2})(?:\.[\dx*.]+)?", wanted)
    if exactly:
        return int(exactly[1])
    least = re.match(r">=\s*v?(\d{1,2})\b", wanted)
    return max(NODE_MAJOR, int(least[1]) if least else 0)


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
