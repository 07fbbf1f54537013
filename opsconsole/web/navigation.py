"""The menu: one line per page that stands in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the menu."""

    label: str
    url_name: str
    icon: str  # a lucide name
    permission: str  # "" for everybody who has signed in
    key: str  # pressed after g
    group: str
    staff_only: bool = False

    @property
    def url(self) -> str:
        """Where it leads; empty while no such page is installed."""
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""

    def is_for(self, user: "AbstractUser | AnonymousUser") -> bool:
        """Whether this person may open the page."""
        if self.staff_only and not getattr(user, "is_staff", False):
            return False
        return not self.permission or user.has_perm(self.permission)


SEE = "platform.view_workspace"
RUN = "operations.view_run"
ITEMS: tuple[Item, ...] = (
    Item("Overview", "overview", "layout-dashboard", SEE, "o", "Operate"),
    Item("Workspaces", "workspaces:list", "building-2", SEE, "w", "Operate"),
    Item("Sync health", "workspaces:sync_health", "heart-pulse", SEE, "h", "Operate"),
    Item("Emergency", "emergency:panel", "siren", RUN, "e", "Operate"),
    Item("Operations", "operations:catalog", "zap", RUN, "p", "Operate"),
    Item("Runs", "operations:run_list", "history", RUN, "r", "Operate"),
    Item("Approvals", "operations:approvals", "stamp", RUN, "v", "Operate"),
    Item("Queue", "operations:queue", "list-start", RUN, "q", "Operate"),
    Item("Audit", "audit:list", "scroll-text", "audit.view_entry", "a", "Know"),
    Item("Platform contract", "platform:contract", "file-check", SEE, "c", "Know"),
    Item("Deployment", "deployment:page", "rocket", SEE, "y", "Know"),
    Item("Sandbox", "playground:page", "flask-conical", SEE, "x", "System"),
    Item("Admin", "admin:index", "settings", "", "d", "System", staff_only=True),
)


def visible(
    user: "AbstractUser | AnonymousUser", items: Iterable[Item] = ITEMS
) -> list[Item]:
    """The entries this person may open and whose page exists."""
    return [item for item in items if item.is_for(user) and item.url]


def grouped(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    """Group heading and its entries, in the order of the menu."""
    groups = groupby(items, key=lambda item: item.group)
    return [(name, list(members)) for name, members in groups]


def current(items: Iterable[Item], view_name: str, path: str) -> Item | None:
    """The entry a page belongs to: its own, else the one with the longest common path."""
    above = [
        item
        for item in items
        if item.url_name == view_name or (item.url != "/" and path.startswith(item.url))
    ]
    return max(
        above,
        key=lambda item: (item.url_name == view_name, len(item.url)),
        default=None,
    )
