import os
import socket
import subprocess
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections, connections

from opsconsole.operations.sweep import sweep
from opsconsole.operations.workers import waiting
from opsconsole.supervisor import doctor, ports, processes
from opsconsole.supervisor.interruption import interruptible
from opsconsole.supervisor.output import StandardError
from opsconsole.supervisor.readiness import NotReadyError, Readiness
from opsconsole.supervisor.rounds import Rounds, Watchdog
from opsconsole.supervisor.supervisor import Supervisor

GRACE = 45.0  # seconds; above operations.tasks.SHIFT, below systemd's TimeoutStopSec


class Command(BaseCommand):
    """Production on one machine: web server, both clusters, sweep and watchdog, one command."""

    help = (
        "Serve the console on your own databases: web server and both clusters, kept "
        "running until SIGTERM. Log lines go to standard error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=ports.number, default=8000)
        parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
        parser.add_argument("--web-workers", type=int, default=2, metavar="N")
        parser.add_argument(
            "--migrate",
            action="store_true",
            help=f"first bring the console's database up to date, as the role of {processes.OWNER_URL} "
            "where that is set (the role of DATABASE_URL should not own the tables)",
        )

    def handle(
        self, *, port: int, bind: str, web_workers: int, migrate: bool, **options: Any
    ) -> None:
        if settings.EMBEDDED:
            raise CommandError(
                "`serve` runs on your own databases: set DATABASE_URL and "
                "PLATFORM_DATABASE_URL. To have a look at the console use `up`."
            )
        try:
            with interruptible():
                ports.ensure_free(bind, port)
                self._prepare(migrate)
                self._serve(bind, port, max(1, web_workers))
        except (ports.PortError, NotReadyError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped before serving.", returncode=130) from error

    def _prepare(self, migrate: bool) -> None:
        if migrate:
            self._migrate()
        problems = doctor.problems(doctor.CRITICAL)
        if problems:
            lines = [f"{problem.check}: {problem}" for problem in problems]
            raise CommandError("\n".join(lines))
        if settings.STATIC_ROOT:  # in a sandbox they are served where they lie
            self._collect_static_files()
        connections.close_all()

    def _collect_static_files(self) -> None:
        try:
            call_command("collectstatic", interactive=False, verbosity=0)
        except OSError as error:
            raise CommandError(
                f"Static files cannot be collected in {settings.STATIC_ROOT}: "
                f"{error.strerror}. Set OPSCONSOLE_STATE_DIR to a folder of ours."
            ) from error

    def _migrate(self) -> None:
        owner = os.environ.get(processes.OWNER_URL) or os.environ["DATABASE_URL"]
        answer = subprocess.run(  # noqa: S603
            processes.manage("migrate"),
            env=os.environ | {"DATABASE_URL": owner},
            check=False,
        )
        if answer.returncode:
            raise CommandError(
                "The migrations failed, see above. They run as the owner of the "
                f"console's tables: set {processes.OWNER_URL} to a URL with that role."
            )

    def _serve(self, bind: str, port: int, web_workers: int) -> None:
        output = StandardError()
        web = processes.web(bind, port, output, workers=web_workers)
        clusters = processes.clusters(output)
        watchdog = Watchdog(clusters, waiting)
        supervisor = Supervisor(
            [web, *clusters],
            rounds=Rounds([sweep, watchdog], before=close_old_connections),
            grace=GRACE,
        )
        supervisor.run(
            Readiness(bind, port, own_host()),
            lambda: self.stdout.write(f"Serving at {bind}:{port}."),
        )


def own_host() -> str:
    """A name the console answers to."""
    names = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return names[0] if names else socket.gethostname()
