"""Workspaces, one workspace, one repository, and the health of all syncs: a file per page."""

from opsconsole.workspaces.views.detail import detail, history
from opsconsole.workspaces.views.errors import error, errors
from opsconsole.workspaces.views.health import count_now, sync_health
from opsconsole.workspaces.views.list import workspace_list
from opsconsole.workspaces.views.repository import repository
from opsconsole.workspaces.views.unsynced import unsynced

__all__ = [
    "count_now",
    "detail",
    "error",
    "errors",
    "history",
    "repository",
    "sync_health",
    "unsynced",
    "workspace_list",
]
