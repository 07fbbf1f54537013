"""Operations that show each kind of step and each way to fail, on tables of their own.

They are known while `installed()` lasts, so the catalogue's tests never meet them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Value

from opsconsole.operations.calling import CALLERS
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.steps import (
    Call,
    ChangeRows,
    DeleteRows,
    InsertRows,
    MoveRows,
    Statement,
    Target,
)
from opsconsole.platform.models import MODELS, WorkspaceTrackedRepository
from tests.operations.service import Service

TABLES = """
CREATE TABLE demonstration (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    kind text NOT NULL DEFAULT 'wanted',
    value integer,
    amount numeric(12, 3) CHECK (amount >= 0),
    at timestamptz,
    facts jsonb,
    tags text[],
    hand text
);
CREATE TABLE demonstration_archive (LIKE demonstration INCLUDING ALL, UNIQUE (name));
CREATE TABLE demonstration_writes (
    number bigint GENERATED ALWAYS AS IDENTITY, key uuid, who text, deed text, held jsonb
);
CREATE FUNCTION demonstration_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET timezone = 'UTC' AS $$
BEGIN
    INSERT INTO demonstration_writes (key, who, deed, held)
    SELECT coalesce(NEW.id, OLD.id), session_user, TG_OP,
        CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object(
            'name', NEW.name, 'kind', NEW.kind, 'value', NEW.value::text,
            'amount', NEW.amount::text, 'at', NEW.at::text, 'facts', NEW.facts::text,
            'tags', NEW.tags::text, 'hand', NEW.hand) END;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON demonstration
    FOR EACH ROW EXECUTE FUNCTION demonstration_note();
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON demonstration_archive
    FOR EACH ROW EXECUTE FUNCTION demonstration_note();
CREATE TABLE demonstration_service (
    number bigint GENERATED ALWAYS AS IDENTITY, target integer, deed text, behaviour text
);
GRANT SELECT, INSERT, UPDATE, DELETE ON demonstration, demonstration_archive
    TO opsconsole_writer;
GRANT SELECT ON demonstration, demonstration_archive TO opsconsole_reader;
"""
NO_TABLES = """
DROP TABLE IF EXISTS demonstration, demonstration_archive, demonstration_writes,
    demonstration_service;
DROP FUNCTION IF EXISTS demonstration_note, demonstration_slow;
"""
WRITER = "opsconsole_writer"
registry = Apps()  # so that Django's own one never hears of these models


class DemonstrationQuerySet(models.QuerySet):
    """Rows with names, as the platform's own have them."""

    def described(self):
        return self.placed().annotate(row_label=F("name"), row_workspace=F("kind"))

    def placed(self):
        return self.annotate(row_workspace_id=F("kind"), row_tier=Value("free"))


class Demonstration(models.Model):
    """A column of each type that is awkward to print and to read back."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    kind = models.TextField()
    value = models.IntegerField(null=True)
    amount = models.DecimalField(null=True, max_digits=12, decimal_places=3)
    at = models.DateTimeField(null=True)
    facts = models.JSONField(null=True)
    tags = ArrayField(models.TextField(), null=True)
    hand = models.TextField(null=True)  # who else wrote the row last

    objects = DemonstrationQuerySet.as_manager()

    class Meta:
        managed = False
        app_label = "platform"
        apps = registry
        db_table = "demonstration"


class Archive(models.Model):
    """Where rows are moved to, or inserted into."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    value = models.IntegerField(null=True)

    class Meta:
        managed = False
        app_label = "platform"
        apps = registry
        db_table = "demonstration_archive"


def wanted() -> Any:
    return Demonstration.objects.filter(kind="wanted")


class Shown(Operation):
    """Runbook: none, a demonstration."""

    purpose = "daily"
    risk = "routine"

    @classmethod
    def permission(cls) -> str:
        """One that operators have."""
        return "operations.run_reset_failed_sync"

    def subject(self, params, moment):
        return "demonstration"


class Change(Shown):
    """Adds `add` to the value of each wanted row."""

    slug, title = "demo-change", "Change values"
    writes = {Demonstration: ("value",)}

    def steps(self, params, moment):
        return [ChangeRows("Add", wanted(), {"value": F("value") + params["add"]})]


AWKWARD: dict[str, Any] = {
    "value": None,
    "amount": "0.100",
    "at": datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC),
    "facts": {"ä": 'a "b" \\ {c} %s', "n": None},
    "tags": ["", "NULL", 'a,"b"', "{}"],
}


class ChangeEverything(Shown):
    """Sets the columns given, of every awkward type."""

    slug, title = "demo-everything", "Change everything"
    writes = {Demonstration: ("value", "amount", "at", "facts", "tags")}

    def steps(self, params, moment):
        values = {name: AWKWARD[name] for name in params["columns"]}
        return [ChangeRows("Set", wanted(), values)]


class Random(Shown):
    """Sets what a test has put into `values`, whatever the rows hold."""

    slug, title = "demo-random", "Random values"
    writes = {Demonstration: ("value", "amount", "at", "facts", "tags")}
    values: ClassVar[dict[str, Any]] = {}

    def steps(self, params, moment):
        return [ChangeRows("Set", wanted(), self.values)]


class TwoSteps(Shown):
    """Two columns that are restored each on its own."""

    slug, title = "demo-two-steps", "Two steps"
    writes = {Demonstration: ("value", "at")}

    def steps(self, params, moment):
        return [
            ChangeRows("Add", wanted(), {"value": F("value") + params["add"]}),
            ChangeRows("Put off", wanted(), {"at": moment.now}, optional=True),
        ]


class OptionalFails(Shown):
    """The optional step in the middle breaks a CHECK of the platform."""

    slug, title = "demo-optional", "Optional step"
    writes = {Demonstration: ("value", "amount", "at")}

    def steps(self, params, moment):
        optional = params.get("optional", True)
        return [
            ChangeRows("Add", wanted(), {"value": F("value") + 1}),
            ChangeRows("Break", wanted(), {"amount": -1}, optional=optional),
            ChangeRows("Put off", wanted(), {"at": moment.now}),
        ]


class Copy(Shown):
    """Inserts a row into the archive for each wanted one."""

    slug, title = "demo-insert", "Copy into the archive"
    inserts = {Archive: ("name", "value")}

    def steps(self, params, moment):
        values = {"name": F("name"), "value": F("value") * 2}
        return [InsertRows("Copy", wanted(), Archive, values, label=F("name"))]


class Delete(Shown):
    """Deletes the wanted rows and keeps them."""

    slug, title = "demo-delete", "Delete"
    deletes = (Demonstration,)

    def steps(self, params, moment):
        return [DeleteRows("Delete", wanted(), keep=True)]


class DeleteForGood(Shown):
    """Deletes the wanted rows."""

    slug, title = "demo-delete-for-good", "Delete for good"
    deletes_for_good = (Demonstration,)

    def steps(self, params, moment):
        return [DeleteRows("Delete", wanted())]


class Move(Shown):
    """Moves the wanted rows into the archive."""

    slug, title = "demo-move", "Move into the archive"
    deletes = (Demonstration,)
    inserts = {
        Archive: (
            "name",
            "kind",
            "value",
            "amount",
            "at",
            "facts",
            "tags",
            "hand",
        )
    }

    def steps(self, params, moment):
        return [MoveRows("Move", wanted(), "demonstration_archive")]


class Say(Shown):
    """Runs the statement given."""

    slug, title = "demo-statement", "Statement"

    def steps(self, params, moment):
        return [Statement("Say", params["sql"], **params.get("more", {}))]


class Calling(Shown):
    """Calls the service once per behaviour given."""

    slug, title = "demo-call", "Calls"
    writes = {Demonstration: ("value",)}

    def steps(self, params, moment):
        targets = [
            Target(UUID(int=number), f"target {number}", {"target": number, "do": what})
            for number, what in enumerate(params["behaviours"])
        ]
        optional = params.get("optional", False)
        calls = Call("Call", targets, "demonstration", optional=optional)
        if not params.get("then"):
            return [calls]
        return [calls, ChangeRows("Add", wanted(), {"value": F("value") + 1})]


class LimitFree(Shown):
    """Pauses repositories of free workspaces, on the platform's real tables."""

    slug, title = "demo-limit-free", "Limit the free tier"
    writes = {WorkspaceTrackedRepository: ("fetch_issues",)}

    def steps(self, params, moment):
        rows = WorkspaceTrackedRepository.objects.syncing().in_tiers(["free"])
        return [ChangeRows("Pause", rows, {"fetch_issues": False})]


class Undeclared(Shown):
    """Writes what it did not declare."""

    slug, title = "demo-undeclared", "Undeclared"
    writes = {Demonstration: ("value",)}
    inserts = {Archive: ("name",)}

    def steps(self, params, moment):
        return {
            "change": [ChangeRows("Set", wanted(), {"hand": "console"})],
            "delete": [DeleteRows("Delete", wanted())],
            "insert": [
                InsertRows("Copy", wanted(), Archive, {"name": F("name"), "value": 1})
            ],
            "move": [MoveRows("Move", wanted(), "demonstration_archive")],
        }[params["kind"]]


class MoveUndeclared(Shown):
    """May delete here, but never said that it inserts there."""

    slug, title = "demo-move-undeclared", "Move undeclared"
    deletes = (Demonstration,)

    def steps(self, params, moment):
        return [MoveRows("Move", wanted(), "demonstration_archive")]


ALL = [
    Change,
    ChangeEverything,
    Random,
    TwoSteps,
    OptionalFails,
    Copy,
    Delete,
    DeleteForGood,
    Move,
    Say,
    Calling,
    LimitFree,
    Undeclared,
    MoveUndeclared,
]


def install() -> None:
    OPERATIONS.update({operation.slug: operation for operation in ALL})
    MODELS[Demonstration._meta.db_table] = Demonstration
    CALLERS["demonstration"] = Service()


def uninstall() -> None:
    for operation in ALL:
        del OPERATIONS[operation.slug]
    del MODELS[Demonstration._meta.db_table]
    del CALLERS["demonstration"]


@contextmanager
def installed() -> Iterator[None]:
    install()
    try:
        yield
    finally:
        uninstall()
