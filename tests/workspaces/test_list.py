"""The list of workspaces: who may see it, what it counts, how it filters and sorts."""

from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.platform
HERE = "/workspaces/"
NASTY = "<script>alert(1)</script>'; DROP TABLE workspaces; --"


def at(hour):
    return datetime(2026, 5, 1, hour, tzinfo=UTC)


class TestAccess:
    def test_asks_strangers_to_sign_in(self, client, databases):
        response = client.get(HERE)

        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")

    def test_refuses_a_person_without_a_role(self, client_of, django_user_model):
        nobody = django_user_model.objects.create_user("nobody")

        assert client_of(nobody).get(HERE).status_code == 403

    def test_answers_no_post(self, person):
        assert person.post(HERE).status_code == 405


class TestRows:
    def test_counts_links_and_tracked_repositories(self, person, make):
        pk = make.workspace("Acme", repositories=3, max_repositories=4)
        make.tracked(pk, last_sync_at=at(9))
        make.failed(pk, last_sync_at=at(10))
        make.failed(pk, last_sync_at=None)

        [row] = person.get(HERE).context["table"].data[:10]

        assert (row["repositories"], row["max_repositories"]) == (3, 4)
        assert (row["tracked"], row["failed"]) == (3, 2)
        assert row["last_sync_at"] == at(10)

    def test_counts_nothing_in_an_empty_workspace(self, person, make):
        make.workspace("Acme")

        [row] = person.get(HERE).context["table"].data[:10]

        assert (row["repositories"], row["tracked"], row["failed"]) == (0, 0, 0)
        assert row["last_sync_at"] is None

    def test_links_failures_to_the_workspace(self, person, make):
        pk = make.workspace("Acme")
        make.failed(pk)

        text = person.get(HERE).text

        assert f'href="/workspaces/{pk}/?condition=failed"' in text
        assert "1 failed" in text

    def test_says_over_the_limit_and_unknown_limit(self, person, make):
        make.workspace("Acme", repositories=3, max_repositories=2)
        make.workspace("Bolt", repositories=1, max_repositories=None)

        text = person.get(HERE).text

        assert "over limit" in text
        assert "unknown" in text

    def test_escapes_names(self, person, make):
        make.workspace(NASTY)

        text = person.get(HERE).text

        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text

    def test_says_that_there_is_none(self, person):
        assert "The platform has no workspaces yet." in person.get(HERE).text


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["Ankle", "Bolt", "Crane"]),
            ("q=ANK", ["Ankle"]),
            ("q=bolt-slug", ["Bolt"]),
            ("q=rails", ["Bolt"]),
            ("q=%25", []),
            ("q=' OR 1=1 --", []),
            ("tier=pro", ["Bolt"]),
            ("tier=free&q=crane", ["Crane"]),
            ("state=failing", ["Crane"]),
            ("state=nearly_full", ["Ankle", "Crane"]),
            ("state=over_limit", ["Crane"]),
            ("state=deleted", ["Doomed"]),
            ("tier=pro&state=deleted", []),
        ],
    )
    def test_narrow_the_list(self, names, make, query, expected):
        make.workspace("Ankle", repositories=9, max_repositories=10)
        bolt = make.workspace("Bolt", tier="pro", slug="bolt-slug", max_repositories=5)
        make.link(bolt, full_name="rails/rails")
        crane = make.workspace("Crane", repositories=3, max_repositories=2)
        make.failed(crane)
        make.workspace("Doomed", is_active=False)
        make.sql("UPDATE workspaces SET is_active = NULL WHERE name = 'Bolt'")

        assert names(f"{HERE}?{query}") == expected

    @pytest.mark.parametrize("query", ["tier=gold", "state=happy", "tier=", "state"])
    def test_an_unknown_value_filters_nothing(self, names, make, query):
        make.workspace("Acme")

        assert names(f"{HERE}?{query}") == ["Acme"]

    def test_an_unknown_value_is_named(self, person):
        text = person.get(f"{HERE}?tier=gold").text

        assert "gold is not one of the available choices" in text

    @pytest.mark.parametrize("text", ["%00", "x" * 10_000, "%F0%9F%9A%80", "\\"])
    def test_takes_any_text(self, person, text):
        assert person.get(f"{HERE}?q={text}").status_code == 200

    def test_offers_the_tiers_of_the_database(self, person):
        text = person.get(HERE).text

        assert '<option value="team">Team</option>' in text

    def test_says_that_nothing_matches(self, person, make):
        make.workspace("Acme")

        assert "No workspace matches." in person.get(f"{HERE}?q=zzz").text


class TestOrder:
    @pytest.fixture(autouse=True)
    def _three(self, make):
        acme = make.workspace("acme", repositories=2, max_repositories=4)
        bolt = make.workspace("Bolt", tier="team", repositories=3, max_repositories=3)
        crane = make.workspace("crane", tier="pro", max_repositories=None)
        make.tracked(acme, last_sync_at=at(8))
        make.failed(bolt, last_sync_at=at(7))
        make.failed(bolt, last_sync_at=None)
        make.failed(crane, last_sync_at=None)

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("name", "acme Bolt crane"),
            ("-name", "crane Bolt acme"),
            ("tier", "acme crane Bolt"),
            ("-tier", "Bolt crane acme"),
            ("usage", "acme Bolt crane"),
            ("-usage", "Bolt acme crane"),
            ("failed", "acme crane Bolt"),
            ("-failed", "Bolt crane acme"),
            ("last_sync", "Bolt acme crane"),
            ("-last_sync", "acme Bolt crane"),
        ],
    )
    def test_follows_the_address(self, names, sort, expected):
        assert names(f"{HERE}?sort={sort}") == expected.split()

    @pytest.mark.parametrize(
        "sort", ["", "-", "--name", "tracked", "owner__email", "name;DROP", "name,tier"]
    )
    def test_is_by_name_for_an_unknown_one(self, names, sort):
        assert names(f"{HERE}?sort={sort}") == ["acme", "Bolt", "crane"]

    def test_shows_each_row_once_when_all_are_equal(self, names, make):
        make.sql("DELETE FROM workspaces")
        made = {f"Same {number:02}" for number in range(30)}
        for name in made:
            make.workspace(name)

        pages = [names(f"{HERE}?sort=-failed&per_page=25&page={p}") for p in (1, 2)]

        assert [len(page) for page in pages] == [25, 5]
        assert set(pages[0] + pages[1]) == made


class TestPages:
    @pytest.mark.parametrize(
        ("number", "shown"),
        [("1", 50), ("2", 1), ("-1", 50), ("0", 50), ("9" * 40, 1), ("x'", 50)],
    )
    def test_never_fail(self, names, make, number, shown):
        for ordinal in range(51):
            make.workspace(f"Workspace {ordinal:02}")

        assert len(names(f"{HERE}?page={number}")) == shown

    def test_cost_the_same_for_any_number_of_rows(self, person, make):
        def queries():
            with (
                CaptureQueriesContext(connections["platform"]) as platform,
                CaptureQueriesContext(connections["default"]) as console,
            ):
                assert (
                    person.get(f"{HERE}?sort=-failed&state=failing").status_code == 200
                )
            return len(platform) + len(console)

        make.failed()
        person.get(HERE)
        few = queries()
        for _ in range(20):
            make.failed()

        assert queries() == few
        assert few <= 12


class TestWithoutThePlatform:
    def test_says_so(self, person, unreachable):
        response = person.get(HERE)

        assert response.status_code == 503
        assert "does not answer" in response.text
