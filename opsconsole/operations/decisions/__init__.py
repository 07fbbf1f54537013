"""What people decide about a run: confirm, discard, pause, go on, cancel.

What a second person says of it is in `operations.approvals`.
"""

from opsconsole.operations.decisions.confirming import confirm
from opsconsole.operations.decisions.refusing import (
    LONGEST_REASON,
    SHORTEST_REASON,
    MustProve,
    Refused,
    blocking,
    checked_reason,
)
from opsconsole.operations.decisions.resuming import go_on, paused_long
from opsconsole.operations.decisions.stopping import cancel, pause

__all__ = [
    "LONGEST_REASON",
    "SHORTEST_REASON",
    "MustProve",
    "Refused",
    "blocking",
    "cancel",
    "checked_reason",
    "confirm",
    "go_on",
    "pause",
    "paused_long",
]
