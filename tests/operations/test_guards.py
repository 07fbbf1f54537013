"""What every plan is looked at for: work to do, blast radius, the tiers that were meant."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from opsconsole.operations import decisions
from opsconsole.operations.catalog.double_intervals import DoubleIntervals
from opsconsole.operations.catalog.pause_repository import PauseRepository
from opsconsole.operations.catalog.set_interval import SetInterval
from opsconsole.operations.models import Run, Step
from opsconsole.operations.planning import guards
from opsconsole.operations.steps import StepSpec
from tests import factories

pytestmark = pytest.mark.platform


@dataclass(frozen=True)
class Made(StepSpec):
    """A step without a table."""

    kind: ClassVar[str] = "statement"
    noun: ClassVar[str] = "statement"


@dataclass(frozen=True)
class Called(StepSpec):
    kind: ClassVar[str] = "call"
    noun: ClassVar[str] = "call"


@pytest.fixture
def work_to_do(operator, databases):
    """What is said of a plan with these steps, each as (spec, rows planned)."""

    def say(*steps):
        run = Run(
            operation="pause-repository", version=1, params={}, summary={"steps": []}
        )
        run.requested_by, run.created_at, run.planned_at, run.expires_at = (
            operator,
            *["2026-01-01T00:00Z"] * 3,
        )
        run.save()
        for number, (spec, rows) in enumerate(steps):
            Step.objects.create(
                run=run,
                number=number,
                kind=spec.kind,
                title=spec.title,
                columns={},
                rows_planned=rows,
            )
        [verdict] = guards.verdicts(run, [spec for spec, _ in steps])
        return verdict.level, verdict.sentence

    return say


class TestWorkToDo:
    def test_is_a_statement_or_a_call_too(self, work_to_do):
        assert work_to_do((Made("Analyze"), 1)) == ("ok", "1 statement to do.")
        assert work_to_do((Called("Disable"), 2)) == ("ok", "2 calls to do.")

    def test_of_several_steps_is_said_of_each(self, work_to_do):
        assert work_to_do((Called("Disable"), 1), (Made("Analyze"), 1)) == (
            "ok",
            "Disable: 1 call; Analyze: 1 statement.",
        )

    def test_none_is_blocking(self, work_to_do):
        assert work_to_do((Called("Disable"), 0))[0] == "blocking"
        assert work_to_do()[0] == "blocking"

    def test_of_rows_that_would_not_change_is_none(
        self, platform_sql, plan, verdicts_of
    ):
        key = factories.tracked(platform_sql, fetch_issues=False)

        said = verdicts_of(plan("pause-repository", repositories=[key]))

        assert said["Work to do"][0] == "blocking"


class TestBlastRadius:
    @pytest.fixture
    def pause(self, platform_sql, plan):
        """Pause some rows of a table of ten."""

        def make(number):
            keys = [factories.tracked(platform_sql) for _ in range(10)]
            return plan("pause-repository", repositories=keys[:number])

        return make

    @pytest.mark.parametrize(("rows", "level"), [(5, "ok"), (6, "warning")])
    def test_warns_above_half_of_the_table(self, pause, verdicts_of, rows, level):
        found, sentence = verdicts_of(pause(rows))["Blast radius"]

        assert found == level
        assert sentence == (
            f"{rows} of all 10 workspace tracked repositories ({rows}0 %)."
        )

    @pytest.mark.parametrize(("rows", "level"), [(3, "ok"), (4, "warning")])
    def test_warns_above_many_rows(self, pause, verdicts_of, monkeypatch, rows, level):
        monkeypatch.setattr(guards, "MANY_ROWS", 3)

        assert verdicts_of(pause(rows))["Blast radius"][0] == level

    @pytest.mark.parametrize(("rows", "blocked"), [(3, False), (4, True)])
    def test_blocks_above_the_operations_own_number(
        self, pause, verdicts_of, monkeypatch, rows, blocked
    ):
        monkeypatch.setattr(PauseRepository, "most_rows", 3)

        run = pause(rows)

        assert (verdicts_of(run)["Blast radius"][0] == "blocking") == blocked
        assert ("at most 3 rows: choose fewer" in decisions.blocking(run)) == blocked

    @pytest.mark.parametrize(("rows", "blocked"), [(2, False), (3, True)])
    def test_blocks_above_the_operations_own_share(
        self, pause, verdicts_of, monkeypatch, rows, blocked
    ):
        monkeypatch.setattr(PauseRepository, "most_share", 0.2)

        run = pause(rows)

        assert (verdicts_of(run)["Blast radius"][0] == "blocking") == blocked
        assert ("at most 20 % of the table" in decisions.blocking(run)) == blocked

    def test_of_steps_on_one_table_is_the_largest(
        self, platform_sql, plan, verdicts_of
    ):
        for number in range(4):
            factories.tracked(platform_sql, is_active=number > 0)

        said = verdicts_of(plan("stop-all-syncs"))

        assert said["Blast radius"][1].startswith("4 of all 4")
        assert said["Work to do"][1] == (
            "Take them out of the sync: 4 rows; Mark them as inactive: 3 rows."
        )


class TestTiersMeant:
    @pytest.fixture
    def plan_for(self, platform_sql, plan):
        """A plan whose rows are of the tiers free and pro."""

        def make():
            for tier in ("free", "pro", "pro"):
                workspace = factories.workspace(platform_sql, tier=tier)
                factories.tracked(platform_sql, workspace, sync_frequency_hours=6)
            return plan("set-interval", matching="q=", hours=12)

        return make

    def test_others_are_blocking(self, plan_for, verdicts_of, monkeypatch):
        monkeypatch.setattr(SetInterval, "tiers_meant", lambda self, params: ["free"])

        run = plan_for()

        assert verdicts_of(run)["Tiers meant"] == (
            "blocking",
            "free alone is meant, but the plan has 2 rows of pro. Do not use it.",
        )
        assert decisions.blocking(run)

    def test_those_alone_are_fine(self, platform_sql, plan, verdicts_of):
        factories.tracked(platform_sql)
        params = {"factor": 2, "floor": 48, "tiers": ["free"], "relief": False}

        said = verdicts_of(plan(DoubleIntervals.slug, **params))

        assert said["Tiers meant"] == ("ok", "Rows of free alone.")

    def test_any_is_not_spoken_of(self, plan_for, verdicts_of):
        assert "Tiers meant" not in verdicts_of(plan_for())


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0 %"), (1, 1000, "under 1 %"), (1, 100, "1 %"), (5, 0, "unknown share")],
)
def test_share_rounds_nothing_down_to_nothing(part, whole, text):
    assert guards.share(part, whole) == text
