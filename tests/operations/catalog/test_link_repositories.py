"""Link repositories: what the platform's trigger left out, and what nobody can link."""

from datetime import UTC, datetime

import psycopg
import pytest

from opsconsole.operations import decisions
from opsconsole.operations.catalog.link_repositories import LinkRepositories
from opsconsole.operations.models import EffectCheck
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
Effect = EffectCheck.Effect
EVERY = f"SELECT id, to_jsonb(t) FROM {WTR} t"


@pytest.fixture
def show(platform_sql):
    """A repository that a workspace shows; the row that syncs it is made on request."""

    def make(workspace=None, *, name="", tracked=True, linked=False, **values):
        workspace = workspace or factories.workspace(platform_sql)
        given = {"full_name": name} if name else {}
        repository = factories.repository(platform_sql, **given)
        # Tracked only afterwards: the platform's trigger has left it out by then.
        link = factories.insert(
            platform_sql,
            "workspace_repositories",
            workspace_id=workspace,
            repository_id=repository,
            **values,
        )
        if tracked:
            pk = factories.insert(
                platform_sql, "tracked_repositories", repository_id=repository
            )
            if linked:
                sync(platform_sql, workspace, pk)
        return link

    return make


def sync(platform_sql, workspace, tracked):
    return factories.insert(
        platform_sql,
        WTR,
        workspace_id=workspace,
        tracked_repository_id=tracked,
        added_by=workspace,
    )


@pytest.fixture
def link(plan):
    return lambda *workspaces: plan("link-repositories", workspaces=[*workspaces])


@pytest.fixture
def owner_of(platform_sql):
    sql = "SELECT owner_id FROM workspaces WHERE id = %s"
    return lambda workspace: platform_sql(sql, workspace)[0][0]


class TestTheTrigger:
    """Trap 3.5.4: nothing ever links what was tracked later."""

    def test_leaves_out_what_is_tracked_later(self, platform_sql, show):
        show()

        assert platform_sql(EVERY) == []

    def test_fails_where_nobody_is_named(self, platform_sql):
        """Trap 3.5.3: WTR.added_by is NOT NULL."""
        repository = factories.repository(platform_sql)
        factories.insert(platform_sql, "tracked_repositories", repository_id=repository)
        workspace = factories.workspace(platform_sql)

        with pytest.raises(psycopg.errors.NotNullViolation, match="added_by"):
            factories.insert(
                platform_sql,
                "workspace_repositories",
                workspace_id=workspace,
                repository_id=repository,
            )

    def test_gives_a_row_the_values_that_we_give_it(
        self, platform_sql, show, link, applied, owner_of
    ):
        """By its own hand on one link, by ours on another."""
        workspace = factories.workspace(platform_sql, tier="team")
        owner = owner_of(workspace)
        repository = factories.repository(platform_sql)
        factories.insert(platform_sql, "tracked_repositories", repository_id=repository)
        factories.insert(
            platform_sql,
            "workspace_repositories",
            workspace_id=workspace,
            repository_id=repository,
            added_by=owner,
        )
        [(theirs, expected)] = platform_sql(EVERY)
        show(workspace, added_by=owner)

        run = applied(link())

        assert run.state == State.APPLIED, run.error
        [(key, ours)] = [row for row in platform_sql(EVERY) if row[0] != theirs]
        own = ("id", "tracked_repository_id", "added_at", "next_sync_at")
        assert {n: v for n, v in ours.items() if n not in own} == {
            n: v for n, v in expected.items() if n not in own
        }
        assert datetime.fromisoformat(ours["next_sync_at"]) == run.planned_at
        assert [str(chunk.keys[0]) for chunk in run.steps.get().chunks.all()] == [
            str(key)
        ]


def test_nobody_named_means_the_owner(
    platform_sql, show, link, applied, owner_of, verdicts_of
):
    """Trap 3.5.3: a link whose added_by is NULL."""
    workspace = factories.workspace(platform_sql)
    person = owner_of(factories.workspace(platform_sql))
    show(workspace, added_by=None)
    show(workspace, added_by=person)

    run = applied(link())

    assert run.state == State.APPLIED, run.error
    found = {pk for (pk,) in platform_sql(f"SELECT added_by FROM {WTR}")}
    assert found == {owner_of(workspace), person}
    assert verdicts_of(run)["Added by"][1].startswith("Of 1 row it is not known")


def test_links_what_is_missing_in_living_workspaces(platform_sql, show, link, applied):
    wanted = factories.workspace(platform_sql, tier="team")
    show(wanted)
    show(wanted, linked=True)
    show(wanted, tracked=False)
    show(factories.workspace(platform_sql, is_active=False))

    run = applied(link())

    assert (run.state, run.rows_written) == (State.APPLIED, 1), run.error
    again = link()
    assert again.rows_planned == 0
    assert "No row would change" in decisions.blocking(again)


def test_the_same_repository_in_two_workspaces(platform_sql, show, link, applied):
    """Linked in one of them: that is not linked in the other."""
    first = factories.workspace(platform_sql)
    show(first, linked=True)
    [(repository,)] = platform_sql("SELECT repository_id FROM workspace_repositories")
    second = factories.workspace(platform_sql)
    platform_sql("ALTER TABLE workspace_repositories DISABLE TRIGGER USER")
    factories.insert(
        platform_sql,
        "workspace_repositories",
        workspace_id=second,
        repository_id=repository,
    )
    platform_sql("ALTER TABLE workspace_repositories ENABLE TRIGGER USER")

    assert applied(link()).rows_written == 1
    assert platform_sql(f"SELECT count(*) FROM {WTR} WHERE workspace_id = %s", second)


def test_only_of_the_chosen_workspaces(platform_sql, show, link, applied):
    wanted = factories.workspace(platform_sql)
    show(wanted)
    show()

    run = link(str(wanted))

    assert run.subject == "unlinked repositories of 1 workspace"
    applied(run)
    assert platform_sql(f"SELECT workspace_id FROM {WTR}") == [(wanted,)]


def test_names_what_cannot_be_linked(platform_sql, show, link, verdicts_of):
    """Trap 3.5.4: the platform leaves them out with a notice that nobody sees."""
    show()
    for name in ("acme/b", "acme/d", "acme/a", "acme/c"):
        show(name=name, tracked=False)
    show(factories.workspace(platform_sql, is_active=False), tracked=False)
    platform_sql(
        "INSERT INTO workspace_repositories (workspace_id, repository_id) SELECT"
        " %s, repository_id FROM workspace_repositories w JOIN repositories r"
        " ON r.id = w.repository_id WHERE full_name = 'acme/a'",
        factories.workspace(platform_sql),
    )

    level, sentence = verdicts_of(link())["Not tracked"]

    assert level == "note"
    assert sentence.startswith(
        "5 rows cannot be linked, as nobody tracks the repository: acme/a, acme/b, acme/c"
        " and 1 more. "
    )


def test_warns_while_everything_is_stopped(platform_sql, show, link, verdicts_of):
    """Trap 3.5.2: a stop does not hold for new rows."""
    factories.tracked(platform_sql, fetch_issues=False)
    show()

    assert verdicts_of(link())["Everything is stopped"][0] == "warning"
    factories.tracked(platform_sql)
    assert "Everything is stopped" not in verdicts_of(link())


class TestMeanwhile:
    def test_linked_by_somebody_else(
        self, platform_sql, show, link, applied, skipped_of
    ):
        workspace = factories.workspace(platform_sql)
        show(workspace, name="acme/quick")
        run = link()
        [(tracked,)] = platform_sql("SELECT id FROM tracked_repositories")
        sync(platform_sql, workspace, tracked)
        before = platform_sql(EVERY)

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert skipped_of(run) == {"acme/quick": "left the selection"}
        assert platform_sql(EVERY) == before

    def test_removed_from_the_workspace(
        self, platform_sql, show, link, applied, skipped_of
    ):
        show(name="acme/gone")
        run = link()
        platform_sql("DELETE FROM workspace_repositories")

        assert skipped_of(applied(run)) == {"acme/gone": "left the selection"}
        assert platform_sql(EVERY) == []


class TestUndo:
    def test_deletes_what_is_unchanged(
        self, platform_sql, show, link, applied, undone, skipped_of
    ):
        show(name="acme/quiet")
        show(name="acme/synced")
        run = applied(link())
        [(key,)] = platform_sql(
            f"UPDATE {WTR} t SET next_sync_at = now() + interval '1 day' FROM"
            " tracked_repositories r, repositories p WHERE r.id = t.tracked_repository_id"
            " AND p.id = r.repository_id AND p.full_name = 'acme/synced' RETURNING t.id"
        )

        undo = undone(run)

        assert skipped_of(undo) == {"acme/synced": "changed"}
        assert [pk for pk, _ in platform_sql(EVERY)] == [key]

    def test_puts_everything_back(self, platform_sql, show, link, applied, undone):
        show(linked=True)
        before = platform_sql(EVERY)
        show()

        undo = undone(applied(link()))

        assert undo.state == State.APPLIED, undo.error
        assert platform_sql(EVERY) == before


def test_is_elevated_and_says_when(show, link, verdicts_of):
    show()

    run = link()

    assert (run.risk, run.planned_at.tzinfo) == ("elevated", UTC)
    assert "at least 1 run to take" in verdicts_of(run)["When they sync"][1]


@pytest.mark.parametrize(
    ("status", "word"), [("success", Effect.EFFECTIVE), ("failed", Effect.NONE)]
)
def test_the_effect_is_that_they_sync(platform_sql, show, link, applied, status, word):
    show()
    run = applied(link())
    platform_sql(
        f"UPDATE {WTR} SET last_sync_at = now() + interval '1 min', last_sync_status = %s",
        status,
    )

    found, _ = LinkRepositories().effect(run, Moment(datetime.now(UTC), run.facts))
    assert found == word


def test_the_effect_is_unknown_before_the_schedule_came(show, link, applied):
    show()
    run = applied(link())

    found, _ = LinkRepositories().effect(run, Moment(datetime.now(UTC), run.facts))
    assert found == Effect.UNKNOWN
