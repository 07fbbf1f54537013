"""The page of results, and the same results for the palette."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.search import everywhere


@require_safe
def search(request: PersonRequest) -> HttpResponse:
    """Everything that matches `q`, a few of each kind. Answers without the platform too."""
    text = everywhere.cleaned(request.GET.get("q", ""))
    groups = everywhere.find(request.user, text)
    context = {
        "text": text,
        "too_short": 0 < len(text) < everywhere.SHORTEST,
        "groups": groups,
        "count": sum(len(group.hits) for group in groups),
        "longest": everywhere.LONGEST,
    }
    for_palette = request.htmx and not request.htmx.boosted
    template = "search/options.html" if for_palette else "search/page.html"
    return render(request, template, context)
