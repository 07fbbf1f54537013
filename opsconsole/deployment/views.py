"""The page asks nobody; each check is a piece that it loads later, and fails by itself."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.deployment import looking, registry
from opsconsole.deployment.checks import CHECKS

looks = permission_required("platform.view_workspace", raise_exception=True)


@require_safe
@looks
def page(request: PersonRequest) -> HttpResponse:
    """Steps and checks, without their facts."""
    context = {"steps": registry.by_step(), "again": "again" in request.GET}
    return render(request, "deployment/page.html", context)


@require_safe
@looks
def piece(request: PersonRequest, slug: str) -> HttpResponse:
    """The facts of one check; with `again` looked at now."""
    if slug not in CHECKS:
        raise Http404(f"There is no check called {slug[:60]!r}.")
    check = CHECKS[slug]
    facts = looking.shared(check, again="again" in request.GET)
    shown = [
        (fact, fact.fix if fact.fix and fact.fix.is_for(request.user) else None)
        for fact in facts
    ]
    return render(request, "deployment/check.html", {"check": check, "facts": shown})
