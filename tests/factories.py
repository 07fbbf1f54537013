"""Rows of the platform, healthy unless a test says otherwise. Each returns its id."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

NUMBERS = count(1)
Sql = Callable[..., list[tuple[Any, ...]]]


def insert(sql: Sql, table: str, **values: Any) -> UUID:
    values = {"id": uuid4(), **values}
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(["%s"] * len(values))
    return sql(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *values.values()
    )[0][0]


def workspace(sql: Sql, **values: Any) -> UUID:
    number = next(NUMBERS)
    owner = values.pop("owner_id", None) or insert(
        sql,
        "app_users",
        email=f"owner{number}@example.com",
        github_user_id=number,
        github_username=f"owner{number}",
    )
    defaults = {"name": f"Workspace {number}", "slug": f"workspace-{number}"}
    defaults |= {"tier": "free", "max_repositories": 1000}
    return insert(sql, "workspaces", owner_id=owner, **(defaults | values))


def repository(sql: Sql, **values: Any) -> UUID:
    number = next(NUMBERS)
    full_name = values.pop("full_name", f"acme/repository-{number}")
    owner, _, name = full_name.partition("/")
    defaults = {"full_name": full_name, "owner": owner, "name": name}
    return insert(sql, "repositories", github_id=number, **(defaults | values))


def tracked(
    sql: Sql, workspace_id: UUID | None = None, *, name: str = "", **values: Any
) -> UUID:
    """A repository of a workspace that is kept in step; returns the id of that link row."""
    workspace_id = workspace_id or workspace(sql)
    repository_id = repository(sql, **({"full_name": name} if name else {}))
    number = next(NUMBERS)
    tracked_id = insert(
        sql,
        "tracked_repositories",
        repository_id=repository_id,
        organization_name=f"acme-{number}",
        repository_name=f"repository-{number}",
    )
    defaults: dict[str, Any] = {
        "last_sync_status": "success",
        "last_sync_at": datetime(2026, 1, 1, tzinfo=UTC),
        "next_sync_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        "added_by": uuid4(),
    }
    return insert(
        sql,
        "workspace_tracked_repositories",
        workspace_id=workspace_id,
        tracked_repository_id=tracked_id,
        **(defaults | values),
    )


def failed(sql: Sql, workspace_id: UUID | None = None, **values: Any) -> UUID:
    """A repository whose last sync ended in an exception."""
    defaults = {
        "last_sync_status": "failed",
        "last_sync_error": "Unexpected token '<', \"<!DOCTYPE\"… is not valid JSON",
        "sync_attempts": 3,
    }
    return tracked(sql, workspace_id, **(defaults | values))
