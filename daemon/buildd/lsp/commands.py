"""`workspace/executeCommand`: a thin cover over runs for clients that know no custom methods."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
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
from buildd.protocol import COMMANDS, ProjectStatus, TaskStatus
from buildd.runs.explain import explain, explaining
from buildd.runs.run import LiveRun

if TYPE_CHECKING:
    from buildd.lsp.client import LspClient

Handler = Callable[..., Awaitable[object]]


def register_commands(client: LspClient) -> None:
    """Make every command of `protocol.COMMANDS` known to the client's server."""

    async def run(task: str, path: str = "") -> object:
        project = await client.opened.choose_project(path)
        return await ended(await project.runs.run_task(task, Trigger.REQUEST, client))

    async def ended(live: LiveRun) -> object:
        await live.wait()
        await client.publisher.published()
        record = live.record
        return {
            "run": record.id,
            "state": record.state,
            "exitStatus": record.exit_status,
            "diagnostics": len(live.diagnostics),
        }

    async def build(task: str = "build", path: str = "") -> object:
        return await run(task, path)

    async def test(task: str = "test", path: str = "") -> object:
        return await run(task, path)

    async def image(name: str = "", path: str = "") -> object:
        project = await client.opened.choose_project(path)

        async def run_task(task: str) -> Run:
            live = await project.runs.run_task(task, Trigger.REQUEST, client)
            await live.wait()
            return live.record

        made = await build_image(project, name, run_task, lambda message, percentage: None)
        await client.publisher.published()
        failed = made.failed
        return {"tag": made.tag, "image": made.image, "failed": failed.task if failed else ""}

    async def run_test(task: str, path: str, *test: str) -> object:
        project = await client.opened.choose_project(path)
        return await ended(await project.runs.run_tests(task, (test,), client))

    async def status(path: str = "") -> object:
        project = await client.opened.choose_project(path)
        await project.refresh()
        lines = status_lines(project.status())
        client.show("; ".join(lines), types.MessageType.Info)
        return {"lines": lines}

    async def show_log(path: str = "") -> object:
        project = await client.opened.choose_project(path)
        log = project.results.newest_log(run.record for run in project.runs.under_way())
        if log is None:
            raise BuilddError("nothing has been run here yet", "Run `buildd.build` first.")
        return {"success": await show_document(client, uri(log))}

    async def cancel(path: str = "") -> object:
        project = await client.opened.choose_project(path)
        return {"runs": project.runs.cancel(), "environments": project.cancel_making()}

    async def restart_environment(environment: str = "", path: str = "") -> object:
        project = await client.opened.choose_project(path)
        await project.configuration.usable()
        live = project.environment(environment)
        await live.acquire(lambda message, percentage: None, fresh=True)
        return {"environment": live.specification.name, "state": live.status().state}

    async def trust(path: str = "", digest: str = "", *grants: str) -> object:
        project = await client.opened.choose_project(path)
        await project.refresh()
        if digest:
            await asyncio.to_thread(grant, project.configuration.valid(), digest, grants)
            await project.refresh()
        else:
            await ask_for_trust(client, project, again=True)
        return {"trusted": project.configuration.trusted}

    async def explain_code(source: str, code: str, path: str = "") -> object:
        asked = explaining(source, code)
        if asked is None:
            raise BuilddError(f"no tool is known that explains `{code}` of `{source}`")
        project = await client.opened.choose_project(path)
        configuration = await project.configuration.usable()
        owners = sorted(project.results.findings.owners_of(to_fs_path(path) or path))
        tasks = [configuration.tasks[name] for name in owners if name in configuration.tasks]
        environment = project.environment(tasks[0].environment if tasks else "")
        place = await explain(environment, asked, tasks[0].env if tasks else {})
        return {"success": await show_document(client, uri(place))}

    async def open_documentation(href: str) -> object:
        if not is_link(href):
            raise BuilddError(f"{href} is no address that an editor may open")
        return {"success": await show_document(client, href)}

    handlers: dict[str, Handler] = {
        "buildd.build": build,
        "buildd.test": test,
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
    for name in COMMANDS:
        client.server.command(name)(_guarded(handlers[name]))


async def show_document(client: LspClient, address: str) -> bool:
    """Have the client open a file or a page; if it cannot, say where it is."""
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
    """What a person sees of a project in few words."""
    lines = [status.error] if status.error else []
    if not status.trusted:
        lines.append("not trusted yet: run the command buildd.trust")
    lines += [f"{one.name}: {one.state} {one.detail}".rstrip() for one in status.environments]
    return lines + [f"{one.name}: {_how_it_goes(one)}" for one in status.tasks]


def _how_it_goes(task: TaskStatus) -> str:
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
        if not all(isinstance(one, str) for one in arguments):
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
