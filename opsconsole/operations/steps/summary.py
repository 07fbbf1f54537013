"""The numbers of a plan page, worked out in the plan's own snapshot."""

from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    JSONField,
    Max,
    Min,
    QuerySet,
    TextField,
    UUIDField,
)
from django.db.models.functions import Cast, Left

from opsconsole.platform.db import READ, fetch

SHOWN = 6  # pairs of old and new value per column
FEW = 2  # rows; if no pair of values has more, the pairs tell nothing
SAMPLES = 5  # rows
UNORDERED = (BooleanField, JSONField, UUIDField)  # PostgreSQL has no min() of these
CUT = 161  # characters kept of a value; a page shows 160, and that there is more


def tiers(changed: QuerySet[Any]) -> list[dict[str, Any]]:
    """Rows and workspaces by tier, of placed rows.

    By workspace first: counting distinct ones would sort every row.
    """
    grouped = changed.values("row_tier", "row_workspace_id").annotate(rows=Count("pk"))
    by_workspace, params = grouped.order_by().query.get_compiler(READ).as_sql()
    return fetch(
        "SELECT row_tier AS tier, sum(rows)::bigint AS rows, count(*) AS workspaces"  # noqa: S608
        f" FROM ({by_workspace}) AS by_workspace GROUP BY 1 ORDER BY 2 DESC, 1",
        params,
    )


def old_to_new(changed: QuerySet[Any], number: int, attname: str) -> dict[str, Any]:
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


def samples(changed: QuerySet[Any], columns: list[str]) -> list[dict[str, Any]]:
    """Some rows by name, with each column's value before and after."""
    named = "row_label" in changed.query.annotation_select
    order = ("row_label", "pk") if named else ("pk",)
    return [
        {
            "key": str(row["key"]),
            "label": row.get("row_label") or row.get("label") or str(row["key"]),
            "workspace": row.get("row_workspace"),
            "tier": row.get("row_tier"),
            "changes": [
                {
                    "column": column,
                    "before": short(row.get(f"before_{number}")),
                    "after": short(row.get(f"after_{number}")),
                }
                for number, column in enumerate(columns)
            ],
        }
        for row in changed.order_by(*order).values()[:SAMPLES]
    ]


def _range(changed: QuerySet[Any], attname: str, after: str) -> dict[str, Any]:
    """In the column's own order; what has none, such as jsonb, goes by its text."""
    text, own = TextField(), changed.model._meta.get_field(attname)
    compared = text if isinstance(own, UNORDERED) else own
    old, new = Cast(attname, compared), Cast(after, compared)
    return changed.aggregate(
        values=Count(attname, distinct=True),
        least=Left(Cast(Min(old), text), CUT),
        most=Left(Cast(Max(old), text), CUT),
        new_least=Left(Cast(Min(new), text), CUT),
        new_most=Left(Cast(Max(new), text), CUT),
    )


def short(text: str | None) -> str | None:
    """As much of a value as a page needs, and the sign that there is more."""
    return text if text is None else text[:CUT]
