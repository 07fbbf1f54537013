"""The form field for many repositories with an interval each."""

import re
from typing import Any
from uuid import UUID

from django import forms

from opsconsole.operations.asking.fields import MOST_IDS, RepositoryIds
from opsconsole.platform import contract

BETWEEN = re.compile(r"[\s,;:={}\"]+")  # of lines, of CSV, and of a JSON object
LISTED = 3  # wrong ones that a sentence names


class PairLines(forms.Textarea):
    """One pair per line; also takes the same name given many times."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        lines = [given] if isinstance(given, str) else given
        return list(filter(None, BETWEEN.split(" ".join(map(str, lines)))))

    def format_value(self, value: Any) -> str:
        """As they were given, or as a report fills them in."""
        words = " ".join(map(str, value or [])).split()
        return "\n".join(" ".join(words[at : at + 2]) for at in range(0, len(words), 2))


class Frequencies(forms.Field):
    """Lines of "id hours", cleaned to a sorted list of such lines, one per id.

    Refuses ids that the platform does not have and hours that it does not accept.
    """

    widget = PairLines(attrs={"rows": 6, "spellcheck": "false"})

    def to_python(self, value: Any) -> list[str]:
        words = value or []
        if len(words) % 2:
            raise forms.ValidationError(
                "Each id needs its hours: give as many ids as hours."
            )
        if len(words) > 2 * MOST_IDS:
            raise forms.ValidationError(
                f"{len(words) // 2:,} lines given, at most {MOST_IDS:,} are accepted."
            )
        ids = RepositoryIds(required=self.required).clean(words[::2])
        hours = [_hours(text) for text in words[1::2]]
        found = _one_each(map(UUID, words[::2]), hours)
        _check_bounds(found)
        return [f"{pk} {found[pk]}" for pk in ids]


def _hours(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,6}", text):
        return int(text)
    raise forms.ValidationError(f"{text[:60]!r} is not a number of hours.")


def _one_each(ids: Any, hours: list[int]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for pk, each in zip(ids, hours, strict=True):
        if found.setdefault(pk, each) != each:
            raise forms.ValidationError(
                f"{pk} is given twice, with {found[pk]} and {each} hours: keep one."
            )
    return found


def _check_bounds(found: dict[UUID, int]) -> None:
    bounds = contract.current().interval_hours
    if bounds is None:
        raise forms.ValidationError(
            "The platform does not say which hours sync_frequency_hours accepts."
        )
    least, most = bounds
    wrong = sorted(pk for pk, hours in found.items() if not least <= hours <= most)
    if wrong:
        named = ", ".join(f"{pk} ({found[pk]})" for pk in wrong[:LISTED])
        more = f" and {len(wrong) - LISTED:,} more" if len(wrong) > LISTED else ""
        raise forms.ValidationError(
            f"Not accepted: {named}{more}. Intervals are {least} to {most} hours."
        )
