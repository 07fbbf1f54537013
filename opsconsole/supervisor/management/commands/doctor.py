import dataclasses
import json
import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from opsconsole.supervisor import doctor
from opsconsole.supervisor.doctor import Finding, Level


class Command(BaseCommand):
    """Prints a line for each finding. Exit status 1 if there is a problem; warnings do not count."""

    help = "Check settings, databases, roles, contract, queue and services, and say what to do."
    requires_system_checks = []  # they are among what is reported

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="a list of objects instead of lines"
        )

    def handle(self, **options: Any) -> None:
        findings = list(doctor.examine())
        if options["json"]:
            found = [dataclasses.asdict(finding) for finding in findings]
            self.stdout.write(json.dumps(found, indent=2))
        else:
            for finding in findings:
                self.stdout.write(self._line(finding))
        if any(finding.level == Level.PROBLEM for finding in findings):
            sys.exit(1)

    def _line(self, finding: Finding) -> str:
        styles: dict[Level, Callable[[str], str]] = {
            Level.OK: self.style.SUCCESS,
            Level.NOTE: str,
            Level.WARNING: self.style.WARNING,
            Level.PROBLEM: self.style.ERROR,
        }
        word = styles[finding.level](f"{finding.level:<8}")
        line = f"{word} {finding.check}: {finding.sentence}"
        return f"{line}\n         → {finding.remedy}" if finding.remedy else line
