from collections.abc import Iterator
from dataclasses import replace

from opsconsole.deployment.checks.answers import told
from opsconsole.deployment.facts import HISTORY, Fact, Fix, State
from opsconsole.deployment.looking import Unread, from_platform
from opsconsole.deployment.registry import check
from opsconsole.history.models import FunctionResponse
from opsconsole.integrations import functions
from opsconsole.platform.models import WorkspaceTrackedRepository

FEW = 3  # repositories; each costs a call or more of GitHub's quota
NAME = "Last dry run"
READS = (
    "workspace_tracked_repositories.fetch_issues",
    "workspace_tracked_repositories.last_sync_at",
)


@check("Dry run", step=5, source=HISTORY)
def dry_run() -> Iterator[Fact]:
    """Does the whole way work: gateway, function, its secret, GitHub? Nothing is written.

    Runbook: "Quick Start Deployment", step 5. It takes what was synced last: a row that
    GitHub refuses, or that has no issues, would say nothing of the deployment.
    """
    functions.SERVICE.require()
    fix = _fix()
    last = FunctionResponse.objects.filter(dry_run=True).order_by("-at").first()
    if last is None:
        sentence = "Nobody has tried the whole way from this console yet."
        yield Fact(NAME, State.UNKNOWN, sentence, HISTORY, fix=fix)
    else:
        yield replace(told(last), name=NAME, fix=fix)


def _fix() -> Fix | None:
    """None where there is no row to try it with, or nobody can say."""
    try:
        keys = from_platform(_synced_last, *READS)
    except Unread:
        return None
    if not keys:
        return None
    return Fix("Plan a dry run…", "force-sync", {"repositories": keys, "dry_run": True})


def _synced_last() -> list[str]:
    rows = WorkspaceTrackedRepository.objects.syncing().filter(
        last_sync_at__isnull=False
    )
    newest = rows.order_by("-last_sync_at", "pk").values_list("pk", flat=True)
    return [str(key) for key in newest[:FEW]]
