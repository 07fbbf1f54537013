"""Repositories that people see in a workspace and that nothing ever syncs.

Source: trigger `trg_sync_workspace_tracked_repos` leaves out what is not tracked, and
tracking it later does not link it.
"""

from typing import NamedTuple

from opsconsole.platform.db import fetch

READS = (
    "workspace_repositories.workspace_id",
    "workspace_repositories.repository_id",
    "tracked_repositories.repository_id",
    "workspace_tracked_repositories.workspace_id",
    "workspace_tracked_repositories.tracked_repository_id",
)
UNLINKED = """
    FROM workspace_repositories AS link
    CROSS JOIN LATERAL (
        SELECT id FROM tracked_repositories
        WHERE repository_id = link.repository_id {each}
    ) AS tracked
    WHERE NOT EXISTS (
        SELECT FROM workspace_tracked_repositories AS synced
        WHERE synced.workspace_id = link.workspace_id
            AND synced.tracked_repository_id = tracked.id {each}
    )
"""  # tracked by the platform, but without a row that syncs it for this workspace
UNTRACKED = """
    FROM workspace_repositories AS link
    WHERE NOT EXISTS (
        SELECT FROM tracked_repositories AS tracked
        WHERE tracked.repository_id = link.repository_id {each}
    )
"""  # not tracked for anybody, so that it cannot be linked

# What stands for {each}. A million links are counted by joins; the first page of a list is
# found sooner by looking each link up, which OFFSET makes PostgreSQL do.
ALL, EACH = "", "OFFSET 0"


class Gaps(NamedTuple):
    """How many links of workspaces to repositories are in each gap."""

    unlinked: int
    untracked: int


def count() -> Gaps:
    """Both, counted in a pass each; about a second with a million links."""
    [found] = fetch(
        f"SELECT (SELECT count(*) {UNLINKED.format(each=ALL)}) AS unlinked,"
        f" (SELECT count(*) {UNTRACKED.format(each=ALL)}) AS untracked"
    )
    return Gaps(**found)
