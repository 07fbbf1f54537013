"""The front page, and the sign of life that needs no sign-in."""

from typing import Any

from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.audit.models import Entry
from opsconsole.history.models import Sample
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.platform import contract
from opsconsole.web.http import OperatorRequest
from opsconsole.workspaces import events, readings
from opsconsole.workspaces.health import figures
from opsconsole.workspaces.overview import (
    attention,
    morning,
    run_attention,
    sync_attention,
    tiers,
)
from opsconsole.workspaces.overview.numbers import numbers
from opsconsole.workspaces.past import Past

RECENT = 8  # runs, and audit entries


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and the supervisor: this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def overview(request: OperatorRequest) -> HttpResponse:
    """What needs attention now, then numbers, then what was done last.

    All of it stands in the console's own database: it answers without the platform too.
    """
    now = timezone.now()
    reading = readings.read(now)
    sample, past = reading.sample, reading.past
    lines = attention.gathered(
        sync_attention.of_sample(sample, reading.groups) if sample else (),
        run_attention.of_runs(now, request.user),
        [
            attention.of_collecting(reading.collecting),
            attention.of_contract(contract.current()),
        ],
    )
    runs = Run.objects.select_related("requested_by").newest_first()[:RECENT]
    context = {
        "reading": reading,
        "attention": lines,
        "operates": may_operate(request),
        "runs": events.of_runs(runs),
        "entries": events.of_entries(Entry.objects.newest_first()[:RECENT]),
        **(_numbers(sample, past) if sample else {}),
    }
    return render(request, "overview.html", context)


def may_operate(request: OperatorRequest) -> bool:
    """Whether the person may run any operation; managers may not, and see costs first."""
    return any(
        request.user.has_perm(operation.permission())
        for operation in OPERATIONS.values()
    )


def _numbers(sample: Sample, past: Past) -> dict[str, Any]:
    return {
        "numbers": numbers(sample, past),
        "tiers": tiers.lines(sample),
        "morning": morning.lines(sample),
        "words": figures.of_words(sample, past),
        "flags": figures.of_flags(sample, past),
    }
