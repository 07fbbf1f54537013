"""Repositories of one workspace that its people see and that nothing syncs."""

from dataclasses import dataclass
from uuid import UUID

from opsconsole.platform.db import fetch
from opsconsole.platform.gaps import EACH
from opsconsole.workspaces.health.gaps import GAPS, Gap

SHOWN = 25  # names of each gap


@dataclass(frozen=True)
class Forgotten:
    """One gap, and the names of the workspace's repositories that are in it."""

    gap: Gap
    names: list[str]  # one more than SHOWN at most

    @property
    def shown(self) -> list[str]:
        return self.names[:SHOWN]

    @property
    def count(self) -> str:
        return f"more than {SHOWN}" if len(self.names) > SHOWN else str(len(self.names))


def of_workspace(pk: UUID) -> list[Forgotten]:
    """Each gap in which the workspace has a repository; one query."""
    found = fetch(" UNION ALL ".join(f"({_names(gap)})" for gap in GAPS), {"pk": pk})
    names: dict[str, list[str]] = {gap.word: [] for gap in GAPS}
    for row in found:
        names[row["word"]].append(row["full_name"])
    return [Forgotten(gap, names[gap.word]) for gap in GAPS if names[gap.word]]


def _names(gap: Gap) -> str:
    return f"""
        SELECT '{gap.word}' AS word, repository.full_name
        FROM (
            SELECT link.repository_id {gap.condition(EACH)}
                AND link.workspace_id = %(pk)s
        ) AS missing
        JOIN repositories AS repository ON repository.id = missing.repository_id
        ORDER BY repository.full_name LIMIT {SHOWN + 1}
    """  # noqa: S608  our own text, the id is a parameter
