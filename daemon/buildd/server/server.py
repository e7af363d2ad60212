"""The daemon: socket, sessions, projects, and leaving when nobody needs it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from buildd import __version__
from buildd.base import logs
from buildd.base.framing import HEADER_LIMIT
from buildd.config.daemon_settings import DaemonSettings, settings, variable_remarks
from buildd.config.daemon_table import SETTINGS
from buildd.errors import BuilddError, BusyError
from buildd.paths import build_id, log_path
from buildd.projects.project import LiveProject
from buildd.projects.registry import Projects
from buildd.protocol import PROTOCOL_VERSION, Hello, HelloResult, SettingStatus, StatusResult
from buildd.server.listen import ListeningSocket, is_found, peer_uid, renew
from buildd.server.session import Session

log = logging.getLogger(__name__)

SESSIONS_LIMIT = 256
"""Clients that may be connected at once."""

FOUND_WATCH = 2.0
"""Seconds between two looks whether clients can still find the daemon's socket; well below the
time for which a client tries."""


CLOSE_LIMIT = 6.0
"""Seconds that runs and environments may take to end when the daemon stops; less than the time for
which a client tries to start the next one."""

LEAVE_LIMIT = CLOSE_LIMIT + 2
"""Seconds after which a daemon that was told to stop leaves in any case."""


def serve(listening: ListeningSocket) -> NoReturn:
    """Serve until told to stop, or idle for long, and end the process.

    The lock ends with the process. So no thread is waited for: one that hangs, say on a file system
    that does not answer, would keep the lock without a socket, and no other daemon could start.
    """
    used, problems = settings(os.environ)
    logs.start(used.log_level)
    for problem in problems:
        log.warning("%s", problem)
    status = 0
    try:
        asyncio.Runner().run(_run_as_process(Server(listening, used)))
    except Exception:
        log.exception("the daemon ends")
        status = 1
    finally:
        _leave(status)


async def _run_as_process(server: Server) -> None:
    """What belongs to the process and not to the server: signals end it in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.run(at_stop=_leave_later)


def _leave_later() -> None:
    """End the process soon, even if the event loop gets stuck."""
    timer = threading.Timer(LEAVE_LIMIT, _leave, (1,))
    timer.daemon = True
    timer.start()


def _leave(status: int) -> NoReturn:
    logging.shutdown()
    os._exit(status)


class Server:
    """One per process; `run` it once, in any thread."""

    def __init__(self, listening: ListeningSocket, used: DaemonSettings) -> None:
        self.settings = used
        self.log_path = log_path()
        self.build = build_id()
        self.projects = Projects(used)
        self._listening = listening
        self._close_acceptor: Callable[[], None] = listening.socket.close
        self._started = time.monotonic()
        self._sessions: dict[asyncio.Task[None], Session] = {}
        self._count = 0
        self._stopping = asyncio.Event()
        self._active = time.monotonic()

    async def run(self, at_stop: Callable[[], None] = lambda: None) -> None:
        """Serve, then leave nothing behind. `at_stop` is called when it begins to stop."""
        await self._accept()
        log.info("buildd %s (build %d) on %s", __version__, self.build, self._listening.path)
        idle = asyncio.create_task(self._leave_when_idle())
        found = asyncio.create_task(self._stay_found())
        try:
            await self._stopping.wait()
        finally:
            log.info("stopping")
            at_stop()
            idle.cancel()
            found.cancel()
            # No new client may find a daemon that is about to go.
            if is_found(self._listening):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._listening.path)
            self._close_acceptor()
            await self._close()
            os.close(self._listening.lock)

    async def _close(self) -> None:
        """End runs, environments and sessions, as far as they do end."""
        closing = asyncio.create_task(self._close_all())
        # Not a timeout inside: what hangs might not even be cancelled.
        await asyncio.wait({closing}, timeout=CLOSE_LIMIT)
        if not closing.done():
            threads = ", ".join(thread.name for thread in threading.enumerate())
            log.error("not all has ended within %.0f s; the threads are %s", CLOSE_LIMIT, threads)
        elif error := closing.exception():
            log.error("closing failed", exc_info=error)

    async def _close_all(self) -> None:
        await self.projects.close()
        for task in self._sessions:
            task.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions)

    async def _accept(self) -> None:
        acceptor = await asyncio.start_unix_server(
            self._connected, sock=self._listening.socket, limit=HEADER_LIMIT
        )
        self._close_acceptor = acceptor.close

    async def _stay_found(self) -> None:
        """Make the socket anew when somebody has removed it or put another in its place; leave if
        another daemon has taken over."""
        while True:
            await asyncio.sleep(FOUND_WATCH)
            if is_found(self._listening):
                continue
            try:
                renewed = renew(self._listening)
            except (BuilddError, OSError) as error:
                log.error("nobody finds this daemon any more, and that cannot be mended: %s", error)
                renewed = None
            if renewed is None:
                self.stop()
                return
            log.warning("%s was not ours any more: it is made anew", renewed.path)
            os.close(self._listening.lock)
            self._close_acceptor()
            self._listening = renewed
            await self._accept()

    def next_session_number(self) -> int:
        self._count += 1
        return self._count

    def stop(self) -> None:
        """Stop now."""
        self._stopping.set()

    def stop_soon(self) -> None:
        """Stop, once what was answered just now has been sent."""
        asyncio.get_running_loop().call_later(0.05, self.stop)

    def hello(self, session: Session, params: Hello) -> HelloResult:
        log.debug("session %d: %s %s", session.number, params.client, params.version)
        # An editor's plugin greets again, and knows less than the command between it and us.
        session.variables = params.variables or session.variables
        others = sum(1 for one in self._sessions.values() if one is not session)
        return HelloResult(
            version=__version__,
            build=self.build,
            protocol=PROTOCOL_VERSION,
            pid=os.getpid(),
            busy=self.projects.run_count() + others,
            remarks=tuple(map(str, variable_remarks(self.settings, params.variables))),
        )

    def status(
        self, projects: Sequence[LiveProject] | None = None, remarks: tuple[str, ...] = ()
    ) -> StatusResult:
        """What is known without asking anybody."""
        known = self.projects.known() if projects is None else projects
        return StatusResult(
            version=__version__,
            build=self.build,
            pid=os.getpid(),
            uptime=time.monotonic() - self._started,
            socket=self._listening.path,
            log=self.log_path,
            sessions=len(self._sessions),
            runs=self.projects.run_count(),
            memory=_resident_bytes(),
            counts=dict(logs.COUNTS),
            projects=tuple(project.status() for project in known),
            settings=tuple(
                SettingStatus(
                    key=setting.key,
                    value=setting.text(self.settings.value(setting)),
                    source=self.settings.sources[setting.key],
                )
                for setting in SETTINGS
            ),
            remarks=remarks,
        )

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection: socket.socket = writer.get_extra_info("socket")
        if (uid := peer_uid(connection)) != os.getuid():
            log.warning("refused a client of user %d", uid)
            writer.close()
            return
        session = Session(self, reader, writer)
        if len(self._sessions) >= SESSIONS_LIMIT:
            log.warning("refused a client: %d sessions are the limit", SESSIONS_LIMIT)
            session.refuse(
                BusyError(
                    f"{SESSIONS_LIMIT} clients are connected, which is the limit",
                    "Close some editors or commands that use buildd.",
                )
            )
            return
        logs.SESSION.set(session.number)
        logs.COUNTS["sessions"] += 1
        task = asyncio.current_task()
        assert task  # noqa: S101 (asyncio runs this callback as a task)
        self._sessions[task] = session
        try:
            await session.live()
        except asyncio.CancelledError:
            log.debug("session %d: ended with the daemon", session.number)
        except Exception:
            log.exception("session %d", session.number)
        finally:
            del self._sessions[task]
            self._active = time.monotonic()

    async def _leave_when_idle(self) -> None:
        limit = self.settings.idle_timeout
        while limit:
            if self._sessions or self.projects.run_count():
                self._active = time.monotonic()
            left = self._active + limit - time.monotonic()
            if left <= 0 and self.projects.warmth.any():
                left = limit  # nobody else would stop them
            elif left <= 0:
                log.info("idle for %.0f s", limit)
                self.stop()
                return
            await asyncio.sleep(min(left, limit / 4) + 0.01)


def _resident_bytes() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
