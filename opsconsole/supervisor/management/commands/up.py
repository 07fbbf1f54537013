import contextlib
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from opsconsole.accounts.roles import ROLES
from opsconsole.operations.sweep import sweep
from opsconsole.operations.workers import waiting
from opsconsole.sandbox.generator.scales import SCALES
from opsconsole.supervisor import lock, ports, processes
from opsconsole.supervisor.interruption import interruptible
from opsconsole.supervisor.readiness import NotReadyError, Readiness
from opsconsole.supervisor.rounds import Rounds, Watchdog
from opsconsole.supervisor.sandbox import Sandbox, SandboxError
from opsconsole.supervisor.supervisor import Supervisor

ADDRESS = "127.0.0.1"


class Command(BaseCommand):
    """The sandbox with one command: everything it needs is made, started and kept running."""

    help = "Start the console on a sandbox of its own and serve until Ctrl-C."
    requires_system_checks = []  # they may look at databases that are not there yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=ports.number, default=8000)
        parser.add_argument(
            "--fresh", action="store_true", help="delete the sandbox's data first"
        )
        parser.add_argument(
            "--scale",
            choices=SCALES,
            help="how much data a new sandbox gets (demo)",
        )

    def handle(
        self, *, port: int, fresh: bool, scale: str | None, **options: Any
    ) -> None:
        self.began = time.monotonic()
        if not (settings.EMBEDDED and settings.SANDBOX):
            raise CommandError(
                "`up` runs the sandbox, which brings its own databases: unset DATABASE_URL "
                "and OPSCONSOLE_ENVIRONMENT, or use `serve` with your own databases."
            )
        with (
            self._sentences(),
            interruptible(),
            lock.held(settings.STATE_DIR / "up.lock", f", http://localhost:{port}"),
        ):
            ports.ensure_free(ADDRESS, port)
            self._serve(port, fresh, scale)

    def _serve(self, port: int, fresh: bool, scale: str | None) -> None:
        sandbox = Sandbox(settings.STATE_DIR, self.stdout.write)
        try:
            if fresh:
                sandbox.remove()
            passwords = sandbox.prepare(scale)
            self._supervisor(sandbox, port).run(
                Readiness(ADDRESS, port, "localhost"),
                lambda: self._announce(port, passwords),
            )
        finally:
            sandbox.server.kill()

    def _supervisor(self, sandbox: Sandbox, port: int) -> Supervisor:
        standin, address = sandbox.standin()
        web = processes.web(ADDRESS, port, sandbox.logs, address)
        clusters = processes.clusters(sandbox.logs, address)
        watchdog = Watchdog(clusters, waiting)
        return Supervisor(
            [standin, web, *clusters],
            foundation=sandbox.server,
            rounds=Rounds([sweep, watchdog], before=close_old_connections),
        )

    def _announce(self, port: int, passwords: dict[str, str]) -> None:
        seconds = time.monotonic() - self.began
        accounts = "\n".join(
            f"  {name:<10} {password}   {ROLES.get(name, '')}"
            for name, password in passwords.items()
        )
        self.stdout.write(
            f"\nopsconsole is ready after {seconds:.1f} s: "
            + self.style.SUCCESS(f"http://localhost:{port}/")
            + f"\n\nSign in as one of\n{accounts}\n\n"
            f"Logs are in {settings.STATE_DIR / 'logs'}. Ctrl-C stops everything; "
            "the next `up` goes on with the same data.\n"
        )
        self.stdout.flush()

    @contextlib.contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn what was foreseen into a sentence and exit status 1."""
        try:
            yield
        except lock.AlreadyRunningError as error:
            raise CommandError(
                f"This sandbox runs already ({error}): stop it first, or set "
                "OPSCONSOLE_STATE_DIR to have another one."
            ) from error
        except NotReadyError as error:
            folder = settings.STATE_DIR / "logs"
            raise CommandError(f"{error} The logs are in {folder}.") from error
        except (ports.PortError, SandboxError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError(
                "Stopped before it was ready.", returncode=130
            ) from error
