"""Addresses of lists, narrowed by the fields of a selection."""

from urllib.parse import urlencode

from django.urls import reverse

from opsconsole.platform.selection import RowSelection

LIST = "list"  # id of the part of a page that holds its list


def rows(selection: RowSelection) -> str:
    """Where the tracked repositories of this selection are listed."""
    page = reverse("workspaces:sync_health")
    return f"{page}?{urlencode(selection.as_dict())}#{LIST}"


def errors() -> str:
    return reverse("workspaces:errors")


def error(fingerprint: str) -> str:
    return reverse("workspaces:error", args=[fingerprint])
