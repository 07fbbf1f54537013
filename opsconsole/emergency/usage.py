"""Who uses GitHub's quota, as far as the console knows: what the sync function answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.urls import reverse

from opsconsole.history.models import FunctionResponse
from opsconsole.platform.models import Workspace
from opsconsole.platform.panel import ask

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
LISTED = 8


@dataclass(frozen=True)
class Use:
    """Calls to GitHub that answers told of; None when no answer said a number."""

    who: str
    url: str
    hour: int | None
    day: int | None
    answers: int
    silent: int  # answers without a number: what they used comes on top


def by_workspace(now: datetime) -> list[Use]:
    """The largest of the last 24 hours first."""
    told = (
        FunctionResponse.objects.filter(at__gt=now - DAY, at__lte=now)
        .order_by()
        .values("workspace_id")
        .annotate(
            hour=Sum("calls", filter=Q(at__gt=now - HOUR)),
            recent=Count("pk", filter=Q(at__gt=now - HOUR)),
            day=Sum("calls"),
            answers=Count("pk"),
            silent=Count("pk", filter=Q(calls=None)),
        )
        .order_by(F("day").desc(nulls_last=True), "workspace_id")[:LISTED]
    )
    found: list[dict[str, Any]] = [dict(one) for one in told]
    names = _names(one["workspace_id"] for one in found if one["workspace_id"])
    return [_use(one, names) for one in found]


def _use(found: dict[str, Any], names: dict[UUID, str]) -> Use:
    workspace = found.pop("workspace_id")
    if not found.pop("recent"):
        found["hour"] = 0  # nobody called in this hour, which is known
    if not isinstance(workspace, UUID):
        return Use("All workspaces together", "", **found)
    name = names.get(workspace, str(workspace))
    url = reverse("workspaces:detail", args=[workspace])
    return Use(name, url, **found)


def _names(workspaces: Iterable[UUID]) -> dict[UUID, str]:
    """As the platform has them now; empty when it cannot be asked."""
    rows = Workspace.objects.filter(pk__in=list(workspaces))
    asked = ask(lambda: dict(rows.values_list("pk", "name")), "workspaces.name")
    return asked.answer or {}
