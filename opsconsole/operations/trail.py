"""What happened to a run, for the audit: one way to say it for all who move runs on."""

from typing import Any

from opsconsole.accounts.models import User
from opsconsole.audit import log
from opsconsole.operations.models import Run


def record(run: Run, deed: str, *, actor: User | None = None, **details: Any) -> None:
    """Append `operations.run.<deed>`, in the caller's transaction and as its last statement.

    Without an actor the console itself did it.
    """
    log.record(
        action=f"operations.run.{deed}",
        subject=f"{run.title}: {run.subject}",
        actor=actor,
        reason=run.reason,
        run_id=run.pk,
        details=details,
    )


def origin(run: Run) -> dict[str, str]:
    """Which plan, and from where it was asked for."""
    return {"plan": run.plan_hash, "origin": run.origin, "os_user": run.os_user}
