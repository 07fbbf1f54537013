"""Whether an operation can work on the platform as it is today."""

from dataclasses import dataclass

from opsconsole.operations.catalog import Operation
from opsconsole.platform import contract


@dataclass(frozen=True)
class Availability:
    """An operation and what stands in its way, one sentence each."""

    operation: type[Operation]
    obstacles: list[str]


def of(operation: type[Operation]) -> Availability:
    """Ask the contract for every column the operation reads and every grant it needs."""
    platform = contract.current()
    lacking = platform.lacks(*operation.needs())
    refused = platform.lacks_grants(
        operation.written_columns(), reads=operation.needs()
    )
    return Availability(operation, list(dict.fromkeys([*lacking, *refused])))
