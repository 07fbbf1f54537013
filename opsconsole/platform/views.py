"""The contract page: what the platform has, what it lacks, and what that switches off."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from opsconsole.platform import contract, tables
from opsconsole.web.http import OperatorRequest


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def show(request: OperatorRequest) -> HttpResponse:
    """Deviations by weight, then everything that was checked."""
    platform = contract.current()
    context = {
        "contract": platform,
        "level": platform.level,
        "groups": tables.by_level(platform),
        "limits": tables.limits(platform),
        "roles": tables.roles(platform),
        "tables": tables.checked_tables(platform),
    }
    return render(request, "platform/contract.html", context)


@permission_required("platform.view_workspace", raise_exception=True)
def recheck(request: OperatorRequest) -> HttpResponse:
    """Look again now. After a new sign-in: back to the page."""
    if request.method == "POST":
        platform = contract.current(refresh=True)
        messages.info(request, f"Checked again. {platform.summary}")
    return redirect("platform:contract")
