"""The sync function, called for the rows that are due in one workspace."""

from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.utils import timezone

from opsconsole.history import responses
from opsconsole.history.models import FunctionResponse
from opsconsole.integrations import errors, functions
from opsconsole.operations.callers.services import translated
from opsconsole.operations.calling import Json, register
from opsconsole.platform.models import WorkspaceTrackedRepository


class SyncFunction:
    """A request: `workspace`, `limit`, `hours_back`, `dry_run`, and `rows`, the ids meant.

    What the function says of each repository is kept: errors of GitHub stand nowhere else.
    """

    def send(self, request: Json) -> Json:
        began = monotonic()
        try:
            answer = functions.sync(
                functions.client(),
                workspace=UUID(request["workspace"]),
                hours_back=request["hours_back"],
                limit=request["limit"],
                dry_run=request["dry_run"],
            )
        except errors.ServiceError as error:
            _keep(request, {"error": error.said or str(error)}, error.status, began)
            with translated():
                raise
        kept = _keep(request, answer.body, answer.receipt.status, began)
        return {
            **answer.receipt.as_json(),
            "said": kept.message,
            "named": kept.named,
            "refused": kept.refused,
            "calls": kept.calls,
        }

    def settle(self, request: Json, sent_at: datetime) -> bool | None:
        """Done if a row has synced since; else nobody can tell: quiet rows leave no trace."""
        rows = WorkspaceTrackedRepository.objects.filter(pk__in=request["rows"])
        return True if rows.filter(last_sync_at__gte=sent_at).exists() else None

    def opposite(self, request: Json) -> Json | None:
        """Nothing takes a sync back."""
        return None


def _keep(
    request: Json, body: object, status: int | None, began: float
) -> FunctionResponse:
    return responses.keep(
        body,
        at=timezone.now(),
        took=timedelta(seconds=monotonic() - began),
        status=status,
        workspace_id=UUID(request["workspace"]),
        limit=request["limit"],
        hours_back=request["hours_back"],
        dry_run=request["dry_run"],
        run_id=request["run"],
    )


register("sync-function", SyncFunction())
