"""What lies below the console in the sandbox: embedded server, databases, data, accounts.

Only `manage.py up` comes here.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from django.utils import timezone

from opsconsole.sandbox import databases, generator, standin_address
from opsconsole.sandbox.postgres import Server, ServerError
from opsconsole.supervisor import demo_accounts, demo_history, ports
from opsconsole.supervisor.children import Child, Kept, StartError
from opsconsole.supervisor.output import Files
from opsconsole.supervisor.processes import ENVIRONMENT, manage
from opsconsole.supervisor.tether import die_with

Say = Callable[[str], None]


class SandboxError(Exception):
    """The sandbox cannot be had; the message says why."""


class EmbeddedServer(Kept):
    """The embedded PostgreSQL as the supervisor's foundation."""

    def __init__(self, data: Path) -> None:
        super().__init__("postgresql")
        self.server = Server(data)

    def start(self) -> None:
        try:
            self.server.start()
        except ServerError as error:
            raise StartError(str(error)) from error

    def alive(self) -> bool:
        process = (
            self.server.process
        )  # None while we use a server somebody else started
        return process.poll() is None if process else self.server.alive()

    def kill(self) -> str:
        self.server.stop()
        return "ended"


class Sandbox:
    """One state directory: `pg`, `accounts.json`, `logs`."""

    def __init__(self, state: Path, say: Say) -> None:
        self.state, self.say = state, say
        self.data = state / "pg"
        self.logs = Files(state / "logs")
        self.server = EmbeddedServer(self.data)

    def remove(self) -> None:
        """Delete everything but the signing key. Raises SandboxError."""
        try:
            databases.remove(self.data)
        except ServerError as error:
            raise SandboxError(str(error)) from error
        (self.state / "accounts.json").unlink(missing_ok=True)
        shutil.rmtree(self.logs.folder, ignore_errors=True)

    def prepare(self, scale: str | None) -> dict[str, str]:
        """Start the server and make what is missing; return the accounts' passwords by name.

        Raises SandboxError. Migrating and filling the platform go on side by side.
        """
        try:
            self.server.launch()
            empty = databases.prepare(self.data)
            with self._migrating():
                if empty:
                    self._fill(scale or "demo")
                elif scale:
                    self.say("The sandbox has its data: --scale needs --fresh.")
            if empty and scale in (None, "demo"):
                demo_history.make(
                    databases.urls(self.data).platform_owner, timezone.now()
                )
            return demo_accounts.ensure(self.state / "accounts.json")
        except (StartError, psycopg.Error) as error:
            raise SandboxError(str(error)) from error
        finally:
            connections.close_all()  # a stopping server would wait for them

    def standin(self) -> tuple[Child, dict[str, str]]:
        """The stand-in for GitHub and Supabase, and the variable that leads to it.

        Its port is chosen here, so that it comes back at the same address, which commands
        in other terminals find in the state directory.
        """
        port = str(ports.unused("127.0.0.1"))
        module = [sys.executable, "-m", "opsconsole.sandbox.standin", "--port", port]
        platform = databases.urls(self.data).platform_owner
        every = str(settings.SANDBOX_SCHEDULE_SECONDS)
        command = [*module, "--platform-url", platform, "--every", every]
        address = f"http://127.0.0.1:{port}"
        standin_address.store(self.state, address)
        child = Child("standin", command, self.logs, ENVIRONMENT)
        return child, {"OPSCONSOLE_STANDIN_URL": address}

    def _fill(self, scale: str) -> None:
        self.say(f"Filling the platform with made-up data, size {scale} …")
        superuser = databases.urls(self.data).maintenance
        counts = generator.load(superuser, scale, now=timezone.now())
        self.say(
            f"  {counts.workspaces:,} workspaces, "
            f"{counts.workspace_tracked_repositories:,} tracked repositories"
        )

    @contextmanager
    def _migrating(self) -> Iterator[None]:
        """Migrate as the owner of the console's database, in a process beside the caller's work."""
        ours = os.getpid()
        with self.logs.opened("migrate") as log:
            process = subprocess.Popen(  # noqa: S603
                manage("migrate", "--verbosity", "1", "--no-color"),
                env=os.environ | self._as_owner(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: die_with(ours),
            )
        try:
            yield
            if process.wait():
                why = self.logs.last_lines("migrate")
                raise SandboxError(f"The migrations failed:\n{why}")
        finally:
            process.kill()
            process.wait()

    def _as_owner(self) -> dict[str, str]:
        addresses = databases.urls(self.data)
        return {
            "DATABASE_URL": addresses.console_owner,
            "PLATFORM_DATABASE_URL": addresses.platform,
            "PLATFORM_WRITE_DATABASE_URL": addresses.platform_write,
            "OPSCONSOLE_ENVIRONMENT": "sandbox",
        }
