"""The states of a run, and every way from one to the next.

Who moves a run on: `NEXT` says it for each state, in the words of the page. Pausing and
cancelling are requests beside the state, which the worker grants between two chunks.
"""

from django.db.models import TextChoices


class State(TextChoices):
    """Where a run stands. The value is the word people read."""

    PLANNING = "planning"
    PLANNED = "planned"
    AWAITING = "awaiting approval"
    QUEUED = "queued"
    APPLYING = "applying"
    PAUSED = "paused"
    WAITING = "waiting"
    VERIFYING = "verifying"
    APPLIED = "applied"
    APPLIED_WITH_PROBLEMS = "applied with problems"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNDONE = "undone"


S = State
ARROWS: dict[tuple[State, State], str] = {
    (S.PLANNING, S.PLANNED): "The plan is complete and stored.",
    (S.PLANNING, S.FAILED): "The plan could not be worked out.",
    (S.PLANNING, S.CANCELLED): "A person gave the plan up.",
    (S.PLANNED, S.QUEUED): "A person confirmed the plan.",
    (S.PLANNED, S.AWAITING): "A person asked another one to approve the plan.",
    (S.PLANNED, S.CANCELLED): "A person discarded the plan.",
    (S.PLANNED, S.EXPIRED): "Nobody decided before the plan was too old.",
    (S.AWAITING, S.QUEUED): "A second person approved the plan.",
    (S.AWAITING, S.REJECTED): "A second person rejected the plan.",
    (
        S.AWAITING,
        S.CANCELLED,
    ): "A person withdrew the plan, or rejected the rest of one that had begun.",
    (S.AWAITING, S.EXPIRED): "Nobody approved before the plan was too old.",
    (S.QUEUED, S.APPLYING): "A worker took the run.",
    (S.QUEUED, S.CANCELLED): "A person cancelled before a worker took it.",
    (S.QUEUED, S.EXPIRED): "No worker took it before the plan was too old.",
    (S.QUEUED, S.FAILED): "The stored plan is not the one that was confirmed.",
    (S.APPLYING, S.PAUSED): "The worker granted a pause.",
    (S.APPLYING, S.WAITING): "The platform wants us to wait.",
    (S.APPLYING, S.VERIFYING): "The last chunk is done.",
    (S.APPLYING, S.CANCELLED): "The worker granted a person's cancel.",
    (S.APPLYING, S.FAILED): "A chunk failed for good.",
    (S.PAUSED, S.APPLYING): "A person let it go on.",
    (S.PAUSED, S.AWAITING): "Paused for too long: a second person approves again.",
    (S.PAUSED, S.CANCELLED): "A person cancelled the rest.",
    (S.WAITING, S.APPLYING): "The wait is over.",
    (S.WAITING, S.PAUSED): "A worker granted a pause.",
    (S.WAITING, S.CANCELLED): "A worker granted a person's cancel.",
    (S.WAITING, S.FAILED): "The wait was too long.",
    (S.VERIFYING, S.APPLIED): "All rows written and the after-condition holds.",
    (
        S.VERIFYING,
        S.APPLIED_WITH_PROBLEMS,
    ): "Some rows were skipped, or the after-condition does not hold.",
    (S.VERIFYING, S.FAILED): "The after-condition could not be checked.",
    (S.APPLIED, S.UNDONE): "Its undo put every row back.",
    (S.APPLIED_WITH_PROBLEMS, S.UNDONE): "Its undo put every row back.",
    (S.CANCELLED, S.UNDONE): "Its undo put every row back.",
    (S.FAILED, S.UNDONE): "Its undo put every row back.",
    (S.UNDONE, S.APPLIED): "Its undo was undone itself.",
}

# A worker must move these on; a waiting one when its time has come.
WORKING = (S.PLANNING, S.QUEUED, S.APPLYING, S.WAITING, S.VERIFYING)
AT_WORK = (S.PLANNING, S.QUEUED, S.APPLYING, S.VERIFYING)  # a worker may hold these
# Confirmed and not at its end: keeps its place in the line of runs on the same columns.
LIVE = (S.QUEUED, S.APPLYING, S.PAUSED, S.WAITING, S.VERIFYING)
UNDECIDED = (S.PLANNED, S.AWAITING)  # a person must move these on, before they expire
FINISHED = (
    S.APPLIED,
    S.APPLIED_WITH_PROBLEMS,
    S.FAILED,
    S.CANCELLED,
    S.REJECTED,
    S.EXPIRED,
    S.UNDONE,
)
UNDOABLE = (S.APPLIED, S.APPLIED_WITH_PROBLEMS, S.FAILED, S.CANCELLED)
NEXT = {
    S.PLANNING: "A worker works the plan out; if it dies, another starts over.",
    S.PLANNED: "Waiting for a person to confirm or discard it.",
    S.AWAITING: "Waiting for a second person to approve or reject it.",
    S.QUEUED: "Waiting for the next free worker; looked after every two seconds.",
    S.APPLYING: "A worker is at it; if it dies, another takes over at the lease's end.",
    S.PAUSED: "Waiting for a person to let it go on or to cancel it.",
    S.WAITING: "Goes on by itself when the wait is over.",
    S.VERIFYING: "A worker checks the platform; if it dies, another takes over.",
}

STAGES = ("Plan", "Confirm", "Apply", "Verify")
REACHED = {
    S.PLANNING: 0,
    S.PLANNED: 1,
    S.AWAITING: 1,
    S.QUEUED: 2,
    S.APPLYING: 2,
    S.PAUSED: 2,
    S.WAITING: 2,
    S.VERIFYING: 3,
    S.APPLIED: 4,
    S.APPLIED_WITH_PROBLEMS: 4,
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
