"""The contract page."""

import pytest
from django.urls import reverse

from opsconsole.platform import contract
from opsconsole.platform.models import MODELS

pytestmark = pytest.mark.platform
PAGE, RECHECK = "/contract/", "/contract/recheck/"


@pytest.fixture
def person(client_of, viewer):
    return client_of(viewer)


def text(response):
    return " ".join(response.content.decode().split())


def test_has_its_address():
    assert reverse("platform:contract") == PAGE
    assert reverse("platform:recheck") == RECHECK


def test_is_for_people_who_may_see_workspaces(client, client_of, make_user):
    person = make_user("viewer", "nobody")
    person.groups.clear()

    assert client.get(PAGE).status_code == 302
    assert client_of(person).get(PAGE).status_code == 403
    assert client_of(person).post(RECHECK).status_code == 403


def test_says_that_all_is_well_and_what_was_checked(person):
    page = text(person.get(PAGE))

    assert "The platform looks as we expect." in page
    assert "1 to 168 hours" in page
    assert "7 to 365 days" in page
    assert "free, pro, team" in page
    assert "opsconsole_reader" in page
    assert "opsconsole_writer" in page
    assert page.count("As expected") == len(MODELS)
    assert (
        '<code>next_sync_at</code> <span class="dim">timestamp with time zone</span>'
        in page
    )


def test_lists_deviations_the_heaviest_first(person, variant):
    variant(
        "ALTER TABLE sync_logs RENAME TO gone_logs; ALTER TABLE repositories RENAME TO gone;"
        "ALTER TABLE workspaces RENAME max_repositories TO gone",
        "ALTER TABLE gone_logs RENAME TO sync_logs; ALTER TABLE gone RENAME TO repositories;"
        "ALTER TABLE workspaces RENAME gone TO max_repositories",
    )

    page = text(person.get(PAGE))

    assert "2 deviations, 2 switch something off." in page
    sentences = (
        "Table repositories is missing",
        "Column workspaces.max_repositories is missing",
        "Table sync_logs is missing",
    )
    places = [page.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    assert "10 of 11" in page
    assert "Not there" in page


def test_names_what_the_writer_may_change(person, variant):
    variant(
        "GRANT DELETE ON sync_logs TO opsconsole_writer",
        "REVOKE DELETE ON sync_logs FROM opsconsole_writer",
    )

    assert ">delete<" in text(person.get(PAGE)).replace(" <", "<").replace("> ", ">")


def test_looks_again_when_asked_to(person, platform_sql):
    assert "looks as we expect" in text(person.get(PAGE))
    platform_sql("ALTER TABLE workspaces RENAME slug TO gone")
    try:
        assert "looks as we expect" in text(person.get(PAGE))  # for a minute
        page = text(person.post(RECHECK, follow=True))
    finally:
        platform_sql("ALTER TABLE workspaces RENAME gone TO slug")

    assert "Checked again. 1 deviation, 1 switches something off." in page
    assert person.get(RECHECK).url == PAGE  # as after a new sign-in


def test_works_when_the_platform_does_not(person, connect):
    connect("platform", HOST="/nowhere")

    response = person.get(PAGE)

    assert response.status_code == 200
    assert contract.SILENT.replace("'", "&#x27;") in text(response)
    assert "/nowhere" in text(response)


def test_runs_no_script_of_its_own(person):
    response = person.get(PAGE)

    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert b" style=" not in response.content
    assert b"onclick" not in response.content
