"""Operations on workspaces: whoever starts one chooses which."""

from opsconsole.operations.asking import selecting


class WorkspacesForm(selecting.SelectingForm):
    """All tracked repositories of workspaces, chosen in exactly one way."""

    ways = ("workspaces", "workspace", "workspaces_matching")

    repositories = None  # type: ignore[assignment]  # Django's way to take a field out
    error = None  # type: ignore[assignment]
    matching = None  # type: ignore[assignment]
