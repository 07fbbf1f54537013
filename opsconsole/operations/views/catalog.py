"""The catalogue of operations."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.http import require_safe

from opsconsole.operations.asking import availability
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.catalog.base import PURPOSES
from opsconsole.operations.showing.size import in_words

looks = permission_required("operations.view_run", raise_exception=True)


@require_safe
@looks
def size(request: HttpRequest, slug: str) -> HttpResponse:
    """How much an operation would touch now, for the catalogue's page."""
    operation = OPERATIONS.get(slug)
    if operation is None or operation().usual() is None:
        raise Http404("There is nothing to count for this operation.")
    return HttpResponse(escape(in_words(operation)))


@require_safe
@looks
def catalog(request: HttpRequest) -> HttpResponse:
    """Every operation, by purpose, and why one cannot be used now."""
    groups = [
        (
            purpose,
            [
                availability.of(item)
                for item in OPERATIONS.values()
                if item.purpose == purpose
            ],
        )
        for purpose in PURPOSES
    ]
    return render(
        request,
        "operations/catalog.html",
        {"groups": [(name, members) for name, members in groups if members]},
    )
