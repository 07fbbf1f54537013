"""Archive daily metrics: one date, each row in one of two tables, also half-way through."""

from datetime import UTC, date, datetime, timedelta, timezone

import psycopg
import pytest

from opsconsole.operations import decisions, engine
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog.archive_metrics import ArchiveMetrics
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from opsconsole.platform import contract
from tests import factories
from tests.operations.catalog import runbook
from tests.operations.people import approve

pytestmark = pytest.mark.platform
METRICS, ARCHIVE = "daily_activity_metrics", "daily_activity_metrics_archive"
DAY = timedelta(days=1)
OTHERS = (
    "The platform has no table daily_activity_metrics_archive, and the role"
    " opsconsole_writer may not make it. Let the owner of daily_activity_metrics run:"
    " CREATE TABLE IF NOT EXISTS daily_activity_metrics_archive"
    " (LIKE daily_activity_metrics INCLUDING ALL);"
)


@pytest.fixture
def repository(platform_sql):
    return factories.repository(platform_sql, full_name="acme/rocket")


@pytest.fixture
def today():
    return datetime.now(UTC).date()


@pytest.fixture
def metric(platform_sql, repository, today):
    """What happened so many days ago."""

    def make(age, table=METRICS, **values):
        given = {"repository_id": repository, "date": today - age * DAY}
        given |= {"issues_opened": abs(age), "avg_pr_merge_time_hours": "1.25"}
        return factories.insert(platform_sql, table, **(given | values))

    return make


@pytest.fixture
def held(platform_sql):
    """Every row of a table, whole."""
    return lambda table: dict(platform_sql(f"SELECT id, to_jsonb(t) FROM {table} t"))


@pytest.fixture
def archive(plan):
    return lambda days=90: plan("archive-metrics", days=days)


@pytest.fixture
def approved(operator, make_user):
    """Confirmed by the operator and approved by a second person; nobody works yet."""

    def sign(run):
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        approve(run, make_user("approver"))
        return run

    return sign


@pytest.fixture
def signed(approved):
    """The same, and worked off."""

    def carry_out(run):
        work(approved(run).pk)
        run.refresh_from_db()
        return run

    return carry_out


@pytest.fixture
def no_archive(platform_sql):
    """A platform without the table, as the real one is."""
    platform_sql(f"ALTER TABLE {ARCHIVE} RENAME TO kept_archive")
    contract.forget()
    yield
    platform_sql(f"DROP TABLE IF EXISTS {ARCHIVE}")
    platform_sql(f"ALTER TABLE kept_archive RENAME TO {ARCHIVE}")
    contract.forget()


@pytest.fixture
def may_create(platform_sql):
    platform_sql("GRANT CREATE ON SCHEMA public TO opsconsole_writer")
    yield
    platform_sql("REVOKE CREATE ON SCHEMA public FROM opsconsole_writer")


class TestTheRunbook:
    """Trap 3.2 g."""

    def test_line_by_line_deletes_what_it_could_not_archive(
        self, platform_sql, metric, held, no_archive
    ):
        metric(91)
        with pytest.raises(psycopg.errors.UndefinedTable):
            platform_sql(runbook.ARCHIVE_INSERT)

        with runbook.tried(platform_sql, runbook.ARCHIVE_DELETE):
            assert held(METRICS) == {}

    def test_fails_on_what_is_in_the_archive_already(self, platform_sql, metric):
        metric(91, ARCHIVE)
        metric(91)

        with pytest.raises(psycopg.errors.UniqueViolation):
            platform_sql(runbook.ARCHIVE_INSERT)


def test_moves_what_is_older_and_nothing_else(metric, held, archive, signed):
    old = {metric(91), metric(400, data_source="manual", is_complete=None)}
    young = {metric(90), metric(0), metric(-1)}
    before = held(METRICS)

    run = signed(archive())

    assert (run.state, run.rows_written) == (State.APPLIED, 2), run.error
    assert held(METRICS) == {key: before[key] for key in young}
    assert held(ARCHIVE) == {key: before[key] for key in old}


def test_the_undo_moves_back_every_column(metric, held, archive, signed, undone):
    for age in (10, 91, 100, 400):
        metric(age)
    before = held(METRICS)
    run = signed(archive())

    undo = undone_by_two(undone, run, signed)

    assert undo.state == State.APPLIED, undo.error
    assert (held(METRICS), held(ARCHIVE)) == (before, {})


def undone_by_two(undone, run, signed):
    """An undo has the risk of its operation: a second person signs it as well."""
    undo = undone(run)
    assert undo.state == State.AWAITING
    from opsconsole.accounts.models import User

    approve(undo, User.objects.get(username="approver"))
    work(undo.pk)
    undo.refresh_from_db()
    return undo


def test_the_date_is_frozen(
    platform_sql, metric, held, archive, signed, today, verdicts_of
):
    """Traps 3.2 g and 3.5.11: NOW() of each statement, by the session's time zone."""
    metric(91)
    run = archive()
    later = metric(92)
    [stored] = run.steps.values_list("selection_sql", flat=True)
    cut_off = today - 90 * DAY

    signed(run)

    assert f"\"date\" < '{cut_off}'::date" in stored
    assert run.subject == f"what is before {cut_off:%-d %b %Y}"
    assert run.subject.removeprefix("what is ") in verdicts_of(run)["Which days"][1]
    assert set(held(METRICS)) == {later}


class TestTwice:
    def test_what_the_archive_has_already_stays(
        self, metric, held, archive, signed, verdicts_of
    ):
        """Trap 3.2 g: another row of the same repository and day."""
        metric(91, ARCHIVE)
        again, other = metric(91), metric(92)

        run = archive()

        said = verdicts_of(run)["In the archive already"]
        assert (said[0], said[1][:5]) == ("warning", "1 row")
        assert signed(run).state == State.APPLIED
        assert set(held(METRICS)) == {again}
        assert other in held(ARCHIVE)

    def test_what_is_archived_meanwhile_stays(
        self, metric, held, archive, signed, skipped_of, today
    ):
        key = metric(91)
        run = archive()
        metric(91, ARCHIVE)

        run = signed(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        name = f"acme/rocket on {today - 91 * DAY}"
        assert skipped_of(run) == {name: "left the selection"}
        assert set(held(METRICS)) == {key}

    def test_again_after_it_moves_what_has_aged_since(
        self, metric, held, archive, signed
    ):
        metric(100)
        signed(archive())
        metric(99)

        run = archive()

        assert run.rows_planned == 1
        assert "In the archive already" not in {
            verdict["name"] for verdict in run.summary["verdicts"]
        }


class TestPieces:
    @pytest.fixture
    def five(self, metric, monkeypatch):
        """Three chunks: 2, 2 and 1 rows."""
        monkeypatch.setattr("opsconsole.operations.steps.chunking.CHUNK_ROWS", 2)
        for number in range(5):
            metric(91 + number)

    def test_cancelled_half_way_reports_the_exact_split(
        self, five, held, archive, approved, operator
    ):
        """Each piece wholly or not at all: what is said is what is in the tables."""
        before = held(METRICS)
        run = approved(archive())
        worker = Run.objects.claim(run.pk)
        while not Chunk.objects.filter(step__run=run, state="applied").exists():
            engine.advance(
                worker, engine.Shift()
            )  # each begins with one chunk at a time
        decisions.cancel(Run.objects.get(pk=run.pk), operator)

        work_off(worker)

        run.refresh_from_db()
        moved, stayed = held(ARCHIVE), held(METRICS)
        assert run.state == State.CANCELLED
        assert (run.rows_written, len(moved), len(stayed)) == (2, 2, 3)
        assert moved | stayed == before
        [applied] = Chunk.objects.filter(step__run=run, state="applied")
        assert set(applied.keys) == set(moved)

    def test_a_piece_that_cannot_move_moves_not_at_all(
        self, platform_sql, five, held, archive, signed
    ):
        """A trigger of the archive swallows one row: its piece stays where it was."""
        platform_sql(
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.issues_opened = 93 THEN RETURN NULL; END IF;"
            f" RETURN NEW; END $$; CREATE TRIGGER swallow BEFORE INSERT ON {ARCHIVE}"
            " FOR EACH ROW EXECUTE FUNCTION swallow()"
        )
        before = held(METRICS)
        try:
            run = signed(archive())
        finally:
            platform_sql("DROP FUNCTION swallow CASCADE")

        assert run.state == State.FAILED
        assert held(METRICS) | held(ARCHIVE) == before
        assert len(held(ARCHIVE)) == run.rows_written
        assert not held(METRICS).keys() & held(ARCHIVE).keys()


def work_off(worker):
    while engine.advance(worker, engine.Shift()):
        pass


class TestWithoutTheTable:
    def test_says_what_to_do(self, no_archive, operator, client_of):
        [obstacle] = availability.of(ArchiveMetrics).obstacles

        assert obstacle.startswith(OTHERS)
        assert "ENABLE ROW LEVEL SECURITY" in obstacle
        assert obstacle.endswith("opsconsole/operations/grants/archive-metrics.sql.")
        page = client_of(operator).get("/operations/archive-metrics/plan/")
        assert b"Let the owner of daily_activity_metrics run" in page.content

    def test_what_it_says_helps(
        self, platform_sql, no_archive, metric, signed, archive
    ):
        """The statements as they stand in the sentence, then the grants."""
        [obstacle] = availability.of(ArchiveMetrics).obstacles
        platform_sql(obstacle.partition("run: ")[2].partition(" Then run")[0])
        from opsconsole.operations.granting import FOLDER

        grants = FOLDER.parents[1] / "platform/grants"
        for file in (*grants.glob("*.sql"), FOLDER / "archive-metrics.sql"):
            platform_sql(file.read_text())
        contract.forget()
        metric(91)

        assert availability.of(ArchiveMetrics).obstacles == []
        assert signed(archive()).state == State.APPLIED

    def test_makes_it_where_it_may(
        self, no_archive, may_create, metric, held, archive, signed, undone, verdicts_of
    ):
        metric(91)
        young = metric(1)
        before = held(METRICS)
        assert availability.of(ArchiveMetrics).obstacles == []

        run = archive()

        kinds = [step.kind for step in run.steps.order_by("number")]
        assert kinds == ["statement", "move rows"]
        assert verdicts_of(run)["A new table"][0] == "note"
        assert signed(run).state == State.APPLIED, run.error
        assert set(held(METRICS)) == {young}
        assert held(ARCHIVE) == {k: v for k, v in before.items() if k != young}
        assert undone_by_two(undone, run, signed).state == State.APPLIED
        assert (held(METRICS), held(ARCHIVE)) == (before, {})

    def test_its_new_table_is_served_to_nobody(
        self, platform_sql, no_archive, may_create, metric, archive, signed
    ):
        metric(91)
        signed(archive())

        secured = "SELECT relrowsecurity FROM pg_class WHERE relname = %s"
        assert platform_sql(secured, ARCHIVE) == [(True,)]

    def test_without_the_metrics_there_is_nothing_to_archive(self, platform_sql):
        platform_sql(f"ALTER TABLE {METRICS} RENAME TO gone")
        contract.forget()
        try:
            [obstacle] = availability.of(ArchiveMetrics).obstacles
        finally:
            platform_sql(f"ALTER TABLE gone RENAME TO {METRICS}")
            contract.forget()
        assert obstacle.startswith(f"Table {METRICS} is missing")


def test_an_archive_of_another_shape_is_refused(platform_sql, archive):
    from opsconsole.operations.planning.planner import CannotPlan

    platform_sql(f"ALTER TABLE {ARCHIVE} RENAME COLUMN additions TO gone")
    try:
        with pytest.raises(CannotPlan, match="has not all columns of"):
            archive()
    finally:
        platform_sql(f"ALTER TABLE {ARCHIVE} RENAME COLUMN gone TO additions")


def test_wants_a_second_person(metric, archive):
    metric(91)

    assert archive().risk == "dangerous"


@pytest.mark.parametrize(
    ("days", "valid"), [(29, False), (30, True), (3_650, True), (3_651, False)]
)
def test_takes_nothing_younger_than_a_month(databases, days, valid):
    assert ArchiveMetrics.Form({"days": days}).is_valid() == valid


def test_the_date_is_that_of_utc(databases):
    """Trap 3.5.11: half past midnight somewhere is still the day before in UTC."""
    cairo = timezone(timedelta(hours=2))
    moment = Moment(datetime(2026, 11, 21, 0, 30, tzinfo=cairo))

    assert ArchiveMetrics().facts({"days": 30}, moment)["before"] == date(2026, 10, 21)
