"""What is due against what the schedule takes."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from opsconsole.history.models import Sample
from opsconsole.platform.rules import schedule_rounds, slots, slots_per_day
from opsconsole.web.formats import duration, number


@dataclass(frozen=True)
class Capacity:
    """Rows that wait, and the places of the schedule; calls are estimated."""

    due: int  # whatever their diagnosis: a failed row is due as well
    starved: int
    wanted: float  # syncs a day that the intervals ask for

    @property
    def slots(self) -> int:
        """Of one scheduled run."""
        return slots()

    @property
    def slots_per_day(self) -> float:
        return slots_per_day()

    @property
    def last_one_waits(self) -> timedelta:
        """Until the last of those that are due now is taken, if nothing else becomes due."""
        return timedelta(hours=schedule_rounds(self.due) * settings.SCHEDULE_HOURS)

    @property
    def is_enough(self) -> bool:
        """Whether a day's places are as many as the intervals ask for."""
        return self.wanted <= self.slots_per_day

    @property
    def sentence(self) -> str:
        """`412 in line, 20 a run, 80 a day: the last one waits 5 d 6 h at best.`"""
        places = f"{number(self.slots)} a run, {number(self.slots_per_day)} a day"
        if not self.due:
            return f"Nothing is in line; the schedule takes {places}."
        if self.due <= self.slots:
            end = "the next run can take all of them."
        else:
            end = f"the last one waits {duration(self.last_one_waits)} at best."
        return f"{number(self.due)} in line, {places}: {end}"

    @property
    def demand(self) -> str:
        """What the intervals ask for, in the same unit."""
        places = number(self.slots_per_day)
        wanted = number(round(self.wanted))
        if self.is_enough:
            return f"The intervals ask for {wanted} of {places} syncs a day."
        times = number(self.wanted / self.slots_per_day, 1)
        return (
            f"The intervals ask for {wanted} syncs a day, {times} times the {places}"
            " that the schedule can do."
        )


def of_sample(sample: Sample) -> Capacity:
    return Capacity(
        sample.due, sample.word_count("starved"), sum(sample.calls.values())
    )
