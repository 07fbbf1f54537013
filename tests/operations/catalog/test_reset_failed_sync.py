"""Reset failed sync: which rows, what they become, what is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from opsconsole.operations.catalog.reset_failed_sync import ResetFailedSync
from opsconsole.operations.models import Chunk
from opsconsole.operations.showing.outcomes import RowList
from opsconsole.operations.states import State
from opsconsole.platform.fingerprint import fingerprint
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests import factories

pytestmark = pytest.mark.platform


def planned_keys(run):
    return {row.key for row in RowList(run)[:100]}


class TestSelection:
    def test_all_failed(self, platform_sql, reset_plan):
        failed = {factories.failed(platform_sql) for _ in range(2)}
        factories.tracked(platform_sql)
        factories.tracked(platform_sql, last_sync_status=None)

        assert planned_keys(reset_plan()) == failed

    def test_one_workspace(self, platform_sql, reset_plan):
        workspace = factories.workspace(platform_sql)
        mine = factories.failed(platform_sql, workspace)
        factories.tracked(platform_sql, workspace)
        factories.failed(platform_sql)

        run = reset_plan(all_failed=False, workspace=workspace)

        assert planned_keys(run) == {mine}

    def test_chosen_repositories_as_far_as_they_failed(self, platform_sql, reset_plan):
        chosen = factories.failed(platform_sql)
        well = factories.tracked(platform_sql)
        factories.failed(platform_sql)

        run = reset_plan(all_failed=False, repositories=[chosen, well])

        assert planned_keys(run) == {chosen}

    def test_the_failed_ones_of_a_selection(self, platform_sql, reset_plan):
        pro = factories.workspace(platform_sql, tier="pro")
        mine = factories.failed(platform_sql, pro)
        factories.tracked(platform_sql, pro)
        factories.failed(platform_sql)

        for params in (
            {"matching": "tier=pro"},
            {"matching": "tier=pro&word=failed"},
            {"workspaces": [pro]},
            {"workspaces_matching": "tier=pro"},
        ):
            run = reset_plan(all_failed=False, **params)
            assert planned_keys(run) == {mine}, params

    def test_one_error_group(self, platform_sql, reset_plan):
        key = factories.failed(platform_sql, last_sync_error="took 5 s")
        like = factories.failed(platform_sql, last_sync_error="took 17 s")
        factories.failed(platform_sql, last_sync_error="another")
        factories.tracked(platform_sql, last_sync_error="took 5 s")
        rows = WorkspaceTrackedRepository.objects.filter(pk=key)
        group = rows.annotate(it=fingerprint()).values_list("it", flat=True).get()

        run = reset_plan(all_failed=False, error=group)

        assert planned_keys(run) == {key, like}
        assert "Left out" not in {v["name"] for v in run.summary["verdicts"]}


class TestChange:
    def test_clears_the_status_too(self, platform_sql, reset_plan, applied):
        """Trap 3.2 h: the runbook's UPDATE leaves 'failed', so the row stays in the list."""
        key = factories.failed(platform_sql)
        platform_sql("BEGIN")
        platform_sql(
            "UPDATE workspace_tracked_repositories SET sync_attempts = 0,"
            " last_sync_error = NULL, next_sync_at = NOW()"
            " WHERE last_sync_status = 'failed'"
        )
        still = "SELECT count(*) FROM workspace_tracked_repositories WHERE last_sync_status = 'failed'"
        assert platform_sql(still) == [(1,)]
        platform_sql("ROLLBACK")

        run = applied(reset_plan())

        assert run.state == State.APPLIED
        assert platform_sql(still) == [(0,)]
        assert platform_sql(
            "SELECT id FROM workspace_tracked_repositories WHERE next_sync_at <= now()"
        ) == [(key,)]

    def test_touches_no_other_column(self, platform_sql, reset_plan, applied):
        factories.failed(
            platform_sql, sync_frequency_hours=12, priority_score=7, notes="mine"
        )
        whole = "SELECT to_jsonb(t) FROM workspace_tracked_repositories t"
        [(before,)] = platform_sql(whole)

        applied(reset_plan())

        [(after,)] = platform_sql(whole)
        changed = {name for name in before if before[name] != after[name]}
        assert changed == set(
            ResetFailedSync.written_columns()["workspace_tracked_repositories"]
        )

    def test_stores_a_constant_after_value_once(self, platform_sql, reset_plan):
        for _ in range(3):
            factories.failed(platform_sql)

        chunk = Chunk.objects.get(step__run=reset_plan())

        assert chunk.after["sync_attempts"] == "0"
        assert chunk.before["sync_attempts"] == ["3", "3", "3"]


class TestVerdicts:
    def levels(self, run):
        return {v["name"]: v["level"] for v in run.summary["verdicts"]}

    def test_no_row_blocks(self, platform_sql, reset_plan):
        factories.tracked(platform_sql)

        assert self.levels(reset_plan())["Work to do"] == "blocking"

    @pytest.mark.parametrize(
        ("params", "sentence"),
        [
            ({"matching": "q="}, "2 of the chosen repositories did not fail and are"),
            (
                {"matching": "word=due"},
                "1 of the chosen repositories did not fail and is left out.",
            ),
            ({"matching": "word=failed"}, None),
            ({"workspaces_matching": "q="}, None),
        ],
    )
    def test_says_how_many_of_a_selection_did_not_fail(
        self, platform_sql, reset_plan, verdicts_of, params, sentence
    ):
        due = timezone.now() - timedelta(hours=1)
        factories.tracked(platform_sql, last_sync_status=None, next_sync_at=due)
        factories.tracked(platform_sql, next_sync_at=due + timedelta(hours=9))
        factories.failed(platform_sql)

        said = verdicts_of(reset_plan(all_failed=False, **params))

        assert ("Left out" in said) == bool(sentence)
        if sentence:
            assert said["Left out"][1].startswith(sentence)

    @pytest.mark.parametrize(("rows", "level"), [(20, "ok"), (21, "note")])
    def test_says_when_one_scheduled_run_is_not_enough(
        self, platform_sql, reset_plan, rows, level
    ):
        """The workflow takes 20 repositories a run."""
        workspace = factories.workspace(platform_sql)
        for _ in range(rows):
            factories.failed(platform_sql, workspace)

        assert self.levels(reset_plan())["When they sync"] == level

    def test_finds_that_a_row_failed_again(
        self, platform_sql, reset_plan, applied, monkeypatch
    ):
        """The after-condition is asked of the platform, not assumed."""
        from opsconsole.operations.engine import verification

        key = factories.failed(platform_sql)
        run = reset_plan()
        look = verification.look

        def fails_again(run):
            platform_sql(
                "UPDATE workspace_tracked_repositories SET last_sync_status = 'failed'"
                " WHERE id = %s",
                key,
            )
            return look(run)

        monkeypatch.setattr(verification, "look", fails_again)
        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert "Does not hold for 1 of 1 row" in run.verification[1]["sentence"]


class TestForm:
    def test_takes_exactly_one_choice(self, platform_sql):
        workspace = factories.workspace(platform_sql)

        for data in ({}, {"workspace": workspace, "all_failed": "on"}):
            form = ResetFailedSync.Form(data)
            assert "exactly one" in str(form.errors)

    def test_refuses_an_unknown_workspace(self, databases):
        unknown = uuid4()

        form = ResetFailedSync.Form({"workspace": unknown})

        assert f"There is no workspace with the id {unknown}." in str(form.errors)

    @pytest.mark.parametrize(
        "text", ["x", "1", "'; DROP TABLE runs --", "<b>", "9" * 5000]
    )
    def test_refuses_what_is_no_id(self, databases, text):
        form = ResetFailedSync.Form({"repositories": [text]})

        assert "is not an id" in str(form.errors)
        assert "<b>" not in str(form.errors)

    def test_refuses_repositories_that_do_not_exist(self, platform_sql):
        known, unknown = factories.failed(platform_sql), uuid4()

        form = ResetFailedSync.Form({"repositories": [known, unknown]})

        assert "1 of 2 repositories do not exist" in str(form.errors)

    def test_refuses_too_many(self, databases):
        form = ResetFailedSync.Form({"repositories": ["x"] * 10_001})

        assert "at most 10,000" in str(form.errors)

    def test_takes_ids_on_lines_as_the_page_shows_them(self, platform_sql):
        keys = sorted(factories.failed(platform_sql) for _ in range(2))
        shown = str(ResetFailedSync.Form({"repositories": keys})["repositories"])
        assert f"{keys[0]}\n{keys[1]}" in shown

        form = ResetFailedSync.Form({"repositories": [f"{keys[0]}\n {keys[1]},"]})

        assert form.is_valid()
        assert form.cleaned_data["repositories"] == keys


class TestSubject:
    def test_speaks_of_names(self, platform_sql, reset_plan):
        workspace = factories.workspace(platform_sql, name="Northwind")
        key = factories.failed(platform_sql, workspace, name="acme/broken")

        one = reset_plan(all_failed=False, repositories=[key])
        whole = reset_plan(all_failed=False, workspace=workspace)

        assert one.subject == "acme/broken of Northwind"
        assert whole.subject == "workspace Northwind"
        assert reset_plan().subject == "all failed repositories"


def test_during_a_stop_it_says_that_nothing_takes_them(
    platform_sql, reset_plan, verdicts_of
):
    factories.failed(platform_sql, fetch_issues=False)
    factories.failed(platform_sql)

    level, sentence = verdicts_of(reset_plan())["When they sync"]

    assert level == "warning"
    assert sentence.startswith("1 row paused")
    assert "other 1 take 1 run" in sentence
