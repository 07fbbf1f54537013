from collections.abc import Iterator

from opsconsole.deployment.facts import CATALOGS, Fact, State
from opsconsole.deployment.looking import Unread
from opsconsole.deployment.registry import check
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.platform import contract

NAME = "Grants of the writing role"


@check(NAME, step=1, place=2, source=CATALOGS)
def grants() -> Iterator[Fact]:
    """May the writing role do each operation and its undo?"""
    platform = contract.current(refresh=True)
    if not platform.reachable:
        raise Unread(contract.SILENT, State.UNKNOWN)
    lacking = [
        _lacking(operation, sentences, platform)
        for operation in OPERATIONS.values()
        if (sentences := _obstacles(operation, platform))
    ]
    yield from lacking
    if not lacking:
        sentence = f"The role may do all {len(OPERATIONS)} operations and their undos."
        yield Fact(NAME, State.FINE, sentence, CATALOGS, at=platform.checked_at)


def _obstacles(operation: type[Operation], platform: contract.Contract) -> list[str]:
    return platform.lacks_grants(
        operation.written_columns(),
        inserts=operation.inserted_columns(),
        deletes=operation.deleted_tables(),
        reads=operation.needs(),
    )


def _lacking(
    operation: type[Operation], sentences: list[str], platform: contract.Contract
) -> Fact:
    return Fact(
        operation.title,
        State.MISSING,
        " ".join(sentences),
        CATALOGS,
        remedy=(
            f"As the owner of the tables run opsconsole/operations/grants/{operation.slug}.sql,"
            " which `manage.py platform_grants` writes."
        ),
        at=platform.checked_at,
    )
