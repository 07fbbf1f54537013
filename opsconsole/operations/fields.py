"""Form fields for what operations are about. Each refuses what the platform does not have."""

from typing import Any
from uuid import UUID

from django import forms

from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository

MOST_IDS = 10_000  # in one selection; above that, choose by workspace or all


class WorkspaceId(forms.UUIDField):
    """The id of an existing workspace."""

    def clean(self, value: Any) -> UUID | None:
        workspace: UUID | None = super().clean(value)
        if workspace and not Workspace.objects.filter(pk=workspace).exists():
            raise forms.ValidationError(
                f"There is no workspace with the id {workspace}."
            )
        return workspace


class IdLines(forms.Textarea):
    """One id per line; also takes the same name given many times, as checkboxes do."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return " ".join(map(str, given)).replace(",", " ").split()

    def format_value(self, value: Any) -> str:
        return "\n".join(map(str, value or []))


class RepositoryIds(forms.Field):
    """Ids of existing rows of workspace_tracked_repositories, without repetitions."""

    widget = IdLines(attrs={"rows": 2, "spellcheck": "false"})

    def to_python(self, value: Any) -> list[UUID]:
        texts = value or []
        if len(texts) > MOST_IDS:
            raise forms.ValidationError(
                f"{len(texts):,} ids given, at most {MOST_IDS:,} are accepted."
            )
        return sorted({_uuid(text) for text in texts})

    def validate(self, value: list[UUID]) -> None:
        super().validate(value)
        known = WorkspaceTrackedRepository.objects.filter(pk__in=value)
        missing = set(value) - set(known.values_list("pk", flat=True))
        if missing:
            raise forms.ValidationError(
                f"{len(missing):,} of {len(value):,} repositories do not exist,"
                f" for example {min(missing)}."
            )


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        shown = str(text)[:60]
        raise forms.ValidationError(f"{shown!r} is not an id (a UUID).") from None
