"""Everything below the console in the sandbox: the embedded server, its databases, their data.

Only `manage.py up` comes here.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from opsconsole.sandbox import databases, generator
from opsconsole.sandbox.postgres import Server, ServerError
from opsconsole.supervisor.children import Kept, StartError
from opsconsole.supervisor.output import Files
from opsconsole.supervisor.processes import manage

Say = Callable[[str], None]


class SandboxError(Exception):
    """The sandbox cannot be had; the message says why."""


class EmbeddedServer(Kept):
    """The embedded PostgreSQL as the supervisor's foundation."""

    def __init__(self, server: Server) -> None:
        super().__init__("postgresql")
        self.server = server

    def start(self) -> None:
        try:
            self.server.start()
        except ServerError as error:
            raise StartError(f"cannot be started: {error}") from error

    def alive(self) -> bool:
        process = self.server.process
        return process.poll() is None if process else self.server.alive()

    def kill(self) -> str:
        self.server.stop()
        return "ended"


def remove(state: Path) -> None:
    """Delete the data, the accounts and the logs. Raises SandboxError."""
    try:
        databases.remove(state / "pg")
    except ServerError as error:
        raise SandboxError(str(error)) from error
    (state / "accounts.json").unlink(missing_ok=True)
    shutil.rmtree(state / "logs", ignore_errors=True)


def prepare(state: Path, scale: str, logs: Files, say: Say) -> None:
    """Make databases and data where they are missing, and migrate. Raises SandboxError."""
    data = state / "pg"
    empty = databases.prepare(data)
    with _migrating(databases.urls(data), logs):
        if empty:
            say(f"Making a platform of size {scale} …")
            maintenance = databases.urls(data).maintenance
            counts = generator.load(maintenance, scale, now=timezone.now())
            say(f"  {counts.workspaces:,} workspaces, {counts.repositories:,} repositories")
