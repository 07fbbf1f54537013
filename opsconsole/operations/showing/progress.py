"""How far each step of a run is, counted from its chunks."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from opsconsole.operations.models import Chunk, Run, Step

APPLIED = Q(chunks__state=Chunk.State.APPLIED)
LOOKED_AT = APPLIED & Q(chunks__rows_holding__isnull=False)
NOUNS = {"call": "call", "statement": "statement"}  # kind of step -> what a chunk is


@dataclass(frozen=True)
class StepProgress:
    """One step in numbers. What it counts, rows or calls, is its `noun`."""

    number: int  # from 1
    title: str
    kind: str
    optional: bool
    error: str  # why an optional step was left
    planned: int
    written: int
    found: int
    skipped: int
    looked_at: int  # rows written that the verification has seen
    chunks: int
    chunks_done: int

    @property
    def noun(self) -> str:
        return NOUNS.get(self.kind, "row")

    @property
    def done(self) -> int:
        return self.written + self.found + self.skipped

    @property
    def left(self) -> int:
        return self.planned - self.done

    @property
    def is_over(self) -> bool:
        """Nothing more will happen to it."""
        return bool(self.error) or self.chunks_done == self.chunks


def steps(run: Run) -> list[StepProgress]:
    """Every step in order; one query, which reads no rows of the plan."""
    counted = run.steps.annotate(
        written=Sum("chunks__rows_written", filter=APPLIED, default=0),
        found=Sum("chunks__rows_found", filter=APPLIED, default=0),
        skipped=Sum("chunks__rows_skipped", filter=APPLIED, default=0),
        looked_at=Sum("chunks__rows_written", filter=LOOKED_AT, default=0),
        chunks_all=Count("chunks"),
        chunks_done=Count("chunks", filter=APPLIED),
    )
    lean = counted.defer("columns", "selection_sql", "spec").order_by("number")
    return [_progress(step) for step in lean]


def current(found: list[StepProgress]) -> StepProgress | None:
    """The step that is worked on, or comes next; None when all are over."""
    return next((step for step in found if not step.is_over), None)


def position(found: list[StepProgress]) -> str:
    """`Chunk 12 of 40 of step 1 of 2`; empty when all steps are over."""
    step = current(found)
    if step is None:
        return ""
    piece = NOUNS.get(step.kind, "chunk").capitalize()
    place = f"{piece} {step.chunks_done + 1:,} of {step.chunks:,}"
    return f"{place} of step {step.number} of {len(found)}" if len(found) > 1 else place


def is_pruned(run: Run) -> bool:
    """Whether its rows are no longer kept, since the time for an undo is over."""
    planned = bool(run.plan_hash and run.rows_planned)
    return planned and not Chunk.objects.filter(step__run=run).exists()


def _progress(step: Step) -> StepProgress:
    # annotations, which the type checker cannot know
    held = step.__dict__
    return StepProgress(
        number=step.number + 1,
        title=step.title,
        kind=step.kind,
        optional=step.optional,
        error=step.error,
        planned=step.rows_planned,
        chunks=held["chunks_all"],
        **{
            name: held[name]
            for name in ("written", "found", "skipped", "looked_at", "chunks_done")
        },
    )
