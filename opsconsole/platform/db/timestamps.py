"""Moments that PostgreSQL has and Python has not.

Any signed-in user of the platform can write `infinity`, or the year 20000, into a row
(platform, row-level security); one such row must not take a page down.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg import DataError

FIRST = datetime(
    1, 1, 2, tzinfo=UTC
)  # a day from the ends, so that every zone has them
LAST = datetime(9999, 12, 30, tzinfo=UTC)


class Clamped(BaseTzLoader):
    """A timestamptz, or the end of time that it lies behind."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            moment: datetime = super().load(data)
        except DataError:
            text = bytes(data)
            return FIRST if text.startswith(b"-") or text.endswith(b"BC") else LAST
        return moment


def clamp(connection: Any, **kwargs: Any) -> None:
    """Receiver of `connection_created`."""
    if connection.alias in ("platform", "platform_write"):
        connection.connection.adapters.register_loader("timestamptz", Clamped)
