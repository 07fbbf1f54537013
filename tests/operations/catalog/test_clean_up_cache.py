"""Clean up expired cache: old entries for good, in pieces, with a second person's word."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.operations import decisions
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog.clean_up_cache import CleanUpCache
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from opsconsole.platform import contract
from tests import factories
from tests.operations.catalog import runbook
from tests.operations.people import approve

pytestmark = pytest.mark.platform
CACHE = "workspace_issues_cache"
HOUR = timedelta(hours=1)


@pytest.fixture
def entry(platform_sql):
    """An entry that expired so many hours ago."""
    workspace = factories.workspace(platform_sql, name="Acme", tier="team")
    now = datetime.now(UTC)

    def make(hours, **values):
        ends = now - hours * HOUR
        given = {"period_start": ends, "period_end": ends, "time_range": "7d"}
        given |= {"workspace_id": workspace, "expires_at": ends}
        return factories.insert(platform_sql, CACHE, **(given | values))

    return make


@pytest.fixture
def clean(plan):
    return lambda days=7: plan("clean-up-cache", days=days)


@pytest.fixture
def signed(applied, make_user):
    """Confirmed by the operator, approved by a second person, and worked off."""

    def sign(run):
        approve(applied(run), make_user("approver"))
        work(run.pk)
        run.refresh_from_db()
        return run

    return sign


@pytest.fixture
def left(platform_sql):
    return lambda: {key for (key,) in platform_sql(f"SELECT id FROM {CACHE}")}


def test_deletes_what_expired_long_enough_ago(entry, clean, signed, left):
    old, stale = entry(24 * 8), entry(24 * 9, is_stale=True)
    young, good = entry(24 * 6), entry(-1)

    run = signed(clean())

    assert run.state == State.APPLIED, run.error
    assert (run.rows_written, left()) == (2, {young, good})
    assert {old, stale}.isdisjoint(left())


def test_as_the_runbook_would_where_nobody_interferes(
    platform_sql, entry, clean, signed, left
):
    for hours in (1, 24 * 6, 24 * 8, 24 * 90):
        entry(hours)
    with runbook.tried(platform_sql, runbook.CLEAN_UP_CACHE):
        theirs = left()

    signed(clean())

    assert left() == theirs


def test_the_runbook_fails_where_the_table_is_missing(platform_sql, gone):
    """Trap 3.5.10."""
    with pytest.raises(Exception, match="does not exist"):  # noqa: SIM117
        with runbook.tried(platform_sql, runbook.CLEAN_UP_CACHE):
            pass


def test_in_pieces(platform_sql, entry, clean, signed, left, monkeypatch):
    """Trap 3.5.10: one large DELETE runs into the platform's timeout."""
    monkeypatch.setattr("opsconsole.operations.steps.chunking.CHUNK_ROWS", 2)
    for number in range(5):
        entry(24 * 30 + number)

    run = signed(clean())

    assert run.steps.get().chunks.count() == 3
    assert (run.rows_written, left()) == (5, set())


def test_what_is_renewed_meanwhile_is_kept(
    platform_sql, entry, clean, signed, left, skipped_of
):
    key = entry(24 * 8)
    run = clean()
    platform_sql(f"UPDATE {CACHE} SET expires_at = now() + interval '1 hour'")

    run = signed(run)

    assert run.state == State.APPLIED_WITH_PROBLEMS
    assert skipped_of(run) == {"Acme, last 7d": "left the selection"}
    assert left() == {key}


def test_the_age_is_frozen_with_the_plan(platform_sql, entry, clean, signed, left):
    """What expires between plan and approval is not taken."""
    entry(24 * 8)
    run = clean()
    later = entry(24 * 9)

    signed(run)

    assert left() == {later}


def test_says_that_nothing_undoes_it(entry, clean, signed, operator, verdicts_of):
    entry(24 * 8)
    entry(1)

    run = clean()

    said = verdicts_of(run)
    assert said["Cannot be undone"] == (
        "warning",
        "Nothing undoes this: Delete expired entries.",
    )
    assert said["What stays"][1].startswith("1 row younger than that.")
    run = signed(run)
    assert undo.obstacle(run) == "Nothing that it did can be undone."
    with pytest.raises(planner.CannotPlan):
        undo.plan(run, planner.Request(operator, "browser"))


def test_wants_a_second_person(entry, clean, applied, operator, left):
    entry(24 * 8)

    run = applied(clean())

    assert (run.risk, run.state, len(left())) == ("dangerous", State.AWAITING, 1)
    with pytest.raises(decisions.Refused):
        approve(run, operator)


@pytest.mark.parametrize(("days", "expected"), [(0, 3), (1, 2), (7, 1)])
def test_asks_for_how_long(entry, clean, days, expected):
    for hours in (-1, 1, 25, 24 * 8):
        entry(hours)

    assert clean(days).rows_planned == expected


@pytest.mark.parametrize("days", [-1, 3_651, ""])
def test_refuses(databases, days):
    assert [*CleanUpCache.Form({"days": days}).errors] == ["days"]


@pytest.fixture
def gone(platform_sql):
    platform_sql(f"ALTER TABLE {CACHE} RENAME TO gone")
    contract.forget()
    yield
    platform_sql(f"ALTER TABLE gone RENAME TO {CACHE}")
    contract.forget()


def test_says_so_where_the_table_is_missing(gone, operator, client_of):
    """Trap 0.6: production may never have had it."""
    [obstacle] = availability.of(CleanUpCache).obstacles

    assert obstacle.startswith(f"Table {CACHE} is missing")
    page = client_of(operator).get("/operations/clean-up-cache/plan/")
    assert (page.status_code, obstacle in page.content.decode()) == (200, True)
