"""The chain: nobody changes an entry unseen."""

from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from opsconsole.audit import log
from opsconsole.audit.models import Entry
from tests.conftest import CONSOLE


@pytest.fixture
def three(databases):
    return [log.record(action=f"test.{n}", subject="it", actor=None) for n in range(3)]


@pytest.fixture
def intruder(databases):
    """Somebody with a superuser's hands and no respect for triggers."""
    with psycopg.connect(CONSOLE, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def test_whole_chain(three):
    assert list(log.broken_links()) == []


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        (
            "UPDATE audit_entry SET actor_name = 'x' WHERE id = %s",
            "says something else",
        ),
        (
            "UPDATE audit_entry SET body = replace(body, 'it', 'at') WHERE id = %s",
            "does not follow",
        ),
        ("DELETE FROM audit_entry WHERE id = %s", "does not follow"),
    ],
)
def test_finds_what_was_changed(three, intruder, deed, sentence):
    intruder.execute(deed, [three[1].pk])

    assert sentence in " ".join(log.broken_links())


def test_command_says_so(three, intruder):
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert "All 3 entries" in out.getvalue()

    intruder.execute("DELETE FROM audit_entry WHERE id = %s", [three[0].pk])

    with pytest.raises(SystemExit, match="1"):
        call_command("audit_verify", stdout=StringIO())


@pytest.mark.parametrize("deed", ["update", "delete"])
def test_runtime_role_has_no_right_to_change_entries(three, deed):
    with pytest.raises(DatabaseError, match="permission denied"):
        Entry.objects.update(
            actor_name="x"
        ) if deed == "update" else Entry.objects.all()._raw_delete("default")


def test_owner_meets_the_trigger(three):
    with (
        psycopg.connect(CONSOLE) as owner,
        pytest.raises(psycopg.Error, match="append-only"),
    ):
        owner.execute("DELETE FROM audit_entry")


def test_vanishes_with_the_transaction_it_belongs_to(databases):
    with transaction.atomic():
        log.record(action="test", subject="it", actor=None)
        transaction.set_rollback(True)

    assert not Entry.objects.exists()


def test_keeps_long_and_strange_texts_whole_in_the_body(databases):
    entry = log.record(
        action="test",
        subject="s" * 300,
        actor=None,
        reason="r" * 3000,
        details={"ü": "<b>\x07"},
    )

    assert len(entry.subject) == 200
    assert "s" * 300 in entry.body
    assert list(log.broken_links()) == []


def test_an_account_can_be_deleted_and_its_entries_stay(operator):
    entry = log.record(action="test", subject="it", actor=operator)

    operator.delete()

    assert Entry.objects.get(pk=entry.pk).actor_name == "operator"
    assert list(log.broken_links()) == []
