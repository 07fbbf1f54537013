"""What the page that asks for the password again says of the decision that waits for it."""

import json
from typing import Any

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django import template
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from opsconsole.operations.models import Run

register = template.Library()
DEEDS = {
    "confirm": "You confirm",
    "approve": "You approve",
    "go_on": "You let go on",
    "review": "You review",
    "undo": "You undo",
}  # name of the address -> what the person is about to do


@register.inclusion_tag("operations/decide/awaited.html", takes_context=True)
def awaited_decision(context: dict[str, Any]) -> dict[str, Any]:
    """The run whose button was pressed. Nothing where the password is for something else."""
    request: HttpRequest = context["request"]
    path = _path(request)
    try:
        found = resolve(path) if path else None
    except Resolver404:
        found = None
    if found is None or found.app_name != "operations" or "run_id" not in found.kwargs:
        return {}
    if not request.user.has_perm("operations.view_run"):
        return {}
    run = Run.objects.filter(pk=found.kwargs["run_id"]).first()
    return {"run": run, "deed": DEEDS.get(found.url_name or "", "You decide about")}


def _path(request: HttpRequest) -> str:
    """Of the request that waits; empty when it is not the one that the page leads to."""
    kept = request.session.get(STATE_SESSION_KEY, {}).get("request")
    path = str(json.loads(kept)["path"]) if kept else ""
    name = REDIRECT_FIELD_NAME
    return path if path == (request.POST.get(name) or request.GET.get(name)) else ""
