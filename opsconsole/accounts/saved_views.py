"""Save and delete a view of a list; each failure has its sentence on the list."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from opsconsole.accounts.forms import SavedViewForm
from opsconsole.accounts.http import PersonRequest
from opsconsole.accounts.models import SavedView


def save(request: PersonRequest) -> HttpResponse:
    """Keep the list under a name, then show it. After a new sign-in: back home."""
    if request.method != "POST":
        return redirect("overview")
    form = SavedViewForm(request.POST, owner=request.user)
    if form.is_valid():
        try:
            with transaction.atomic():
                view = form.save()
        except IntegrityError:
            form.add_error(None, "This view was saved a moment ago.")
        else:
            messages.success(request, f"Saved as “{view.name}”.")
            return redirect(view.get_absolute_url())
    for sentence in form.sentences():
        messages.error(request, sentence)
    return redirect(_list(form["page"].value(), form["query"].value()))


def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a view; the list stays as it is. After a new sign-in: back home."""
    if request.method != "POST":
        return redirect("overview")
    view = SavedView.objects.removable_by(request.user).filter(pk=pk).first()
    if view is None:
        messages.error(request, "There is no such view, or it is not yours to delete.")
        return redirect("overview")
    view.delete()
    messages.success(request, f"Deleted the view “{view.name}”.")
    return redirect(_list(view.page, view.query))


def _list(page: str | None, query: str | None) -> str:
    """A list's address, made from its name: whatever was sent, it leads nowhere else."""
    try:
        return f"{reverse(page or '')}?{query or ''}".rstrip("?")
    except NoReverseMatch:
        return reverse("overview")
