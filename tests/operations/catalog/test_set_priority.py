"""Set priority: bounds, what NULL means, what is left as it is."""

import pytest

from opsconsole.operations.catalog.set_priority import SetPriority
from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State
from opsconsole.platform import contract
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"


def priorities(platform_sql):
    return dict(platform_sql(f"SELECT id, priority_score FROM {WTR}"))


class TestChange:
    def test_sets_exactly_the_chosen_ones(self, platform_sql, plan, applied):
        chosen = factories.tracked(platform_sql)
        unset = factories.tracked(platform_sql, priority_score=None)
        other = factories.tracked(platform_sql, priority_score=3)

        run = applied(plan("set-priority", repositories=[chosen, unset], priority=0))

        assert run.state == State.APPLIED, run.error
        assert priorities(platform_sql) == {chosen: 0, unset: 0, other: 3}
        assert Chunk.objects.get(step__run=run).after == {"priority_score": "0"}

    def test_keeps_that_there_was_none(self, platform_sql, plan):
        unset = factories.tracked(platform_sql, priority_score=None)

        run = plan("set-priority", repositories=[unset], priority=50)

        assert Chunk.objects.get(step__run=run).before == {"priority_score": [None]}

    def test_counts_what_has_the_value_already(self, platform_sql, plan):
        factories.tracked(platform_sql, priority_score=90)
        factories.tracked(platform_sql, priority_score=10)

        run = plan("set-priority", matching="q=", priority=90)

        assert (run.rows_planned, run.steps.get().rows_unchanged) == (1, 1)

    def test_nothing_to_do_blocks(self, platform_sql, plan, verdicts_of):
        key = factories.tracked(platform_sql, priority_score=90)

        run = plan("set-priority", repositories=[key], priority=90)

        assert verdicts_of(run)["Work to do"][0] == "blocking"

    def test_touches_no_other_column(self, platform_sql, plan, applied):
        key = factories.tracked(platform_sql, sync_frequency_hours=12, notes="mine")
        whole = f"SELECT to_jsonb(t) FROM {WTR} t"
        [(before,)] = platform_sql(whole)

        applied(plan("set-priority", repositories=[key], priority=1))

        [(after,)] = platform_sql(whole)
        assert {n for n in before if before[n] != after[n]} == {"priority_score"}

    def test_leaves_what_somebody_else_set_since(
        self, platform_sql, plan, applied, skipped_of
    ):
        key = factories.tracked(platform_sql, name="acme/tuned")
        factories.tracked(platform_sql)
        run = plan("set-priority", matching="q=", priority=1)
        platform_sql(f"UPDATE {WTR} SET priority_score = 77 WHERE id = %s", key)

        run = applied(run)

        assert skipped_of(run) == {"acme/tuned": "changed"}
        assert priorities(platform_sql)[key] == 77

    def test_says_which_rows_come_first_without_one(
        self, platform_sql, plan, verdicts_of
    ):
        factories.tracked(platform_sql, priority_score=None)
        factories.tracked(platform_sql)

        said = verdicts_of(plan("set-priority", matching="q=", priority=99))

        level, sentence = said["Not set until now"]
        assert (level, sentence[:5]) == ("warning", "1 row")
        platform_sql(f"UPDATE {WTR} SET priority_score = 1")
        again = verdicts_of(plan("set-priority", matching="q=", priority=99))
        assert "Not set until now" not in again

    def test_finds_that_it_was_overwritten_at_once(
        self, platform_sql, plan, applied, monkeypatch
    ):
        from opsconsole.operations.engine import verification

        key = factories.tracked(platform_sql)
        run = plan("set-priority", repositories=[key], priority=1)
        look = verification.look

        def overwritten(run):
            platform_sql(f"UPDATE {WTR} SET priority_score = 60")
            return look(run)

        monkeypatch.setattr(verification, "look", overwritten)

        assert applied(run).state == State.APPLIED_WITH_PROBLEMS


class TestForm:
    def form(self, platform_sql, priority):
        key = factories.tracked(platform_sql, priority_score=5)
        return SetPriority.Form({"repositories": [key], "priority": priority})

    @pytest.mark.parametrize("priority", [0, 100])
    def test_accepts_the_platforms_bounds(self, platform_sql, priority):
        form = self.form(platform_sql, priority)

        assert form.is_valid(), form.errors
        assert form.cleaned_data["priority"] == priority

    @pytest.mark.parametrize(
        ("priority", "sentence"),
        [
            (-1, "-1 is not accepted: 0 to 100 points"),
            (101, "101 is not accepted: 0 to 100 points"),
            ("", "This field is required"),
            ("1.5", "Enter a whole number"),
            ("9" * 50, "is not accepted"),
            ("<b>", "Enter a whole number"),
        ],
    )
    def test_refuses(self, platform_sql, priority, sentence):
        form = self.form(platform_sql, priority)

        assert sentence in str(form.errors["priority"])
        assert not form.choice_is_wrong()

    def test_reads_the_bounds_from_the_platform(self, platform_sql):
        check = f"{WTR}_priority_score_check"
        platform_sql(f"ALTER TABLE {WTR} DROP CONSTRAINT {check}")
        try:
            contract.forget()
            unbounded = self.form(platform_sql, 5)
            assert "does not say which points" in str(unbounded.errors["priority"])
            platform_sql(
                f"ALTER TABLE {WTR} ADD CONSTRAINT {check}"
                " CHECK (priority_score < 11 AND priority_score > 0)"
            )
            contract.forget()
            assert self.form(platform_sql, 10).is_valid()
            assert "1 to 10 points" in str(self.form(platform_sql, 11).errors)
        finally:
            platform_sql(
                f"ALTER TABLE {WTR} DROP CONSTRAINT IF EXISTS {check}; ALTER TABLE {WTR} ADD"
                f" CONSTRAINT {check} CHECK (priority_score >= 0 AND priority_score <= 100)"
            )
            contract.forget()


def test_speaks_of_names(platform_sql, plan):
    workspace = factories.workspace(platform_sql, name="Northwind")
    key = factories.tracked(platform_sql, workspace, name="acme/one")

    run = plan("set-priority", repositories=[key], priority=80)

    assert run.subject == "80 for acme/one of Northwind"
