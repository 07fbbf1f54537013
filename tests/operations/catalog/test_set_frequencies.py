"""Optimise frequencies: exactly the named rows, each its own interval."""

from uuid import uuid4

import pytest
from django.http import QueryDict

from opsconsole.operations.asking import availability
from opsconsole.operations.catalog.set_frequencies import SetFrequencies
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.platform import contract
from tests import factories
from tests.operations.catalog import runbook

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
CHECK = f"{WTR}_sync_frequency_hours_check"


@pytest.fixture
def row(platform_sql):
    return lambda hours, **values: factories.tracked(
        platform_sql, sync_frequency_hours=hours, **values
    )


@pytest.fixture
def optimise(plan):
    def make(wanted):
        lines = [f"{pk} {hours}" for pk, hours in wanted.items()]
        return plan("set-frequencies", frequencies=lines)

    return make


def cleaned(text):
    form = SetFrequencies.Form({"frequencies": text})
    return form.cleaned_data["frequencies"] if form.is_valid() else str(form.errors)


class TestChange:
    def test_each_row_its_own_interval_and_back(
        self, platform_sql, row, optimise, applied, undone
    ):
        wanted = {row(24): 6, row(6): 168, row(None): 12, row(48): 48}
        row(24)
        whole = f"SELECT id, to_jsonb(t) FROM {WTR} t"
        before = dict(platform_sql(whole))

        run = applied(optimise(wanted))

        assert (run.state, run.rows_written) == (State.APPLIED, 3), run.error
        assert dict(platform_sql(whole)) == {
            key: {**held, "sync_frequency_hours": wanted[key]}
            if key in wanted
            else held
            for key, held in before.items()
        }
        assert undone(run).state == State.APPLIED
        assert dict(platform_sql(whole)) == before

    def test_the_same_repository_elsewhere_stays(
        self, platform_sql, row, optimise, applied
    ):
        """Trap 3.4.3: a change by repository, tier or interval fans out."""
        key = row(24)
        [(tracked,)] = platform_sql(f"SELECT tracked_repository_id FROM {WTR}")
        other = factories.insert(
            platform_sql,
            WTR,
            workspace_id=factories.workspace(platform_sql, tier="team"),
            tracked_repository_id=tracked,
            added_by=uuid4(),
            sync_frequency_hours=24,
        )

        applied(optimise({key: 6}))

        found = dict(platform_sql(f"SELECT id, sync_frequency_hours FROM {WTR}"))
        assert found == {key: 6, other: 24}

    def test_the_runbooks_change_by_tier_overwrites_what_was_tuned(
        self, platform_sql, row
    ):
        """Trap 3.5.9: also in workspaces that their owners deleted, and 8 h work like 12."""
        pro = factories.workspace(platform_sql, tier="pro", is_active=False)
        row(168, workspace_id=pro)

        with runbook.tried(platform_sql, runbook.PRO_EVERY_8_HOURS):
            hours = f"SELECT sync_frequency_hours FROM {WTR}"
            assert platform_sql(hours) == [(8,)]

    def test_one_that_was_tuned_meanwhile_is_left_alone(
        self, platform_sql, row, optimise, applied, skipped_of
    ):
        run = optimise({row(24, name="acme/tuned"): 6, row(24): 6})
        platform_sql(
            f"UPDATE {WTR} SET sync_frequency_hours = 96 WHERE id = %s",
            next(iter(run.steps.get().chunks.get().keys)),
        )

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert (run.rows_written, [*skipped_of(run).values()]) == (1, ["changed"])

    def test_is_elevated(self, row, optimise):
        run = optimise({row(24): 6})

        assert (run.risk, run.subject) == (
            "elevated",
            "1 repository, each its own interval",
        )


class TestVerdicts:
    def test_which_way_and_what_the_schedule_makes_of_it(
        self, row, optimise, verdicts_of
    ):
        wanted = {row(24): 8, row(6): 30, row(None): 24, row(24): 25}

        said = verdicts_of(optimise(wanted))

        assert (
            said["Which way"][1] == "1 row to sync more often than now, 2 less often."
        )
        grid, gap = said["The schedule's grid"], said["Coverage gap"]
        assert (grid[0], grid[1][:9]) == ("warning", "Of 2 rows")
        assert (gap[0], "of 2 rows what" in gap[1]) == ("warning", True)
        assert "next_sync_at does not move" in said["When it counts"][1]

    def test_calls_an_hour(self, row, optimise, verdicts_of):
        """12 rows of 24 h are half a call an hour; of 6 h they are 2."""
        wanted = {row(24): 6 for _ in range(12)}

        level, sentence = verdicts_of(optimise(wanted))["Calls"]

        assert level == "ok"
        assert sentence.startswith("About 2.0 an hour instead of 0.5")

    def test_more_than_the_schedule_takes(self, row, optimise, verdicts_of, settings):
        settings.SCHEDULE_SLOTS = 1

        level, sentence = verdicts_of(optimise({row(24): 6 for _ in range(12)}))[
            "Calls"
        ]

        assert level == "warning"
        assert "2.0 would fall due, more than the schedule takes." in sentence

    def test_names_deleted_workspaces(self, platform_sql, row, optimise, verdicts_of):
        gone = factories.workspace(platform_sql, is_active=False)

        said = verdicts_of(optimise({row(24, workspace_id=gone): 6}))
        assert said["Deleted workspaces"][1].startswith("1 row of workspaces")


class TestForm:
    @pytest.mark.parametrize(
        "text",
        [
            "{a} 6\n{b} 12",
            "{a},6\r\n{b}, 12\r\n",
            "{b};12 {a};6",
            '{{"{a}": 6, "{b}": 12}}',
            "{a}=6,{b}=12",
            "{a} 6 {b} 12 {a} 6",
        ],
    )
    def test_reads_lines_csv_and_json(self, row, text):
        one, two = sorted([row(24), row(24)])

        assert cleaned(text.format(a=one, b=two)) == [f"{one} 6", f"{two} 12"]

    def test_reads_what_a_report_sends(self, row):
        one, two = sorted([row(24), row(24)])
        sent = QueryDict(f"frequencies={two}+12&frequencies={one}+6")

        form = SetFrequencies.Form(sent)

        assert form.is_valid()
        assert form.cleaned_data["frequencies"] == [f"{one} 6", f"{two} 12"]

    def test_refuses_unknown_ids_by_name(self, row):
        known, unknown = row(24), uuid4()

        assert str(unknown) in cleaned(f"{known} 6\n{unknown} 6")

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("{a} 0", "{a} (0). Intervals are 1 to 168 hours"),
            ("{a} 169", "{a} (169). Intervals are 1 to 168 hours"),
            ("{a} 6\n{a} 12", "{a} is given twice, with 6 and 12 hours"),
            ("{a}", "Each id needs its hours"),
            ("{a} 6.5", "&#x27;6.5&#x27; is not a number of hours"),
            ("{a} -6", "&#x27;-6&#x27; is not a number of hours"),
            ("{a} ٦", "is not a number of hours"),
            ("acme/rocket 6", "is not an id (a UUID)"),
            ("", "This field is required."),
        ],
    )
    def test_refuses(self, row, line, sentence):
        key = row(24)

        assert sentence.format(a=key) in cleaned(line.format(a=key))

    @pytest.mark.parametrize(("most", "valid"), [(72, False), (96, True)])
    def test_follows_another_check(self, platform_sql, row, most, valid):
        key = row(24)
        change = f"ALTER TABLE {WTR} DROP CONSTRAINT IF EXISTS {CHECK}; ALTER TABLE {WTR} ADD CONSTRAINT {CHECK} CHECK"
        column = "sync_frequency_hours"
        platform_sql(f"{change} ({column} >= 1 AND {column} <= {most})")
        contract.forget()
        try:
            assert SetFrequencies.Form({"frequencies": f"{key} 96"}).is_valid() == valid
        finally:
            platform_sql(f"{change} ({column} >= 1 AND {column} <= 168)")
            contract.forget()

    def test_is_switched_off_without_a_check(self, platform_sql):
        column = "sync_frequency_hours"
        platform_sql(f"ALTER TABLE {WTR} DROP CONSTRAINT {CHECK}")
        contract.forget()
        try:
            [obstacle] = availability.of(SetFrequencies).obstacles
            assert f"does not say which hours {column} accepts" in obstacle
        finally:
            platform_sql(
                f"ALTER TABLE {WTR} ADD CONSTRAINT {CHECK}"
                f" CHECK ({column} >= 1 AND {column} <= 168)"
            )
            contract.forget()

    def test_of_the_page_is_filled_in_and_plans(self, row, operator, client_of):
        one, two = sorted([row(24), row(24)])
        address = "/operations/set-frequencies/plan/"
        browser = client_of(operator)

        page = browser.get(f"{address}?frequencies={one}+6&frequencies={two}+12")
        assert f"{one} 6\n{two} 12" in page.content.decode()
        browser.post(address, {"frequencies": f"{one} 6\n{two} 12"})

        assert Run.objects.get().params == {"frequencies": [f"{one} 6", f"{two} 12"]}


def test_many_rows(platform_sql, row, optimise):
    """Each is looked up by its id: time does not grow with the square of their number."""
    key = row(24)
    platform_sql("SET session_replication_role = replica")
    platform_sql(
        f"CREATE TEMP TABLE more AS SELECT t.* FROM {WTR} t"
        " JOIN generate_series(2, 5000) ON t.id = %s",
        key,
    )
    platform_sql(
        "UPDATE more SET id = gen_random_uuid(), tracked_repository_id = gen_random_uuid()"
    )
    platform_sql(f"INSERT INTO {WTR} SELECT * FROM more")
    keys = [pk for (pk,) in platform_sql(f"SELECT id FROM {WTR}")]

    run = optimise({pk: 1 + number % 168 for number, pk in enumerate(keys)})

    assert run.rows_planned == sum(1 + n % 168 != 24 for n in range(len(keys)))
