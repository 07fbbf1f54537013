"""The front page, and the sign of life that needs no sign-in."""

from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.audit.models import Entry
from opsconsole.operations.models import Run
from opsconsole.platform import contract
from opsconsole.platform.panel import ask
from opsconsole.web import formats
from opsconsole.web.http import OperatorRequest
from opsconsole.workspaces import attention, events, reads, run_attention
from opsconsole.workspaces.overview import numbers

RECENT = 8  # runs, and audit entries


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and the supervisor: this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def overview(request: OperatorRequest) -> HttpResponse:
    """What needs attention now, then numbers, then what was done last.

    Answers without the platform too: then it says so and shows what the console knows.
    """
    now = timezone.now()
    panel = ask(lambda: numbers(now), *reads.OVERVIEW)
    lines = [
        *(attention.of_syncs(panel.answer.syncs) if panel.answer else ()),
        *run_attention.of_runs(now),
        attention.of_contract(contract.current()),
    ]
    runs = Run.objects.select_related("requested_by").newest_first()[:RECENT]
    context = {
        "as_of": f"As of {formats.local(now)}.",
        "panel": panel,
        "attention": attention.heaviest_first(lines),
        "runs": events.of_runs(runs),
        "entries": events.of_entries(Entry.objects.newest_first()[:RECENT]),
    }
    return render(request, "overview.html", context)
