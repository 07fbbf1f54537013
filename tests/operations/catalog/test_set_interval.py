"""Set interval: bounds, the schedule's grid, what NULL means, few rows alone."""

import pytest

from opsconsole.operations import decisions
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog.set_interval import SetInterval, on_the_grid
from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State
from opsconsole.platform import contract
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
CHECK = f"{WTR}_sync_frequency_hours_check"


class TestChange:
    def test_sets_the_interval_and_moves_no_next_sync(
        self, platform_sql, plan, applied
    ):
        """Trap: an interval that changes does not move next_sync_at."""
        key = factories.tracked(platform_sql, sync_frequency_hours=6)
        unset = factories.tracked(platform_sql, sync_frequency_hours=None)
        other = factories.tracked(platform_sql, sync_frequency_hours=6)
        whole = f"SELECT id, to_jsonb(t) FROM {WTR} t"
        before = dict(platform_sql(whole))

        run = applied(plan("set-interval", repositories=[key, unset], hours=48))

        assert run.state == State.APPLIED, run.error
        after = dict(platform_sql(whole))
        assert after[other] == before[other]
        for changed in (key, unset):
            differs = {
                n for n in after[changed] if after[changed][n] != before[changed][n]
            }
            assert differs == {"sync_frequency_hours"}
            assert after[changed]["sync_frequency_hours"] == 48
        [chunk] = Chunk.objects.filter(step__run=run)
        assert sorted(chunk.before["sync_frequency_hours"], key=str) == ["6", None]

    def test_none_becomes_24_though_it_means_the_same(
        self, platform_sql, plan, verdicts_of
    ):
        factories.tracked(platform_sql, sync_frequency_hours=None)
        factories.tracked(platform_sql, sync_frequency_hours=24)

        run = plan("set-interval", matching="q=", hours=24)

        assert (run.rows_planned, run.steps.get().rows_unchanged) == (1, 1)
        level, sentence = verdicts_of(run)["Not set until now"]
        assert level == "note"
        assert "1 row without an interval" in sentence
        assert sentence.endswith("nothing changes in effect.")
        other = verdicts_of(plan("set-interval", matching="q=", hours=48))
        assert "nothing changes" not in other["Not set until now"][1]

    def test_a_selection_by_the_column_it_writes(
        self, platform_sql, plan, applied, keys_of
    ):
        key = factories.tracked(platform_sql, sync_frequency_hours=3)
        factories.tracked(platform_sql, sync_frequency_hours=6)

        run = plan("set-interval", matching="flag=interval+below+the+schedule", hours=6)

        assert keys_of(run) == {key}
        assert applied(run).state == State.APPLIED

    def test_a_row_that_was_tuned_meanwhile_is_left_alone(
        self, platform_sql, plan, applied, skipped_of
    ):
        key = factories.tracked(platform_sql, name="acme/tuned")
        run = plan("set-interval", repositories=[key], hours=48)
        platform_sql(f"UPDATE {WTR} SET sync_frequency_hours = NULL")

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert skipped_of(run) == {"acme/tuned": "changed"}


class TestTheGrid:
    @pytest.mark.parametrize(
        ("hours", "level", "words"),
        [
            (1, "warning", "1 h work like 6 h"),
            (5, "warning", "5 h work like 6 h"),
            (6, "ok", "in effect 6 to 12 h"),
            (7, "warning", "7 h work like 12 h"),
            (8, "warning", "8 h work like 12 h"),
            (12, "ok", "in effect 12 to 18 h"),
            (168, "ok", "in effect 168 to 174 h"),
        ],
    )
    def test_says_what_an_interval_comes_to(self, hours, level, words):
        """The runbook's 8 hours for pro are 12."""
        verdict = on_the_grid(hours)

        assert (verdict.level, words in verdict.sentence) == (level, True)

    def test_follows_the_schedules_settings(self, settings):
        settings.SCHEDULE_HOURS = 4

        assert on_the_grid(8).level == "ok"
        assert "6 h work like 8 h" in on_the_grid(6).sentence

    @pytest.mark.parametrize(("hours", "lost"), [(24, False), (25, True)])
    def test_says_when_more_passes_than_a_run_fetches(
        self, platform_sql, plan, verdicts_of, hours, lost
    ):
        key = factories.tracked(platform_sql, sync_frequency_hours=6)

        said = verdicts_of(plan("set-interval", repositories=[key], hours=hours))

        assert ("Coverage gap" in said) == lost
        assert "does not move" in said["When it counts"][1]


class TestFewRows:
    @pytest.fixture
    def rows(self, platform_sql):
        workspace = factories.workspace(platform_sql)

        def make(number):
            for _ in range(number):
                factories.tracked(platform_sql, workspace, sync_frequency_hours=6)
            return workspace

        return make

    def test_fifty_may_change(self, rows, plan, applied):
        run = plan("set-interval", workspace=rows(50), hours=12)

        assert run.risk == "routine"
        assert applied(run).rows_written == 50

    def test_fifty_one_want_their_number(self, rows, plan, applied, operator):
        run = plan("set-interval", workspace=rows(51), hours=12)

        assert run.risk == "elevated"
        sure = {"reason": "because", "plan_hash": run.plan_hash}
        with pytest.raises(decisions.Refused, match="the plan changes 51"):
            decisions.confirm(run, operator, **sure, typed=50)
        assert applied(run).rows_written == 51

    def test_rows_that_hold_the_value_already_do_not_count(
        self, rows, plan, platform_sql
    ):
        workspace = rows(51)
        platform_sql(
            f"UPDATE {WTR} SET sync_frequency_hours = 12"
            f" WHERE id = (SELECT id FROM {WTR} LIMIT 1)"
        )

        run = plan("set-interval", workspace=workspace, hours=12)

        assert run.risk == "routine"


class TestForm:
    def form(self, platform_sql, hours):
        key = factories.tracked(platform_sql)
        return SetInterval.Form({"repositories": [key], "hours": hours})

    @pytest.mark.parametrize("hours", [1, 168])
    def test_accepts_the_platforms_bounds(self, platform_sql, hours):
        assert self.form(platform_sql, hours).is_valid()

    @pytest.mark.parametrize("hours", [0, 169, -5])
    def test_refuses_what_is_beyond(self, platform_sql, hours):
        form = self.form(platform_sql, hours)

        assert f"{hours} is not accepted: 1 to 168 hours." in str(form.errors)

    @pytest.mark.parametrize(("hours", "valid"), [(72, True), (73, False)])
    def test_follows_another_check(self, platform_sql, hours, valid):
        platform_sql(
            f"ALTER TABLE {WTR} DROP CONSTRAINT {CHECK}; ALTER TABLE {WTR} ADD CONSTRAINT"
            f" {CHECK} CHECK (sync_frequency_hours BETWEEN 1 AND 72)"
        )
        contract.forget()
        try:
            assert self.form(platform_sql, hours).is_valid() == valid
        finally:
            platform_sql(
                f"ALTER TABLE {WTR} DROP CONSTRAINT {CHECK}; ALTER TABLE {WTR} ADD CONSTRAINT"
                f" {CHECK} CHECK (sync_frequency_hours >= 1 AND sync_frequency_hours <= 168)"
            )
            contract.forget()

    def test_is_switched_off_without_a_check(self, platform_sql):
        platform_sql(f"ALTER TABLE {WTR} DROP CONSTRAINT {CHECK}")
        contract.forget()
        try:
            [obstacle] = availability.of(SetInterval).obstacles
            assert "does not say which hours sync_frequency_hours accepts" in obstacle
        finally:
            platform_sql(
                f"ALTER TABLE {WTR} ADD CONSTRAINT {CHECK}"
                " CHECK (sync_frequency_hours >= 1 AND sync_frequency_hours <= 168)"
            )
            contract.forget()
