"""Rows of the platform, made by SQL as its own code does; each returns its id."""

from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

NUMBERS = count(1)


def insert(platform: psycopg.Connection, table: str, **values: Any) -> UUID:
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join([sql.Placeholder()] * len(values)),
    )
    row = platform.execute(statement, list(values.values())).fetchone()
    assert row is not None
    return row[0]


def user(platform: psycopg.Connection) -> UUID:
    return insert(platform, "app_users", github_username=f"user-{next(NUMBERS)}")


def workspace(platform: psycopg.Connection, **values: Any) -> UUID:
    number = next(NUMBERS)
    usual = {"name": f"Workspace {number}", "slug": f"workspace-{number}"}
    usual |= {"owner_id": user(platform), "max_repositories": 10}
    return insert(platform, "workspaces", **(usual | values))


def repository(platform: psycopg.Connection, **values: Any) -> UUID:
    number = next(NUMBERS)
    name = values.pop("full_name", f"acme/app-{number}")
    parts = dict(zip(("owner", "name"), name.split("/"), strict=True))
    return insert(
        platform, "repositories", github_id=number, full_name=name, **parts, **values
    )


def link(
    platform: psycopg.Connection, workspace_id: UUID | None = None, **values: Any
) -> UUID:
    """A row of workspace_tracked_repositories that is due, with all it hangs on."""
    about = ("full_name", "has_issues", "is_archived", "stargazers_count")
    repository_id = repository(
        platform, **{name: values.pop(name) for name in about if name in values}
    )
    tracked = insert(platform, "tracked_repositories", repository_id=repository_id)
    return insert(
        platform,
        "workspace_tracked_repositories",
        **{
            "workspace_id": workspace_id or workspace(platform),
            "tracked_repository_id": tracked,
            "added_by": user(platform),
            "next_sync_at": "2020-01-01T00:00:00Z",
            **values,
        },
    )
