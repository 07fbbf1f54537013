"""What is looked at in every plan, whatever the operation."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from opsconsole.operations.models import Run, Step
from opsconsole.operations.steps import StepSpec
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.contract.limits import PRICE_ORDER, by_price
from opsconsole.platform.db import READ

if TYPE_CHECKING:
    from opsconsole.operations.catalog.base import Operation

Pairs = list[tuple[StepSpec, Step]]
MANY_ROWS = 10_000  # rows of one table
LARGE_SHARE = 0.5  # of the table
FREE = PRICE_ORDER[0]


def verdicts(run: Run, steps: Sequence[StepSpec]) -> list[Verdict]:
    """Work to do, how much of each table it takes, and whose rows they are."""
    pairs = [*zip(steps, run.steps.order_by("number"), strict=True)]
    return [_work_to_do(pairs, run), *_radii(run, pairs), *_tiers(run)]


def of_paid_tiers(run: Run) -> Iterator[Verdict]:
    """For operations that make the platform worse for whoever they touch."""
    rows = _rows_by_tier(run)
    if paid := {tier: rows[tier] for tier in by_price(frozenset(rows) - {FREE})}:
        found = ", ".join(f"{counted(rows)} of {tier}" for tier, rows in paid.items())
        sentence = f"{found}: paying customers are touched."
        yield Verdict("Paid tiers", Level.WARNING, sentence)


def share(part: int, whole: int) -> str:
    """A percentage that does not round something down to nothing."""
    if not whole:
        return "unknown share"
    percent = 100 * part / whole
    return "under 1 %" if 0 < percent < 1 else f"{percent:.0f} %"


def _work_to_do(pairs: Pairs, run: Run) -> Verdict:
    """Rows that hold their value already are no work; a statement or a call is.

    Nor are those of an undo that somebody changed since, as far as they were looked at.
    """
    said = dict(enumerate(run.summary.get("steps", [])))
    changed = {
        number: one.get("changed", {}).get("rows", 0) for number, one in said.items()
    }
    counts = [
        (spec.noun, step.title, step.rows_planned - changed.get(number, 0))
        for number, (spec, step) in enumerate(pairs)
    ]
    work = [one for one in counts if one[2] > 0]
    if not work:
        sentence = "No row would change: nothing to confirm."
        return Verdict("Work to do", Level.BLOCKING, sentence)
    if len(work) == 1:
        [(noun, _, rows)] = work
        verb = "would change" if noun == "row" else "to do"
        return Verdict("Work to do", Level.OK, f"{counted(rows, noun)} {verb}.")
    parts = [f"{title}: {counted(rows, noun)}" for noun, title, rows in work]
    return Verdict("Work to do", Level.OK, f"{'; '.join(parts)}.")


def _radii(run: Run, pairs: Pairs) -> Iterator[Verdict]:
    """The step that takes most of each table: steps on the same rows do not add up."""
    most: dict[type[Model], int] = {}
    for spec, step in pairs:
        model: type[Model] | None = getattr(spec, "model", None)
        if model is not None:
            most[model] = max(most.get(model, 0), step.rows_planned)
    for model, rows in most.items():
        yield _radius(run.definition, rows, model)


def _radius(operation: "type[Operation]", rows: int, model: type[Model]) -> Verdict:
    total = model._default_manager.using(READ).count()
    table = model._meta.verbose_name_plural
    sentence = f"{rows:,} of all {total:,} {table} ({share(rows, total)})."
    if limit := _exceeded(operation, rows, total):
        sentence = f"{sentence} {operation.title} takes {limit}: choose fewer."
        return Verdict("Blast radius", Level.BLOCKING, sentence)
    large = rows > MANY_ROWS or rows > LARGE_SHARE * total
    return Verdict("Blast radius", Level.WARNING if large else Level.OK, sentence)


def _exceeded(operation: "type[Operation]", rows: int, total: int) -> str:
    """The operation's own limit that the plan is above, in words; empty when none is."""
    if operation.most_rows is not None and rows > operation.most_rows:
        return f"at most {counted(operation.most_rows)}"
    part = operation.most_share
    if part is not None and rows > part * total:
        return f"at most {100 * part:.0f} % of the table"
    return ""


def _tiers(run: Run) -> Iterator[Verdict]:
    """Blocking when other tiers than those that the operation means would be touched."""
    meant = run.definition().tiers_meant(run.params)
    if meant is None:
        return
    touched = _rows_by_tier(run)
    words = ", ".join(meant) or "no tier"
    strange = {tier: rows for tier, rows in touched.items() if tier not in meant}
    if strange:
        found = ", ".join(
            f"{counted(rows)} of {tier}" for tier, rows in strange.items()
        )
        sentence = f"{words} alone is meant, but the plan has {found}. Do not use it."
        yield Verdict("Tiers meant", Level.BLOCKING, sentence)
    elif touched:
        yield Verdict("Tiers meant", Level.OK, f"Rows of {words} alone.")


def _rows_by_tier(run: Run) -> dict[str, int]:
    """Tier -> rows, of the step that has most of it."""
    found: dict[str, int] = {}
    steps: list[dict[str, Any]] = run.summary["steps"]
    for item in (tier for step in steps for tier in step.get("tiers", [])):
        found[item["tier"]] = max(found.get(item["tier"], 0), item["rows"])
    return found
