"""The last days of a repository as a strip: a square per day, each with its word."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from opsconsole.history.outcomes import Day
from opsconsole.web.words import Word

LOOKS = {
    "success": Word("ok", "check"),
    "failed": Word("critical", "x"),
    "missed": Word("warning", "alarm-clock"),
    "nothing expected": Word("neutral", "minus"),
    "not over": Word("neutral", "hourglass"),
    "unknown": Word("neutral", "circle-question-mark"),
}  # by history.outcomes.Day.word


@dataclass(frozen=True)
class Strip:
    """Days in their order, the newest last."""

    days: Sequence[Day]

    @property
    def squares(self) -> list[tuple[Day, Word]]:
        return [(day, LOOKS[day.word]) for day in self.days]

    @property
    def summary(self) -> list[tuple[str, Word, int]]:
        """Each word with its look and number of days, those without a day left out."""
        counts = Counter(day.word for day in self.days)
        return [
            (word, look, counts[word]) for word, look in LOOKS.items() if counts[word]
        ]
