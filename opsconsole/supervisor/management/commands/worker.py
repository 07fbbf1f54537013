import os
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django_q.cluster import Cluster

from opsconsole.operations.workers import identity
from opsconsole.supervisor.tether import tether_forks


class Command(BaseCommand):
    """django-q's qcluster, of which no process outlives the main one.

    It may run alone under systemd; there it needs KillMode=mixed, since it hangs when
    all of its processes get SIGTERM.
    """

    help = (
        "Run a cluster of workers; Q_CLUSTER_NAME=urgent chooses the queue, else bulk."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        tether_forks()
        name = os.environ.get("Q_CLUSTER_NAME") or str(settings.Q_CLUSTER["name"])
        cluster = Cluster()
        cluster.cluster_id = identity(name, socket.gethostname(), os.getpid())
        cluster.start()  # returns; the process ends when its child, the sentinel, does
