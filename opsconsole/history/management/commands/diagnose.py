"""How many repositories have which diagnosis, from a terminal: the numbers of the pages."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from opsconsole.history import samples
from opsconsole.history.models import Sample
from opsconsole.platform import contract, diagnosis, flags
from opsconsole.web.formats import distance, duration, number

UNKNOWN = 2  # exit code: there is nothing to show; the sentence says why


class Command(BaseCommand):
    help = (
        "Count the tracked repositories by diagnosis and flag; exit code 2 if unknown."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tier", default="", help="only workspaces of this tier")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--sampled",
            action="store_true",
            help="show the newest sample instead of asking the platform",
        )

    def handle(self, *, tier: str, sampled: bool, **options: Any) -> str:
        sample = self._sampled() if sampled else self._live()
        tiers = {*sample.workspaces, *sample.words, *contract.current().tiers}
        if tier and tier not in tiers:
            known = ", ".join(sorted(tiers)) or "none at all"
            raise CommandError(f"There is no tier {tier}: {known}.", returncode=UNKNOWN)
        if options["json"]:
            return _json(sample, tier)
        age = distance(sample.at, timezone.now())
        return _table(sample, tier, f"sampled {age}" if sampled else "counted now")

    def _live(self) -> Sample:
        sample, _ = samples.look(timezone.now(), samples.PATIENCE)
        if sample.problem:
            raise CommandError(sample.problem, returncode=UNKNOWN)
        return sample

    def _sampled(self) -> Sample:
        if sample := samples.newest():
            return sample
        raise CommandError("Nothing has been collected yet.", returncode=UNKNOWN)


def _counts(sample: Sample, tier: str) -> tuple[dict[str, int], dict[str, int]]:
    """Rows by word and by flag, in the order of their definitions."""
    words = {word: sample.word_count(word, tier=tier) for word in diagnosis.WORDS}
    return words, {flag: sample.flag_count(flag, tier=tier) for flag in flags.WORDS}


def _json(sample: Sample, tier: str) -> str:
    words, flagged = _counts(sample, tier)
    return json.dumps(
        {
            "at": sample.at.isoformat(),
            "tier": tier or None,
            "total": sum(words.values()),
            "words": words,
            "flags": flagged,
            "unlinked": None if tier else sample.unlinked,
            "untracked": None if tier else sample.untracked,
        },
        indent=2,
    )


def _table(sample: Sample, tier: str, age: str) -> str:
    words, flagged = _counts(sample, tier)
    what = f"tracked repositories of tier {tier}" if tier else "tracked repositories"
    took = f"in {duration(sample.took)}"
    lines = [f"{number(sum(words.values()))} {what}, {age} {took}", "", "Diagnosis"]
    lines += [f"  {word:<30}{number(rows):>12}" for word, rows in words.items()]
    lines += ["", "Flags"]
    lines += [f"  {flag:<30}{number(rows):>12}" for flag, rows in flagged.items()]
    if not tier:
        gaps = {"unlinked": sample.unlinked, "untracked": sample.untracked}
        lines += ["", "Without a row that syncs them"]
        lines += [
            f"  {gap:<30}{'unknown' if rows is None else number(rows):>12}"
            for gap, rows in gaps.items()
        ]
    return "\n".join(lines)
