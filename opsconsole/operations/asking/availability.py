"""Whether an operation can work on the platform as it is today."""

from dataclasses import dataclass

from opsconsole.operations.asking.fields import Number
from opsconsole.operations.catalog import Operation
from opsconsole.platform import contract


@dataclass(frozen=True)
class Availability:
    """An operation and what stands in its way, one sentence each."""

    operation: type[Operation]
    obstacles: list[str]

    @property
    def is_countable(self) -> bool:
        """Whether it can be said how much it would touch now."""
        return not self.obstacles and self.operation().usual() is not None


def of(operation: type[Operation]) -> Availability:
    """Ask the contract for every column, grant and bound that the operation needs."""
    platform = contract.current()
    lacking = platform.lacks(*operation.needs())
    refused = platform.lacks_grants(
        operation.written_columns(),
        inserts=operation.inserted_columns(),
        deletes=operation.deleted_tables(),
        reads=operation.needs(),
    )
    numbers = operation.Form.base_fields.values()
    unbounded = [n.obstacle(platform) for n in numbers if isinstance(n, Number)]
    own = operation.obstacles(platform)
    obstacles = [*lacking, *refused, *filter(None, unbounded), *own]
    return Availability(operation, list(dict.fromkeys(obstacles)))
