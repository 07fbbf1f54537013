"""Every row of a run and what became of it: in pages, and as a file."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.audit import exports, log
from opsconsole.operations.models import Run
from opsconsole.operations.showing import progress, row_csv
from opsconsole.operations.showing.outcomes import Outcome, Row, RowList
from opsconsole.operations.views.catalog import looks

PER_PAGE = 50


@require_safe
@looks
def rows(request: HttpRequest, run_id: int) -> HttpResponse:
    """The rows of the plan, those of one outcome if the address says so."""
    found = get_object_or_404(Run, pk=run_id)
    outcome = _outcome(request)
    pages: Paginator[Row] = Paginator(RowList(found, outcome), PER_PAGE)
    context = {
        "run": found,
        "outcome": outcome,
        "tabs": _tabs(found, outcome),
        "page": pages.get_page(request.GET.get("page")),
        "steps": found.steps.count(),
        "pruned": progress.is_pruned(found),
    }
    return render(request, "operations/rows.html", context)


@require_GET
@looks
def rows_csv(request: PersonRequest, run_id: int) -> HttpResponseBase:
    """The same rows as a file. Who took them away is recorded."""
    found = get_object_or_404(Run, pk=run_id)
    outcome = _outcome(request)
    log.record(
        action=exports.ACTION,
        subject=f"Rows of run {found.pk}",
        actor=request.user,
        run_id=found.pk,
        details={"filters": {"outcome": outcome} if outcome else {}},
    )
    pieces = row_csv.pieces(RowList(found, outcome))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"run-{found.pk}-{outcome or 'rows'}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _outcome(request: HttpRequest) -> Outcome | None:
    chosen = request.GET.get("outcome", "")
    return Outcome(chosen) if chosen in list(Outcome) else None


def _tabs(run: Run, outcome: Outcome | None) -> list[dict[str, object]]:
    counts = {
        None: run.rows_planned,
        Outcome.PLANNED: run.rows_left,
        Outcome.WRITTEN: run.rows_written,
        Outcome.FOUND: run.rows_found,
        Outcome.SKIPPED: run.rows_skipped,
    }
    return [
        {
            "label": str(word).capitalize() if word else "All",
            "url": f"?outcome={word}" if word else "?",
            "current": word == outcome,
            "count": count,
        }
        for word, count in counts.items()
    ]
