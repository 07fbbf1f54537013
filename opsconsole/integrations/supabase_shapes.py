"""What Supabase's Management API tells of a project."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Function:
    """An edge function as it is deployed."""

    id: str
    slug: str
    name: str
    status: str  # ACTIVE, REMOVED, THROTTLED
    version: int
    updated_at: datetime
    verify_jwt: bool | None  # whether the gateway wants a JWT; None: not said


@dataclass(frozen=True)
class FunctionStatistic:
    """One function's calls in one interval; None is not said."""

    at: datetime  # when it began
    requests: int | None
    succeeded: int | None
    refused: int | None  # 4xx
    broken: int | None  # 5xx
    mean_ms: float | None
    longest_ms: float | None


@dataclass(frozen=True)
class Secret:
    """That there is a secret of this name; never its value."""

    name: str
    updated_at: datetime | None


@dataclass(frozen=True)
class PartHealth:
    """The health of one part of the project."""

    name: str
    status: str  # ACTIVE_HEALTHY, COMING_UP, UNHEALTHY
    error: str


@dataclass(frozen=True)
class Backup:
    """One nightly backup."""

    status: str  # COMPLETED, FAILED, PENDING …
    made_at: datetime
    physical: bool | None


@dataclass(frozen=True)
class Backups:
    """What could be restored; with point-in-time recovery, any moment."""

    point_in_time: bool
    backups: tuple[Backup, ...]  # newest first
