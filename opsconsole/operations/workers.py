"""django-q's clusters: who they are, whether they live, whether they take what waits for them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_q.status import Stat

from opsconsole.operations.models import Run

CLUSTERS = ("bulk", "urgent")  # as in settings.Q_CLUSTER
FAMILY = uuid.UUID("6f0cbb5e-2f55-4a6c-9d0b-3f1c6f4f4f11")  # any fixed one
PATIENCE = timedelta(seconds=3)  # for a worker that was told of a run


@dataclass(frozen=True)
class Cluster:
    """One cluster's sign of life, not older than three seconds."""

    host: str
    workers: int  # processes
    since: datetime


def identity(name: str, host: str, pid: int) -> uuid.UUID:
    """The id of a cluster, from which its name can be told.

    django-q reports a cluster's id, host and process id, but not which queue it serves.
    """
    return uuid.uuid5(FAMILY, f"{name} {host} {pid}")


def living() -> dict[str, list[Cluster]]:
    """The clusters seen during the last seconds, by their name."""
    seen: dict[str, list[Cluster]] = {name: [] for name in CLUSTERS}
    for stat in Stat.get_all():  # django-q keeps them for three seconds
        for name in CLUSTERS:
            if stat.cluster_id == identity(name, stat.host, stat.pid):
                seen[name].append(Cluster(stat.host, len(stat.workers), stat.tob))
    return seen


def configured(cluster: str) -> int:
    """How many runs one cluster of this name can hold at once."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    other = queue["ALT_CLUSTERS"].get(cluster, {})
    return int(other.get("workers", queue["workers"]))


def waiting(cluster: str) -> set[int]:
    """Runs that a worker of this cluster should take now: nobody holds them, and one is free.

    Besides those just queued, runs whose worker handed them over or died. While all
    workers hold runs, the others rightly wait.
    """
    runs = Run.objects.filter(cluster=cluster)
    if runs.held().count() >= configured(cluster):
        return set()
    return set(runs.unheld().values_list("pk", flat=True))


def is_deserted(run: Run) -> bool:
    """Whether a run is ready for a worker and none takes it.

    None lives, or none came within PATIENCE after it was told or the wait was over.
    """
    if not Run.objects.unheld().filter(pk=run.pk).exists():
        return False
    told = run.nudged_at or run.created_at
    since = max(told, run.wait_until or told)
    return timezone.now() - since > PATIENCE or not living()[run.cluster]
