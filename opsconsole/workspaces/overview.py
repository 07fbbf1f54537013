"""The numbers of the front page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from opsconsole.operations.guards import share
from opsconsole.platform import contract
from opsconsole.platform.models import Workspace
from opsconsole.web import formats
from opsconsole.workspaces.conditions import how_many


@dataclass(frozen=True)
class Numbers:
    """The platform at one moment; `syncs` as `how_many` names them."""

    tiers: dict[str, int]  # workspaces that are not deleted, by tier
    syncs: dict[str, int]

    @property
    def workspaces(self) -> int:
        return sum(self.tiers.values())

    @property
    def synced_share(self) -> str:
        part = share(self.syncs["synced_lately"], self.syncs["total"])
        return f"successfully, {part} of all"

    @property
    def by_tier(self) -> str:
        """`231 free, 58 pro, 11 team`; tiers without a workspace are named as well."""
        order = dict.fromkeys((*contract.current().tiers, *self.tiers))
        parts = (f"{formats.number(self.tiers.get(tier, 0))} {tier}" for tier in order)
        return ", ".join(parts)


def numbers(now: datetime) -> Numbers:
    """Two queries on the platform."""
    grouped = Workspace.objects.active().values_list("tier").annotate(Count("pk"))
    return Numbers(tiers=dict(grouped.order_by("tier")), syncs=how_many(now))
