"""The queue: who works, what waits, and who moves it on."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.operations.showing import queue
from opsconsole.operations.views.catalog import looks


@require_safe
@looks
def queue_page(request: PersonRequest) -> HttpResponse:
    """Clusters, runs by state, and the runs that wait longest; renewed every few seconds."""
    now = timezone.now()
    context = {
        "clusters": queue.clusters(now),
        "states": queue.by_state(),
        "waiting": queue.longest_waits(now),
        "sweep": queue.last_sweep(now),
    }
    return render(request, "operations/queue.html", context)
