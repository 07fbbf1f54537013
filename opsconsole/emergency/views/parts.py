"""What the panel loads later: each part has its own time, and fails by itself."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.emergency import gaps, quota, rows, savings, stop, usage, ways
from opsconsole.emergency.models import QuotaSample
from opsconsole.emergency.trend import Trend
from opsconsole.integrations import github
from opsconsole.operations.showing import size
from opsconsole.operations.views.catalog import looks
from opsconsole.platform.deadline import left

GITHUB_SECONDS = 0.6  # and as many again at most: below a page's deadline


@require_safe
@looks
def touches(request: PersonRequest, slug: str) -> HttpResponse:
    """How many rows an action would change now, and what it would save."""
    if slug not in ways.WAYS:
        raise Http404(f"The panel has no action called {slug[:60]!r}.")
    way, context = ways.WAYS[slug], dict[str, Any]()
    with suppress(LookupError):  # what it looks for is not there, as `size` says
        context["saved"] = savings.saving(way)
    context["size"] = size.in_words(way.operation)
    return render(request, "emergency/parts/touches.html", context)


@require_safe
@looks
def rows_in_the_sync(request: PersonRequest) -> HttpResponse:
    """Rows added or switched on during the stop, by name, and the button for them."""
    held = stop.current()
    way = ways.WAYS[stop.STOP]
    context = {
        "held": held,
        "found": rows.in_the_sync(held, left()) if held else None,
        "obstacles": ways.obstacles(way, request.user),
        "way": way,
        "most": rows.NAMED,
    }
    return render(request, "emergency/parts/rows.html", context)


@require_safe
@looks
def gap(request: PersonRequest) -> HttpResponse:
    """How many repositories a resumed stop has left with a gap."""
    resumed = stop.last_resumed()
    context: dict[str, Any] = {"resumed": resumed}
    if resumed:
        since = stop.began(resumed)
        context |= {
            "found": gaps.since(since),
            "obstacles": gaps.obstacles(request.user),
            "url": _catch_up(since),
        }
    return render(request, "emergency/parts/gap.html", context)


@require_safe
@looks
def rate_limit(request: PersonRequest) -> HttpResponse:
    """GitHub's quota now, its trend, and who uses it."""
    now = timezone.now()
    read = quota.read(GITHUB_SECONDS) if github.configured() else None
    shown = read if read and not read.problem else QuotaSample.newest()
    context = {
        "missing": github.SERVICE.missing(),
        "problem": read.problem if read else "",
        "sample": shown,
        "is_old": shown is not read,
        "is_over": bool(shown and shown.reset and shown.reset <= now),
        "trend": Trend(quota.trend(now), shown.limit if shown else None),
        "uses": usage.by_workspace(now),
    }
    return render(request, "emergency/parts/rate_limit.html", context)


def _catch_up(since: datetime) -> str:
    """The operation's form; its field takes times in the person's zone."""
    local = timezone.localtime(since)
    query = urlencode({"since": f"{local:%Y-%m-%d %H:%M:%S}"})
    return f"{reverse('operations:plan', args=[gaps.CATCH_UP])}?{query}"
