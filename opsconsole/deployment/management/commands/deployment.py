import json
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from opsconsole.deployment import looking, registry
from opsconsole.deployment.checks import Check
from opsconsole.deployment.facts import Fact, Fix, State
from opsconsole.web.formats import distance

Found = list[tuple[Check, Fact]]


class Command(BaseCommand):
    """Prints each fact of the deployment page. Exit status 1 if something is missing or wrong."""

    help = "Tell what of the deployment is there, missing or wrong, and what puts it right."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="a list of objects instead of lines"
        )

    def handle(self, **options: Any) -> None:
        found = [
            (check, fact)
            for _, checks in registry.by_step()
            for check in checks
            for fact in looking.look(check)
        ]
        if options["json"]:
            self.stdout.write(json.dumps([_object(*each) for each in found], indent=2))
        else:
            for line in self._lines(found):
                self.stdout.write(line)
        if any(fact.state.is_bad for _, fact in found):
            sys.exit(1)

    def _lines(self, found: Found) -> Iterator[str]:
        """A heading for each check, and its facts with what to do below them."""
        before = None
        for check, fact in found:
            if check is not before:
                yield f"{check.step}: {check.title}"
            before = check
            age = distance(fact.at, timezone.now())
            said = f"{fact.name}: {fact.sentence} ({fact.source}, {age})"
            yield f"  {self._word(fact.state)} {said}"
            yield from (f"          → {text}" for text in _what_to_do(fact))

    def _word(self, state: State) -> str:
        word = f"{state:<7}"
        if state == State.FINE:
            return str(self.style.SUCCESS(word))
        return str(self.style.ERROR(word)) if state.is_bad else word


def _what_to_do(fact: Fact) -> Iterator[str]:
    if fact.remedy:
        yield fact.remedy
    if fact.fix:
        yield _command(fact.fix)


def _command(fix: Fix) -> str:
    """What plans it from a terminal."""
    words = ["manage.py run_operation", fix.slug]
    for name, value in fix.given.items():
        words.append(f"--{name.replace('_', '-')}")
        if isinstance(value, list):
            words += value
        elif value is not True:
            words.append(str(value))
    return " ".join(words)


def _object(check: Check, fact: Fact) -> dict[str, Any]:
    return {
        "step": check.step,
        "check": check.slug,
        "name": fact.name,
        "state": fact.state,
        "sentence": fact.sentence,
        "source": fact.source,
        "at": fact.at.isoformat(),
        "remedy": fact.remedy,
        "fix": _command(fact.fix) if fact.fix else "",
    }
