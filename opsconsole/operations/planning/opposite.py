"""What an undo's plan is made of, and what is said of it."""

from collections.abc import Iterator

from opsconsole.operations.models import Run
from opsconsole.operations.steps import KINDS, UndoOf
from opsconsole.operations.steps.base import PASSING
from opsconsole.operations.verdicts import Level, Verdict, counted


def steps(run: Run) -> Iterator[UndoOf]:
    """The opposite of each step that can be undone, the newest first."""
    for step in (
        run.steps.filter(chunks__rows_written__gt=0).distinct().order_by("-number")
    ):
        if step.spec.get("undo") == PASSING:
            continue
        if fields := KINDS[step.kind].opposite(step):
            note = step.spec.get("undo_note", "")
            yield UndoOf(f"Undo: {step.title}"[:200], step, fields, undo_note=note)


def verdicts(run: Run) -> list[Verdict]:
    """What is to be said of an undo's plan."""
    original = run.undo_of
    assert original is not None
    return [
        *_changed_since(run),
        *_left_behind(run, original),
        *_notes(original),
    ]


def _changed_since(run: Run) -> Iterator[Verdict]:
    """Rows that somebody changed after us: named, and left alone."""
    found = [step["changed"] for step in run.summary["steps"] if "changed" in step]
    changed, looked_at = (
        sum(one[name] for one in found) for name in ("rows", "looked_at")
    )
    part = looked_at < run.rows_planned
    of = f"the first {looked_at:,}" if part else f"{looked_at:,}"
    if changed:
        sentence = f"{counted(changed)} of {of} changed since: they will be left alone and named."
        yield Verdict("Changed since", Level.WARNING, sentence)
    elif looked_at:
        level = Level.NOTE if part else Level.OK
        yield Verdict("Changed since", level, f"None of {of} rows changed since.")


def _left_behind(run: Run, original: Run) -> Iterator[Verdict]:
    if left := original.rows_written - run.rows_planned:
        sentence = f"{left:,} of what run {original.pk} did cannot be undone and stays."
        yield Verdict("Stays", Level.WARNING, sentence)


def _notes(original: Run) -> Iterator[Verdict]:
    for step in original.steps.order_by("number"):
        if note := step.spec.get("undo_note"):
            yield Verdict(
                step.title,
                Level.NOTE,
                f"{note[0].upper()}{note[1:]}.".replace("..", "."),
            )
