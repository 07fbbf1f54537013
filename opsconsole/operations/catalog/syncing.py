"""Operations that have repositories synced now, by calls to the sync function."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q

from opsconsole.history.models import FunctionResponse, RepositoryResult
from opsconsole.integrations import errors, functions, github
from opsconsole.operations.asking import selecting
from opsconsole.operations.catalog import waves
from opsconsole.operations.catalog.called import Called
from opsconsole.operations.catalog.on_repositories import (
    OnRepositories,
    of_deleted_workspaces,
)
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.risks import Risk
from opsconsole.operations.steps import StepSpec
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform import contract
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

MOST_AT_ONCE = 1_000  # repositories: a GitHub budget of 5,000 calls an hour, 5 for each
QUOTA_SECONDS = 3.0  # a plan waits no longer to be told of the quota
NAMED = 5  # repositories called by name in a sentence


class HowFar(forms.Form):
    """How far back a sync reaches, and whether anything is written."""

    hours_back = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=waves.MOST_HOURS,
        label="Hours back",
        help_text=f"1 to {waves.MOST_HOURS} hours. Empty: since each one's last sync.",
    )
    dry_run = forms.BooleanField(
        required=False,
        label="Dry run",
        help_text="The function fetches and writes nothing; GitHub's quota is spent.",
    )


class Syncing(OnRepositories):
    """Its steps are waves; see waves.py."""

    reads = (
        *OnRepositories.reads,
        "workspace_tracked_repositories.fetch_issues",
        "workspace_tracked_repositories.last_sync_at",
    )
    writes = {WorkspaceTrackedRepository: ("next_sync_at",)}

    asks_outside = True

    class Form(HowFar, selecting.SelectingForm):
        """Which repositories, how far back, and whether anything is written."""

    @classmethod
    def obstacles(cls, platform: contract.Contract) -> list[str]:
        if functions.configured():
            return []
        missing = ", ".join(functions.SERVICE.missing())
        return [f"The console cannot call the sync function: set {missing}."]

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        """The waves, frozen, and what GitHub still grants."""
        chosen = self.rows(params, moment)
        made = waves.waves(chosen.syncing(), moment.now, params.get("hours_back"))
        return {**waves.facts(made), "quota": _quota()}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[StepSpec]:
        dry_run = bool(params.get("dry_run"))
        return [*waves.steps(waves.kept(moment), moment, dry_run=dry_run)]

    def risk_of(self, run: Run) -> str:
        """By the repositories: the plan's rows are written several times, an undo's once."""
        repositories, _ = self.meant(run) or (0, "")
        many = self.risk == Risk.ROUTINE and repositories > (self.routine_rows or 0)
        return Risk.ELEVATED if many else self.risk

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        rows = self.rows(run.params, moment)
        made = waves.kept(Moment(moment.now, run.facts))
        return [
            *_is_possible(made),
            _what_is_called(made),
            *_paused(rows),
            _quota_verdict(made, run.facts["quota"]),
            *of_deleted_workspaces(rows),
        ]

    def rest(self, run: Run) -> tuple[str, dict[str, Any]] | None:
        keys = Called(run).to_do if run.undo_of_id is None else []
        return ("force-sync", {"repositories": keys}) if keys else None

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        """Moments move on within the run; `proofs()` says what came of it."""
        return Q(pk__isnull=False)

    def proofs(self, run: Run, moment: Moment) -> list[Verdict]:
        """What became of each repository: by its row, and by what the function named."""
        answers = FunctionResponse.objects.filter(run_id=run.pk).count()
        refused = RepositoryResult.objects.filter(
            response__run_id=run.pk, success=False
        )
        return [*_refused(refused), _came_of_it(run, Called(run), answers)]

    def meant(self, run: Run) -> tuple[int, str] | None:
        """The repositories: each is written several times on its way."""
        if run.undo_of_id is not None:
            return None
        return sum(len(wave["rows"]) for wave in run.facts["waves"]), "repository"


def _quota() -> dict[str, Any] | None:
    """What our token may still ask GitHub for; None where nobody can tell."""
    try:
        found = github.rate_limit(github.client(timeout=QUOTA_SECONDS))
    except errors.ServiceError:
        return None
    return {"remaining": found.remaining, "reset": found.reset.isoformat()}


def _is_possible(made: list[waves.Wave]) -> Iterator[Verdict]:
    for sentence in Syncing.obstacles(contract.current()):
        yield Verdict("Sync function", Level.BLOCKING, sentence)
    if (rows := waves.rows_of(made)) > MOST_AT_ONCE:
        sentence = (
            f"{rows:,} repositories; at most {MOST_AT_ONCE:,} at once, which is what"
            " GitHub grants in an hour: choose fewer."
        )
        yield Verdict("How many", Level.BLOCKING, sentence)


def _what_is_called(made: list[waves.Wave]) -> Verdict:
    back = [wave.hours_back for wave in made]
    if not back:
        return Verdict("What is called", Level.BLOCKING, "No repository is to sync.")
    span = f"{min(back)}" if min(back) == max(back) else f"{min(back)} to {max(back)}"
    sentence = (
        f"{counted(waves.rows_of(made), 'repository')} in {counted(len(made), 'call')},"
        f" {span} h back. What else is due in these workspaces waits until the end."
    )
    return Verdict("What is called", Level.OK, sentence)


def _paused(rows: Rows) -> Iterator[Verdict]:
    if paused := rows.exclude(fetch_issues=True).count():
        sentence = (
            f"{counted(paused)} paused, which the function never takes: left out."
        )
        yield Verdict("Left out", Level.WARNING, sentence)


def _quota_verdict(made: list[waves.Wave], quota: dict[str, Any] | None) -> Verdict:
    most = waves.rows_of(made) * waves.MOST_CALLS
    if quota is None:
        sentence = f"Up to {most:,} calls to GitHub; what it still grants is unknown."
        return Verdict("GitHub's quota", Level.NOTE, sentence)
    left = int(quota["remaining"])
    sentence = (
        f"Up to {most:,} calls to GitHub, {left:,} left for the console's token, which"
        " may not be the function's."
    )
    return Verdict(
        "GitHub's quota", Level.OK if most <= left else Level.WARNING, sentence
    )


def _refused(refused: Any) -> Iterator[Verdict]:
    for result in refused.order_by("repository")[:NAMED]:
        sentence = f"{result.repository}: {result.error or 'no reason given'}"
        yield Verdict("Refused", Level.WARNING, sentence)
    if (rest := refused.count() - NAMED) > 0:
        yield Verdict("Refused", Level.WARNING, f"{rest:,} more, listed on the run.")


def _came_of_it(run: Run, called: Called, answers: int) -> Verdict:
    """A repository in which nothing is new leaves no trace, so it is named as such."""
    name = "What came of it"
    if run.params.get("dry_run"):
        sentence = f"A dry run: {counted(answers, 'answer')}; no sync was written."
        return Verdict(name, Level.OK if answers else Level.WARNING, sentence)
    total = sum(len(call.rows) for call in called.calls)
    synced, refused = len(called.synced), len(called.refused - called.synced)
    unreached = len({*called.unreached} - called.refused)
    quiet = max(total - synced - refused - unreached, 0)
    sentence = (
        f"Of {total:,}: {synced:,} synced, {refused:,} refused, {unreached:,} not reached,"
        f" {quiet:,} without a trace (nothing new, issues switched off, or taken by"
        " another run meanwhile)."
    )
    fine = answers and not refused and not unreached
    return Verdict(name, Level.OK if fine else Level.WARNING, sentence)
