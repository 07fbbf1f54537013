"""Runs: what was asked, by whom, and how far it is."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.urls import reverse

from opsconsole.operations.states import (
    ARROWS,
    AT_WORK,
    FINISHED,
    LIVE,
    NEXT,
    UNDECIDED,
    UNDOABLE,
    WORKING,
    State,
)

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from opsconsole.operations.catalog.base import Operation
    from opsconsole.operations.models.approval import Approval
    from opsconsole.operations.models.notes import EffectCheck, LogLine
    from opsconsole.operations.models.plan import Step


class IllegalMove(Exception):
    """The run is not in a state from which it may go there; somebody was faster."""


# Nobody holds the run, or the lease ran out; by the database's clock as hosts may differ.
FREE = Q(lease_until=None) | Q(lease_until__lt=Now())
# Its time has come and no run on the same columns is before it.
READY = (Q(wait_until=None) | Q(wait_until__lte=Now())) & (
    Q(behind=None) | ~Q(behind__state__in=LIVE)
)
UNDO_DAYS = 30  # after which a run's rows are pruned and its undo is over


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, by what workers and people ask of them."""

    def newest_first(self) -> "RunQuerySet":
        return self.order_by("-pk")

    def confirmed(self) -> "RunQuerySet":
        """Those that somebody confirmed, whatever became of them: not mere plans."""
        return self.filter(queued_at__isnull=False)

    def held(self) -> "RunQuerySet":
        """Those that a living worker holds."""
        return self.filter(lease_until__gt=Now())

    def live(self) -> "RunQuerySet":
        """Confirmed and not at their end."""
        return self.filter(state__in=LIVE)

    def unheld(self) -> "RunQuerySet":
        """Work that is ready and that no living worker holds."""
        return self.filter(FREE, READY, state__in=WORKING)

    def awaiting_review(self) -> "RunQuerySet":
        """Emergencies that no second person has looked at yet."""
        return self.filter(review_until__isnull=False).exclude(
            approvals__decision="reviewed"
        )

    def claim(self, run_id: int) -> "Run | None":
        """Take the run for one worker, or None: it is held, finished or unknown.

        One conditional UPDATE decides, so a message may come twice, late or not at all.
        """
        token = uuid4()
        ready = self.unheld().filter(pk=run_id).values("pk")
        self.filter(FREE, pk__in=ready, state__in=WORKING).update(
            lease_token=token, lease_until=lease_end(), attempts=F("attempts") + 1
        )
        return self.filter(pk=run_id, lease_token=token).first()


def lease_end() -> Combinable:
    """The end of a lease that begins now, by the database's clock as hosts may differ.

    A worker may be silent that long: at least three times a chunk's longest transaction.
    """
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


class Run(models.Model):
    """One execution of an operation: what was asked, by whom, and how far it is."""

    operation = models.CharField(max_length=80)
    version = models.PositiveIntegerField()  # of the operation's code at planning
    title = models.CharField(max_length=120)
    subject = models.CharField(max_length=300)  # what it was about, in words
    risk = models.CharField(max_length=20)
    cluster = models.CharField(max_length=20)
    state = models.CharField(
        max_length=30, choices=State.choices, default=State.PLANNING
    )
    params = models.JSONField(encoder=DjangoJSONEncoder)
    facts = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    summary = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    plan_hash = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=2000, blank=True)

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="runs"
    )
    origin = models.CharField(max_length=20)  # browser, terminal
    os_user = models.CharField(max_length=100, blank=True)  # of a terminal
    undo_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="undos")

    created_at = models.DateTimeField()
    planned_at = models.DateTimeField()  # by the platform's clock; an operation's "now"
    expires_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)  # for a second person's approval
    review_until = models.DateTimeField(null=True)  # of an emergency
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    rows_planned = models.PositiveBigIntegerField(default=0)
    rows_expected = models.PositiveBigIntegerField(null=True)  # while it is planned
    rows_written = models.PositiveBigIntegerField(default=0)
    # held the after-value already
    rows_found = models.PositiveBigIntegerField(default=0)
    rows_skipped = models.PositiveBigIntegerField(default=0)

    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    pause_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    pause_reason = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True)
    waiting_for = models.CharField(max_length=300, blank=True)  # as a sentence
    wait_until = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)  # without any progress in between
    behind = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    worked = models.DurationField(default=timedelta)  # time spent writing, for the rate
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(null=True)  # when a worker was last sent a message
    attempts = models.PositiveIntegerField(default=0)  # claims since the last progress
    error = models.TextField(blank=True)
    verification = models.JSONField(encoder=DjangoJSONEncoder, default=list)

    objects: ClassVar = RunQuerySet.as_manager()
    if TYPE_CHECKING:
        steps: "RelatedManager[Step]"
        log: "RelatedManager[LogLine]"
        approvals: "RelatedManager[Approval]"
        effects: "RelatedManager[EffectCheck]"
        undos: "RelatedManager[Run]"

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["lease_until"],
                name="run_working",
                condition=Q(state__in=[*WORKING]),
            ),
            models.Index(fields=["operation", "-id"], name="run_operation"),
            # What waits for a person is asked for by every page.
            models.Index(
                fields=["expires_at"],
                name="run_undecided",
                condition=Q(state__in=[*UNDECIDED]),
            ),
            models.Index(
                fields=["review_until"],
                name="run_reviewed",
                condition=Q(review_until__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="run_state_known"
            ),
            models.CheckConstraint(
                condition=Q(lease_token=None, lease_until=None)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="run_lease_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    rows_planned__gte=F("rows_written")
                    + F("rows_found")
                    + F("rows_skipped")
                ),
                name="run_counts_fit",
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("operations:run", args=[self.pk])

    @property
    def definition(self) -> "type[Operation]":
        """The operation's code. Raises KeyError when it was removed since."""
        from opsconsole.operations.catalog import OPERATIONS

        return OPERATIONS[self.operation]

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def undo_until(self) -> datetime | None:
        """Until when it can be undone; None while it cannot."""
        if self.state not in UNDOABLE or self.finished_at is None:
            return None
        return self.finished_at + timedelta(days=UNDO_DAYS)

    @property
    def rows_meant(self) -> int:
        """How many a person means: a row that several steps write counts once."""
        return self._meant[0]

    @property
    def noun_meant(self) -> str:
        """What `rows_meant` counts: row, or call or statement where no row is written."""
        return self._meant[1]

    @property
    def _meant(self) -> tuple[int, str]:
        from opsconsole.operations.catalog import OPERATIONS

        operation = OPERATIONS.get(self.operation)
        own = operation().meant(self) if operation and self.facts else None
        if own is not None:
            return own
        most: dict[str, int] = {}
        others, noun = 0, "row"
        for step in self.summary.get("steps", []):
            if table := step.get("table"):
                most[table] = max(most.get(table, 0), step["rows"])
            else:
                others, noun = others + step["rows"], step.get("noun", "row")
        return (sum(most.values()), "row") if most else (others, noun)

    @property
    def rows_done(self) -> int:
        return self.rows_written + self.rows_found + self.rows_skipped

    @property
    def rows_left(self) -> int:
        """Rows that the run did not reach."""
        return self.rows_planned - self.rows_done

    @property
    def percent(self) -> int:
        """How much is done, 0..100, whole."""
        return 100 * self.rows_done // self.rows_planned if self.rows_planned else 0

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def what_next(self) -> str:
        """Who moves the run on, as a sentence; empty when it is finished."""
        return NEXT.get(State(self.state), "")

    def move(self, to: State, *conditions: Q, **changes: Any) -> None:
        """Go to another state, if the run is still where this object believes it is.

        A worker's object also proves that it still holds the lease; `conditions` are
        tested by the same UPDATE. Raises IllegalMove.
        """
        if (State(self.state), to) not in ARROWS:
            raise IllegalMove(f"A run cannot go from {self.state} to {to}.")
        if to not in AT_WORK:
            changes |= {"lease_token": None, "lease_until": None, "attempts": 0}
        if to in FINISHED and self.finished_at is None:
            changes.setdefault("finished_at", Now())
        still = Run.objects.filter(
            *conditions, pk=self.pk, state=self.state, lease_token=self.lease_token
        )
        if not still.update(state=to, **changes):
            raise IllegalMove(f"Run {self.pk} is no longer {self.state}.")
        if to not in AT_WORK:
            self.lease_token = None
        # The token stays ours: a reload could bring that of a worker that overtook us.
        fields = [field.attname for field in self._meta.concrete_fields]
        self.refresh_from_db(fields=sorted({*fields} - {"lease_token", "lease_until"}))

    def renew_lease(self) -> bool:
        """Prolong the lease, or False: it ran out or another worker has the run."""
        mine = Run.objects.filter(
            pk=self.pk, lease_token=self.lease_token, lease_until__gt=Now()
        )
        return bool(mine.update(lease_until=lease_end()))

    def say(self, text: str) -> None:
        """Add a line to the log that the run's page shows."""
        self.log.create(text=text[:500])

    def release_lease(self, *, error: str = "") -> None:
        """Let the next worker take over at once; an orderly end, so no failed attempt."""
        mine = Run.objects.filter(pk=self.pk, lease_token=self.lease_token)
        mine.update(lease_token=None, lease_until=None, attempts=0, error=error)
