"""No process may hold the console's locks while it does nothing.

A worker that is stopped, or hangs, in the middle of a transaction would keep its run's
row and the audit's chain locked: nobody could take over, nor do anything that is audited.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS

IDLE_TIMEOUT = 10_000  # milliseconds; a third of the shortest lease


def limit(connection: Any, **kwargs: Any) -> None:
    """Receiver of `connection_created`."""
    if connection.alias == DEFAULT_DB_ALIAS:
        connection.connection.execute(
            f"SET idle_in_transaction_session_timeout = {IDLE_TIMEOUT}"
        )
