"""Double intervals: the platform's longest interval, what really syncs, what it saves."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg.errors import CheckViolation

from opsconsole.operations import decisions
from opsconsole.operations.catalog.double_intervals import DoubleIntervals
from opsconsole.operations.models import EffectCheck, Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from opsconsole.platform import contract
from tests import factories
from tests.operations.catalog import runbook

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
CHECK = f"{WTR}_sync_frequency_hours_check"
Effect = EffectCheck.Effect
TIERS = ["free", "pro", "team"]


@pytest.fixture
def double(plan):
    def make(**params):
        usual = {"factor": 2, "floor": 48, "tiers": TIERS, "relief": False}
        return plan("double-intervals", **(usual | params))

    return make


@pytest.fixture
def row(platform_sql):
    """A row with this interval; in the free tier unless told."""

    def make(hours, tier="free", **values):
        workspace = factories.workspace(platform_sql, tier=tier)
        values["sync_frequency_hours"] = hours
        return factories.tracked(platform_sql, workspace, **values)

    return make


@pytest.fixture
def hours_of(platform_sql):
    sql = f"SELECT sync_frequency_hours FROM {WTR} WHERE id = %s"
    return lambda key: platform_sql(sql, key)[0][0]


class TestInterval:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (1, 48),
            (6, 48),
            (12, 48),
            (24, 48),
            (None, 48),  # the sync function takes it for 24
            (25, 50),
            (84, 168),
            (85, 168),  # the runbook's UPDATE fails as a whole here: 170 > 168
            (96, 168),
            (100, 168),
        ],
    )
    def test_is_doubled_between_the_floor_and_the_longest(
        self, row, double, applied, hours_of, before, after
    ):
        key = row(before)

        run = applied(double())

        assert (run.state, hours_of(key)) == (State.APPLIED, after)

    def test_the_runbooks_statement_fails_for_one_row(
        self, platform_sql, row, double, applied, hours_of
    ):
        """Trap 3.2 a: 96 becomes 192, above the CHECK, and no row changes at all."""
        short, long, unset = row(24), row(96), row(None)

        with pytest.raises(CheckViolation):
            platform_sql(runbook.DOUBLE_INTERVALS)
        assert [hours_of(key) for key in (short, long, unset)] == [24, 96, None]

        applied(double())

        assert [hours_of(key) for key in (short, long, unset)] == [48, 168, 48]

    def test_at_the_longest_is_left_out(self, row, double, hours_of):
        row(168)
        key = row(96)

        run = double()

        step = run.steps.get()
        assert (step.rows_planned, step.rows_unchanged) == (1, 1)
        assert [chunk.keys for chunk in step.chunks.all()] == [[key]]

    def test_three_times_in_a_row(self, row, double, applied, hours_of):
        """The runbook's third time fails: 192 > 168."""
        keys = {hours: row(hours) for hours in (6, 12, 24)}

        for expected in (48, 96, 168):
            assert applied(double()).state == State.APPLIED
            assert {hours_of(key) for key in keys.values()} == {expected}
        fourth = double()
        assert fourth.rows_planned == 0
        assert "No row would change" in decisions.blocking(fourth)

    def test_follows_factor_and_floor(self, row, double, applied, hours_of):
        short, long = row(6), row(30)

        applied(double(factor=4, floor=10))

        assert (hours_of(short), hours_of(long)) == (24, 120)

    def test_comes_back_by_the_undo(self, row, double, applied, undone, hours_of):
        """The runbook keeps no old value."""
        keys = {key: hours for hours in (6, None, 100, 168) for key in [row(hours)]}

        undo = undone(applied(double()))

        assert undo.state == State.APPLIED, undo.error
        assert {key: hours_of(key) for key in keys} == keys


class TestWhichRows:
    def test_active_ones_that_really_sync_in_the_chosen_tiers(
        self, row, double, keys_of
    ):
        free, pro = row(24), row(24, "pro")
        row(24, "team")
        row(24, is_active=False)
        row(24, fetch_issues=False)
        row(24, fetch_issues=None)  # the function takes `= true`

        assert keys_of(double(tiers=["free", "pro"])) == {free, pro}

    def test_one_that_changed_its_tier_meanwhile_is_left_alone(
        self, platform_sql, row, double, applied, skipped_of, hours_of
    ):
        key = row(24, name="acme/upgraded")
        run = double(tiers=["free"])
        platform_sql("UPDATE workspaces SET tier = 'pro'")

        run = applied(run)

        assert skipped_of(run) == {"acme/upgraded": "left the selection"}
        assert hours_of(key) == 24

    def test_inactive_ones_that_sync_are_named(self, row, double, verdicts_of):
        row(24)
        row(24, is_active=False)

        level, sentence = verdicts_of(double())["Inactive but syncing"]
        assert level == "note"
        assert sentence.startswith("1 row with is_active off")


class TestRelief:
    @pytest.fixture
    def next_of(self, platform_sql):
        sql = f"SELECT next_sync_at FROM {WTR} WHERE id = %s"
        return lambda key: platform_sql(sql, key)[0][0]

    def test_moves_the_next_sync_by_as_much_as_the_interval_grows(
        self, row, double, applied, next_of
    ):
        soon = datetime.now(UTC) + timedelta(hours=5)
        key = row(24, next_sync_at=soon)

        run = applied(double(relief=True))

        assert run.state == State.APPLIED, run.error
        assert next_of(key) == soon + timedelta(hours=24)

    def test_counts_what_is_due_from_now(self, row, double, applied, next_of):
        key = row(96, next_sync_at=datetime(2026, 1, 1, tzinfo=UTC))

        run = applied(double(relief=True))

        assert next_of(key) == run.planned_at + timedelta(hours=168 - 96)

    def test_leaves_what_grows_not_or_is_far_away(self, row, double, next_of):
        now = datetime.now(UTC)
        row(168, next_sync_at=now)
        row(24, next_sync_at=now + timedelta(days=8))
        row(24, next_sync_at=None)
        key = row(24, next_sync_at=now)

        interval, relief = double(relief=True).steps.order_by("number")

        assert interval.rows_planned == 3
        assert [chunk.keys for chunk in relief.chunks.all()] == [[key]]

    @pytest.mark.parametrize("far", ["infinity", "294276-12-31 23:00:00+00"])
    def test_survives_moments_at_the_end_of_time(
        self, platform_sql, row, double, applied, far
    ):
        """Any signed-in user of the platform can write them."""
        row(24)
        platform_sql(f"UPDATE {WTR} SET next_sync_at = %s", far)
        row(24)

        assert applied(double(relief=True)).state == State.APPLIED

    def test_is_a_step_of_its_own_that_may_fail(
        self, platform_sql, row, double, applied, skipped_of, hours_of
    ):
        """What the sync moves in between keeps the new interval all the same."""
        key = row(24, name="acme/busy")
        run = double(relief=True)
        assert [step.optional for step in run.steps.order_by("number")] == [False, True]
        platform_sql(f"UPDATE {WTR} SET next_sync_at = now() + interval '1 day'")

        run = applied(run)

        assert (hours_of(key), skipped_of(run)) == (48, {"acme/busy": "changed"})

    def test_is_undone_with_it(
        self, platform_sql, row, double, applied, undone, hours_of, next_of
    ):
        key = row(24)
        before = next_of(key)

        undo = undone(applied(double(relief=True)))

        assert undo.state == State.APPLIED, undo.error
        assert (hours_of(key), next_of(key)) == (24, before)
        said = " ".join(verdict["sentence"] for verdict in undo.summary["verdicts"])
        assert "estorable until the next sync moves it" in said


class TestVerdicts:
    def test_factors_by_tier(self, row, double, verdicts_of):
        for hours in (6, 12, 24, 24, 96, 168):
            row(hours)
        row(5, "pro")

        said = verdicts_of(double())

        assert said["Factor in free"] == (
            "note",
            "×2 for 2 rows, ×1.75 for 1 row, ×4 for 1 row, ×8 for 1 row."
            " 1 row gets less than ×2: 168 h is the most.",
        )
        assert said["Factor in pro"] == ("ok", "×9.6 for 1 row.")

    def test_never_shorter(self, row, double, verdicts_of):
        row(24)

        assert verdicts_of(double())["Never shorter"][0] == "ok"

    def test_shorter_is_blocking(self, platform_sql, row, double, verdicts_of):
        """NULL means 24 h; a platform that allows less would make it shorter."""
        row(None)
        platform_sql(
            f"ALTER TABLE {WTR} DROP CONSTRAINT {CHECK}; ALTER TABLE {WTR} ADD CONSTRAINT"
            f" {CHECK} CHECK (sync_frequency_hours BETWEEN 1 AND 12)"
        )
        contract.forget()
        try:
            run = double(floor=12)
        finally:
            platform_sql(
                f"ALTER TABLE {WTR} DROP CONSTRAINT {CHECK}; ALTER TABLE {WTR} ADD CONSTRAINT"
                f" {CHECK} CHECK (sync_frequency_hours >= 1 AND sync_frequency_hours <= 168)"
            )
            contract.forget()

        level, sentence = verdicts_of(run)["Never shorter"]
        assert (level, sentence[:35]) == (
            "blocking",
            "1 row would sync more often than no",
        )
        assert sentence in decisions.blocking(run)

    def test_calls_saved_on_the_schedules_grid(self, row, double, verdicts_of):
        """8 h work like 12 h, so 12 rows of them are one call an hour."""
        for _ in range(12):
            row(8)

        level, sentence = verdicts_of(double())["Calls saved"]

        assert level == "ok"
        assert sentence.startswith("About 0.8 calls an hour fewer: 0.2 instead of 1.0,")

    def test_saves_nothing_while_more_is_due_than_the_schedule_takes(
        self, row, double, verdicts_of, settings
    ):
        settings.SCHEDULE_SLOTS = 1  # 4 a day, so 0.2 an hour
        for _ in range(24):
            row(6)

        level, sentence = verdicts_of(double())["Calls saved"]

        assert level == "warning"
        assert sentence.startswith("About none: 0.5 repositories an hour fall due even")

    def test_paying_customers_are_named(self, row, double, verdicts_of):
        row(24)
        row(24, "team")

        said = verdicts_of(double())
        assert said["Paid tiers"] == (
            "warning",
            "1 row of team: paying customers are touched.",
        )
        assert "Paid tiers" not in verdicts_of(double(tiers=["free"]))

    def test_what_is_lost_beyond_the_schedules_window(self, row, double, verdicts_of):
        row(6)

        assert "of 1 row what happens" in verdicts_of(double())["Coverage gap"][1]
        within = double(factor=2, floor=24)
        assert "Coverage gap" not in verdicts_of(within)

    @pytest.mark.parametrize(
        ("relief", "level", "words"),
        [(False, "note", "1 row due now are still taken"), (True, "ok", "At once")],
    )
    def test_says_when_it_counts(self, row, double, verdicts_of, relief, level, words):
        row(24)

        said = verdicts_of(double(relief=relief))["When it counts"]
        assert (said[0], words in said[1]) == (level, True)

    def test_is_elevated(self, row, double):
        row(24)

        run = double()
        assert (run.risk, run.subject) == (
            "elevated",
            "×2, at least 48 h, for free, pro, team",
        )


class TestForm:
    def test_starts_with_the_runbooks_values(self, databases):
        form = DoubleIntervals.Form()

        assert [form[name].initial for name in ("factor", "floor", "tiers")] == [
            2,
            48,
            TIERS,
        ]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("factor", 1),
            ("factor", 9),
            ("floor", 0),
            ("floor", 169),
            ("tiers", ["gold"]),
        ],
    )
    def test_refuses(self, databases, field, value):
        given = {"factor": 2, "floor": 48, "tiers": ["free"]} | {field: value}

        assert [*DoubleIntervals.Form(given).errors] == [field]

    def test_wants_a_tier(self, databases):
        assert "tiers" in DoubleIntervals.Form({"factor": 2, "floor": 48}).errors

    def test_of_the_page_plans_with_the_relief_unticked(self, row, operator, client_of):
        """Of a tick that is off a browser sends nothing."""
        row(24, "pro")
        sent = {"factor": "3", "floor": "48", "tiers": ["free", "pro"]}

        client_of(operator).post("/operations/double-intervals/plan/", sent)

        assert Run.objects.get().params == {
            "factor": 3,
            "floor": 48,
            "tiers": ["free", "pro"],
            "relief": False,
        }

    def test_of_the_page_shows_what_an_address_says(self, row, operator, client_of):
        address = "/operations/double-intervals/plan/?factor=3&tiers=pro&relief=True"

        page = client_of(operator).get(address).content.decode()

        assert 'name="factor" value="3"' in page
        assert 'name="floor" value="48"' in page
        inputs = [part.partition(">")[0] for part in page.split("<input")[1:]]
        pro, relief = [text for text in inputs if "checked" in text and "id_" in text]
        assert 'name="tiers" value="pro"' in pro
        assert 'name="relief"' in relief


class TestEffect:
    @pytest.fixture
    def effect(self, row, double, platform_sql):
        """Of a plan for 4 rows that fall due within a day, of which some have moved."""

        def make(moved):
            soon = datetime.now(UTC) + timedelta(hours=5)
            for _ in range(4):
                row(24, next_sync_at=soon)
            row(24)  # overdue: a quiet one stays so, whatever its interval
            run = double()
            platform_sql(
                f"UPDATE {WTR} SET next_sync_at = now() + interval '2 days' WHERE id IN"
                f" (SELECT id FROM {WTR} WHERE next_sync_at > now() LIMIT %s)",
                moved,
            )
            return DoubleIntervals().effect(run, Moment(datetime.now(UTC), run.facts))

        return make

    @pytest.mark.parametrize(
        ("moved", "word"),
        [(0, Effect.NONE), (1, Effect.EFFECTIVE), (4, Effect.EFFECTIVE)],
    )
    def test_is_how_many_fall_due_within_a_day(self, effect, moved, word):
        found, sentence = effect(moved)

        assert found == word
        assert sentence.endswith("within 24 h; 4 when it was planned.")

    def test_is_unknown_when_none_did(self, row, double):
        row(24)
        run = double()

        found, _ = DoubleIntervals().effect(run, Moment(datetime.now(UTC), run.facts))
        assert found == Effect.UNKNOWN
