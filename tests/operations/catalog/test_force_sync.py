"""Force sync: the chosen ones are synced, due or not; all others are as they were."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.history.models import FunctionResponse, RepositoryResult
from opsconsole.integrations import functions
from opsconsole.operations import decisions
from opsconsole.operations.catalog import waves
from opsconsole.operations.models import Chunk
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests import factories
from tests.operations.conftest import confirm
from tests.operations.outside import busy_names
from tests.operations.stage import bring_to_its_end

pytestmark = pytest.mark.platform
NOW = datetime.now(UTC)
LAST, NEXT = NOW - timedelta(hours=30), NOW + timedelta(hours=20)
WTR = "workspace_tracked_repositories"


@pytest.fixture
def rows(platform_sql):
    """Rows of a workspace, not due, of which each has something new. Their ids."""

    def make(number, workspace=None, names=None, **values):
        workspace = workspace or factories.workspace(platform_sql)
        held = {"last_sync_at": LAST, "next_sync_at": NEXT, **values}
        return [
            factories.tracked(platform_sql, workspace, name=name, **held)
            for name in names or busy_names(number)
        ]

    return make


@pytest.fixture
def moments(platform_sql):
    """Id -> (last sync, next sync)."""

    def read(keys):
        found = platform_sql(
            f"SELECT id, last_sync_at, next_sync_at FROM {WTR} WHERE id = ANY(%s)",
            list(keys),
        )
        return {key: (last, next_one) for key, last, next_one in found}

    return read


def synced(moments):
    return {key for key, (last, _) in moments.items() if last > NOW}


def calls():
    return [*FunctionResponse.objects.order_by("pk")]


class TestWhatIsSynced:
    def test_a_repository_that_was_not_due(self, standin, rows, plan, applied, moments):
        [key] = rows(1)

        run = applied(plan("force-sync", repositories=[key]))

        assert run.state == State.APPLIED, (run.error, run.verification)
        assert synced(moments([key])) == {key}
        [response] = calls()
        assert (response.run_id, response.limit, response.hours_back) == (run.pk, 1, 32)

    def test_the_runbooks_call_forces_nothing(self, standin, rows, moments):
        """Trap 3.3.6: the function takes what is due already, and nothing is."""
        keys = rows(2)

        answer = functions.sync(functions.client(), limit=10)

        assert answer.message == "No workspace repositories need issues sync"
        assert not synced(moments(keys))

    def test_a_workspace_of_fifty_whatever_is_quiet(
        self, standin, platform_sql, rows, plan, applied, moments
    ):
        """Row 21 and those after it, although 20 quiet ones of higher priority stay due."""
        workspace = factories.workspace(platform_sql)
        names = busy_names(50)
        quiet = rows(20, workspace, names[:20], priority_score=90, next_sync_at=LAST)
        busy = rows(30, workspace, names[20:], priority_score=10)
        for name in names[:20]:
            standin.faults.add({"repository": name, "fault": "empty"})

        run = applied(plan("force-sync", workspace=workspace))

        assert run.state == State.APPLIED, (run.error, run.verification)
        assert synced(moments(quiet + busy)) == {*busy}
        assert moments(quiet) == dict.fromkeys(quiet, (LAST, LAST))
        assert [response.limit for response in calls()] == [20, 20, 10]

    def test_a_selection_of_five_syncs_these_five(
        self, standin, platform_sql, rows, plan, applied, moments
    ):
        workspace = factories.workspace(platform_sql)
        names = busy_names(30)
        chosen = rows(5, workspace, names[:5], priority_score=1)
        others = rows(25, workspace, names[5:], priority_score=99, next_sync_at=LAST)
        before = moments(others)

        run = applied(plan("force-sync", repositories=chosen))

        assert run.state == State.APPLIED, (run.error, run.verification)
        assert synced(moments(chosen)) == {*chosen}
        assert moments(others) == before

    def test_one_that_was_never_scheduled(self, standin, rows, plan, applied, moments):
        [key] = rows(1, next_sync_at=None, last_sync_at=None)

        run = applied(plan("force-sync", repositories=[key]))

        assert synced(moments([key])) == {key}, run.verification
        assert calls()[0].hours_back == waves.NEVER_SYNCED

    def test_what_has_nothing_new_gets_its_moment_back(
        self, standin, rows, plan, applied, moments
    ):
        [name] = busy_names(1)
        [key] = rows(1, names=[name])
        standin.faults.add({"repository": name, "fault": "empty"})

        run = applied(plan("force-sync", repositories=[key]))

        assert moments([key]) == {key: (LAST, NEXT)}
        assert run.state == State.APPLIED
        assert "1 without a trace" in run.verification[-1]["sentence"]

    def test_paused_ones_are_left_out_and_counted(
        self, standin, rows, plan, verdicts_of
    ):
        keys = rows(1) + rows(1, names=["busy/paused"], fetch_issues=False)

        run = plan("force-sync", repositories=keys)

        assert verdicts_of(run)["Left out"][0] == "warning"
        assert run.facts["waves"][0]["rows"] == [str(keys[0])]

    def test_each_workspace_has_calls_of_its_own(
        self, standin, rows, plan, applied, moments
    ):
        first, second, third = busy_names(3)
        keys = rows(2, names=[first, second]) + rows(1, names=[third])

        run = applied(plan("force-sync", repositories=keys))

        assert synced(moments(keys)) == {*keys}, run.verification
        assert sorted(response.limit for response in calls()) == [1, 2]

    def test_a_dry_run_writes_nothing(self, standin, rows, plan, applied, moments):
        keys = rows(2)
        before = moments(keys)

        run = applied(plan("force-sync", repositories=keys, dry_run=True))

        assert run.state == State.APPLIED, run.verification
        assert moments(keys) == before
        assert calls()[0].dry_run


class TestPlan:
    def test_more_than_fifty_need_a_reason(self, standin, rows, plan):
        keys = rows(51)

        assert plan("force-sync", repositories=keys[:50]).risk == "routine"
        assert plan("force-sync", repositories=keys).risk == "elevated"

    def test_is_confirmed_by_the_number_of_repositories(self, standin, rows, plan):
        run = plan("force-sync", repositories=rows(3))

        assert (run.rows_meant, run.noun_meant) == (3, "repository")
        assert run.rows_planned > 3

    def test_says_what_github_still_grants(self, standin, rows, plan, verdicts_of):
        run = plan("force-sync", repositories=rows(1))

        level, sentence = verdicts_of(run)["GitHub's quota"]
        assert level == "ok"
        assert "Up to 5 calls" in sentence

    def test_an_unknown_quota_is_unknown(self, standin, rows, plan, verdicts_of):
        standin.faults.add({"endpoint": "GET /rate_limit", "status": 503})

        run = plan("force-sync", repositories=rows(1))

        assert "unknown" in verdicts_of(run)["GitHub's quota"][1]

    def test_without_a_service_it_is_blocked(self, rows, plan, verdicts_of, settings):
        settings.SUPABASE_URL = ""

        run = plan("force-sync", repositories=rows(1))

        level, sentence = verdicts_of(run)["Sync function"]
        assert level == "blocking"
        assert "OPSCONSOLE_SUPABASE_URL" in sentence

    def test_a_long_gap_takes_smaller_calls(self, standin, rows, plan):
        """An answer must come within 150 s."""
        rows_made = rows(12, last_sync_at=NOW - timedelta(hours=200))

        run = plan("force-sync", repositories=rows_made)

        made = run.facts["waves"]
        assert [len(wave["rows"]) for wave in made] == [5, 5, 2]
        assert {wave["hours_back"] for wave in made} == {202}


class TestTrouble:
    def test_what_github_refuses_is_named(self, standin, rows, plan, applied, moments):
        good, refused = busy_names(2)
        keys = rows(2, names=[good, refused])
        standin.faults.add({"repository": refused, "fault": "404"})

        run = applied(plan("force-sync", repositories=keys))

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert any(refused in said["sentence"] for said in run.verification)
        result = RepositoryResult.objects.get(success=False)
        assert (result.repository, result.response.run_id) == (refused, run.pk)
        assert moments(keys)[keys[1]] == (LAST, NEXT)

    def test_an_answer_that_never_came_is_settled_by_reading(
        self, standin, rows, plan, applied, moments
    ):
        """504 with half of the work done."""
        keys = rows(2)
        standin.faults.add(
            {
                "endpoint": "POST /functions/*",
                "status": 504,
                "done": "half",
                "times": 1,
            }
        )

        run = applied(plan("force-sync", repositories=keys))

        assert len(synced(moments(keys))) == 1
        assert {moment for _, moment in moments(keys).values()} > {NEXT}
        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert "1 synced, 0 refused, 1 not reached" in run.verification[-1]["sentence"]
        [left] = {*moments(keys)} - synced(moments(keys))
        assert run.definition().rest(run) == (
            "force-sync",
            {"repositories": [str(left)]},
        )
        call = Chunk.objects.get(step__run=run, step__kind="call")
        assert call.answer["settled"].startswith("done, although")

    def test_a_sync_of_somebody_else_is_not_ours(
        self, standin, platform_sql, rows, plan, applied
    ):
        """Synced by the schedule between the plan and the call: it says that we did nothing."""
        keys = rows(1)
        run = plan("force-sync", repositories=keys)
        platform_sql(
            f"UPDATE {WTR} SET last_sync_at = now() - interval '10 seconds',"
            " next_sync_at = now() + interval '1 day'"
        )

        run = applied(run)

        assert "Of 1: 0 synced" in run.verification[-1]["sentence"]

    def test_a_failing_function_leaves_the_rows_as_they_were(
        self, standin, rows, plan, applied, moments
    ):
        keys = rows(3)
        before = moments(keys)
        standin.faults.add({"endpoint": "POST /functions/*", "status": 503})

        run = applied(plan("force-sync", repositories=keys))

        assert run.state == State.APPLIED_WITH_PROBLEMS, run.error
        assert moments(keys) == before
        assert any(said["level"] == "warning" for said in run.verification)

    def test_a_spent_quota_is_waited_for(self, standin, rows, plan, operator, moments):
        keys = rows(1)
        standin.faults.add(
            {
                "endpoint": "POST /functions/*",
                "status": 429,
                "headers": {"retry-after": "60"},
                "times": 1,
            }
        )
        run = confirm(plan("force-sync", repositories=keys), operator)

        assert work(run.pk) == State.WAITING

        run.refresh_from_db()
        assert timedelta(seconds=50) < run.wait_until - run.planned_at
        bring_to_its_end(run, work)
        assert run.state == State.APPLIED, run.verification
        assert synced(moments(keys)) == {*keys}

    def test_a_cancelled_one_is_put_back_by_its_undo(
        self, standin, platform_sql, rows, plan, operator, moments
    ):
        workspace = factories.workspace(platform_sql)
        keys = rows(1, workspace)
        aside = rows(1, workspace, ["busy/other"], next_sync_at=LAST)
        before = moments(aside)
        standin.faults.add(
            {
                "endpoint": "POST /functions/*",
                "status": 429,
                "headers": {"retry-after": "60"},
            }
        )
        run = confirm(plan("force-sync", repositories=keys), operator)
        work(run.pk)
        run.refresh_from_db()
        decisions.cancel(run, operator)
        bring_to_its_end(run, work)
        assert run.state == State.CANCELLED

        request = planner.Request(operator, "browser")
        back = confirm(undo.plan(run, request), operator)
        work(back.pk)

        assert moments(aside) == before
        assert (
            moments(keys)[keys[0]][1] == run.planned_at
        )  # due, as when it was stopped

    def test_only_what_failed_is_planned_again(self, standin, rows, plan, applied):
        """20 workspaces; the first calls succeed, then five in a row fail."""
        names = busy_names(20)
        keys = [rows(1, names=[name])[0] for name in names]
        run = plan("force-sync", repositories=keys)
        fault = {"endpoint": "POST /functions/*", "status": 503}
        standin.faults.add({**fault, "times": 5})
        standin.faults.add({"endpoint": "POST /functions/*", "status": 0, "times": 10})

        run = applied(run)

        calls_made = Chunk.objects.filter(step__run=run, step__kind="call")
        failed = calls_made.filter(exceptions__has_key="0")
        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert failed.count() == 3  # two are allowed, then no more is called
        slug, params = run.definition().rest(run)
        synced_rows = 10
        assert (slug, len(params["repositories"])) == (
            "force-sync",
            20 - synced_rows,
        )
        standin.faults.clear()
        again = applied(plan(slug, **params))
        assert again.state == State.APPLIED, again.verification
        assert again.definition().rest(again) is None
