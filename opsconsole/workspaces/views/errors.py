"""Errors that are the same but for names and numbers: all groups, and one of them."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.history import errors as history
from opsconsole.history import samples
from opsconsole.history.models import ErrorGroup
from opsconsole.platform.fingerprint import LENGTH
from opsconsole.platform.selection import RowSelection
from opsconsole.web.charts import Chart, Series, line_chart
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure
from opsconsole.workspaces import readings
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.filters import choice, tiers
from opsconsole.workspaces.health import error_lines
from opsconsole.workspaces.health.error_tables import ErrorTable
from opsconsole.workspaces.health.row_list import file_of, row_list

CHARTED = 14  # days


class TierFilter(forms.Form):
    """Whose errors."""

    tier = choice("Tier", tiers)


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def errors(request: OperatorRequest) -> HttpResponse:
    """Every group of the newest sample, the largest first, and those that are gone."""
    reading = readings.kept(timezone.now())
    filter = TierFilter(request.GET)
    filter.is_valid()
    tier = filter.cleaned_data.get("tier", "")
    lines = error_lines.lines(reading.groups, reading.past, tier)
    table = ErrorTable(lines, Actions(request).of(error_lines.RESET))
    context = {
        "reading": reading,
        "filter": filter,
        "table": configure(table, request),
        "gone": error_lines.gone(reading.groups),
    }
    return render(request, "workspaces/errors.html", context)


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def error(request: OperatorRequest, fingerprint: str) -> HttpResponseBase:
    """One group: what it says, who has it, and how many had it on each day."""
    group = ErrorGroup.objects.filter(pk=fingerprint).first()
    if group is None:
        return _unknown(request, fingerprint)
    now, actions, newest = timezone.now(), Actions(request), samples.newest()
    listed = row_list(
        request,
        RowSelection(error=group.fingerprint),
        actions,
        newest=newest,
        nothing="No repository fails with it now.",
    )
    if file := file_of(request, listed):
        return file
    context: dict[str, Any] = {
        "group": group,
        "newest": newest,
        "rows": newest.error_count(group.fingerprint) if newest else None,
        "whose": error_lines.whose(newest.errors.get(fingerprint, {}))
        if newest
        else "",
        "chart": _by_day(group, now),
        "listed": listed,
        "table": listed.answer and listed.answer.table,
        "actions": actions.bulk,
        "reset": actions.of(error_lines.RESET),
    }
    return render(request, "workspaces/error.html", context)


def _unknown(request: OperatorRequest, fingerprint: str) -> HttpResponse:
    context = {"fingerprint": fingerprint[:LENGTH]}
    return render(request, "workspaces/unknown_error.html", context, status=404)


def _by_day(group: ErrorGroup, now: datetime) -> Chart:
    """How many had it at the end of each of the last days, counted back from now."""
    span = timedelta(days=CHARTED)
    taken = samples.lately(now, span, CHARTED)
    values = history.trend_of(
        taken, group.fingerprint, until=now, span=span, points=CHARTED
    )
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(CHARTED))]
    return line_chart(
        "Failed repositories with this error", days, [Series("Failed", values)]
    )
