"""Why a decision is refused, and the checks that several decisions share."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import ProgrammingError
from psycopg.errors import InsufficientPrivilege

from opsconsole.accounts.models import User
from opsconsole.operations.catalog import Operation
from opsconsole.operations.expiry import IN_TIME
from opsconsole.operations.models import IllegalMove, Run
from opsconsole.operations.planning import sealing
from opsconsole.operations.verdicts import Level

SHORTEST_REASON, LONGEST_REASON = 5, 2000  # characters


class Refused(Exception):
    """The decision cannot be carried out; the message says why, fit for the person.

    `field` names the form's field that is wrong, where it is one.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class MustProve(Refused):
    """The person must first prove once more who it is."""

    def __init__(self) -> None:
        super().__init__("Confirm that it is you: enter your password once more.")


@contextmanager
def or_refused(run: Run) -> Iterator[None]:
    """Somebody else, a worker or the clock was faster, or a trigger forbids it: say so."""
    try:
        yield
    except IllegalMove as error:
        raise Refused(_overtaken(run, error)) from None
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        raise Refused(f"{error.__cause__.diag.message_primary}.") from None


def _overtaken(run: Run, error: IllegalMove) -> str:
    now = Run.objects.filter(pk=run.pk)
    state = now.values_list("state", flat=True).get()
    if state != run.state:
        return f"{error} It is {state} now: open it and look again."
    if not now.filter(IN_TIME).exists():
        return "The plan is too old. Plan again to see what would change now."
    return f"{error} Open the run and look again."


def already(run: Run, state: str) -> str:
    """What is said to whoever comes too late."""
    return f"Run {run.pk} is already {state}; nothing was done twice."


def definition_of(run: Run) -> type[Operation]:
    """The operation's code. Raises Refused when it was removed since."""
    try:
        return run.definition
    except KeyError:
        raise Refused(
            f"The console no longer has the operation “{run.title}”."
            " Discard the plan and plan what does this now."
        ) from None


def check_permission(run: Run, user: User, deed: str) -> None:
    """Raises Refused unless the person may run the operation."""
    if not user.has_perm(definition_of(run).permission()):
        raise Refused(
            f"Your role may not {deed} “{run.title}”. Ask an operator, or an admin for"
            " the role."
        )


def check_own(run: Run, user: User, deed: str) -> None:
    """Raises Refused for anybody but the requester.

    Whoever is not the requester may be the second person, and cannot be both.
    """
    if user.pk != run.requested_by_id:
        name = run.requested_by.username
        raise Refused(f"Only {name}, who planned it, can {deed}. Plan it yourself.")


def check_plan(run: Run, plan_hash: str) -> None:
    """Raises Refused unless the stored plan is the one that the person saw."""
    if definition_of(run).version != run.version:
        raise Refused("The operation was changed since the plan. Plan again.")
    if run.plan_hash != plan_hash or sealing.plan_hash(run) != plan_hash:
        raise Refused(
            "This is not the plan you looked at. Open the run and read it again."
        )


def checked_reason(reason: str) -> str:
    """The reason without needless blanks. Raises Refused for a wrong length."""
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Refused(
            f"Reason: {len(reason):,} characters given,"
            f" {SHORTEST_REASON} to {LONGEST_REASON:,} are accepted.",
            "reason",
        )
    return reason


def check_typed(typed: int | None, rows: int, what: str) -> None:
    """Raises Refused unless the person typed that number of rows."""
    if typed != rows:
        given = "nothing" if typed is None else f"{typed:,}"
        raise Refused(
            f"Number of rows: {given} typed, {what} {rows:,}. Type {rows} if that is"
            " what you mean.",
            "typed",
        )


def blocking(run: Run) -> str:
    """The sentences that forbid to confirm the plan; empty when nothing does."""
    verdicts = run.summary.get("verdicts", [])
    found = [v["sentence"] for v in verdicts if v["level"] == Level.BLOCKING]
    return " ".join([*found, *_why_nothing(run)] if found else [])


def _why_nothing(run: Run) -> Iterator[str]:
    """What is known of the chosen rows when none of them would change."""
    if run.rows_planned or run.undo_of_id is not None:
        return
    steps = run.summary.get("steps", [])
    if same := max((step.get("unchanged", 0) for step in steps), default=0):
        holds = "it holds" if same == 1 else f"all {same:,} hold"
        yield f"0 of {same:,} chosen would change: {holds} the new values already."
    elif steps:
        yield (
            "Nothing that is chosen is what this operation changes: read above which rows"
            " it takes, or choose others."
        )
