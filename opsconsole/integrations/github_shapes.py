"""What GitHub tells of itself."""

from dataclasses import dataclass
from datetime import datetime

from opsconsole.integrations.answers import Receipt


@dataclass(frozen=True)
class RateLimit:
    """The budget of our token: calls in this hour, and when the next hour begins."""

    limit: int
    used: int
    remaining: int
    reset: datetime


@dataclass(frozen=True)
class Workflow:
    """The workflow, with GitHub's word for its state."""

    id: int
    name: str
    state: str  # active, disabled_manually, disabled_inactivity, disabled_fork, deleted
    url: str

    @property
    def enabled(self) -> bool:
        return self.state == "active"


@dataclass(frozen=True)
class WorkflowRun:
    """A run of the workflow."""

    id: int
    number: int
    title: str
    event: str  # schedule, workflow_dispatch
    status: str  # queued, in_progress, completed …
    conclusion: str | None  # success, failure, cancelled …; None while it goes on
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    url: str

    @property
    def ended(self) -> bool:
        return self.status == "completed"


@dataclass(frozen=True)
class WorkflowRuns:
    """A page of runs, newest first, and how many there are in all."""

    total: int
    runs: tuple[WorkflowRun, ...]


@dataclass(frozen=True)
class Dispatched:
    """A run that was asked for; without an id where GitHub does not tell it."""

    run_id: int | None
    url: str
    receipt: Receipt


@dataclass(frozen=True)
class Issue:
    """An issue that was made."""

    number: int
    url: str
    receipt: Receipt
