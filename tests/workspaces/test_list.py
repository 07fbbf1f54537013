"""The list of workspaces: who may see it, what it counts, how it filters and sorts."""

import csv
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.utils import timezone

from opsconsole.history.circumstances import circumstances
from opsconsole.platform.db import copying
from opsconsole.platform.diagnosis import WORDS
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.workspaces import workspace_csv
from opsconsole.workspaces.tables import WorkspaceTable

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


def lines(person, query=""):
    return [
        row.record
        for row in person.get(f"{HERE}?{query}").context["table"].paginated_rows
    ]


class TestRows:
    def test_counts_links_and_tracked_repositories(self, person, make):
        pk = make.workspace("Acme", repositories=3, max_repositories=4)
        make.tracked(pk, last_sync_at=at(9), sync_frequency_hours=6)
        make.failed(pk, last_sync_at=at(10), sync_frequency_hours=None)
        make.failed(pk, last_sync_at=None, sync_attempts=9)

        [line] = lines(person)

        assert (line.workspace.used, line.workspace.max_repositories) == (3, 4)
        assert (line.tracked, line.failed) == (3, 2)
        assert line.intervals == (6, 24)
        assert line.last_sync_at == at(10)

    def test_counts_nothing_in_an_empty_workspace(self, person, make):
        make.workspace("Acme")

        [line] = lines(person)

        assert (line.workspace.used, line.tracked, line.failed) == (0, 0, 0)
        assert (line.mix, line.intervals, line.calls) == ({}, None, 0)
        assert line.last_sync_at is None
        assert "nothing tracked" in person.get(HERE).text

    def test_counts_each_word_as_the_diagnosis_does(self, person, make, one_of_each):
        known = circumstances(timezone.now())
        rows = WorkspaceTrackedRepository.objects
        counted = dict.fromkeys(WORDS, 0)
        for line in lines(person):
            for word, count in line.mix.items():
                counted[word] += count

        assert counted == {word: rows.with_word(word, known).count() for word in WORDS}
        assert sum(bool(count) for count in counted.values()) == len(WORDS)

    def test_shows_the_mix_in_words(self, person, make):
        pk = make.workspace("Acme")
        make.tracked(pk, fetch_issues=False)
        make.failed(pk)

        assert "1 failed, 1 paused" in person.get(HERE).text

    @pytest.mark.parametrize(
        ("hours", "syncs", "calls"),
        [(1, True, 4), (6, True, 4), (7, True, 2), (None, True, 1), (1, False, 0)],
    )
    def test_estimates_calls_on_the_schedules_grid(
        self, person, make, hours, syncs, calls
    ):
        make.tracked(sync_frequency_hours=hours, fetch_issues=syncs)

        [line] = lines(person)

        assert line.calls == calls
        assert "estimated" in person.get(HERE).text

    def test_links_failures_to_the_workspace(self, person, make):
        pk = make.workspace("Acme")
        make.failed(pk)

        text = person.get(HERE).text

        assert f'href="/workspaces/{pk}/?sort=-attempts"' in text
        assert "1 failed" in text

    def test_names_a_deleted_one_as_such(self, person, make):
        make.workspace("Gone", slug="gone", is_active=False)

        assert "Deleted</span>" in person.get(f"{HERE}?state=deleted").text

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
            ("word=failed", ["Crane"]),
            ("word=ok", []),
            ("flag=stale error", ["Bolt"]),
            ("usage=nearly_full", ["Ankle", "Crane"]),
            ("usage=over_limit", ["Crane"]),
            ("activity=active", ["Ankle"]),
            ("activity=quiet", ["Bolt", "Crane"]),
            ("state=deleted", ["Doomed"]),
            ("tier=pro&state=deleted", []),
        ],
    )
    def test_narrow_the_list(self, names, make, query, expected):
        now = timezone.now()
        make.workspace(
            "Ankle", repositories=9, max_repositories=10, last_activity_at=now
        )
        bolt = make.workspace("Bolt", tier="pro", slug="bolt-slug", max_repositories=5)
        make.link(bolt, full_name="rails/rails")
        crane = make.workspace("Crane", repositories=3, max_repositories=2)
        make.failed(crane)
        make.tracked(bolt, sync_attempts=1)
        make.sql("UPDATE workspaces SET last_activity_at = NULL WHERE name = 'Bolt'")
        long_ago = now - timedelta(days=31)
        make.sql(
            "UPDATE workspaces SET last_activity_at = %s WHERE name = 'Crane'", long_ago
        )
        make.workspace("Doomed", is_active=False)
        make.sql("UPDATE workspaces SET is_active = NULL WHERE name = 'Bolt'")

        assert names(f"{HERE}?{query}") == expected

    @pytest.mark.parametrize(
        "query",
        ["tier=gold", "state=happy", "word=odd", "flag=1", "usage=9", "q=%00", "q=%07"],
    )
    def test_lists_nothing_for_a_wrong_value(self, worker, make, query):
        make.workspace("Acme")

        response = worker.get(f"{HERE}?tier=free&{query}")

        assert not response.context["table"].page.paginator.count
        assert not response.context["matching"]
        assert "error" in response.text

    @pytest.mark.parametrize("query", ["tier=", "state", "q="])
    def test_an_empty_value_filters_nothing(self, names, make, query):
        make.workspace("Acme")

        assert names(f"{HERE}?{query}") == ["Acme"]

    def test_an_unknown_value_is_named(self, person):
        text = person.get(f"{HERE}?tier=gold").text

        assert "gold is not one of the available choices" in text

    @pytest.mark.parametrize(
        "text", ["%00", "%07", "%ED%A0%80", "x" * 10_000, "%F0%9F%9A%80", "\\"]
    )
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
        acme = make.workspace(
            "acme", repositories=2, max_repositories=4, last_activity_at=at(1)
        )
        bolt = make.workspace(
            "Bolt",
            tier="team",
            repositories=3,
            max_repositories=3,
            last_activity_at=at(2),
        )
        crane = make.workspace("crane", tier="pro", max_repositories=None)
        make.sql("UPDATE workspaces SET last_activity_at = NULL WHERE name = 'crane'")
        make.tracked(acme, last_sync_at=at(8))
        make.failed(bolt, last_sync_at=at(7))
        make.failed(bolt, last_sync_at=None)
        make.failed(crane, last_sync_at=None)
        for _ in range(3):  # paused: their word is another
            make.failed(acme, last_sync_at=None, fetch_issues=False)

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
            ("last_activity", "acme Bolt crane"),
            ("-last_activity", "Bolt acme crane"),
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

    def test_cost_the_same_for_any_number_of_rows(self, person, make, queries):
        address = f"{HERE}?sort=-failed&word=failed&q=W&usage=&flag=coverage gap"
        make.failed()
        few = queries(person, address)
        for _ in range(20):
            make.failed()

        assert len(queries(person, address)) == len(few)
        assert len(few) <= 12


class TestSelection:
    def test_is_offered_to_those_who_may_reset(self, worker, make):
        pk = make.workspace("Acme", tier="pro")
        for _ in range(25):
            make.workspace(tier="pro")

        text = worker.get(f"{HERE}?tier=pro&per_page=25").text

        assert f'name="workspaces" value="{pk}" form="selection"' in text
        assert 'formaction="/operations/reset-failed-sync/plan/"' in text
        assert 'name="workspaces_matching" value="tier=pro"' in text

    def test_is_not_offered_to_others(self, person, make):
        make.failed()

        text = person.get(HERE).text

        assert "/operations/reset-failed-sync/" not in text
        assert "data-select" not in text

    def test_plans_what_was_selected(self, worker, make):
        pk = make.workspace("Acme")
        make.failed(pk)
        make.failed(pk)
        make.failed()

        response = worker.post(
            "/operations/reset-failed-sync/plan/", {"workspaces": [pk]}, follow=True
        )

        assert response.context["run"].rows_planned == 2

    def test_plans_all_that_match(self, worker, make):
        for tier in ("pro", "pro", "free"):
            make.failed(make.workspace(tier=tier))

        response = worker.post(
            "/operations/reset-failed-sync/plan/",
            {"workspaces_matching": "tier=pro"},
            follow=True,
        )

        assert response.context["run"].rows_planned == 2


class TestFile:
    def rows(self, person, query=""):
        response = person.get(f"{HERE}?format=csv{query}")
        text = b"".join(response.streaming_content).decode()
        return list(csv.DictReader(text.splitlines()))

    def test_holds_what_the_list_holds(self, person, make, one_of_each):
        make.workspace("AA empty", repositories=1)
        rows = self.rows(person)

        listed = lines(person)
        assert [row["Workspace"] for row in rows] == [
            line.workspace.name for line in listed
        ]
        for row, line in zip(rows, listed, strict=True):
            assert int(row["Failed"]) == line.failed
            assert {word: int(row[_heading(word)]) for word in WORDS} == (
                dict.fromkeys(WORDS, 0) | line.mix
            )

    @pytest.mark.parametrize(
        "sort", ["failed", "-failed", "-last_sync", "usage", "name"]
    )
    def test_has_the_order_of_the_list(self, person, make, one_of_each, sort):
        named = [row["Workspace"] for row in self.rows(person, f"&sort={sort}")]

        assert named == [line.workspace.name for line in lines(person, f"sort={sort}")]

    def test_holds_what_is_filtered(self, person, make):
        make.workspace("Acme", tier="pro")
        make.workspace("Bolt")

        [row] = self.rows(person, "&tier=pro")

        assert row["Workspace"] == "Acme"

    def test_may_take_longer_than_a_page(self, person, make, monkeypatch):
        make.workspace("Acme")
        slowly = "SELECT *, pg_sleep(2) FROM ({}) AS listed"

        def slow(pages, statement=workspace_csv.statement):
            text, params = statement(pages)
            return slowly.format(text), params

        monkeypatch.setattr(workspace_csv, "statement", slow)

        [row] = self.rows(person)

        assert row["Workspace"] == "Acme"

    def test_says_that_it_took_too_long(self, person, make, monkeypatch):
        make.workspace("Acme")
        monkeypatch.setattr(copying, "TIMEOUT", 100)
        sleep = ("SELECT *, pg_sleep(1) FROM workspaces", ())
        monkeypatch.setattr(workspace_csv, "statement", lambda pages: sleep)
        monkeypatch.setattr(WorkspaceTable, "csv_fields", {"name": "name"})

        response = person.get(f"{HERE}?format=csv")

        assert response.status_code == 503
        assert "took too long" in response.text

    def test_says_that_the_platform_does_not_answer(self, person, unreachable):
        response = person.get(f"{HERE}?format=csv")

        assert "does not answer" in response.text


def _heading(word):
    return f"only {word}" if word in ("failed", "failing repeatedly") else word


class TestWithoutThePlatform:
    def test_says_so_and_keeps_the_filters(self, person, unreachable):
        response = person.get(f"{HERE}?q=acme&tier=pro")

        assert response.status_code == 200
        assert "does not answer" in response.text
        assert 'value="acme"' in response.text
        assert '<option value="pro" selected>' in response.text
        assert "Try again" in response.text

    def test_says_which_column_is_missing(self, person, rename):
        rename("workspace_tracked_repositories", "sync_attempts")

        response = person.get(HERE)

        assert response.status_code == 200
        assert "sync_attempts" in response.text

    def test_answers_while_a_table_is_locked(self, person, make, locked):
        make.failed()
        person.get(HERE)
        locked("workspace_tracked_repositories")
        began = monotonic()

        response = person.get(HERE)

        assert monotonic() - began < 2.5
        assert "took too long to answer" in response.text
        assert "Workspace, slug or repository" in response.text
