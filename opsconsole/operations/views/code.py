"""The code that a run saved before it removed a function."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.history.models import SavedCode
from opsconsole.operations.models import Run
from opsconsole.operations.permissions import may_run
from opsconsole.operations.views.catalog import looks


@require_safe
@looks
def code(request: PersonRequest, run_id: int) -> HttpResponse:
    """Download it as Supabase gave it, an eszip bundle. Raises Http404."""
    run = get_object_or_404(Run, pk=run_id)
    if not may_run(request.user, run):
        raise PermissionDenied(f"Your role may not run “{run.title}”.")
    saved = SavedCode.objects.filter(run_id=run_id).order_by("-pk").first()
    if saved is None:
        raise Http404("This run has saved no code.")
    name = f"{saved.slug}-{saved.version or 'unknown'}.eszip"
    answer = HttpResponse(bytes(saved.code), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
