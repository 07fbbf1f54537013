from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min, Q

from opsconsole.operations.catalog import workflows
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import EffectCheck, Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning import guards
from opsconsole.operations.steps import ChangeRows, StepSpec
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.platform.rules import window
from opsconsole.web import formats

BEGUN = timedelta(minutes=10)  # a run of the function that had begun ends within this
Effect = EffectCheck.Effect


@register
class StopAllSyncs(Operation):
    """Take every repository out of the sync at once; the undo puts back what was in it.

    Runbook: "Stop All Syncs". Its UPDATE sets is_active, which the sync function does not
    read, so nothing stops; mixed with a shell line it may be rolled back as a whole; and
    it does not keep which rows were off before. Ours switches off fetch_issues, what is
    due now first, then is_active, and both come back exactly as they were. Then it
    switches the workflow on GitHub off, which the rows do not wait for: without it the
    function finds nothing to do either. A run that has begun ends as it would have.
    """

    slug = "stop-all-syncs"
    title = "Stop all syncs"
    purpose = "emergency"
    risk = "emergency"
    icon = "octagon-x"
    asks_outside = True
    reads = (
        "workspace_tracked_repositories.last_sync_at",
        "workspace_tracked_repositories.next_sync_at",
    )
    writes = {WorkspaceTrackedRepository: ("fetch_issues", "is_active")}
    effect_after = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24))

    def usual(self) -> dict[str, Any] | None:
        return {}

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        return {"workflow": workflows.state()}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[StepSpec]:
        due = Q(next_sync_at__lte=moment.now)
        return [
            _switch_off("fetch_issues", "Take them out of the sync", due),
            _switch_off("is_active", "Mark them as inactive", due),
            *workflows.switch(
                on=False, state=moment.facts.get("workflow", workflows.NOT_OURS)
            ),
        ]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return "all repositories"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        paid = guards.of_paid_tiers(run)
        return [
            _what_stops(moment),
            _what_stays_off(),
            *paid,
            *_what_goes_on(run.facts["workflow"]),
            _gap(moment),
        ]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(**dict.fromkeys(step.columns, False))

    def proofs(self, run: Run, moment: Moment) -> list[Verdict]:
        """That the function finds nothing: rows may have been made during the run."""
        return [
            _nothing_is_due(moment),
            *workflows.is_off(moment.facts.get("workflow", workflows.NOT_OURS)),
        ]

    def effect(self, run: Run, moment: Moment) -> tuple[Effect, str]:
        """Whether anything has synced since. Nothing that it does can be harmful later."""
        assert run.finished_at is not None
        synced = _every().filter(last_sync_at__gt=run.finished_at + BEGUN).count()
        syncing = _every().syncing().count()
        if synced or syncing:
            sentence = (
                f"{counted(synced)} synced since, {syncing:,} in the sync: added or"
                " switched on after the stop."
            )
            return Effect.PARTLY, sentence
        return Effect.EFFECTIVE, "Nothing has synced since, and no row is in the sync."


def _nothing_is_due(moment: Moment) -> Verdict:
    syncing = _every().syncing().count()
    due = _every().due(moment.now).count()
    if not syncing:
        return Verdict("Nothing is due", Level.OK, "No row is left in the sync.")
    sentence = (
        f"{counted(syncing)} in the sync again, {due:,} of them due: added or switched"
        " on since the plan. Stop all syncs once more to catch them."
    )
    level = Level.BLOCKING if due else Level.WARNING
    return Verdict("Nothing is due", level, sentence)


def _every() -> Rows:
    rows: Rows = WorkspaceTrackedRepository.objects.all()
    return rows


def _switch_off(column: str, title: str, due: Q) -> ChangeRows:
    """NULL counts as on: the platform's triggers and the undo mean it so."""
    on = _every().exclude(**{column: False})
    return ChangeRows(title, on, {column: False}, first=due)


def _what_stops(moment: Moment) -> Verdict:
    syncing, due = _every().syncing().count(), _every().due(moment.now).count()
    sentence = (
        f"{counted(syncing)} in the sync, {due:,} due now: these are stopped first."
    )
    return Verdict("What stops", Level.OK, sentence)


def _what_stays_off() -> Verdict:
    off = _every().paused().count()
    sentence = (
        f"{counted(off)} paused before: not touched, and still paused after an undo."
    )
    return Verdict("What stays off", Level.OK, sentence)


def _what_goes_on(workflow: str) -> list[Verdict]:
    added = "A repository that somebody adds during the stop syncs: it is looked for."
    goes_on = "The platform's own pages and other workflows go on fetching."
    return [
        Verdict("What is added", Level.WARNING, added),
        Verdict("The schedule", Level.NOTE, workflows.IN_WORDS[workflow]),
        Verdict("What goes on", Level.NOTE, goes_on),
    ]


def _gap(moment: Moment) -> Verdict:
    """Scheduled runs look back a fixed time, so a long stop leaves a hole."""
    oldest = _every().syncing().filter(last_sync_at__gt=moment.now - window())
    first = oldest.aggregate(first=Min("last_sync_at"))["first"]
    hours = settings.SCHEDULE_WINDOW_HOURS
    sentence = (
        f"A scheduled run fetches the last {hours} h alone: once a repository's last sync"
        " is longer ago than that, what happened before is lost unless somebody forces a"
        " sync that reaches back."
    )
    if first:
        begins = formats.distance(first + window(), moment.now)
        sentence += f" For the first ones that begins {begins}."
    return Verdict("Coverage gap", Level.WARNING, sentence)
