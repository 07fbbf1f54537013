"""Files of a list: complete, harmless in a spreadsheet, honest when they are not whole."""

import csv
import io

import pytest
from django.db import DatabaseError, OperationalError, connections
from django.db.models import F

from opsconsole.audit.models import Entry
from opsconsole.platform.db import copying
from opsconsole.platform.db.copying import INCOMPLETE, csv_rows
from opsconsole.platform.models import Workspace
from opsconsole.web.csv import FORMULA_STARTS, neutral
from tests import factories

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("databases")]


def read(rows, **columns):
    text = b"".join(csv_rows(rows, columns)).decode()
    return list(csv.reader(io.StringIO(text)))


def sql(select):
    return (select, ())


def test_a_filtered_ordered_list_is_written_as_it_is(platform_sql):
    for name, tier in (("Beta", "pro"), ("Alpha", "pro"), ("Gamma", "free")):
        factories.workspace(platform_sql, name=name, tier=tier)
    rows = Workspace.objects.filter(tier="pro").annotate(label=F("tier"))

    found = read(rows.order_by("name"), Name="name", Tier="label", Owner="owner__pk")

    assert [row[:2] for row in found] == [
        ["Name", "Tier"],
        ["Alpha", "pro"],
        ["Beta", "pro"],
    ]


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_text_is_a_formula(start):
    text = f"{start}cmd|' /C calc'!A0"

    [_, [cell]] = read(("SELECT %s::text AS t", (text,)), T="t")

    assert cell == neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "it's", 'a "b", c', "two\nlines", "é😀"])
def test_other_text_stays_as_it_is(text):
    assert read(("SELECT %s::text AS t, 1 AS n", (text,)), T="t", N="n")[1][0] == text


@pytest.mark.parametrize("params", [(), {"size": 10}])
def test_a_percent_sign_is_written_twice_always(params):
    assert read(("SELECT 7 %% 5 AS n", params), n="n")[1] == ["2"]


def test_numbers_moments_and_lists():
    rows = sql(
        "SELECT -5 AS n, -0.5::numeric AS d, true AS yes, NULL::int AS nothing,"
        " '2026-11-21 13:00:00.5+01'::timestamptz AS at, '{a,-b}'::text[] AS flags"
    )

    found = read(
        rows, n="n", d="d", yes="yes", nothing="nothing", at="at", flags="flags"
    )

    assert found[1] == ["-5", "-0.5", "true", "", "2026-11-21 12:00:00.5+00", "a, -b"]


def test_a_list_of_words_is_no_formula_either():
    assert read(sql("SELECT '{-b}'::text[] AS flags"), flags="flags")[1] == ["'-b"]


@pytest.mark.parametrize("rows", [("SELECT %s AS t", ("x",)), ("SELECT 'x' AS t", ())])
def test_a_heading_may_hold_anything(rows):
    found = read(rows, **{'Share "%" of, all': "t"})

    assert found == [['Share "%" of, all'], ["x"]]


@pytest.mark.parametrize("rows", [Workspace.objects.none(), Workspace.objects.all()])
def test_no_rows_are_a_heading(rows):
    assert read(rows, Name="name") == [["Name"]]


def test_rows_of_the_console_itself():
    assert read(Entry.objects.all(), Entry="pk") == [["Entry"]]


def test_comes_in_pieces_that_end_with_a_row(monkeypatch):
    monkeypatch.setattr(copying, "BUFFER", 1000)
    rows = sql("SELECT g, repeat('x', 90) AS t FROM generate_series(1, 500) AS g")

    pieces = list(csv_rows(rows, {"g": "g", "t": "t"}))

    assert len(pieces) > 40
    assert max(map(len, pieces)) < 1200
    assert all(piece.endswith(b"\n") for piece in pieces if piece)
    assert sum(piece.count(b"\n") for piece in pieces) == 501


def test_an_error_before_the_first_row_is_an_error():
    with pytest.raises(DatabaseError):
        next(csv_rows(sql("SELECT 1/0 AS n"), {"n": "n"}))


def test_an_error_in_the_middle_is_told_in_the_last_line(monkeypatch):
    monkeypatch.setattr(copying, "BUFFER", 1000)
    rows = sql("SELECT 1000 / (50000 - g) AS n FROM generate_series(1, 60000) AS g")
    pieces = []

    def taken():
        for piece in csv_rows(rows, {"n": "n"}):
            pieces.append(piece)  # noqa: PERF402  an exception ends it

    with pytest.raises(DatabaseError):
        taken()

    assert len(pieces) > 2
    assert pieces[-1] == INCOMPLETE


def test_a_file_takes_no_longer_than_its_time(monkeypatch):
    monkeypatch.setattr(copying, "TIMEOUT", 50)

    with pytest.raises(OperationalError):
        next(csv_rows(sql("SELECT pg_sleep(5)::text AS t"), {"t": "t"}))


def test_cannot_write(platform_sql):
    rows = sql("WITH gone AS (DELETE FROM workspaces RETURNING id) SELECT id FROM gone")

    with pytest.raises(DatabaseError):
        next(csv_rows(rows, {"id": "id"}))


def test_a_reader_who_leaves_ends_the_statement(platform_sql, monkeypatch):
    monkeypatch.setattr(copying, "BUFFER", 1000)
    marker = "SELECT g AS left_early FROM generate_series(1, 5000000) AS g"
    pieces = csv_rows(sql(marker), {"n": "left_early"})
    next(pieces)

    pieces.close()

    [(running,)] = platform_sql(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
        " AND query LIKE '%%left_early%%' AND pid <> pg_backend_pid()"
    )
    assert running == 0


def test_leaves_the_pages_connection_alone():
    before = connections["platform"].connection

    list(csv_rows(sql("SELECT 1 AS n"), {"n": "n"}))

    assert connections["platform"].connection is before
