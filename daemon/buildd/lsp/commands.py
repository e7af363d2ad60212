"""`workspace/executeCommand`: a thin cover over runs for clients that know no custom methods."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from buildd.config.trust.consent import grant
from buildd.errors import BuilddError
from buildd.lsp.actions import CONSENT, EXPLAIN, OPEN_DOCUMENTATION
from buildd.lsp.consent import ask_for_trust
from buildd.lsp.convert import is_link, uri
from buildd.lsp.lens import RUN_TEST
from buildd.model import Run, RunState, Trigger
from buildd.projects.run_images import build as build_image
from buildd.projects.status import project_status
from buildd.protocol import COMMANDS, ProjectStatus, TaskStatus
from buildd.runs.explain import explain, explaining
from buildd.runs.run import LiveRun

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

Handler = Callable[..., Awaitable[object]]
"""Carries out a command, given the client and the command's arguments, which are strings."""


def register_commands(client: LspClient) -> None:
    """Register every command of `protocol.COMMANDS` with the client's server."""
    for name in COMMANDS:
        client.server.command(name)(_guarded(partial(HANDLERS[name], client)))


async def run(client: LspClient, task: str, path: str = "") -> object:
    """Run a task to its end."""
    project = await client.opened.choose_project(path)
    return await _ended(client, await project.runs.run_task(task, Trigger.REQUEST, client))


async def build(client: LspClient, task: str = "build", path: str = "") -> object:
    """Run the task `build`, or another one."""
    return await run(client, task, path)


async def run_test_task(client: LspClient, task: str = "test", path: str = "") -> object:
    """Run the task `test`, or another one."""
    return await run(client, task, path)


async def run_test(client: LspClient, task: str, path: str, *test: str) -> object:
    """Run one test of a task."""
    project = await client.opened.choose_project(path)
    return await _ended(client, await project.runs.run_tests(task, (test,), client))


async def image(client: LspClient, name: str = "", path: str = "") -> object:
    """Build a run image, after the tasks that it needs."""
    project = await client.opened.choose_project(path)

    async def run_task(task: str) -> Run:
        live = await project.runs.run_task(task, Trigger.REQUEST, client)
        await live.wait()
        return live.record

    made = await build_image(project, name, run_task, lambda message, percentage: None)
    await client.publisher.published()
    failed = made.failed
    return {"tag": made.tag, "image": made.image, "failed": failed.task if failed else ""}


async def status(client: LspClient, path: str = "") -> object:
    """Show how the project is."""
    project = await client.opened.choose_project(path)
    await project.configuration.refresh()
    lines = status_lines(project_status(project))
    client.show("; ".join(lines), types.MessageType.Info)
    return {"lines": lines}


async def show_log(client: LspClient, path: str = "") -> object:
    """Open the output of the task that runs, or of the one that ran last."""
    project = await client.opened.choose_project(path)
    log = project.results.newest_log(run.record for run in project.runs.under_way())
    if log is None:
        raise BuilddError("nothing has been run here yet", "Run `buildd.build` first.")
    return {"success": await show_document(client, uri(log))}


async def cancel(client: LspClient, path: str = "") -> object:
    """Cancel the project's runs, and the making of its environments."""
    project = await client.opened.choose_project(path)
    return {"runs": project.runs.cancel(), "environments": project.environments.cancel()}


async def restart_environment(client: LspClient, environment: str = "", path: str = "") -> object:
    """Replace an environment's container by a new one."""
    project = await client.opened.choose_project(path)
    await project.configuration.usable()
    live = project.environments.named(environment)
    await live.acquire(lambda message, percentage: None, fresh=True)
    return {"environment": live.specification.name, "state": live.status().state}


async def trust(client: LspClient, path: str = "", digest: str = "", *grants: str) -> object:
    """Ask for consent; with the digest of a configuration, record consent to it and its grants."""
    project = await client.opened.choose_project(path)
    await project.configuration.refresh()
    if digest:
        await asyncio.to_thread(grant, project.configuration.valid(), digest, grants)
        await project.configuration.refresh()
    else:
        await ask_for_trust(client, project, again=True)
    return {"trusted": project.configuration.trusted}


async def explain_code(client: LspClient, source: str, code: str, path: str = "") -> object:
    """Open what the tool `source` says about one of its codes at length."""
    command = explaining(source, code)
    if command is None:
        raise BuilddError(f"no tool is known that explains `{code}` of `{source}`")
    project = await client.opened.choose_project(path)
    configuration = await project.configuration.usable()
    owners = sorted(project.results.findings.owners_of(to_fs_path(path) or path))
    tasks = [configuration.tasks[name] for name in owners if name in configuration.tasks]
    environment = project.environments.named(tasks[0].environment if tasks else "")
    file = await explain(environment, command, tasks[0].env if tasks else {})
    return {"success": await show_document(client, uri(file))}


async def open_documentation(client: LspClient, href: str) -> object:
    """Open a page of the web."""
    if not is_link(href):
        raise BuilddError(f"{href} is no address that an editor may open")
    return {"success": await show_document(client, href)}


HANDLERS: dict[str, Handler] = {
    "buildd.build": build,
    "buildd.test": run_test_task,
    "buildd.run": run,
    RUN_TEST: run_test,
    "buildd.image": image,
    "buildd.status": status,
    "buildd.showLog": show_log,
    "buildd.cancel": cancel,
    "buildd.restartEnvironment": restart_environment,
    CONSENT: trust,
    EXPLAIN: explain_code,
    OPEN_DOCUMENTATION: open_documentation,
}


async def _ended(client: LspClient, live: LiveRun) -> object:
    """Wait until the run has ended and its diagnostics were sent; what the client is answered."""
    await live.wait()
    await client.publisher.published()
    record = live.record
    return {
        "run": record.id,
        "state": record.state,
        "exitStatus": record.exit_status,
        "diagnostics": len(live.diagnostics),
    }


async def show_document(client: LspClient, address: str) -> bool:
    """Have the client open a file or a page; if it cannot, say where that is."""
    external = is_link(address)
    try:
        shown = await client.server.window_show_document_async(
            types.ShowDocumentParams(address, external=external, take_focus=not external)
        )
    except JsonRpcException:
        client.show(f"see {to_fs_path(address) or address}", types.MessageType.Info)
        return False
    return shown.success


def status_lines(status: ProjectStatus) -> list[str]:
    """Return a project's status in few words."""
    lines = [status.error] if status.error else []
    if not status.trusted:
        lines.append("not trusted yet: run the command buildd.trust")
    lines += [
        f"{environment.name}: {environment.state} {environment.detail}".rstrip()
        for environment in status.environments
    ]
    return lines + [f"{task.name}: {_task_state(task)}" for task in status.tasks]


def _task_state(task: TaskStatus) -> str:
    if task.current:
        return task.current.state
    if task.last is None:
        return "not run yet"
    counts = f"{task.errors} errors, {task.warnings} warnings"
    if task.last.state is not RunState.FINISHED:
        return f"{task.last.state}; {counts}"
    return f"exit status {task.last.exit_status}; {counts}"


def _guarded(handler: Handler) -> Callable[..., Awaitable[object]]:
    """The handler with its arguments as they come, and its failures as JSON-RPC errors."""

    async def command(*arguments: Any) -> object:
        if not all(isinstance(argument, str) for argument in arguments):
            raise JsonRpcException("the arguments are strings: a name, a path", -32602)
        try:
            inspect.signature(handler).bind(*arguments)
        except TypeError as error:
            wanted = ", ".join(inspect.signature(handler).parameters)
            raise JsonRpcException(f"{error}; the arguments are: {wanted}", -32602) from error
        try:
            return await handler(*arguments)
        except BuilddError as error:
            raise JsonRpcException(str(error), error.code) from error

    return command
