"""What an operation may write on the platform, said once by its class.

From it come the planner's refusals, the writing role's grants and what the contract
checks. An undo does the opposite, so its privileges are derived along.
"""

from collections.abc import Collection, Iterable
from typing import ClassVar

from django.db.models import Model

EVERY_COLUMN = ("*",)  # a whole row comes back: also columns that no model names
Columns = dict[type[Model], tuple[str, ...]]
Names = dict[str, tuple[str, ...]]  # table -> columns


class Rights:
    """The part of an operation that says what it writes; the planner refuses more."""

    writes: ClassVar[Columns] = {}  # changed by UPDATE
    inserts: ClassVar[Columns] = {}  # columns of new rows, without the key, or all
    deletes: ClassVar[
        tuple[type[Model], ...]
    ] = ()  # kept, so that an undo restores them
    deletes_for_good: ClassVar[tuple[type[Model], ...]] = ()

    @classmethod
    def allows(cls, step_kind: str, table: str, columns: Collection[str]) -> bool:
        """Whether a step of this kind may be planned; `columns` are those it writes.

        A move deletes; that it may insert into the other table is asked separately, as
        of "insert rows". Steps without a table write nothing that is in the journal.
        """
        if step_kind == "change rows":
            return set(columns) <= {*_named(cls.writes).get(table, ())}
        if step_kind == "insert rows":
            named = cls._inserted().get(table, ())
            return named == EVERY_COLUMN or set(columns) <= {*named}
        if step_kind in ("delete rows", "move rows"):
            return table in _tables((*cls.deletes, *cls.deletes_for_good))
        return not table

    @classmethod
    def written_columns(cls) -> Names:
        """Table -> the columns that the operation and its undo must be able to UPDATE.

        Where rows are deleted, that is the key: PostgreSQL lets nobody lock a row who
        may not update any column of it, and rows are locked before they are deleted.
        """
        written = _named(cls.writes)
        for model in cls._deleting():
            table, key = model._meta.db_table, str(model._meta.pk.column)
            written[table] = tuple(dict.fromkeys((*written.get(table, ()), key)))
        return written

    @classmethod
    def inserted_columns(cls) -> Names:
        """Table -> the columns that the operation and its undo must be able to INSERT."""
        restored = {model._meta.db_table: EVERY_COLUMN for model in cls.deletes}
        return cls._inserted() | restored

    @classmethod
    def deleted_tables(cls) -> tuple[str, ...]:
        """The tables from which the operation or its undo must be able to DELETE."""
        return _tables(cls._deleting())

    @classmethod
    def touched(cls) -> dict[str, type[Model]]:
        """Table -> model, of all that it writes in whatever way."""
        models = (*cls.writes, *cls.inserts, *cls.deletes, *cls.deletes_for_good)
        return {model._meta.db_table: model for model in models}

    @classmethod
    def _inserted(cls) -> Names:
        """With the key, which the plan makes; of moved rows every column comes along."""
        return {
            model._meta.db_table: columns
            if columns == EVERY_COLUMN
            else (str(model._meta.pk.column), *columns)
            for model, columns in cls.inserts.items()
        }

    @classmethod
    def _deleting(cls) -> tuple[type[Model], ...]:
        """Models whose rows are deleted, forwards or by an undo."""
        return (*cls.inserts, *cls.deletes, *cls.deletes_for_good)


def _named(columns: Columns) -> Names:
    return {model._meta.db_table: names for model, names in columns.items()}


def _tables(models: Iterable[type[Model]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(model._meta.db_table for model in models))
