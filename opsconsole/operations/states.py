"""The states of a run, and every way from one to the next.

Who moves a run on: *planned* a person, *queued* the next free worker, *applying* and
*verifying* the worker that holds the lease, or the sweep when that worker is gone.
"""

from django.db.models import TextChoices


class State(TextChoices):
    """Where a run stands. The value is the word people read."""

    PLANNING = "planning"
    PLANNED = "planned"
    QUEUED = "queued"
    APPLYING = "applying"
    VERIFYING = "verifying"
    APPLIED = "applied"
    APPLIED_WITH_PROBLEMS = "applied with problems"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


ARROWS: dict[tuple[State, State], str] = {
    (State.PLANNING, State.PLANNED): "The plan is complete and stored.",
    (State.PLANNED, State.QUEUED): "A person confirmed the plan.",
    (State.PLANNED, State.CANCELLED): "A person discarded the plan.",
    (State.PLANNED, State.EXPIRED): "Nobody decided before the plan was too old.",
    (State.QUEUED, State.APPLYING): "A worker took the run.",
    (State.QUEUED, State.CANCELLED): "A person cancelled before a worker took it.",
    (State.QUEUED, State.EXPIRED): "No worker took it before the plan was too old.",
    (State.QUEUED, State.FAILED): "The stored plan is not the one that was confirmed.",
    (State.APPLYING, State.VERIFYING): "The last chunk is done.",
    (State.APPLYING, State.CANCELLED): "The worker granted a person's cancel.",
    (State.APPLYING, State.FAILED): "A chunk failed for good.",
    (State.VERIFYING, State.APPLIED): "All rows written and the after-condition holds.",
    (
        State.VERIFYING,
        State.APPLIED_WITH_PROBLEMS,
    ): "Some rows were skipped, or the after-condition does not hold.",
    (State.VERIFYING, State.FAILED): "The after-condition could not be checked.",
}

WORKING = (State.QUEUED, State.APPLYING, State.VERIFYING)  # a worker must move these on
FINISHED = (
    State.APPLIED,
    State.APPLIED_WITH_PROBLEMS,
    State.FAILED,
    State.CANCELLED,
    State.EXPIRED,
)
NEXT = {
    State.PLANNING: "The plan is being worked out.",
    State.PLANNED: "Waiting for a person to confirm or discard it.",
    State.QUEUED: "Waiting for the next free worker; looked after every two seconds.",
    State.APPLYING: "A worker is at it; if it dies, another takes over at the lease's end.",
    State.VERIFYING: "A worker checks the platform; if it dies, another takes over.",
}

STAGES = ("Plan", "Confirm", "Apply", "Verify")
REACHED = {
    State.PLANNING: 0,
    State.PLANNED: 1,
    State.QUEUED: 2,
    State.APPLYING: 2,
    State.VERIFYING: 3,
    State.APPLIED: 4,
    State.APPLIED_WITH_PROBLEMS: 4,
}


def stages(state: State) -> list[tuple[str, str]]:
    """The way of a run as (stage, done | current | later); empty when it ended early."""
    reached = REACHED.get(state)
    if reached is None:
        return []
    words = ("done", "current", "later")
    return [
        (stage, words[(number >= reached) + (number > reached)])
        for number, stage in enumerate(STAGES)
    ]
