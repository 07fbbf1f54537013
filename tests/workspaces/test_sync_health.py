"""The health of all syncs: counts, what the schedule can do, and the list."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.history import samples
from opsconsole.history.models import Sample
from opsconsole.platform import contract
from opsconsole.platform.diagnosis import TROUBLE, WORDS
from opsconsole.workspaces.health.capacity import Capacity
from opsconsole.workspaces.views.health import PAUSE

pytestmark = pytest.mark.platform
HERE = "/workspaces/health/"
COUNT = f"{HERE}count/"
NOW = timezone.now()
NASTY = "<script>alert(1)</script>'; DROP TABLE workspaces; --"


def ago(**distance):
    return NOW - timedelta(**distance)


FRESH = {"last_sync_at": ago(hours=1), "next_sync_at": ago(hours=-5)}


@pytest.fixture
def one_of_each(make):
    """A repository for each diagnosis that rows alone can have, and one all of NULLs."""
    pro = make.workspace("Zebra", tier="pro")
    make.tracked(pro, name="is/well", **FRESH)
    make.failed(pro, name="has/failed", sync_attempts=3, **FRESH)
    make.failed(pro, name="fails/often", sync_attempts=4, **FRESH)
    make.failed(name="fails/paused", **FRESH | {"fetch_issues": False})
    make.tracked(name="is/due", **FRESH | {"next_sync_at": ago(hours=1)})
    make.tracked(name="is/overdue", **FRESH | {"next_sync_at": ago(hours=9)})
    make.tracked(name="is/unscheduled", **FRESH | {"next_sync_at": None})
    make.tracked(name="is/paused", **FRESH | {"fetch_issues": False})
    make.tracked(name="is/inactive", **FRESH | {"is_active": False})
    make.tracked(
        name="is/new",
        last_sync_at=None,
        last_sync_status=None,
        next_sync_at=ago(hours=-1),
    )
    bare = make.tracked(name="is/bare", last_sync_at=None)
    make.sql(
        "UPDATE workspace_tracked_repositories SET fetch_issues = NULL, is_active = NULL,"
        " next_sync_at = NULL, last_sync_status = NULL, sync_attempts = NULL WHERE id = %s",
        bare,
    )


@pytest.fixture
def counts(person):
    """What the page says: word -> rows."""

    def read():
        context = person.get(HERE).context
        return {figure.word: figure.rows for figure in context["words"]}

    return read


class TestAccess:
    def test_asks_strangers_to_sign_in(self, client, databases):
        assert client.get(HERE).status_code == 302
        assert client.post(COUNT).status_code == 302

    def test_refuses_a_person_without_a_role(self, client_of, django_user_model):
        nobody = client_of(django_user_model.objects.create_user("nobody"))

        assert nobody.get(HERE).status_code == 403
        assert nobody.post(COUNT).status_code == 403
        assert not Sample.objects.exists()


class TestCounts:
    EXPECTED = {
        "paused": 3,
        "inactive but syncing": 1,
        "failing repeatedly": 1,
        "failed": 1,
        "never scheduled": 1,
        "overdue": 1,
        "never synced": 1,
        "due": 1,
        "ok": 1,
    }

    def test_are_those_of_the_sample(self, counts, one_of_each):
        samples.take()

        found = counts()

        assert tuple(found) == WORDS
        assert {word: rows for word, rows in found.items() if rows} == self.EXPECTED

    def test_are_live_without_one(self, person, counts, one_of_each):
        assert {word: rows for word, rows in counts().items() if rows} == self.EXPECTED
        assert "These numbers were counted for this page" in person.get(HERE).text
        assert not Sample.objects.exists()

    def test_stay_those_of_the_sample_while_rows_change(self, counts, make):
        make.tracked(**FRESH)
        samples.take()
        make.tracked(**FRESH)

        assert counts()["ok"] == 1

    def test_lead_to_lists_of_as_many(self, person, names, one_of_each):
        samples.take()
        context = person.get(HERE).context

        for figure in (*context["words"], *context["flags"]):
            assert len(names(figure.url)) == figure.rows, figure.word

    def test_say_what_each_word_means_and_its_share(self, person, one_of_each):
        samples.take()

        [paused, *_] = person.get(HERE).context["words"]

        assert paused.meaning.startswith("fetch_issues is off, so no run takes it.")
        assert paused.share == "27 %"

    def test_say_how_they_changed_in_a_day(self, person, make):
        taken = {"took": timedelta(0), "words": {"free": {"ok": 5}}}
        Sample.objects.create(at=timezone.now() - timedelta(hours=23.8), **taken)
        make.tracked(**FRESH)
        samples.take()

        changes = {f.word: f.change for f in person.get(HERE).context["words"]}

        assert changes["ok"] == "−4 in 24 h"
        assert changes["failed"] == "as 24 h ago"


class TestCountNow:
    def test_takes_a_sample(self, person, make):
        make.tracked(**FRESH)

        response = person.post(COUNT, follow=True)

        assert response.redirect_chain == [(HERE, 302)]
        assert "Counted." in response.text
        assert Sample.objects.get().word_count("ok") == 1

    def test_is_for_posts_alone(self, person):
        assert person.get(COUNT).status_code == 405

    def test_does_not_count_again_at_once(self, person, worker):
        person.post(COUNT)

        text = worker.post(COUNT, follow=True).text

        assert f"Counted less than {PAUSE} s ago" in text
        assert Sample.objects.count() == 1

    def test_keeps_nothing_of_a_count_that_failed(self, person, unreachable):
        text = person.post(COUNT, follow=True).text

        assert "does not answer" in text
        assert not Sample.objects.exists()

    def test_takes_no_longer_than_a_page(self, person, make, monkeypatch):
        contract.current()
        monkeypatch.setattr("opsconsole.platform.deadline.PAGE", 0.3)  # seconds
        make.sql("BEGIN; LOCK workspace_tracked_repositories")
        try:
            text = person.post(COUNT, follow=True).text
        finally:
            make.sql("ROLLBACK")

        assert "took too long to answer. The numbers below" in text


class TestCapacity:
    @pytest.mark.parametrize(
        ("due", "says"),
        [
            (0, "Nothing is in line; the schedule takes 20 a run, 80 a day."),
            (1, "1 in line, 20 a run, 80 a day: the next run can take all of them."),
            (20, "20 in line, 20 a run, 80 a day: the next run can take all of them."),
            (21, "21 in line, 20 a run, 80 a day: the last one waits 12 h at best."),
            (
                412,
                "412 in line, 20 a run, 80 a day: the last one waits 5 d 6 h at best.",
            ),
        ],
    )
    def test_says_how_long_the_last_one_waits(self, due, says):
        assert Capacity(due, 0, 0).sentence == says

    @pytest.mark.parametrize(
        ("wanted", "says"),
        [
            (80, "The intervals ask for 80 of 80 syncs a day."),
            (
                120,
                "The intervals ask for 120 syncs a day, 1.5 times the 80 that the"
                " schedule can do.",
            ),
        ],
    )
    def test_says_whether_the_schedule_is_enough(self, wanted, says):
        assert Capacity(0, 0, wanted).demand == says

    def test_stands_on_the_page(self, person, one_of_each):
        samples.take()

        text = person.get(HERE).text

        assert "2 in line, 20 a run, 80 a day" in text
        assert "Nothing is starved." in text


class TestList:
    def test_is_of_those_in_trouble_unless_told(self, names, one_of_each):
        expected = "fails/often has/failed is/inactive is/overdue is/unscheduled"

        assert sorted(names(HERE)) == expected.split()
        assert names(HERE)[0] == "fails/often"

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("word=failing repeatedly", "fails/often"),
            ("word=trouble&tier=pro", "fails/often has/failed"),
            ("word=overdue", "is/overdue"),
            ("word=due", "is/due"),
            ("word=never scheduled", "is/unscheduled"),
            ("word=never synced", "is/new"),
            ("word=paused", "fails/paused is/bare is/paused"),
            ("q=ZEBRA", "fails/often has/failed is/well"),
            ("word=&q=is/b", "is/bare"),
            ("word=failed&q=is/b", ""),
            ("tier=pro", "fails/often has/failed is/well"),
            ("flag=stale error", ""),
        ],
    )
    def test_is_narrowed(self, names, one_of_each, query, expected):
        assert sorted(names(f"{HERE}?{query}")) == expected.split()

    @pytest.mark.parametrize(
        "query", ["word='", "tier=gold", "flag=none", "error=zzz", "word=a&word=b"]
    )
    def test_lists_nothing_for_a_wrong_value(self, worker, one_of_each, query):
        """More rows than were asked for would be offered to a bulk operation."""
        response = worker.get(f"{HERE}?{query}")

        assert not response.context["table"].page.paginator.count
        assert not response.context["listed"].answer.matching
        assert response.context["filter"].errors

    @pytest.mark.parametrize("query", ["word=any", "word=any&columns=error", "word="])
    def test_everything_is_said_aloud(self, names, one_of_each, query):
        assert len(names(f"{HERE}?{query}")) == 11

    @pytest.mark.parametrize("query", ["sort=repository", "page=1", "columns=interval"])
    def test_turning_a_page_changes_no_filter(self, names, one_of_each, query):
        assert len(names(f"{HERE}?{query}")) == 5

    def test_is_of_one_error(self, names, make):
        make.failed(name="a/a", last_sync_error="timed out after 5 s")
        make.failed(name="b/b", last_sync_error="timed out after 77 s")
        make.failed(name="c/c", last_sync_error="something else")
        [group] = [name for name in samples.take().errors if "timed" in _pattern(name)]

        assert sorted(names(f"{HERE}?error={group}")) == ["a/a", "b/b"]

    @pytest.mark.parametrize("number", ["-5", "99999999999999999999", "%00", "1e3", ""])
    def test_takes_any_page(self, names, make, number):
        make.failed(name="a/a")

        assert names(f"{HERE}?word=trouble&page={number}") == ["a/a"]

    def test_escapes_what_the_platform_says(self, person, make):
        make.failed(make.workspace(NASTY), last_sync_error=NASTY)
        samples.take()

        text = person.get(HERE).text

        assert "<script>alert" not in text
        assert text.count("&lt;script&gt;alert(1)") >= 2

    def test_names_a_deleted_workspace_as_such(self, person, make):
        make.failed(make.workspace("Gone", is_active=False))

        assert "</span> deleted" in person.get(HERE).text

    def test_says_that_there_is_none(self, person, make):
        make.tracked(**FRESH)

        assert "No repository is in trouble." in person.get(HERE).text

    def test_says_that_nothing_matches(self, person, make):
        make.failed()

        assert "No repository matches" in person.get(f"{HERE}?q=zzz").text

    def test_comes_as_a_file(self, person, make):
        make.failed(name="a/a")

        response = person.get(f"{HERE}?word=failed&format=csv")

        lines = b"".join(response.streaming_content).decode().splitlines()
        assert response["Content-Type"].startswith("text/csv")
        assert len(lines) == 2
        assert "a/a" in lines[1]

    def test_costs_the_same_for_any_number_of_rows(self, person, make):
        def queries():
            with (
                CaptureQueriesContext(connections["platform"]) as platform,
                CaptureQueriesContext(connections["default"]) as console,
            ):
                assert person.get(HERE).status_code == 200
            named = [q["sql"] for q in (*platform, *console)]
            return [sql for sql in named if sql not in ("BEGIN", "COMMIT")]

        make.failed()
        samples.take()
        person.get(HERE)
        few = queries()
        for _ in range(20):
            make.failed()
        samples.take()

        assert len(queries()) == len(few)
        assert len(few) <= 12, "\n".join(few)


class TestReset:
    def test_is_offered_to_those_who_may(self, worker, make):
        key = make.failed(last_sync_error="boom")
        [group] = samples.take().errors

        text = worker.get(HERE).text

        assert "Reset all failed…" in text
        assert "/operations/reset-failed-sync/plan/?all_failed=on" in text
        assert f"/operations/reset-failed-sync/plan/?error={group}" in text
        assert f'name="repositories" value="{key}"' in text
        assert "data-select-all" in text

    def test_is_not_offered_to_others(self, person, make):
        make.failed()
        samples.take()

        assert "reset-failed-sync" not in person.get(HERE).text

    def test_is_not_offered_without_failures(self, worker, make):
        make.tracked(**FRESH)
        samples.take()

        assert "Reset all" not in worker.get(HERE).text

    def test_can_take_all_that_match(self, worker, make):
        for _ in range(51):
            make.failed()

        text = worker.get(f"{HERE}?word=failed&tier=free").text

        assert 'name="matching" value="tier=free&amp;word=failed"' in text
        assert "Select all 51 matching" in text


class TestWithoutThePlatform:
    def test_keeps_the_counts_and_says_what_is_missing(self, person, make, request):
        make.failed()
        samples.take()
        request.getfixturevalue("unreachable")

        response = person.get(HERE)

        assert response.status_code == 200
        assert {f.word: f.rows for f in response.context["words"]}["failed"] == 1
        assert "The list is missing" in response.text
        assert "does not answer" in response.text
        assert "newest sample" in response.text

    def test_says_so_without_a_sample(self, person, unreachable):
        response = person.get(HERE)

        assert response.status_code == 200
        assert "There are no numbers yet" in response.text
        assert "does not answer" in response.text


def test_trouble_is_what_nobody_wants():
    """What is off on purpose is none, and what is only waiting neither."""
    assert not {"paused", "issues disabled", "never synced", "due", "ok"} & {*TROUBLE}
    assert len(TROUBLE) == len(WORDS) - 5


def _pattern(fingerprint):
    from opsconsole.history.models import ErrorGroup

    return ErrorGroup.objects.get(pk=fingerprint).pattern
