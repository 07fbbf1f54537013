"""Form fields for what operations are about. Each refuses what the platform does not have."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model

from opsconsole.platform import contract
from opsconsole.platform.fingerprint import LENGTH
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.selection import (
    RowSelection,
    SelectionError,
    WorkspaceSelection,
)

MOST_IDS = (
    10_000  # in one selection; above that, choose by what the rows have in common
)
Bounds = Callable[[contract.Contract], tuple[int, int] | None]


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


class Ids(forms.Field):
    """Ids of existing rows of one table, without repetitions."""

    widget = IdLines(attrs={"rows": 2, "spellcheck": "false"})
    model: type[Model]
    noun: str  # in the plural

    def to_python(self, value: Any) -> list[UUID]:
        texts = value or []
        if len(texts) > MOST_IDS:
            raise forms.ValidationError(
                f"{len(texts):,} ids given, at most {MOST_IDS:,} are accepted."
            )
        return sorted({_uuid(text) for text in texts})

    def validate(self, value: list[UUID]) -> None:
        super().validate(value)
        known = self.model._default_manager.filter(pk__in=value)
        missing = set(value) - set(known.values_list("pk", flat=True))
        if missing:
            raise forms.ValidationError(
                f"{len(missing):,} of {len(value):,} {self.noun} do not exist,"
                f" for example {min(missing)}."
            )


class RepositoryIds(Ids):
    """Ids of rows of workspace_tracked_repositories."""

    model, noun = WorkspaceTrackedRepository, "repositories"


class WorkspaceIds(Ids):
    """Ids of workspaces."""

    model, noun = Workspace, "workspaces"


class Fingerprint(forms.RegexField):
    """What errors that differ in names and numbers alone have in common."""

    def __init__(self, **kwargs: Any) -> None:
        message = f"This is not the fingerprint of an error: {LENGTH} digits, 0-9 a-f."
        regex = rf"\A[0-9a-f]{{{LENGTH}}}\Z"
        super().__init__(regex, error_messages={"invalid": message}, **kwargs)


class SelectionText(forms.CharField):
    """A selection as text; see platform/selection.py."""

    def __init__(
        self, kind: type[RowSelection] | type[WorkspaceSelection], **kwargs: Any
    ) -> None:
        super().__init__(max_length=2_000, **kwargs)
        self.kind = kind

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            return self.kind.from_text(text).as_text() if text else ""
        except SelectionError as error:
            raise forms.ValidationError(str(error)) from None


class Tiers(forms.MultipleChoiceField):
    """Price tiers of the platform, from the cheapest on; all of them unless told."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_tiers, initial=_known_tiers, **kwargs)

    def clean(self, value: Any) -> list[str]:
        chosen = super().clean(value)
        return [tier for tier in _known_tiers() if tier in chosen]


class Number(forms.IntegerField):
    """A whole number for one of the platform's columns, within the platform's bounds."""

    def __init__(
        self, *, column: str, bounds: Bounds, unit: str, unset: str, **kwargs: Any
    ) -> None:
        """`unset` is what NULL means: "not set, which means 24 hours"."""
        super().__init__(**kwargs)
        self.column, self.bounds, self.unit, self.unset = column, bounds, unit, unset

    def obstacle(self, platform: contract.Contract) -> str:
        """Why no number can be accepted; empty when one can."""
        if not platform.reachable:
            return contract.SILENT
        if self.bounds(platform):
            return ""
        return f"The platform does not say which {self.unit} {self.column} accepts."

    def validate(self, value: int | None) -> None:
        super().validate(value)
        platform = contract.current()
        if obstacle := self.obstacle(platform):
            raise forms.ValidationError(obstacle)
        least, most = self.bounds(platform) or (0, 0)
        if value is not None and not least <= value <= most:
            raise forms.ValidationError(
                f"{value:,} is not accepted: {least} to {most} {self.unit}."
            )

    def describe(self, platform: contract.Contract, now: list[int | None]) -> None:
        """Say the bounds, and what the only chosen row holds now."""
        words = []
        if bounds := self.bounds(platform):
            self.widget.attrs |= {"min": bounds[0], "max": bounds[1]}
            words.append(f"{bounds[0]} to {bounds[1]} {self.unit}.")
        words += [f"Now {self.in_words(value)}." for value in now]
        self.help_text = " ".join([*words, str(self.help_text)]).strip()

    def in_words(self, value: int | None) -> str:
        return self.unset if value is None else f"{value} {self.unit}"


def _known_tiers() -> list[str]:
    return [*contract.current().tiers]


def _tiers() -> list[tuple[str, str]]:
    return [(tier, tier) for tier in _known_tiers()]


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        shown = str(text)[:60]
        raise forms.ValidationError(f"{shown!r} is not an id (a UUID).") from None
