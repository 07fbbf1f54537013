"""The console's own processes: what each is called and how it is started."""

import sys
from collections.abc import Mapping

from django.conf import settings

from opsconsole.operations.workers import CLUSTERS
from opsconsole.supervisor.children import Child
from opsconsole.supervisor.output import Output

OWNER_URL = "OPSCONSOLE_OWNER_DATABASE_URL"
ENVIRONMENT = {
    "PYTHONUNBUFFERED": "1",  # log lines are written at once
    OWNER_URL: "",  # who serves must not be able to be the owner of the tables
    "OPSCONSOLE_ADMIN_PASSWORD": "",
}


def web(
    address: str,
    port: int,
    output: Output,
    environment: Mapping[str, str] | None = None,
    workers: int = 1,
) -> Child:
    """The web server, listening on this address alone; `environment` is added to ours."""
    host = f"[{address}]" if ":" in address else address
    gunicorn = [sys.executable, "-m", "gunicorn"]
    config = ["-c", "python:opsconsole.supervisor.web", "--workers", str(workers)]
    command = [*gunicorn, *config, "--bind", f"{host}:{port}", "opsconsole.wsgi"]
    return Child("web", command, output, ENVIRONMENT | dict(environment or {}))


def clusters(
    output: Output, environment: Mapping[str, str] | None = None
) -> list[Child]:
    """Both django-q clusters, each called as its queue is."""
    more = ENVIRONMENT | dict(environment or {})
    return [
        Child(name, manage("worker"), output, more | {"Q_CLUSTER_NAME": name})
        for name in CLUSTERS
    ]


def manage(*arguments: str) -> list[str]:
    """A command line of manage.py, in this Python."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
