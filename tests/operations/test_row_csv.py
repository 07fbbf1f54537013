"""The rows of a run as a file: complete, harmless in a spreadsheet, and recorded."""

import csv
from io import StringIO

import pytest
from django.db import DatabaseError
from django.urls import reverse

from opsconsole.audit.models import Entry
from opsconsole.operations.models import Run
from opsconsole.operations.showing import row_csv
from opsconsole.operations.showing.outcomes import RowList

pytestmark = pytest.mark.platform


@pytest.fixture
def download(viewer, client_of):
    """The lines of a run's file as dictionaries."""
    client = client_of(viewer)

    def get(run, query=""):
        response = client.get(reverse("operations:rows_csv", args=[run.pk]) + query)
        assert response["Content-Type"].startswith("text/csv")
        text = b"".join(response.streaming_content).decode()
        return list(csv.DictReader(StringIO(text)))

    return get


def test_a_line_for_each_row_and_column(stage, plan, applied, download):
    first, second, third = stage.fill(3)
    run = plan("demo-two-steps", add=5)
    stage.touch(second)
    stage.delete(third)
    applied(run)

    lines = download(run)

    assert len(lines) == 6
    by_name = {(line["name"], line["column"]): line for line in lines}
    written = by_name["row 1", "value"]
    assert written["key"] == str(first)
    assert (written["step"], written["before"], written["after"]) == ("Add", "11", "16")
    assert (written["outcome"], written["why"], written["held"]) == ("written", "", "")
    drifted = by_name["row 2", "value"]
    assert (drifted["outcome"], drifted["why"]) == ("skipped", "changed")
    assert drifted["held"] == "1000012"
    assert by_name["row 3", "value"]["why"] == "deleted"


def test_one_outcome_alone(stage, plan, applied, download):
    _, second, _ = stage.fill(3)
    run = plan("demo-change", add=5)
    stage.touch(second)
    applied(run)

    assert [line["name"] for line in download(run, "?outcome=skipped")] == ["row 2"]
    assert len(download(run, "?outcome=nonsense")) == 3


def test_text_that_a_spreadsheet_would_run(stage, plan, download):
    stage.fill(1)
    stage.sql("UPDATE demonstration SET name = '=cmd()'")

    [line] = download(plan("demo-change", add=1))

    assert line["name"] == "'=cmd()"


def test_a_row_without_columns_has_a_line(stage, plan, download):
    stage.fill(2)

    lines = download(plan("demo-delete-for-good"))

    assert sorted(line["name"] for line in lines) == ["row 1", "row 2"]
    assert {line["column"] for line in lines} == {""}


def test_more_rows_than_are_held_in_memory(stage, plan, download, monkeypatch):
    monkeypatch.setattr(row_csv, "AT_ONCE", 7)
    keys = stage.fill(20)

    lines = download(plan("demo-change", add=1))

    assert sorted(line["key"] for line in lines) == sorted(map(str, keys))


def test_who_took_them_away_is_recorded(stage, plan, download, viewer):
    stage.fill(1)
    run = plan("demo-change", add=1)

    download(run, "?outcome=planned")

    entry = Entry.objects.get(action="web.list.exported")
    assert (entry.actor_name, entry.run_id) == ("viewer", run.pk)
    assert entry.subject == f"Rows of run {run.pk}"


def test_a_file_that_could_not_be_finished_says_so(stage, plan, monkeypatch):
    stage.fill(1)
    rows = RowList(plan("demo-change", add=1))

    def broken(*args):
        raise DatabaseError("gone")

    monkeypatch.setattr(RowList, "__getitem__", broken)
    sent = row_csv.pieces(rows)

    assert next(sent).startswith(b"key,name")
    assert next(sent).startswith(b"INCOMPLETE")
    with pytest.raises(DatabaseError):
        next(sent)


def test_needs_the_permission_to_see_runs(stage, plan, make_user, client_of):
    stage.fill(1)
    run: Run = plan("demo-change", add=1)
    stranger = make_user("viewer", "stranger")
    stranger.groups.clear()

    address = reverse("operations:rows_csv", args=[run.pk])

    assert client_of(stranger).get(address).status_code == 403
