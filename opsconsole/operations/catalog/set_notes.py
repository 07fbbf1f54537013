from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q

from opsconsole.operations.asking import selecting
from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_repositories import OnRepositories
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

LONGEST = 1_000  # characters; the column has no bound of its own


@register
class SetNotes(OnRepositories):
    """Write a note beside a repository for whoever looks at it next, or clear it.

    Runbook: none; the column notes is there for operators, who write it by hand and
    without a trace. No code of the platform reads it. The undo brings the old note back.
    """

    slug = "set-notes"
    title = "Set notes"
    purpose = "daily"
    risk = "routine"
    icon = "sticky-note"
    writes = {WorkspaceTrackedRepository: ("notes",)}

    class Form(selecting.SelectingForm):
        """Which repositories, and the note."""

        notes = forms.CharField(
            required=False,
            max_length=LONGEST,
            label="Note",
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=f"At most {LONGEST:,} characters. It replaces the note that is there."
            " Write no secrets: whoever reads the platform's database reads it.",
        )
        clear = forms.BooleanField(
            required=False,
            label="Clear the note",
            help_text="Leave the text empty then.",
        )

        def clean(self) -> dict[str, Any]:
            given = super().clean()
            if "notes" in given and bool(given["notes"]) == bool(given.get("clear")):
                self.add_error("notes", "Write a note, or tick that it is cleared.")
            return given

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"notes": params["notes"] or None}
        return [self.change("Write the note", params, moment, values)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        deed = "note" if params["notes"] else "no note"
        return f"{deed} for {super().subject(params, moment)}"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [*_replaced(self.rows(run.params, moment), run.params["notes"])]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(notes=params["notes"] or None)


def _replaced(rows: Rows, note: str) -> Iterator[Verdict]:
    others = rows.exclude(Q(notes=None) | Q(notes="") | Q(notes=note))
    if number := others.count():
        verb = "has" if number == 1 else "have"
        sentence = f"{counted(number)} {verb} another note, which is replaced."
        yield Verdict("Notes replaced", Level.WARNING, sentence)
