"""The questions that are asked, in the order they were registered, and their answers."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db import Error, connections

CONSOLE, READ, WRITE = "default", "platform", "platform_write"


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"  # worth knowing, and nothing to put right
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One answer: how well it is, and what to do if it is not."""

    level: Level
    sentence: str
    remedy: str = ""
    check: str = ""

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


Question = Callable[[], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """A question with its name and the database that must answer before it can be asked."""

    name: str
    ask: Question
    reads: str | None


CHECKS: list[Check] = []


def check(name: str, reads: str | None = None) -> Callable[[Question], Question]:
    """Register a function that yields at least one finding."""

    def register(ask: Question) -> Question:
        CHECKS.append(Check(name, ask, reads))
        return ask

    return register


def ok(sentence: str) -> Finding:
    return Finding(Level.OK, sentence)


def note(sentence: str, remedy: str = "") -> Finding:
    return Finding(Level.NOTE, sentence, remedy)


def warning(sentence: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, sentence, remedy)


def problem(sentence: str, remedy: str) -> Finding:
    return Finding(Level.PROBLEM, sentence, remedy)


def examine(names: Collection[str] = ()) -> Iterator[Finding]:
    """Ask everything, or only what is named. What an unreachable database hides is left out."""
    down: dict[str, bool] = {}
    for each in CHECKS:
        if names and each.name not in names:
            continue
        if each.reads and down.setdefault(each.reads, bool(trouble(each.reads))):
            continue
        try:
            findings = list(each.ask())
        except Exception as error:  # the others should be asked all the same
            why = f"{type(error).__name__}: {first_line(error)}"
            findings = [problem(f"It could not be asked, {why}.", "")]
        for found in findings:
            yield Finding(found.level, found.sentence, found.remedy, each.name)


def problems(names: Collection[str]) -> list[Finding]:
    """Only what must be put right."""
    return [found for found in examine(names) if found.level == Level.PROBLEM]


def trouble(alias: str) -> str:
    """Why a database cannot be reached, else nothing."""
    try:
        connections[alias].ensure_connection()
    except Error as error:
        return first_line(error)
    return ""


def unreachable(alias: str, variable: str) -> Iterator[Finding]:
    """A problem when the database of that variable does not answer."""
    why = trouble(alias)
    if why and settings.EMBEDDED and "No such file" in why:  # no socket, no server
        yield problem("The sandbox does not run.", "Start it: manage.py up")
    elif why:
        yield problem(f"It does not answer: {why}.", f"See {variable}.")


def first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def one(alias: str, sql: str, *params: str) -> tuple[object, ...]:
    """The first row of a query."""
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[object, ...] = cursor.fetchone() or ()
        return row
