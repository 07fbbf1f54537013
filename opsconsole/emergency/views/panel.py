"""The panel: what holds now, and what can be done."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.emergency import proof, stop, ways
from opsconsole.emergency.stop import Stop
from opsconsole.emergency.ways import Offer
from opsconsole.operations.models import Run
from opsconsole.operations.permissions import may_run
from opsconsole.operations.planning import undo
from opsconsole.operations.views.catalog import looks


@require_safe
@looks
def panel(request: PersonRequest) -> HttpResponse:
    """The whole page. It asks neither the platform nor GitHub: their parts come later."""
    offers, holding = ways.offers(request.user), _holding(request)
    context = {
        **holding,
        "offers": offers,
        "first": _first(offers, holding["held"]),
        "resumed": stop.last_resumed(),
    }
    return render(request, "emergency/panel.html", context)


@require_safe
@looks
def holds(request: PersonRequest) -> HttpResponse:
    """What holds now, renewed while a stop does."""
    return render(request, "emergency/parts/holds.html", _holding(request))


def _first(offers: list[Offer], held: Stop | None) -> Offer | None:
    """What has the keyboard when the page opens; while stopped, what holds is read first."""
    if held and held.is_whole:
        return None
    return next((offer for offer in offers if not offer.obstacles), None)


def _holding(request: PersonRequest) -> dict[str, Any]:
    held, now = stop.current(), timezone.now()
    check = stop.newest_check(held) if held else None
    return {
        "held": held,
        "underway": stop.underway(),
        "check": check,
        "late": proof.lateness(check, held.ended, now) if held else "",
        "proof": list(proof.lines(check)) if check else [],
        "resumes": _resumes(request, held) if held else [],
        "may": request.user.has_perm(ways.WAYS[stop.STOP].operation.permission()),
    }


def _resumes(request: PersonRequest, held: Stop) -> list[tuple[Run, str]]:
    """Each run of the stop, the newest first, and why it cannot be taken back."""
    return [
        (run, undo.obstacle(run) if may_run(request.user, run) else ways.NO_RIGHT)
        for run in held.runs[::-1]
    ]
