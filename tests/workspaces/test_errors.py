"""Groups of errors: all of them, those that are gone, and one."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.history import samples
from opsconsole.history.models import ErrorGroup, Sample

pytestmark = pytest.mark.platform
HERE = "/workspaces/health/errors/"
NASTY = "<script>alert(1)</script>"


def fail(make, error, times=1, **values):
    for _ in range(times):
        make.failed(last_sync_error=error, **values)


def taken(**values):
    """A sample without the platform."""
    return Sample.objects.create(took=timedelta(0), **values)


def known(fingerprint, pattern="timed out", **values):
    now = timezone.now()
    seen = {"first_seen": now, "last_seen": now, "sample": pattern}
    return ErrorGroup.objects.create(
        fingerprint=fingerprint, pattern=pattern, **(seen | values)
    )


@pytest.fixture
def rows(person):
    """What the page lists: pattern -> repositories."""

    def read(query=""):
        table = person.get(HERE + query).context["table"]
        lines = [row.record for row in table.paginated_rows]
        return [(line.pattern, line.rows) for line in lines]

    return read


class TestAccess:
    @pytest.mark.parametrize("address", [HERE, f"{HERE}0123456789ab/"])
    def test_is_for_people_with_a_role(
        self, client, client_of, django_user_model, databases, address
    ):
        nobody = django_user_model.objects.create_user("nobody")

        assert client.get(address).status_code == 302
        assert client_of(nobody).get(address).status_code == 403


class TestAll:
    def test_are_groups_the_largest_first(self, rows, make):
        fail(make, "timed out after 5 s")
        fail(make, "timed out after 77.5 s")
        fail(make, "rate limit", times=3)
        samples.take()

        assert rows() == [("rate limit", 3), ("timed out after ‹n› s", 2)]

    def test_are_narrowed_to_a_tier(self, rows, make):
        pro = make.workspace(tier="pro")
        for _ in range(2):
            make.failed(pro, last_sync_error="of pro")
        make.failed(pro, last_sync_error="of both")
        fail(make, "of both", times=5)
        fail(make, "of free")
        samples.take()

        assert rows("?tier=pro") == [("of pro", 2), ("of both", 1)]
        assert rows("?tier=team") == []
        assert len(rows("?tier=gold")) == 3

    def test_say_whose_they_are(self, person, make):
        make.failed(make.workspace(tier="pro"), last_sync_error="boom")
        fail(make, "boom", times=2)
        samples.take()

        assert "2 free, 1 pro" in person.get(HERE).text

    def test_name_those_that_are_gone(self, person, make):
        fail(make, "still there")
        known("0123456789ab", "long gone")
        samples.take()

        response = person.get(HERE)

        assert [group.pattern for group in response.context["gone"]] == ["long gone"]
        assert "Not seen since" in response.text

    def test_escape_and_cut_what_the_platform_says(self, person, make):
        fail(make, NASTY + "x" * 5000)
        samples.take()

        text = person.get(HERE).text

        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
        assert "x" * 400 not in text

    def test_say_that_nobody_fails(self, person, make):
        make.tracked()
        samples.take()

        assert "No failed repository has an error." in person.get(HERE).text

    def test_say_that_nothing_was_collected(self, person):
        text = person.get(HERE).text

        assert "No errors have been collected yet" in text
        assert "Nothing has been collected yet" in text

    def test_offer_a_reset_to_those_who_may(self, person, worker, make):
        fail(make, "boom")
        [group] = samples.take().errors

        assert f"/plan/?error={group}" in worker.get(HERE).text
        assert "/plan/" not in person.get(HERE).text

    def test_need_no_platform(self, person, make, request):
        fail(make, "boom")
        samples.take()
        request.getfixturevalue("unreachable")

        response = person.get(HERE)

        assert response.status_code == 200
        assert "boom" in response.text

    def test_cost_the_same_for_any_number(self, person, make):
        def queries():
            with (
                CaptureQueriesContext(connections["platform"]) as platform,
                CaptureQueriesContext(connections["default"]) as console,
            ):
                assert person.get(HERE).status_code == 200
            assert len(platform) == 0
            return len(console)

        fail(make, "one")
        samples.take()
        person.get(HERE)
        few = queries()
        for letter in "abcdefgh":
            fail(make, letter * 3)
        samples.take()

        assert queries() == few <= 12


class TestOne:
    def test_says_what_and_who(self, person, names, make):
        fail(make, "timed out after 5 s", name="a/a")
        fail(make, "timed out after 7 s", name="b/b")
        fail(make, "other", name="c/c")
        samples.take()
        group = ErrorGroup.objects.get(pattern__startswith="timed")

        response = person.get(f"{HERE}{group.pk}/")

        assert response.context["rows"] == 2
        assert "timed out after ‹n› s" in response.text
        assert "timed out after 5 s" in response.text
        assert sorted(names(f"{HERE}{group.pk}/")) == ["a/a", "b/b"]

    def test_draws_a_point_for_each_day(self, person):
        known("0123456789ab")
        now = timezone.now()
        for days, rows in ((9, 4), (1, 2), (0, 3)):
            errors = {"0123456789ab": {"free": rows}}
            taken(at=now - timedelta(days=days), errors=errors)
        taken(at=now - timedelta(days=4))

        chart = person.get(f"{HERE}0123456789ab/").context["chart"]

        [series] = chart.series
        assert len(chart.days) == len(series.values) == 14
        assert chart.days[-1] == timezone.localdate()
        assert [value for value in series.values if value is not None] == [4, 0, 2, 3]

    def test_says_since_when_it_is_gone(self, person):
        known("0123456789ab")
        taken(at=timezone.now(), words={"free": {"ok": 1}})

        text = person.get(f"{HERE}0123456789ab/").text

        assert "Not seen since" in text
        assert "No repository fails with it now." in text

    @pytest.mark.parametrize("name", ["0123456789ab", "x", "a" * 300])
    def test_is_not_found_by_another_fingerprint(self, person, name):
        response = person.get(f"{HERE}{name}/")

        assert response.status_code == 404
        assert "No sample has met an error" in response.text
        assert f'href="{HERE}"' in response.text

    def test_escapes_what_the_platform_says(self, person, make):
        fail(make, NASTY)
        [group] = samples.take().errors

        text = person.get(f"{HERE}{group}/").text

        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text

    def test_offers_a_reset_to_those_who_may(self, person, worker, make):
        fail(make, "boom")
        [group] = samples.take().errors
        here = f"{HERE}{group}/"

        assert "Reset these 1…" in worker.get(here).text
        assert f"/plan/?error={group}" in worker.get(here).text
        assert "/plan/" not in person.get(here).text

    def test_comes_as_a_file(self, person, make):
        fail(make, "boom", name="a/a")
        fail(make, "other", name="b/b")
        samples.take()
        group = ErrorGroup.objects.get(pattern="boom")

        response = person.get(f"{HERE}{group.pk}/?format=csv")

        text = b"".join(response.streaming_content).decode()
        assert "a/a" in text
        assert "b/b" not in text

    def test_keeps_what_is_known_without_the_platform(self, person, make, request):
        fail(make, "boom")
        [group] = samples.take().errors
        request.getfixturevalue("unreachable")

        response = person.get(f"{HERE}{group}/")

        assert response.status_code == 200
        assert response.context["rows"] == 1
        assert "The list is missing" in response.text

    def test_costs_few_queries(self, person, make):
        fail(make, "boom", times=9)
        [group] = samples.take().errors
        person.get(f"{HERE}{group}/")

        with (
            CaptureQueriesContext(connections["platform"]) as platform,
            CaptureQueriesContext(connections["default"]) as console,
        ):
            person.get(f"{HERE}{group}/")

        asked = [q["sql"] for q in (*platform, *console)]
        assert len([sql for sql in asked if sql not in ("BEGIN", "COMMIT")]) <= 12
