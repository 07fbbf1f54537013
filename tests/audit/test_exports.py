"""A list as a file: its columns, its name, and the entry that says who took it."""

import json
import re

import pytest
from django.db import OperationalError

from opsconsole.audit import exports, log
from opsconsole.audit.models import Entry

pytestmark = pytest.mark.usefixtures("databases")
FILE = "/audit/?format=csv"


@pytest.fixture
def person(viewer, client_of):
    log.record(action="x.y", subject="=Acme", actor=viewer)
    log.record(action="x.z", subject="Beta", actor=None)
    return client_of(viewer)


def lines(response):
    return response.getvalue().decode().splitlines()


def test_is_a_file_with_a_name_and_a_time(person):
    response = person.get(FILE)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    name = r'attachment; filename="audit-entries-\d{4}-\d\d-\d\d-\d{6}Z\.csv"'
    assert re.fullmatch(name, response["Content-Disposition"])
    assert response["Cache-Control"] == "no-store"


def test_holds_the_rows_of_the_filter(person):
    found = lines(person.get(FILE + "&q=acme&page=7"))

    assert found[0] == "entry,When,Who,Action,Subject,Reason,Run"
    assert len(found) == 2
    assert ',viewer,x.y,\'=Acme,"",' in found[1]


def test_holds_the_columns_that_show(person):
    found = lines(person.get(FILE + "&columns=subject&q=beta"))

    assert found[0] == "entry,When,Subject"


def test_is_recorded_with_its_filters(person, viewer):
    person.get(FILE + "&q=acme&columns=subject&page=2")

    entry = Entry.objects.newest_first().first()
    assert (entry.action, entry.actor_name) == (exports.ACTION, "viewer")
    assert entry.subject == "Audit entries"
    assert json.loads(entry.body)["details"] == {
        "filters": {"q": "acme"},
        "columns": ["entry", "When", "Subject"],
    }


def test_a_file_that_cannot_begin_is_an_error_and_no_entry(person, monkeypatch):
    def refuse(rows, columns):
        raise OperationalError("connection refused")
        yield b""

    monkeypatch.setattr(exports, "csv_rows", refuse)
    before = Entry.objects.count()

    with pytest.raises(OperationalError):
        person.get(FILE)
    assert Entry.objects.count() == before


def test_takes_the_permission_of_the_page(client, make_user, client_of):
    stranger = make_user("viewer", "nobody")
    stranger.groups.clear()

    assert client_of(stranger).get(FILE).status_code == 403
    assert client.get(FILE).status_code == 302
    assert not Entry.objects.exists()


def test_the_page_offers_it_with_its_filters(person):
    page = person.get("/audit/?q=acme&page=1").text

    assert 'href="?q=acme&amp;format=csv" download' in page
