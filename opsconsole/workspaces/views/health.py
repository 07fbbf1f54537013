"""The health of all syncs: how many have which word, what the schedule can do, and who."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from opsconsole.history import samples
from opsconsole.platform.deadline import left
from opsconsole.web.http import OperatorRequest
from opsconsole.workspaces import readings
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.health import capacity, error_lines, figures
from opsconsole.workspaces.health.filters import HealthFilter
from opsconsole.workspaces.health.row_list import file_of, row_list
from opsconsole.workspaces.overview.numbers import failing

GROUPS = 5  # of errors, the largest
PAUSE = 10  # seconds between two counts that people ask for
COUNTED = "health.counted"  # key of the cache, which all processes share


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def sync_health(request: OperatorRequest) -> HttpResponseBase:
    """How many repositories have which diagnosis, and which; those in trouble first.

    Runbook: "Morning Health Check". Its filter on is_active hides rows that do sync.
    """
    filter, actions = HealthFilter.asked(request.GET), Actions(request)
    reading = readings.read(timezone.now())
    listed = row_list(
        request,
        filter.selection,
        actions,
        newest=reading.sample,
        nothing="No repository is in trouble.",
        filter=filter,
    )
    if file := file_of(request, listed):
        return file
    context = {
        "reading": reading,
        "filter": filter,
        "listed": listed,
        "table": listed.answer and listed.answer.table,
        "actions": actions.bulk,
        "reset": actions.of(error_lines.RESET),
        **_numbers(reading),
    }
    return render(request, "workspaces/sync_health.html", context)


def _numbers(reading: readings.Reading) -> dict[str, Any]:
    """What the sample says, if there is one."""
    sample, past = reading.sample, reading.past
    if sample is None:
        return {}
    return {
        "words": figures.of_words(sample, past),
        "flags": figures.of_flags(sample, past),
        "capacity": capacity.of_sample(sample),
        "errors": error_lines.lines(reading.groups[:GROUPS], past),
        "failing": failing(sample),
    }


@permission_required("platform.view_workspace", raise_exception=True)
@require_POST
def count_now(request: OperatorRequest) -> HttpResponse:
    """Take a sample in the time that a page has; everybody together at most one in PAUSE."""
    if cache.add(COUNTED, True, PAUSE):
        sample, kinds = samples.look(timezone.now(), left())
        if sample.problem:
            text = f"{sample.problem} The numbers below are those of the last count."
            messages.warning(request, text)
        else:
            samples.keep(sample, kinds)
            messages.success(request, "Counted.")
    else:
        text = f"Counted less than {PAUSE} s ago: the numbers below are that young."
        messages.info(request, text)
    back = request.GET.urlencode()  # the list that the person was looking at
    return redirect(f"{reverse('workspaces:sync_health')}?{back}".removesuffix("?"))
