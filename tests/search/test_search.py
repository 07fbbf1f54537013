"""One field for everything, each kind only for whom it may be, platform or not."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.history.models import ErrorGroup
from opsconsole.operations.models import Run
from opsconsole.search.everywhere import LONGEST
from opsconsole.search.groups import FEW
from tests.workspaces.conftest import make, sql  # noqa: F401  fixtures

pytestmark = pytest.mark.usefixtures("databases")
HERE = "/search/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def run(operator):
    now = timezone.now()
    return Run.objects.create(
        operation="reset-failed-sync",
        version=1,
        title="Reset failed sync",
        subject="2 repositories of Acme",
        risk="routine",
        cluster="bulk",
        params={},
        requested_by=operator,
        origin="browser",
        created_at=now,
        planned_at=now,
        expires_at=now,
    )


@pytest.fixture
def found(person):
    """Title of a group -> titles of its hits, for what was typed."""

    def search(text, client=person):
        response = client.get(HERE, {"q": text})
        assert response.status_code == 200
        groups = response.context["groups"]
        return {group.title: [hit.title for hit in group.hits] for group in groups}

    return search


def named(make, name, full_name="acme/api"):  # noqa: F811
    workspace = make.workspace(name)
    row = make.tracked(workspace, name=full_name)
    [(repository,)] = make.sql(
        "SELECT id FROM repositories WHERE full_name = %s", full_name
    )
    make.link(workspace, repository)
    return workspace, repository, row


def test_asks_strangers_to_sign_in(client):
    assert client.get(HERE).status_code == 302


def test_finds_workspaces_by_name_and_slug(make, found):  # noqa: F811
    make.workspace("Zebra Acme")
    make.workspace("Acme")
    make.workspace("Other", slug="acme-other")

    assert found("ACME")["Workspaces"] == ["Acme", "Other", "Zebra Acme"]


def test_what_begins_so_comes_first(make, found):  # noqa: F811
    make.workspace("New Delta", slug="new-one")
    make.workspace("Delta Textiles", slug="textiles")

    assert found("delta")["Workspaces"] == ["Delta Textiles", "New Delta"]


def test_finds_repositories_with_their_workspace(make, person):  # noqa: F811
    _, _, row = named(make, "Northwind")

    page = person.get(HERE, {"q": "me/ap"}).text

    assert "acme/api" in page
    assert "in Northwind" in page
    assert f"/workspaces/repositories/{row}/" in page


def test_the_exact_repository_comes_first(make, found):  # noqa: F811
    named(make, "One", "acme/api-client")
    named(make, "Two", "acme/api")

    assert found("acme/api")["Repositories"] == ["acme/api", "acme/api-client"]


def test_finds_rows_that_are_switched_off(make, found, sql):  # noqa: F811
    named(make, "One", "acme/off")
    sql("UPDATE workspace_tracked_repositories SET is_active = false")

    assert found("acme/off")["Repositories"] == ["acme/off"]


def test_finds_rows_whose_link_is_gone(make, found):  # noqa: F811
    make.tracked(make.workspace("One"), name="acme/left-over")

    assert found("left-over")["Repositories"] == ["acme/left-over"]


def test_percent_and_underscore_are_letters(make, found):  # noqa: F811
    make.workspace("Plain")
    make.workspace("100%_wild")

    assert found("%_")["Workspaces"] == ["100%_wild"]


def test_an_id_finds_its_row_whatever_it_is(make, found):  # noqa: F811
    workspace, repository, row = named(make, "Northwind")

    assert found(str(workspace)) == {"This id": ["Northwind"]}
    assert found(str(row)) == {"This id": ["acme/api"]}
    assert found(str(repository).upper()) == {"This id": ["acme/api"]}
    assert found(f" {row} ") == {"This id": ["acme/api"]}
    assert found(str(uuid4())) == {}


@pytest.mark.parametrize("text", ["{}", "#{}"])
def test_the_number_of_a_run_comes_first(run, found, text):
    assert next(iter(found(text.format(run.pk)))) == "This number"


@pytest.mark.parametrize("text", ["0", "#", "9" * 19, "9" * 199, "٣", "-1", "1e3"])
def test_nonsense_is_no_number(run, found, text):
    assert "This number" not in found(text)


@pytest.mark.parametrize("text", ["of acme", "reset failed"])
def test_finds_runs_by_title_and_subject(run, found, text):
    assert found(text)["Runs"] == [f"Run {run.pk}: Reset failed sync"]


def test_finds_kinds_of_errors(found):
    now = timezone.now()
    ErrorGroup.objects.create(
        fingerprint="f" * 12,
        pattern="error sending request for <url>",
        sample="x",
        first_seen=now,
        last_seen=now,
    )

    assert found("sending")["Errors"] == ["error sending request for <url>"]


def test_pages_and_operations_before_anything_is_typed(found, operator, client_of):
    assert "Overview" in found("")["Pages"]
    assert "Operations" not in found("")
    assert "Reset failed sync" in found("", client_of(operator))["Operations"]


def test_pages_by_any_of_their_words(found):
    assert found("health sync")["Pages"] == ["Sync health"]


def test_one_character_searches_no_names(make, found, person):  # noqa: F811
    make.workspace("Acme")

    assert "Workspaces" not in found("a")
    assert "Type at least two characters" in person.get(HERE, {"q": "a"}).text


def test_a_few_of_each_and_the_list_behind(make, person):  # noqa: F811
    for n in range(FEW + 1):
        make.workspace(f"Acme & {n}")

    response = person.get(HERE, {"q": "acme &"})

    [group] = response.context["groups"]
    assert len(group.hits) == FEW
    assert group.more == "/workspaces/?q=acme+%26"
    assert 'href="/workspaces/?q=acme+%26"' in response.text


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "'", "\\", "<script>", "x" * 5000, "😀é"]
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_any_text_is_answered(person, text, headers):
    response = person.get(HERE, {"q": text}, headers=headers)

    assert response.status_code == 200
    assert "<script>" not in response.text.split("<main")[-1].replace("</script>", "")
    assert len(response.context["text"]) <= LONGEST


def test_without_the_platform_the_rest_is_found(run, person, unreachable):
    response = person.get(HERE, {"q": "re"})

    assert response.status_code == 200
    problems = {g.title for g in response.context["groups"] if g.problem}
    assert problems == {"Workspaces", "Repositories"}
    assert "Reset failed sync" in response.text
    assert "Retry" in response.text


def test_the_palette_says_what_is_missing(person, unreachable):
    page = person.get(HERE, {"q": "zz"}, headers=HTMX).text

    assert 'class="palette-note"' in page
    assert "Workspaces:" in page


def test_the_palette_gets_options(make, person):  # noqa: F811
    make.workspace("<b>Acme</b>")

    response = person.get(HERE, {"q": "acme"}, headers=HTMX)

    assert "<html" not in response.text
    assert 'role="listbox"' in response.text
    assert 'role="option" aria-selected="false"' in response.text
    assert "<b>Acme" not in response.text
    assert 'data-results="1 found"' in response.text


def test_nobody_finds_what_they_may_not_see(make, run, client_of):  # noqa: F811
    named(make, "Acme")
    stranger = User.objects.create_user("stranger", password="x")
    client = client_of(stranger)

    response = client.get(HERE, {"q": "acme"})
    assert response.context["groups"] == []

    stranger.user_permissions.add(Permission.objects.get(codename="view_run"))
    groups = client.get(HERE, {"q": "acme"}).context["groups"]
    assert [group.title for group in groups] == ["Runs"]


def test_few_questions_however_much_is_found(make, person):  # noqa: F811
    for n in range(9):
        named(make, f"Acme {n}", f"acme/api-{n}")
    person.get(HERE, {"q": "acme"})
    own, theirs = connections["default"], connections["platform"]

    with CaptureQueriesContext(own) as asked, CaptureQueriesContext(theirs) as of_them:
        person.get(HERE, {"q": "acme"})

    reads = [q["sql"] for q in [*asked, *of_them] if q["sql"].startswith("SELECT")]
    assert len(reads) <= 12, "\n".join(reads)
