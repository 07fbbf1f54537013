"""The numbers of a plan page, worked out in the plan's own snapshot."""

from typing import Any

from django.db.models import Count, Max, Min, QuerySet, TextField
from django.db.models.functions import Cast, Left

from opsconsole.operations.changes import changed_rows
from opsconsole.operations.steps import ChangeRows

SHOWN = 6  # pairs of old and new value per column
FEW = 2  # rows; if no pair of values has more, the pairs tell nothing
SAMPLES = 5  # rows
CUT = 161  # characters kept of a value; a page shows 160, and that there is more


def summarise(step: ChangeRows) -> dict[str, Any]:
    """Counts by tier, old -> new by column, and some rows, ready for JSON."""
    changed = changed_rows(step)
    described = changed.described()  # type: ignore[attr-defined]
    return {
        "title": step.title,
        "table": step.model._meta.db_table,
        "tiers": _by_tier(described),
        "workspaces": described.values("row_workspace_id").distinct().count(),
        "columns": [
            {"name": field.column, **_old_to_new(changed, number, field.attname)}
            for number, field in enumerate(step.fields)
        ],
        "samples": _samples(step, described),
    }


def _by_tier(changed: QuerySet[Any]) -> list[dict[str, Any]]:
    grouped = changed.values("row_tier").annotate(
        rows=Count("pk"), workspaces=Count("row_workspace_id", distinct=True)
    )
    return [
        {"tier": row["row_tier"], "rows": row["rows"], "workspaces": row["workspaces"]}
        for row in grouped.order_by("-rows", "row_tier")
    ]


def _old_to_new(changed: QuerySet[Any], number: int, attname: str) -> dict[str, Any]:
    """The most frequent pairs; where nearly every row differs, the range instead."""
    before, after = f"before_{number}", f"after_{number}"
    pairs = (
        changed.annotate(old=Left(before, CUT), new=Left(after, CUT))
        .values("old", "new")
        .annotate(rows=Count("pk"))
        .order_by("-rows", "old", "new")
    )
    shown = list(pairs[: SHOWN + 1])
    if len(shown) > SHOWN and shown[0]["rows"] <= FEW:
        return {"pairs": [], "more": False, "range": _range(changed, attname, after)}
    return {"pairs": shown[:SHOWN], "more": len(shown) > SHOWN}


def _range(changed: QuerySet[Any], attname: str, after: str) -> dict[str, Any]:
    text = TextField()
    return changed.aggregate(
        values=Count(attname, distinct=True),
        least=Cast(Min(attname), text),
        most=Cast(Max(attname), text),
        new_least=Left(Min(after), CUT),
        new_most=Left(Max(after), CUT),
    )


def _samples(step: ChangeRows, changed: QuerySet[Any]) -> list[dict[str, Any]]:
    rows = changed.order_by("row_label", "pk").values()[:SAMPLES]
    return [
        {
            "key": str(row["key"]),
            "label": row["row_label"],
            "workspace": row["row_workspace"],
            "tier": row["row_tier"],
            "changes": [
                {
                    "column": field.column,
                    "before": _short(row[f"before_{number}"]),
                    "after": _short(row[f"after_{number}"]),
                }
                for number, field in enumerate(step.fields)
            ],
        }
        for row in rows
    ]


def _short(text: str | None) -> str | None:
    return text if text is None else text[:CUT]
