"""The numbers of an undo's plan page, read from the journal and compared with the platform."""

import json
from typing import Any

from django.db import connection, connections

from opsconsole.operations.models import Step
from opsconsole.operations.steps import statements
from opsconsole.operations.steps.columns import WHOLE_ROW
from opsconsole.operations.steps.summary import CUT, SAMPLES, SHOWN, short
from opsconsole.platform.db import READ, rows

LOOKED_AT = 100  # chunks compared with the platform while planning: 50,000 rows
NAMED = 20  # rows that changed since, by name

PAIRS = """
SELECT left(old, {cut}) AS old, left(new, {cut}) AS new, count(*) AS rows
FROM operations_chunk, LATERAL ROWS FROM ({old}, {new}) AS pair(old, new)
WHERE step_id = %(step)s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {limit}
"""


def summarise(stored: Step) -> dict[str, Any]:
    """Old and new by column, samples, and what somebody changed since."""
    names = [name for name in stored.columns if name != WHOLE_ROW]
    columns = [{"name": name, **_pairs(stored, name)} for name in names]
    return {
        "columns": columns,
        "samples": _samples(stored),
        "changed": _changed(stored),
    }


def _pairs(stored: Step, column: str) -> dict[str, Any]:
    sides = {side: _values(stored, side, column) for side in ("before", "after")}
    sql = PAIRS.format(
        old=sides["before"], new=sides["after"], cut=CUT, limit=SHOWN + 1
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {"step": stored.pk, "column": column})
        found = rows(cursor)
    return {"pairs": found[:SHOWN], "more": len(found) > SHOWN}


def _values(stored: Step, side: str, column: str) -> str:
    """SQL for one column's values of a chunk, one row each."""
    if column in stored.spec["once"][side]:
        return f"unnest(array_fill({side} ->> %(column)s, ARRAY[cardinality(keys)]))"
    return f"jsonb_array_elements_text({side} -> %(column)s)"


def _samples(stored: Step) -> list[dict[str, Any]]:
    chunk = stored.chunks.order_by("number").first()
    if chunk is None:
        return []
    return [
        {
            "key": str(key),
            "label": chunk.labels[n] if chunk.labels else str(key),
            "changes": [
                {
                    "column": column,
                    "before": short(chunk.value(chunk.before, column, n)),
                    "after": short(chunk.value(chunk.after, column, n)),
                }
                for column in stored.columns
            ],
        }
        for n, key in enumerate(chunk.keys[:SAMPLES])
    ]


def _changed(stored: Step) -> dict[str, Any]:
    """Rows that no longer hold what we wrote: they will be left alone.

    `looked_at` says how many rows were compared; a large undo is compared in part.
    """
    from opsconsole.operations.steps import KINDS
    from opsconsole.operations.steps.row_step import RowStep

    kind = KINDS[stored.kind]
    found: dict[str, Any] = {"rows": 0, "looked_at": 0, "named": []}
    if not issubclass(kind, RowStep):
        return found
    sql = statements.compose(stored, kind.EXCEPTIONS)
    chunks = stored.chunks.all().as_text().order_by("number")[:LOOKED_AT]  # type: ignore[attr-defined]
    for chunk in chunks:
        with connections[READ].cursor() as cursor:
            cursor.execute(sql, {**chunk.texts, "written": "{}"})
            drifted = [row for row in rows(cursor) if _differs(stored, row)]
        found["looked_at"] += chunk.row_count
        found["rows"] += len(drifted)
        for row in drifted[: NAMED - len(found["named"])]:
            found["named"].append(_named(chunk, row))
    return found


def _differs(stored: Step, row: dict[str, Any]) -> bool:
    """Whether a row that we did not write yet is in the way of being written."""
    if stored.kind == "insert rows":  # a row that is not there is as it should be
        return any(json.loads(row["holds"]).values())
    return bool(row["why"] != "left the selection")


def _named(chunk: Any, row: dict[str, Any]) -> dict[str, Any]:
    position = row["position"]
    holds = json.loads(row["holds"]) if row["holds"] else {}
    label = chunk.labels[position] if chunk.labels else str(chunk.keys[position])
    return {
        "label": label,
        "why": row["why"],
        "holds": {name: short(value) for name, value in holds.items()},
    }
