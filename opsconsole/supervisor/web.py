"""gunicorn's settings: `gunicorn -c python:opsconsole.supervisor.web opsconsole.wsgi`."""

from typing import Any

from opsconsole.supervisor.tether import die_with

worker_class = "gthread"  # requests wait for databases: threads, one copy of Django
workers = 1
threads = 8
graceful_timeout = 8  # seconds for requests in flight; below Supervisor's grace
control_socket_disable = True  # else gunicorn 27 opens one in ~/.gunicorn
accesslog = None
loglevel = "warning"


def post_fork(server: Any, worker: Any) -> None:
    """Let a worker die with its master, or it would hold the port until it notices."""
    die_with(worker.ppid)
