"""The log of who did what, and one entry of it."""

import json

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from opsconsole.audit import exports
from opsconsole.audit.filters import EntryFilter
from opsconsole.audit.models import Entry
from opsconsole.audit.tables import EntryTable, in_words, run_url
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure, wants_csv


@permission_required("audit.view_entry", raise_exception=True)
@require_safe
def entry_list(request: OperatorRequest) -> HttpResponseBase:
    """Entries, the newest first, filtered and paged as the address says."""
    entries = Entry.objects.newest_first().defer("body", "hash")
    found = EntryFilter(request.GET, entries)
    table = configure(EntryTable(found.qs), request)
    if wants_csv(table):
        return exports.csv(request, table, found.qs)
    return render(request, "audit/list.html", {"table": table, "filter": found})


@permission_required("audit.view_entry", raise_exception=True)
@require_safe
def entry(request: OperatorRequest, pk: int) -> HttpResponse:
    """One entry as it was recorded, with the hash that ties it to the one before."""
    found = get_object_or_404(Entry, pk=pk)
    body = json.dumps(json.loads(found.body), indent=2, ensure_ascii=False)
    context = {
        "entry": found,
        "title": in_words(found.action),
        "body": body,
        "run_url": run_url(found.run_id) if found.run_id else "",
    }
    return render(request, "audit/entry.html", context)
