"""Why a run failed, as sentences for whoever must do something about it."""

from typing import NamedTuple

import psycopg
from psycopg.errors import (
    IntegrityError,
    UndefinedColumn,
    UndefinedTable,
)

from opsconsole.operations.engine.errors import BUSY, PlanChanged, StepFailed
from opsconsole.operations.models import Run

LONGEST = 500  # characters of what a database says
FORBIDDEN = ("permission denied", "new row violates row-level security")


class Saying(NamedTuple):
    """What went wrong, and what to do about it."""

    what: str
    advice: str


MISSING = Saying(
    "The platform lacks what the plan needs",
    "The page “Platform contract” says what else is missing: have it put back, or plan"
    " an operation that does without.",
)
SAYINGS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Saying], ...] = (
    ((UndefinedTable, UndefinedColumn), MISSING),
    (
        IntegrityError,
        Saying(
            "The platform does not accept a value",
            "Of that chunk nothing was written: plan again with other values, or without"
            " the row that it names.",
        ),
    ),
    (
        BUSY,
        Saying(
            "The platform refused several times in a row",
            "Look who holds its locks, and plan again when it is less busy.",
        ),
    ),
    (
        psycopg.Error,
        Saying(
            "A database refused",
            "The console's log has the details: mend the cause, then plan again.",
        ),
    ),
)


def in_words(error: Exception, run: Run) -> str:
    """The sentences of a failed run's page, without any row's contents."""
    said = plain(error)
    if isinstance(error, StepFailed | PlanChanged):
        return said
    cause = error.__cause__
    primary = primary_of(error)
    if primary.startswith(FORBIDDEN):
        return (
            f"The platform does not let the console do this: {primary}. Ask the owner of"
            f" its tables to run the grants of this operation, {run.operation}.sql of"
            " those that “manage.py platform_grants” writes; then plan again."
        )
    for kind, (what, advice) in SAYINGS:
        if isinstance(cause, kind):
            return f"{what}: {primary.rstrip('.')}. {advice}"
    return (
        f"The console itself made a mistake: {said.rstrip('.')}. Its log has the details:"
        " tell whoever looks after the console before you plan again."
    )


def plain(error: Exception) -> str:
    """What went wrong without any row's contents, which PostgreSQL adds as detail."""
    said = primary_of(error)
    sentence = isinstance(error, StepFailed | PlanChanged)
    return (said if sentence else f"{type(error).__name__}: {said}")[:LONGEST]


def primary_of(error: Exception) -> str:
    """The first line alone, in the database's words where it is the database's error."""
    cause = error.__cause__
    primary = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    return (primary or str(error).partition("\n")[0])[:LONGEST]
