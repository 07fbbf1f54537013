"""The health of all syncs: counts, lists and the way to a reset."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.workspaces.conditions import CONDITIONS, how_many

pytestmark = pytest.mark.platform
HERE = "/workspaces/health/"
NOW = timezone.now()
NASTY = "<script>alert(1)</script>'; DROP TABLE workspaces; --"


def ago(**distance):
    return NOW - timedelta(**distance)


@pytest.fixture
def one_of_each(make):
    """A repository for each condition, and one in which every column is NULL."""
    pro = make.workspace("Zebra", tier="pro")
    fresh = {"last_sync_at": ago(hours=1), "next_sync_at": ago(hours=-5)}
    make.tracked(pro, name="is/well", **fresh)
    make.failed(pro, name="has/failed", sync_attempts=3, **fresh)
    make.failed(pro, name="fails/often", sync_attempts=4, **fresh)
    make.failed(name="fails/paused", **fresh | {"fetch_issues": False})
    make.tracked(name="is/due", **fresh | {"next_sync_at": ago(hours=1)})
    make.tracked(name="is/overdue", **fresh | {"next_sync_at": ago(hours=9)})
    make.tracked(name="is/unscheduled", **fresh | {"next_sync_at": None})
    make.tracked(name="is/paused", **fresh | {"fetch_issues": False})
    make.tracked(
        name="is/new",
        last_sync_at=None,
        last_sync_status=None,
        next_sync_at=ago(hours=1),
    )
    bare = make.tracked(name="is/bare", last_sync_at=None)
    make.sql(
        "UPDATE workspace_tracked_repositories SET fetch_issues = NULL, is_active = NULL,"
        " next_sync_at = NULL, last_sync_status = NULL, sync_attempts = NULL WHERE id = %s",
        bare,
    )


class TestAccess:
    def test_asks_strangers_to_sign_in(self, client, databases):
        assert client.get(HERE).status_code == 302

    @pytest.mark.parametrize("address", [HERE, f"{HERE}unsynced/"])
    def test_refuses_a_person_without_a_role(
        self, client_of, django_user_model, address
    ):
        nobody = django_user_model.objects.create_user("nobody")

        assert client_of(nobody).get(address).status_code == 403


class TestCounts:
    def test_are_right(self, one_of_each):
        assert how_many(NOW) == {
            "total": 10,
            "failed": 3,
            "failing_repeatedly": 1,
            "overdue": 1,
            "never_scheduled": 1,
            "due": 3,
            "never_synced": 2,
            "paused": 2,
            "synced_lately": 5,
        }

    @pytest.mark.parametrize("condition", CONDITIONS, ids=lambda c: c.name)
    def test_are_those_of_the_lists(self, one_of_each, condition):
        rows = WorkspaceTrackedRepository.objects.all()

        assert how_many(NOW)[condition.name] == condition.rows(rows, NOW).count()

    def test_lead_to_their_lists(self, person, one_of_each):
        context = person.get(HERE).context

        for row in context["figures"]:
            for figure in row:
                page = person.get(figure.url).context["table"].page
                assert page.paginator.count == figure.number, figure.title

    def test_are_zero_on_an_empty_platform(self, databases):
        assert set(how_many(NOW).values()) == {0}


class TestList:
    def test_is_of_the_failed_ones_unless_told(self, names, one_of_each):
        assert set(names(HERE)) == {"fails/often", "has/failed", "fails/paused"}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("condition=failing_repeatedly", "fails/often"),
            ("condition=overdue", "is/overdue"),
            ("condition=due", "is/due is/new is/overdue"),
            ("condition=never_scheduled", "is/unscheduled"),
            ("condition=never_synced", "is/bare is/new"),
            ("condition=paused", "fails/paused is/paused"),
            ("condition=every&q=ZEBRA", "fails/often has/failed is/well"),
            ("condition=every&q=is/b", "is/bare"),
            ("q=is/b", ""),
            ("tier=pro", "fails/often has/failed"),
            ("attempts=many", "fails/often"),
            ("condition=every&attempts=many", "fails/often"),
            ("tier=gold", "fails/often fails/paused has/failed"),
            ("attempts=lots", "fails/often fails/paused has/failed"),
            ("condition=failed", "fails/often fails/paused has/failed"),
            ("condition='", "fails/often fails/paused has/failed"),
        ],
    )
    def test_is_narrowed(self, names, one_of_each, query, expected):
        assert sorted(names(f"{HERE}?{query}")) == expected.split()

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("attempts", "b/b a/a c/c"),
            ("-attempts", "a/a b/b c/c"),
            ("last_sync", "b/b a/a c/c"),
            ("-last_sync", "a/a b/b c/c"),
            ("workspace", "c/c a/a b/b"),
            ("-workspace", "b/b a/a c/c"),
            ("next_sync", "c/c b/b a/a"),
            ("repository", "a/a b/b c/c"),
            ("tier", "a/a b/b c/c"),
            ("", "a/a b/b c/c"),
        ],
    )
    def test_is_sorted(self, names, make, sort, expected):
        for name, workspace, attempts, last, due in (
            ("a/a", "M", 9, ago(hours=1), None),
            ("b/b", "Z", 4, ago(hours=2), ago(hours=1)),
            ("c/c", "A", None, None, ago(hours=2)),
        ):
            make.failed(
                make.workspace(f"{workspace}mmm"),
                name=name,
                sync_attempts=attempts,
                last_sync_at=last,
                next_sync_at=due,
            )

        assert names(f"{HERE}?sort={sort}") == expected.split()

    @pytest.mark.parametrize("number", ["-5", "99999999999999999999", "%00", "1e3", ""])
    def test_takes_any_page(self, names, make, number):
        make.failed(name="a/a")

        assert names(f"{HERE}?page={number}") == ["a/a"]

    def test_escapes_what_the_platform_says(self, person, make):
        make.failed(make.workspace(NASTY), last_sync_error=NASTY)

        text = person.get(HERE).text

        assert "<script>alert" not in text
        assert text.count("&lt;script&gt;alert(1)") >= 2

    def test_names_a_deleted_workspace_as_such(self, person, make):
        make.failed(make.workspace("Gone", is_active=False))

        assert "</span> deleted" in person.get(HERE).text

    def test_says_that_nothing_failed(self, person, make):
        make.tracked()

        assert "No failed sync." in person.get(HERE).text

    def test_says_that_nothing_matches(self, person, make):
        make.failed()

        assert "none matches the filters" in person.get(f"{HERE}?q=zzz").text

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
        person.get(HERE)
        few = queries()
        for _ in range(20):
            make.failed()

        assert len(queries()) == len(few)
        assert len(few) <= 12


class TestReset:
    def test_is_offered_to_those_who_may(self, worker, make):
        key = make.failed()
        make.failed()

        text = worker.get(HERE).text

        assert "Reset all 2 failed…" in text
        assert "/operations/reset-failed-sync/plan/?all_failed=on" in text
        assert f'form="reset-one" name="repositories" value="{key}"' in text
        assert "data-select-all" in text

    def test_is_not_offered_to_others(self, person, make):
        make.failed()

        assert "reset-failed-sync" not in person.get(HERE).text

    def test_is_not_offered_without_failures(self, worker, make):
        make.tracked()

        text = worker.get(f"{HERE}?condition=every").text

        assert "Reset all" not in text
        assert 'name="repositories"' not in text


class TestGaps:
    def test_counts_what_nothing_syncs(self, person, make):
        workspace = make.workspace("Acme")
        make.link(workspace)  # untracked
        make.link(workspace)
        tracked = make.repository()
        make.known(tracked)
        make.link(workspace, tracked)  # unlinked
        make.linked(workspace)  # as it should be

        response = person.get(f"{HERE}unsynced/")

        assert response.context["gaps"] == (1, 2)
        assert (
            "3 repositories stand in workspaces and are never synced." in response.text
        )
        assert "<html" in response.text

    def test_is_a_piece_of_the_page_for_htmx(self, person, make):
        text = person.get(f"{HERE}unsynced/", headers={"HX-Request": "true"}).text

        assert "<html" not in text
        assert "Every repository that stands in a workspace" in text

    def test_is_asked_for_by_the_page(self, person):
        assert f'hx-get="{HERE}unsynced/"' in person.get(HERE).text


class TestWithoutThePlatform:
    def test_says_so(self, person, unreachable):
        response = person.get(HERE)

        assert response.status_code == 503
        assert "does not answer" in response.text
