"""How much an operation asks of people before it may write."""

from enum import StrEnum


class Risk(StrEnum):
    """Stopping and slowing down need less than starting and deleting."""

    ROUTINE = "routine"  # a confirmation
    ELEVATED = "elevated"  # a reason and the typed number of rows
    DANGEROUS = "dangerous"  # a second person who signs this very plan
    EMERGENCY = "emergency"  # one person at once, who is reviewed by a second one after


TYPED = (Risk.ELEVATED, Risk.EMERGENCY)  # the number of rows is typed
OWN = (Risk.DANGEROUS, Risk.EMERGENCY)  # by the requester alone: others are the second
