"""Every way to choose repositories: which rows, which words, what is refused."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from opsconsole.history.models import (
    ErrorGroup,
    FunctionResponse,
    RepositoryResult,
    Sample,
)
from opsconsole.operations.asking import selecting
from opsconsole.operations.asking.selecting import SelectingForm
from opsconsole.operations.moment import Moment
from opsconsole.operations.showing.outcomes import Outcome
from opsconsole.operations.states import State
from opsconsole.platform import contract
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.fingerprint import fingerprint
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.selection import RowSelection
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rows(**params):
    return set(selecting.rows(params, Moment(NOW)).values_list("pk", flat=True))


def fingerprint_of(key):
    row = WorkspaceTrackedRepository.objects.filter(pk=key).annotate(it=fingerprint())
    return row.values_list("it", flat=True).get()


class TestRows:
    @pytest.fixture
    def chosen(self, platform_sql):
        """Two workspaces with two repositories each, of which one failed."""
        self.pro = factories.workspace(platform_sql, tier="pro", name="Northwind")
        self.free = factories.workspace(platform_sql, name="Initech")
        ahead = {"next_sync_at": NOW + timedelta(hours=1)}
        self.failed = factories.failed(platform_sql, self.pro, name="acme/broken")
        self.well = factories.tracked(platform_sql, self.pro, **ahead)
        self.other = factories.failed(
            platform_sql, self.free, last_sync_error="another", **ahead
        )
        self.fine = factories.tracked(platform_sql, self.free, **ahead)
        return self

    def test_by_id(self, chosen):
        assert rows(repositories=[str(self.well)]) == {self.well}

    def test_of_workspaces(self, chosen):
        assert rows(workspaces=[str(self.pro)]) == {self.failed, self.well}
        assert rows(workspace=str(self.free)) == {self.other, self.fine}

    def test_of_an_error(self, chosen):
        assert rows(error=fingerprint_of(self.other)) == {self.other}

    def test_matching(self, chosen):
        assert rows(matching="word=failed&tier=pro") == {self.failed}
        assert rows(matching="q=initech") == {self.other, self.fine}
        assert len(rows(matching="q=")) == 4

    def test_of_workspaces_matching(self, chosen):
        """All rows of the workspaces, not those alone for which they match."""
        assert rows(workspaces_matching="word=failed&tier=pro") == {
            self.failed,
            self.well,
        }
        assert len(rows(workspaces_matching="q=")) == 4

    def test_a_word_asks_for_the_circumstances_once(self, chosen, monkeypatch):
        asked = []

        def circumstances(now):
            asked.append(now)
            return Circumstances(now)

        monkeypatch.setattr(
            "opsconsole.operations.moment.circumstances.circumstances", circumstances
        )
        moment = Moment(NOW)
        selecting.rows({"matching": "tier=pro"}, moment)
        assert asked == []

        for _ in range(2):
            selecting.rows({"matching": "word=due"}, moment)
        assert asked == [NOW]


class TestWords:
    def words(self, total=None, **params):
        return selecting.in_words(params, total)

    def test_of_repositories(self, platform_sql):
        workspace = factories.workspace(platform_sql, name="Northwind")
        keys = [factories.tracked(platform_sql, workspace, name="acme/one")]

        assert self.words(repositories=keys) == "acme/one of Northwind"
        assert self.words(repositories=["x"] * 1200) == "1,200 repositories"
        gone = str(uuid4())
        assert self.words(repositories=[gone]) == f"repository {gone}"

    def test_of_workspaces(self, platform_sql):
        keys = [
            str(factories.workspace(platform_sql, name=f"Space {n}")) for n in range(5)
        ]

        assert self.words(workspace=keys[0]) == "workspace Space 0"
        assert self.words(workspaces=keys[:1]) == "workspace Space 0"
        assert self.words(workspaces=keys[:2]) == "2 workspaces: Space 0, Space 1"
        assert self.words(workspaces=keys) == (
            "5 workspaces: Space 0, Space 1, Space 2 and 2 more"
        )

    def test_of_an_error(self, databases):
        ErrorGroup.objects.create(
            fingerprint="0123456789ab",
            pattern="timed out after ‹n› s",
            first_seen=timezone.now(),
            last_seen=timezone.now(),
        )

        named = "error group “timed out after ‹n› s”"
        assert self.words(error="0123456789ab") == named
        assert self.words(error="ffffffffffff") == "error group ffffffffffff"
        assert self.words(matching="error=0123456789ab", total=2) == (
            f"all 2 repositories that match {named}"
        )

    @pytest.mark.parametrize(
        ("text", "total", "words"),
        [
            ("q=", None, "all repositories"),
            ("q=", 1204, "all 1,204 repositories"),
            (
                "word=failed&tier=pro",
                1204,
                "all 1,204 repositories that match tier pro, word failed",
            ),
            ("q=", 0, "no repository"),
            ("flag=duplicate", 0, "no repository that matches flag duplicate"),
            ("flag=duplicate", 1, "the 1 repository that matches flag duplicate"),
            (
                "q=50%25+of",
                None,
                "all repositories that match text “50% of”",
            ),
        ],
    )
    def test_of_a_selection(self, databases, text, total, words):
        assert self.words(matching=text, total=total) == words

    def test_of_a_selection_of_workspaces(self, databases):
        text = "usage=nearly_full&activity=quiet"

        assert self.words(workspaces_matching=text, total=3) == (
            "all 3 repositories of workspaces that match usage over 80 % used,"
            " activity quiet for 30 days"
        )
        assert self.words(workspaces_matching="q=") == (
            "all repositories of all workspaces"
        )


class TestForm:
    def test_takes_each_way(self, platform_sql):
        workspace = factories.workspace(platform_sql)
        key = factories.failed(platform_sql, workspace)
        for data in (
            {"repositories": [key]},
            {"workspaces": [workspace, workspace]},
            {"workspace": workspace},
            {"error": "0123456789ab"},
            {"matching": "word=failed"},
            {"workspaces_matching": "tier=pro"},
        ):
            form = SelectingForm(data)
            assert form.is_valid(), form.errors

    @pytest.mark.parametrize(
        "data",
        [{}, {"matching": "q=", "error": "0123456789ab"}, {"matching": "  "}],
    )
    def test_wants_exactly_one(self, databases, data):
        form = SelectingForm(data)

        assert "exactly one of: repositories, workspaces" in str(form.errors)
        assert form.choice_is_wrong()

    @pytest.mark.parametrize(
        ("way", "value", "sentence"),
        [
            ("workspaces", ["x"], "'x' is not an id"),
            ("workspaces", ["x"] * 10_001, "at most 10,000"),
            ("workspaces", [uuid4()], "1 of 1 workspaces do not exist"),
            ("error", "xyz", "not the fingerprint of an error"),
            ("error", "0123456789ab\n0", "not the fingerprint of an error"),
            ("matching", "wrod=failed", "'wrod' is none of"),
            ("matching", "word=lost", "word: 'lost' is none of"),
            ("matching", "q=" + "x" * 3000, "at most 2000 characters"),
            ("workspaces_matching", "error=0123456789ab", "'error' is none of"),
        ],
    )
    def test_says_what_is_wrong_beside_the_field(self, databases, way, value, sentence):
        form = SelectingForm({way: value})

        assert not form.is_valid()
        assert [*form.errors] == [way]
        assert sentence in str(form.errors[way][0])

    def test_says_what_the_platform_lacks_for_it(self, platform_sql):
        platform_sql("ALTER TABLE workspaces RENAME max_repositories TO gone")
        contract.forget()
        try:
            form = SelectingForm({"workspaces_matching": "usage=over_limit"})
            assert "max_repositories" in str(form.errors["workspaces_matching"])
            assert SelectingForm({"matching": "word=failed"}).is_valid()
        finally:
            platform_sql("ALTER TABLE workspaces RENAME gone TO max_repositories")
            contract.forget()


def overdue(platform_sql, **values):
    late = timezone.now() - timedelta(hours=9)
    return factories.tracked(platform_sql, **({"next_sync_at": late} | values))


class TestFrozenMeaning:
    """A plan's words mean what they meant when it was made."""

    def test_a_row_that_matches_only_later_is_untouched(
        self, platform_sql, plan, applied, keys_of
    ):
        chosen = overdue(platform_sql)
        run = plan("set-priority", matching="word=overdue", priority=90)
        later = overdue(platform_sql)

        run = applied(run)

        assert run.state == State.APPLIED, run.error
        assert keys_of(run, Outcome.WRITTEN) == {chosen}
        assert platform_sql(f"SELECT priority_score FROM {WTR} WHERE id = %s", later)[
            0
        ] == (50,)

    def test_time_that_passes_brings_no_row_in_or_out(
        self, platform_sql, plan, applied, keys_of
    ):
        """One becomes overdue between plan and apply, the other is it a little longer."""
        soon = timezone.now() - timedelta(hours=7) + timedelta(seconds=0.5)
        factories.tracked(platform_sql, next_sync_at=soon)
        chosen = overdue(platform_sql)
        run = plan("set-priority", matching="word=overdue", priority=90)
        platform_sql("SELECT pg_sleep(0.6)")

        run = applied(run)

        assert keys_of(run, Outcome.WRITTEN) == {chosen}
        assert run.rows_planned == 1

    def test_a_row_whose_word_changed_is_skipped_and_named(
        self, platform_sql, plan, applied, skipped_of
    ):
        synced = overdue(platform_sql, name="acme/synced")
        overdue(platform_sql, name="acme/late")
        run = plan("set-priority", matching="word=overdue", priority=90)
        platform_sql(
            f"UPDATE {WTR} SET next_sync_at = now() + interval '1 day' WHERE id = %s",
            synced,
        )

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert skipped_of(run) == {"acme/synced": "left the selection"}
        assert (run.rows_written, run.rows_skipped) == (1, 1)

    def test_the_line_and_the_refusals_are_those_of_the_plan(
        self, platform_sql, plan, applied, keys_of
    ):
        """Both stand literally in the stored selection; a response may name anything."""
        first, behind = overdue(platform_sql), overdue(platform_sql)
        Sample.objects.create(
            at=timezone.now(), took=timedelta(seconds=1), first_in_line=[first]
        )
        refused = overdue(platform_sql, name="acme/gone")
        self.refuse("acme/gone")
        self.refuse("""it's "50%" of \\ {all} %(keys)s""")
        starved = plan("set-priority", matching="word=starved", priority=90)
        blocked = plan("pause-repository", matching="word=refused")
        Sample.objects.update(first_in_line=[behind])
        RepositoryResult.objects.all().delete()

        starved, blocked = applied(starved), applied(blocked)

        assert starved.state == State.APPLIED, starved.error
        assert keys_of(starved, Outcome.WRITTEN) == {behind}
        assert blocked.state == State.APPLIED, blocked.error
        assert keys_of(blocked, Outcome.WRITTEN) == {refused}

    def refuse(self, name):
        now = timezone.now()
        response = FunctionResponse.objects.create(
            at=now, took=timedelta(seconds=1), limit=20, hours_back=24, dry_run=False
        )
        RepositoryResult.objects.create(
            response=response, at=now, repository=name, success=False, error="403"
        )

    @pytest.mark.parametrize(
        "text", ["50%", "it's", "back\\slash", '"quoted"', "{braces}", "%(keys)s", "$1"]
    )
    def test_any_text_survives_until_the_write(
        self, platform_sql, plan, applied, keys_of, text
    ):
        named = factories.workspace(platform_sql, name=f"so {text} so")
        row = factories.tracked(platform_sql, named)
        factories.tracked(platform_sql)

        matching = RowSelection(q=text).as_text()
        run = applied(plan("set-priority", matching=matching, priority=7))

        assert run.state == State.APPLIED, run.error
        assert keys_of(run, Outcome.WRITTEN) == {row}
        assert run.subject.startswith("7 for the 1 repository that matches text")

    def test_a_text_is_looked_up_for_each_row_when_it_is_asked_again(
        self, platform_sql, plan
    ):
        """For a chunk of 500 rows, all names of the platform are not to be read."""
        factories.tracked(platform_sql)

        run = plan("set-priority", matching="q=acme", priority=7)

        assert "EXISTS" in run.steps.get().selection_sql
