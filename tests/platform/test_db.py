"""The doors to the platform's database."""

import pytest
from django.db import DatabaseError, connections

from opsconsole.platform import db
from opsconsole.platform.db.writing import writing
from tests import factories

pytestmark = pytest.mark.platform


def test_fetch_answers_with_dictionaries(databases):
    assert db.fetch("SELECT %s::integer AS a, 'x' AS b", [1]) == [{"a": 1, "b": "x"}]
    assert db.fetch("SELECT %(a)s::integer AS a", {"a": 2}) == [{"a": 2}]


def test_a_page_cannot_write(databases):
    with pytest.raises(DatabaseError, match=r"read-only transaction|permission denied"):
        db.fetch("UPDATE workspaces SET name = 'x'")


def test_a_snapshot_does_not_see_what_is_committed_after_it(platform_sql):
    with db.snapshot() as cursor:
        cursor.execute("SELECT count(*) FROM workspaces")
        before = cursor.fetchone()
        factories.workspace(platform_sql)
        cursor.execute("SELECT count(*) FROM workspaces")
        assert cursor.fetchone() == before


def test_a_snapshot_prints_moments_in_utc_to_the_microsecond(databases):
    with db.snapshot() as cursor:
        cursor.execute("SELECT ('2026-01-02 03:04:05.678901+05'::timestamptz)::text")
        assert cursor.fetchone() == ("2026-01-01 22:04:05.678901+00",)


def test_the_writer_may_not_change_what_no_operation_changes(platform_sql):
    key = factories.workspace(platform_sql)

    with pytest.raises(DatabaseError, match="permission denied"), writing() as cursor:
        cursor.execute("UPDATE workspaces SET tier = 'team' WHERE id = %s", [key])


def test_what_writing_sets_ends_with_its_transaction(databases):
    with writing() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("2s",)
    with connections["platform_write"].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
