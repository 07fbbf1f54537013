"""What is to be said of a plan that makes repositories sync less often."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models.expressions import Combinable

from opsconsole.operations.catalog import intervals
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning import guards
from opsconsole.operations.verdicts import Level, Verdict, counted, holds
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.web.formats import number

SHOWN = 4  # factors of a tier; the others together


@dataclass(frozen=True)
class SlowingDown:
    """Rows, and the interval that each of them is to have."""

    run: Run
    moment: Moment
    rows: Rows
    new: Combinable

    def verdicts(self) -> Iterator[Verdict]:
        yield self._never_shorter()
        yield from self._factors()
        yield self._load()
        yield from guards.of_paid_tiers(self.run)
        yield from self._beyond_the_window()
        yield from self._inactive()
        yield self._when()

    @cached_property
    def _changing(self) -> Rows:
        """Those whose interval is not yet as it is to be."""
        compared: Rows = self.rows.alias(new=self.new)
        return compared.exclude(sync_frequency_hours=self.new)

    def _never_shorter(self) -> Verdict:
        shorter = self.rows.alias(new=self.new).filter(new__lt=intervals.MEANT).count()
        return holds(
            "Never shorter",
            not shorter,
            yes="No interval becomes shorter than it is.",
            no=f"{counted(shorter)} would sync more often than now. Set these intervals"
            " by hand first.",
        )

    def _factors(self) -> Iterator[Verdict]:
        wanted, longest = self.run.params["factor"], self.moment.facts["longest"]
        for tier, found in intervals.factors(self._changing, self.new).items():
            shown = [*found.items()][:SHOWN]
            parts = [f"×{factor:.3g} for {counted(rows)}" for factor, rows in shown]
            if others := sum([*found.values()][SHOWN:]):
                parts.append(f"others for {counted(others)}")
            sentence = f"{', '.join(parts)}."
            less = sum(rows for factor, rows in found.items() if factor < wanted)
            if less:
                verb = "gets" if less == 1 else "get"
                part = f"{counted(less)} {verb} less than ×{wanted}"
                sentence += f" {part}: {longest} h is the most."
            yield Verdict(
                f"Factor in {tier}", Level.NOTE if less else Level.OK, sentence
            )

    def _load(self) -> Verdict:
        syncing: Rows = WorkspaceTrackedRepository.objects.syncing()
        load = intervals.load(syncing, self._changing, self.new)
        saved, now = number(load.now - load.then, 1), number(load.now, 1)
        if saved == number(0, 1):
            wanted = number(load.wanted, 1)
            sentence = (
                f"About none: {wanted} repositories an hour fall due even then, and the"
                f" schedule makes at most {now} calls an hour."
            )
            return Verdict("Calls saved", Level.WARNING, sentence)
        sentence = (
            f"About {saved} calls an hour fewer: {number(load.then, 1)} instead of {now},"
            f" at one call a sync on the schedule's grid of {settings.SCHEDULE_HOURS} h."
        )
        return Verdict("Calls saved", Level.OK, sentence)

    def _beyond_the_window(self) -> Iterator[Verdict]:
        fetched = settings.SCHEDULE_WINDOW_HOURS
        beyond = self._changing.alias(new=self.new).filter(new__gt=fetched).count()
        if beyond:
            sentence = (
                f"A scheduled run fetches the last {fetched} h alone: of"
                f" {counted(beyond)} what happens before that is lost, unless somebody"
                " forces a sync that reaches back."
            )
            yield Verdict("Coverage gap", Level.WARNING, sentence)

    def _inactive(self) -> Iterator[Verdict]:
        syncing = WorkspaceTrackedRepository.objects.syncing().filter(is_active=False)
        tiers = self.run.params["tiers"]
        if inactive := syncing.in_tiers(tiers).count():
            sentence = (
                f"{counted(inactive)} with is_active off: the sync function takes them"
                " all the same. They are left out: pause them."
            )
            yield Verdict("Inactive but syncing", Level.NOTE, sentence)

    def _when(self) -> Verdict:
        due = self._changing.filter(next_sync_at__lte=self.moment.now).count()
        if self.run.params["relief"]:
            sentence = (
                "At once: each next sync moves by as much as the interval grows;"
                f" {counted(due)} due now count from now."
            )
            return Verdict("When it counts", Level.OK, sentence)
        sentence = (
            f"From each row's next sync on: next_sync_at stays, and {counted(due)} due"
            " now are still taken. Relief at once puts them off too."
        )
        return Verdict("When it counts", Level.NOTE, sentence)
