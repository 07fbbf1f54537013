"""Which columns of a list the reader wants to see: `?columns=tier,usage`."""

from django.http import QueryDict
from django_tables2.utils import Sequence

from opsconsole.web.tables import Table


def choosable(table: type[Table]) -> list[str]:
    """The columns that may be hidden: all but the first, and those to tick or press."""
    order = Sequence(table._meta.sequence or ("...",)).expand(table.base_columns.keys())
    told = [n for n in order if not table.base_columns[n].exclude_from_export]
    return told[1:]


def shown(
    table: type[Table], query: QueryDict, field: str = "columns"
) -> frozenset[str]:
    """The columns to show, known before the table is made and its rows are asked for.

    A view leaves out what only a hidden column needs: `if "usage" in shown(…)`. Names
    that are no column's are ignored; such a name alone ("none") hides all it can.
    """
    may_hide = choosable(table)
    asked = {name for value in query.getlist(field) for name in value.split(",")} - {""}
    hidden = set(may_hide) - asked if asked else set(table.hidden_columns)
    return frozenset(table.base_columns) - (hidden & set(may_hide))
