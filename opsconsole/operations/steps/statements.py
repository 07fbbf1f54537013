"""The SQL of one chunk. Values travel as text and are cast back by the platform.

Shown to people as it is run; identifiers come from our models, values are parameters.
A kind of step gives the text, in which names in braces stand for the parts made here.
"""

from collections.abc import Iterable

import sqlparse
from psycopg import sql

from opsconsole.operations.models import Step
from opsconsole.operations.steps.columns import WHOLE_ROW

Composed = sql.Composed
LONGEST_SHOWN = 5_000  # characters; a selection may name 10,000 ids
# In key order, so that two writers cannot deadlock. What is written at once, without this,
# follows the plan's join, which is the same order as a rule; a deadlock is tried again.
LOCK = """SELECT count(*) FROM (
  SELECT 1 FROM {table} WHERE {key} = ANY(%(keys)s::uuid[])
  ORDER BY {key} FOR NO KEY UPDATE
) AS locked"""

# How many rows a statement has written, which, and in what transaction.
RESULT = sql.SQL(
    """SELECT count(*), coalesce(array_agg(key), '{}')::text, pg_current_xact_id()::text
FROM written"""
)


def compose(step: Step, text: str) -> Composed:
    """The statement for any chunk of the step. Its parts:

    `{planned}` the chunk as rows of position, key and each column's typed before_n and
    after_n; `{unchanged}` the row `t` holds every before, `{holds_after}` every after;
    `{selected}` it still belongs to the selection, `{source_selected}` the row it is made
    from does; `{current}` what it holds, as jsonb of texts; `{result}` what was written.
    """
    columns = list(step.columns.items())
    numbered = [(number, name) for number, (name, _) in enumerate(columns)]
    parts = {
        "table": sql.Identifier(step.table),
        "key": sql.Identifier(step.key),
        "target": sql.Identifier(step.spec.get("to", step.table)),
        "names": _list(sql.Identifier(name) for name in step.spec.get("names", [])),
        "planned": _planned(step, columns),
        "result": RESULT,
        "selected": _selected(step),
        "seen": _seen(step),
        "seen_selected": _seen_selected(step),
        "source_selected": _source_selected(step),
        "unchanged": _all(_same(name, "before", n) for n, name in numbered),
        "holds_after": _all(_same(name, "after", n) for n, name in numbered),
        "assignments": _list(
            sql.SQL("{} = planned.{}").format(sql.Identifier(name), _value("after", n))
            for n, name in numbered
        ),
        "columns": _list(sql.Identifier(name) for _, name in numbered),
        "afters": _list(
            sql.SQL("planned.{}").format(_value("after", n)) for n, _ in numbered
        ),
        "current": sql.SQL("jsonb_build_object({})").format(
            _list(
                sql.SQL("{}, {}::text").format(sql.Literal(name), _current(name))
                for _, name in numbered
            )
        ),
    }
    return sql.SQL(text).format(**parts)


def shown(step: Step, *, lock: str, write: str) -> list[tuple[str, str]]:
    """The statements of a step for people: (title, SQL). Parameters keep their names."""
    texts = []
    if selection := step.selection_sql:
        if len(selection) > LONGEST_SHOWN:
            rest = f" … {len(selection):,} characters in all"
            selection = selection[:LONGEST_SHOWN] + rest
        else:
            selection = sqlparse.format(selection, reindent=True)
        title = "Which rows (asked while planning, and again before each write)"
        texts.append((title, selection))
    if lock:
        texts.append(("For each chunk: lock", compose(step, lock).as_string()))
    return [*texts, ("For each chunk: write", compose(step, write).as_string())]


def _planned(step: Step, columns: list[tuple[str, str]]) -> Composed:
    once = step.spec.get("once", {"before": [], "after": []})
    parts: list[sql.Composable] = [
        sql.SQL("generate_subscripts(%(keys)s::uuid[], 1) - 1 AS position"),
        sql.SQL("unnest(%(keys)s::uuid[]) AS key"),
    ]
    if step.spec.get("source"):
        source = (
            "jsonb_array_elements_text(%(before)s::jsonb -> 'source')::uuid AS source"
        )
        parts.append(sql.SQL(source))
    for number, (name, kind) in enumerate(columns):
        for side in ("before", "after"):
            shape = (
                "{} ->> {}"
                if name in once[side]
                else "jsonb_array_elements_text({} -> {})"
            )
            element = sql.SQL(shape).format(
                sql.SQL(f"%({side})s::jsonb"), sql.Literal(name)
            )
            typed = sql.SQL("({})::{} AS {}")  # the type is the platform's own word
            parts.append(typed.format(element, sql.SQL(kind), _value(side, number)))
    return sql.SQL("SELECT {}").format(_list(parts))


def _selected(step: Step) -> Composed:
    if not step.selection_sql:
        return sql.Composed([sql.SQL("TRUE")])
    return sql.SQL(
        "t.{key} IN (SELECT s.{key} FROM ({selection}) AS s"
        " WHERE s.{key} = ANY(%(keys)s::uuid[]))"
    ).format(key=sql.Identifier(step.key), selection=_selection(step))


def _seen(step: Step) -> Composed:
    if not step.selection_sql:
        return sql.Composed([])
    return sql.SQL("JOIN {table} AS seen ON seen.{key} = planned.key").format(
        table=sql.Identifier(step.table), key=sql.Identifier(step.key)
    )


def _seen_selected(step: Step) -> Composed:
    if not step.selection_sql:
        return sql.Composed([sql.SQL("TRUE")])
    return sql.SQL(
        "t.xmin = seen.xmin AND seen.{key} IN (SELECT s.{key} FROM ({selection}) AS s"
        " WHERE s.{key} = ANY(%(keys)s::uuid[]))"
    ).format(key=sql.Identifier(step.key), selection=_selection(step))


def _source_selected(step: Step) -> Composed:
    if not step.spec.get("source"):
        return sql.Composed([sql.SQL("TRUE")])
    return sql.SQL(
        "planned.source IN (SELECT s.{key} FROM ({selection}) AS s"
        " WHERE s.{key} IN (SELECT source FROM planned))"
    ).format(key=sql.Identifier(step.spec["source"]), selection=_selection(step))


def _selection(step: Step) -> sql.SQL:
    return sql.SQL(step.selection_sql.replace("%", "%%"))


def _same(name: str, side: str, number: int) -> Composed:
    return sql.SQL("{} IS NOT DISTINCT FROM planned.{}").format(
        _current(name), _value(side, number)
    )


def _current(name: str) -> sql.Composable:
    if name == WHOLE_ROW:
        return sql.SQL("to_jsonb(t)")
    return sql.SQL("t.{}").format(sql.Identifier(name))


def _value(side: str, number: int) -> sql.Identifier:
    return sql.Identifier(f"{side}_{number}")


def _list(parts: Iterable[sql.Composable]) -> Composed:
    return sql.SQL(", ").join(parts)


def _all(conditions: Iterable[Composed]) -> Composed:
    parts: list[sql.Composable] = [*conditions]
    return sql.SQL(" AND ").join(parts or [sql.SQL("TRUE")])
