"""Repositories that people see in a workspace and that nothing ever syncs, as lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django_tables2.data import TableData

from opsconsole.platform.db import fetch
from opsconsole.platform.gaps import ALL, EACH, UNLINKED, UNTRACKED
from opsconsole.web.paging import CAP


@dataclass(frozen=True)
class Gap:
    """One way of being forgotten."""

    word: str
    sql: str  # FROM … WHERE … of platform.gaps
    sentence: str
    advice: str
    remedy: str = ""  # slug of the operation that helps

    def condition(self, phrasing: str) -> str:
        """SQL that goes through all links at once (ALL) or looks them up one by one (EACH)."""
        return self.sql.format(each=phrasing)


GAPS = (
    Gap(
        "unlinked",
        UNLINKED,
        "The platform tracks them, but has no row that syncs them for this workspace.",
        "Link them: that makes the row, as if they had been added now.",
        "link-repositories",
    ),
    Gap(
        "untracked",
        UNTRACKED,
        "The platform does not track them for anybody, so no row can be made for them.",
        "Track the repository first; then add it to the workspace again, since tracking"
        " alone links nothing.",
    ),
)
BY_WORD = {gap.word: gap for gap in GAPS}


class Links(TableData):
    """Workspaces' links to repositories in one gap, as a table takes them: page by page.

    `known` is how many there are where that is known; counting costs a pass over all
    links, about a second at a million.
    """

    def __init__(self, gap: Gap, known: int | None = None) -> None:
        super().__init__(self)  # a table that got a list would read all of it
        self.gap, self.known = gap, known

    def __len__(self) -> int:
        """One more than CAP at most."""
        if self.known is None:
            self.known = how_many(self.gap)
        return min(self.known, CAP + 1)

    def __getitem__(self, page: Any) -> Any:
        if not isinstance(page, slice):
            return links(self.gap, page, 1)[0]
        start, stop, _ = page.indices(len(self))
        return links(self.gap, start, stop - start)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self[:])


def how_many(gap: Gap) -> int:
    """How many links are in the gap; one more than CAP at most."""
    some = f"SELECT {gap.condition(ALL)} LIMIT {CAP + 1}"
    [found] = fetch(f"SELECT count(*) FROM ({some}) AS found")  # noqa: S608  our own text
    return int(found["count"])


def links(gap: Gap, offset: int, limit: int) -> list[dict[str, Any]]:
    """Some links of the gap, those of one workspace together, in the order of an index."""
    condition = gap.condition(EACH)
    return fetch(
        f"""
        SELECT page.*, workspace.name, workspace.tier, repository.full_name,
               CASE WHEN workspace.is_active = false THEN 'deleted' END AS state
        FROM (
            SELECT link.workspace_id, link.repository_id, link.added_at {condition}
            ORDER BY link.workspace_id, link.repository_id
            OFFSET %(offset)s LIMIT %(limit)s
        ) AS page
        JOIN workspaces AS workspace ON workspace.id = page.workspace_id
        JOIN repositories AS repository ON repository.id = page.repository_id
        ORDER BY page.workspace_id, page.repository_id
        """,  # noqa: S608  our own text
        {"offset": offset, "limit": limit},
    )
