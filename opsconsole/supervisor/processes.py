"""The console's own processes: what each is called and how it is started."""

import sys
from collections.abc import Mapping

from django.conf import settings

from opsconsole.supervisor.children import Child
from opsconsole.supervisor.clusters import CLUSTERS
from opsconsole.supervisor.output import Output


def web(address: str, port: int, output: Output, *, workers: int = 1) -> Child:
    """The web server, listening on this address alone."""
    host = f"[{address}]" if ":" in address else address
    gunicorn = [sys.executable, "-m", "gunicorn"]
    config = ["-c", "python:opsconsole.supervisor.web", "--workers", str(workers)]
    command = [*gunicorn, *config, "--bind", f"{host}:{port}", "opsconsole.wsgi"]
    return Child("web", command, output, unbuffered())


def clusters(output: Output) -> list[Child]:
    """Both django-q clusters, each called as its queue is."""
    return [
        Child(name, manage("worker"), output, unbuffered({"Q_CLUSTER_NAME": name}))
        for name in CLUSTERS
    ]


def manage(*arguments: str) -> list[str]:
    """A command line of manage.py, in this Python."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def unbuffered(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """An addition to the environment that makes Python write its log lines at once."""
    return {"PYTHONUNBUFFERED": "1", **(environment or {})}
