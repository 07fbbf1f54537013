"""Does a cluster take the runs that wait for it? What the watchdog asks."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.sweep import unserved


def neglected(cluster: str, seconds: int) -> int:
    """Runs that nobody took for that long although the cluster has workers to spare.

    A run may rightly wait while every worker holds another one.
    """
    now = timezone.now()
    held = Run.objects.filter(cluster=cluster, lease_until__gt=now).count()
    if held >= workers(cluster):
        return 0
    orphans = Run.objects.unheld(now).exclude(state=State.QUEUED)
    long_ago = now - timedelta(seconds=seconds)
    orphaned = orphans.filter(cluster=cluster, lease_until__lt=long_ago).count()
    return unserved(cluster, seconds) + orphaned


def workers(cluster: str) -> int:
    """How many runs this cluster can hold at once on one machine."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    other = queue["ALT_CLUSTERS"].get(cluster, {})
    return int(other.get("workers", queue["workers"]))


def fresh_connections() -> None:
    """Drop connections that are broken or too old, as Django does before a request."""
    close_old_connections()


def close_connections() -> None:
    """Leave no connection open, for a child or a stopping server to trip over."""
    connections.close_all()
