"""What people see in their workspaces and nothing syncs: two lists."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.history import samples
from opsconsole.history.models import Sample
from opsconsole.workspaces.health import gaps
from opsconsole.workspaces.health.gaps import BY_WORD, GAPS, Links

pytestmark = pytest.mark.platform
HERE = "/workspaces/health/unsynced/"
UNTRACKED = f"{HERE}?gap=untracked"
NASTY = "<script>alert(1)</script>"


@pytest.fixture
def listed(person):
    """The names that an address lists, in order."""

    def read(address):
        response = person.get(address)
        assert response.status_code == 200
        rows = response.context["table"].paginated_rows
        return [row.record["full_name"] for row in rows]

    return read


@pytest.fixture
def some(make):
    """An unlinked repository, two untracked ones, and one as it should be."""
    workspace = make.workspace("Acme", tier="pro")
    make.link(workspace, full_name="not/tracked")
    make.link(workspace, full_name="not/tracked-either")
    tracked = make.repository(full_name="not/linked")
    make.known(tracked)
    make.link(workspace, tracked)
    make.linked(workspace)
    return workspace


class TestLists:
    def test_name_what_is_in_each_gap(self, listed, some):
        assert listed(HERE) == ["not/linked"]
        assert sorted(listed(UNTRACKED)) == ["not/tracked", "not/tracked-either"]
        assert listed(f"{HERE}?gap=nonsense") == ["not/linked"]

    def test_say_where_and_since_when(self, person, some):
        text = person.get(HERE).text

        assert f'href="/workspaces/{some}/"' in text
        assert "Acme" in text
        assert "<time" in text

    @pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.word)
    def test_say_what_it_means_and_what_helps(self, person, databases, gap):
        text = person.get(f"{HERE}?gap={gap.word}").text

        assert gap.sentence in text
        assert gap.advice in text
        assert f"No repository is {gap.word}." in text

    def test_name_a_deleted_workspace_as_such(self, person, make):
        make.link(make.workspace(is_active=False))

        assert '<span class="below">deleted</span>' in person.get(UNTRACKED).text

    def test_are_one_row_for_each_workspace(self, listed, make):
        """Tracked for one workspace, a repository may be unlinked in another."""
        first, second = make.workspace(), make.workspace()
        make.linked(first)
        [(repository,)] = make.sql("SELECT repository_id FROM tracked_repositories")
        make.link(second, repository)

        assert len(listed(HERE)) == 1

    def test_are_paged(self, listed, make):
        workspace = make.workspace(repositories=26)

        first = listed(f"{UNTRACKED}&per_page=25")
        second = listed(f"{UNTRACKED}&per_page=25&page=2")

        assert workspace
        assert (len(first), len(second)) == (25, 1)
        assert len({*first, *second}) == 26

    def test_count_no_further_than_shown(self, person, make, monkeypatch):
        monkeypatch.setattr(gaps, "CAP", 3)
        monkeypatch.setattr("opsconsole.web.paging.CAP", 3)
        make.workspace(repositories=5)

        assert len(Links(BY_WORD["untracked"])) == 4
        assert "more than 3" in person.get(UNTRACKED).text

    def test_escape_what_the_platform_says(self, person, make):
        make.link(make.workspace(NASTY))

        assert "<script>alert" not in person.get(UNTRACKED).text


class TestCounts:
    def test_are_those_of_the_sample(self, person, some):
        sample = samples.take()

        tabs = person.get(HERE).context["tabs"]

        assert (sample.unlinked, sample.untracked) == (1, 2)
        assert [tab["count"] for tab in tabs] == [1, 2]

    def test_are_counted_where_the_sample_is_old(self, person, listed, some):
        at = timezone.now() - timedelta(minutes=16)
        Sample.objects.create(at=at, took=timedelta(0), unlinked=9, untracked=9)

        assert [tab["count"] for tab in person.get(HERE).context["tabs"]] == [
            None,
            None,
        ]
        assert listed(HERE) == ["not/linked"]

    def test_are_unknown_where_the_sample_does_not_say(self, person, listed, some):
        Sample.objects.create(at=timezone.now(), took=timedelta(0))

        assert [tab["count"] for tab in person.get(HERE).context["tabs"]] == [
            None,
            None,
        ]
        assert listed(HERE) == ["not/linked"]


class TestPage:
    def test_is_for_people_with_a_role(self, client, client_of, django_user_model):
        nobody = django_user_model.objects.create_user("nobody")

        assert client.get(HERE).status_code == 302
        assert client_of(nobody).get(HERE).status_code == 403

    def test_says_so_without_the_platform(self, person, unreachable):
        response = person.get(HERE)

        assert response.status_code == 503
        assert "does not answer" in response.text

    def test_costs_few_queries(self, person, make):
        make.workspace(repositories=20)
        person.get(UNTRACKED)

        with (
            CaptureQueriesContext(connections["platform"]) as platform,
            CaptureQueriesContext(connections["default"]) as console,
        ):
            person.get(UNTRACKED)

        asked = [q["sql"] for q in (*platform, *console)]
        assert len([sql for sql in asked if sql not in ("BEGIN", "COMMIT")]) <= 12


def test_a_page_reads_its_own_rows_alone(person, make, monkeypatch):
    """Thousands of links are in a gap of a large platform."""
    acme, asked, links = make.workspace("Acme"), [], gaps.links
    for _ in range(30):
        make.known(repository := make.repository())
        make.link(acme, repository)

    def noted(gap, offset, limit):
        asked.append((offset, limit))
        return links(gap, offset, limit)

    monkeypatch.setattr(gaps, "links", noted)
    response = person.get("/workspaces/health/unsynced/?page=2&per_page=25")

    assert response.status_code == 200
    assert asked == [(25, 5)]


def test_offers_to_link_what_is_unlinked(worker, person):
    assert "/operations/link-repositories/plan/" in worker.get(HERE).text
    assert "/operations/link-repositories/plan/" not in person.get(HERE).text
    assert (
        "/operations/link-repositories/" not in worker.get(f"{HERE}?gap=untracked").text
    )
