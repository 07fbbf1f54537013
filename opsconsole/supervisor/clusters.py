"""django-q's clusters: who they are, whether they live, whether they take what waits for them."""

import uuid
from typing import Any

from django.conf import settings
from django_q.status import Stat

from opsconsole.operations.models import Run

CLUSTERS = ("bulk", "urgent")  # as in settings.Q_CLUSTER
FAMILY = uuid.UUID("6f0cbb5e-2f55-4a6c-9d0b-3f1c6f4f4f11")  # any fixed one


def identity(name: str, host: str, pid: int) -> uuid.UUID:
    """The id of a cluster, from which its name can be told.

    django-q reports a cluster's id, host and process id, but not which queue it serves.
    """
    return uuid.uuid5(FAMILY, f"{name} {host} {pid}")


def living() -> dict[str, list[str]]:
    """Where each cluster was seen during the last seconds: name -> hosts."""
    seen: dict[str, list[str]] = {name: [] for name in CLUSTERS}
    for stat in Stat.get_all():  # django-q keeps them for three seconds
        for name in CLUSTERS:
            if stat.cluster_id == identity(name, stat.host, stat.pid):
                seen[name].append(stat.host)
    return seen


def waiting(cluster: str) -> set[int]:
    """Runs that a worker of this cluster should take now: nobody holds them, and one is free.

    Besides those just queued, runs whose worker handed them over or died. While all
    workers hold runs, the others rightly wait.
    """
    runs = Run.objects.filter(cluster=cluster)
    if runs.held().count() >= workers(cluster):
        return set()
    return set(runs.unheld().values_list("pk", flat=True))


def workers(cluster: str) -> int:
    """How many runs one cluster of this name can hold at once."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    other = queue["ALT_CLUSTERS"].get(cluster, {})
    return int(other.get("workers", queue["workers"]))
