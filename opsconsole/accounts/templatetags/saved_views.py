"""The row of saved views above the filters of a list."""

from typing import Any

from django import forms, template
from django.http import QueryDict

from opsconsole.accounts.http import PersonRequest
from opsconsole.accounts.models import SavedView
from opsconsole.web import addresses, paging
from opsconsole.web.tables import Table

register = template.Library()
MOST_SHOWN = 60
DELETE = "accounts.delete_savedview"


@register.inclusion_tag("accounts/saved_views.html", takes_context=True)
def saved_views(
    context: template.Context, table: Table, form: forms.Form | None = None
) -> dict[str, Any]:
    """The reader's views of this list and the shared ones, the current one marked.

    `form` is the list's filter: its fields, the order and the columns make a view. Asks
    one question of the console's own database.
    """
    request: PersonRequest = context["request"]
    fields = {*(form.fields if form else ()), *paging.own_fields(table)}
    names = fields - {table.prefixed_page_field, table.format_field}
    page = request.resolver_match.view_name if request.resolver_match else ""
    here = addresses.canonical(request.GET, names)
    views = list(
        SavedView.objects.seen_by(request.user)
        .filter(page=page)
        .select_related("owner")
        .order_by("shared", "name", "pk")[:MOST_SHOWN]
    )
    current = next(
        (v for v in views if addresses.canonical(QueryDict(v.query), names) == here),
        None,
    )
    mine = current is not None and current.owner_id == request.user.pk
    return {
        "id": f"{table.prefix or ''}results-views",
        "address": request.path,
        "page": page,
        "views": views,
        "query": here,
        "default": table.default_view,
        "current": current,
        "deletable": mine or (current and request.user.has_perm(DELETE)),
        "shares": request.user.has_perm("accounts.share_savedview"),
        "csrf_token": context.get("csrf_token"),
    }
