"""The SQL of one chunk. Values travel as text and are cast back by the platform.

Shown to people as it is run; identifiers come from our models, values are parameters.
"""

from collections.abc import Iterable
from typing import Any

import sqlparse
from psycopg import sql

from opsconsole.operations.models import Step

Composed = sql.Composed
LONGEST_SHOWN = 5_000  # characters; a selection may name 10,000 ids


def lock(step: Step) -> Composed:
    """Lock the chunk's rows in key order, so that two writers cannot deadlock."""
    return _compose(
        step,
        """SELECT count(*) FROM (
  SELECT 1 FROM {table} WHERE {key} = ANY(%(keys)s::uuid[])
  ORDER BY {key} FOR NO KEY UPDATE
) AS locked""",
    )


def write(step: Step, after: dict[str, Any]) -> Composed:
    """Write the rows that still hold `before` and still belong to the selection.

    Answers with how many, their keys and the transaction's id.
    """
    return _compose(
        step,
        """WITH planned AS MATERIALIZED ({planned}),
written AS (
  UPDATE {table} AS t SET {assignments}
  FROM planned WHERE t.{key} = planned.key AND {unchanged} AND {selected}
  RETURNING t.{key} AS key
)
SELECT count(*), coalesce(array_agg(key), '{{}}')::text, pg_current_xact_id()::text
FROM written""",
        after,
    )


def exceptions(step: Step, after: dict[str, Any]) -> Composed:
    """What the rows that were not written hold, and why they were not."""
    return _compose(
        step,
        """WITH planned AS MATERIALIZED ({planned})
SELECT planned.position, t.{key} IS NULL AS gone, {holds_after} AS holds_after,
  {unchanged} AS holds_before, {current} AS holds
FROM planned LEFT JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key <> ALL(%(written)s::uuid[])
ORDER BY planned.position""",
        after,
    )


def held(step: Step, after: dict[str, Any]) -> Composed:
    """How many of the given rows hold their after-value now."""
    return _compose(
        step,
        """WITH planned AS MATERIALIZED ({planned})
SELECT count(*) FROM planned JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key = ANY(%(written)s::uuid[]) AND {holds_after}""",
        after,
    )


def shown(step: Step) -> list[tuple[str, str]]:
    """The statements of a step for people: (title, SQL). Parameters keep their names."""
    chunk = step.chunks.order_by("number").first()
    after = chunk.after if chunk else {}
    selection = step.selection_sql
    if len(selection) > LONGEST_SHOWN:
        selection = (
            f"{selection[:LONGEST_SHOWN]} … {len(selection):,} characters in all"
        )
    else:
        selection = sqlparse.format(selection, reindent=True)
    return [
        ("Which rows (asked while planning, and again before each write)", selection),
        ("For each chunk: lock", lock(step).as_string()),
        ("For each chunk: write", write(step, after).as_string()),
    ]


def _compose(step: Step, text: str, after: dict[str, Any] | None = None) -> Composed:
    columns = list(step.columns.items())
    parts = {
        "table": sql.Identifier(step.table),
        "key": sql.Identifier(step.key),
        "selected": _selected(step),
        "unchanged": _all(
            _same(name, "before", n) for n, (name, _) in enumerate(columns)
        ),
        "holds_after": _all(
            _same(name, "after", n) for n, (name, _) in enumerate(columns)
        ),
        "assignments": sql.SQL(", ").join(
            sql.SQL("{} = planned.{}").format(sql.Identifier(name), _value("after", n))
            for n, (name, _) in enumerate(columns)
        ),
        "current": sql.SQL("jsonb_build_object({})").format(
            sql.SQL(", ").join(
                sql.SQL("{}, t.{}::text").format(
                    sql.Literal(name), sql.Identifier(name)
                )
                for name, _ in columns
            )
        ),
        "planned": _planned(columns, after or {}),
    }
    return sql.SQL(text).format(**parts)


def _planned(columns: list[tuple[str, str]], after: dict[str, Any]) -> Composed:
    """The chunk as rows: position, key, and each column's typed before and after."""
    parts: list[sql.Composable] = [
        sql.SQL("generate_subscripts(%(keys)s::uuid[], 1) - 1 AS position"),
        sql.SQL("unnest(%(keys)s::uuid[]) AS key"),
    ]
    for number, (name, kind) in enumerate(columns):
        for side, many in (
            ("before", True),
            ("after", isinstance(after.get(name), list)),
        ):
            element = (
                "jsonb_array_elements_text({side} -> {name})"
                if many
                else "{side} ->> {name}"
            )
            value = sql.SQL(f"({element})::{kind} AS {{alias}}").format(
                side=sql.SQL(f"%({side})s::jsonb"),
                name=sql.Literal(name),
                alias=_value(side, number),
            )
            parts.append(value)
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(parts))


def _selected(step: Step) -> Composed:
    selection = sql.SQL(step.selection_sql.replace("%", "%%"))
    return sql.SQL(
        "t.{key} IN (SELECT s.{key} FROM ({selection}) AS s"
        " WHERE s.{key} = ANY(%(keys)s::uuid[]))"
    ).format(key=sql.Identifier(step.key), selection=selection)


def _same(name: str, side: str, number: int) -> Composed:
    return sql.SQL("t.{} IS NOT DISTINCT FROM planned.{}").format(
        sql.Identifier(name), _value(side, number)
    )


def _value(side: str, number: int) -> sql.Identifier:
    return sql.Identifier(f"{side}_{number}")


def _all(conditions: Iterable[Composed]) -> Composed:
    return sql.SQL(" AND ").join(conditions)
