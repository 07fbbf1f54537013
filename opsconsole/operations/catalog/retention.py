"""How long the platform is told to keep a repository's data: what its operations share."""

from collections.abc import Iterator
from typing import Any

from opsconsole.operations.asking import selecting
from opsconsole.operations.asking.fields import Number
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows


class Days(Number):
    """A number of days that the platform's CHECK accepts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            column="data_retention_days",
            bounds=lambda platform: platform.retention_days,
            unit="days",
            unset="not set",
            **kwargs,
        )


class RetentionForm(selecting.SelectingForm):
    """Which repositories, and how many days."""

    days = Days(initial=60, label="Retention, in days")  # 60: runbook


def unread() -> Verdict:
    """Source: no code of the platform reads the column."""
    return Verdict(
        "What it does",
        Level.NOTE,
        "The platform stores data_retention_days and reads it nowhere: nothing is deleted"
        " or kept because of it today.",
    )


def without_one(rows: Rows) -> Iterator[Verdict]:
    if unset := rows.filter(data_retention_days=None).count():
        sentence = f"{counted(unset)} without a retention get one."
        yield Verdict("Not set until now", Level.NOTE, sentence)
