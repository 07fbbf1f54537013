"""What a person may change of their own account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from opsconsole.accounts.forms import PreferencesForm
from opsconsole.accounts.http import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: PersonRequest) -> HttpResponse:
    """The reader's own role and time zone."""
    form = PreferencesForm(request.POST or None, instance=request.user)
    if form.is_valid():
        request.user.save(update_fields=["time_zone"])
        messages.success(request, f"Times are shown in {request.user.time_zone} now.")
        return redirect("people:preferences")
    roles = [group.name for group in request.user.groups.order_by("name")]
    context = {"form": form, "roles": roles}
    return render(request, "accounts/preferences.html", context)
