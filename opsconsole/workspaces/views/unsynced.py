"""What people see in their workspaces and nothing ever syncs."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.history.circumstances import is_fresh
from opsconsole.history.models import Sample
from opsconsole.platform.needs import needs
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure
from opsconsole.workspaces import reads
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.health.gap_tables import GapTable
from opsconsole.workspaces.health.gaps import BY_WORD, GAPS, Gap, Links


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
@needs(*reads.UNSYNCED, feature="Repositories that nothing syncs")
def unsynced(request: OperatorRequest) -> HttpResponse:
    """One of the two lists; how long the other one is stands in the newest sample."""
    gap = BY_WORD.get(request.GET.get("gap", ""), GAPS[0])
    counts = _counts()
    table = configure(GapTable(Links(gap, counts.get(gap.word)), gap), request)
    context = {
        "gap": gap,
        "table": table,
        "link": Actions(request).of(gap.remedy) if gap.remedy else None,
        "tabs": [_tab(each, each is gap, counts.get(each.word)) for each in GAPS],
    }
    return render(request, "workspaces/unsynced.html", context)


def _counts() -> dict[str, int | None]:
    """How many links are in each gap, where a fresh sample says so."""
    sample = Sample.objects.newest()
    if sample is None or not is_fresh(sample, timezone.now()):
        return {}
    return {"unlinked": sample.unlinked, "untracked": sample.untracked}


def _tab(gap: Gap, current: bool, count: int | None) -> dict[str, object]:
    return {
        "label": gap.word.capitalize(),
        "url": f"?gap={gap.word}",
        "current": current,
        "count": count,
    }
