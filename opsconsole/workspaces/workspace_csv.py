"""The list of workspaces as a file: one statement for all of them, however many."""

from typing import Any

from opsconsole.platform.db import READ
from opsconsole.platform.diagnosis import WORDS
from opsconsole.workspaces.listing import FAILURES, Tracked, WorkspacePages, grouped

Statement = tuple[str, tuple[Any, ...]]
ALL_FAILED = "all failed"
# Column of the table, or a heading of its own -> column of the statement.
FIELDS = {
    "id": "id",
    "name": "name",
    "slug": "slug",
    "tier": "tier",
    "usage": "repositories",
    "limit": "max_repositories",
    "tracked": "tracked",
    **{word: word for word in WORDS if word not in FAILURES},
    **{f"only {word}": word for word in FAILURES},
    "failed": ALL_FAILED,
    "shortest interval (h)": "shortest",
    "longest interval (h)": "longest",
    "calls": "calls",
    "last_sync": "last_sync_at",
    "last_activity": "last_activity_at",
    "is_active": "is_active",
}


def statement(pages: WorkspacePages) -> Statement:
    """The SELECT of all rows in their order, with its parameters."""
    listed, of_listed = _sql(pages.in_order().values("pk", "figure"))
    rows = Tracked.filter(workspace__in=pages.data.values("pk"))
    counts, of_counts = _sql(grouped(rows, pages.known))
    words = {**{word: (word,) for word in WORDS}, ALL_FAILED: FAILURES}
    sums = ", ".join(f'{_rows_of(names)} AS "{word}"' for word, names in words.items())
    whole = ", ".join(f'coalesce("{name}", 0) AS "{name}"' for name in words)
    direction = "DESC" if pages.falling else "ASC"
    return (
        f"""
        WITH listed (id, figure) AS ({listed}),
        counts AS ({counts}),
        mixes AS (
            SELECT workspace_id, sum(rows) AS tracked, {sums},
                   min(shortest) AS shortest, max(longest) AS longest,
                   round(sum(calls)::numeric, 1) AS calls,
                   max(newest) AS last_sync_at
            FROM counts GROUP BY workspace_id
        )
        SELECT w.id, w.name, w.slug, w.tier, links.repositories, w.max_repositories,
               coalesce(tracked, 0) AS tracked, {whole}, shortest, longest,
               coalesce(calls, 0) AS calls, last_sync_at, w.last_activity_at, w.is_active
        FROM listed JOIN workspaces AS w USING (id)
        LEFT JOIN mixes ON mixes.workspace_id = listed.id
        CROSS JOIN LATERAL (
            SELECT count(*) AS repositories FROM workspace_repositories
            WHERE workspace_id = listed.id
        ) AS links
        ORDER BY listed.figure {direction} NULLS LAST, listed.id
        """,  # noqa: S608  our own text, the values are parameters
        (*of_listed, *of_counts),
    )


def _rows_of(words: tuple[str, ...]) -> str:
    """Rows with one of these words, as SQL; they are our own and hold no quotes."""
    names = ", ".join(f"'{word}'" for word in words)
    return f"sum(rows) FILTER (WHERE word IN ({names}))"


def _sql(queryset: Any) -> Statement:
    text, params = queryset.query.get_compiler(READ).as_sql()
    return text, tuple(params)
