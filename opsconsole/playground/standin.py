"""The stand-in's controls, over HTTP: this console knows its address and nothing else of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from django.conf import settings

SECONDS = 2.0  # it is on this machine
Fault = dict[str, Any]  # as the stand-in takes and lists it


class StandinError(Exception):
    """It did not do it; the message is the operator's sentence."""


@dataclass(frozen=True)
class State:
    """What is on at the stand-in."""

    faults: tuple[Fault, ...]  # the newest first: it is tried first
    limit: int  # calls an hour
    remaining: int
    reset: datetime
    deployed: bool  # the sync function


def state() -> State:
    """Read what is on. Raises StandinError, as everything here does."""
    try:
        told = _asked("GET", "/_state").json()
        quota = told["quota"]
        return State(
            faults=tuple(dict(fault) for fault in told["faults"]),
            limit=int(quota["limit"]),
            remaining=int(quota["remaining"]),
            reset=datetime.fromtimestamp(int(quota["reset"]), UTC),
            deployed=bool(told["deployed"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        sentence = "The stand-in's answer is not what we know: restart `manage.py up`."
        raise StandinError(sentence) from error


def add(fault: Fault) -> None:
    """Switch a fault on, in place of those with the same pattern."""
    clear(fault.get("repository") or fault.get("endpoint") or "")
    _asked("POST", "/_faults", json=fault)


def clear(pattern: str = "") -> None:
    """Switch the faults with this pattern off; without one, all."""
    _asked("DELETE", "/_faults", params={"of": pattern})


def leave(remaining: int) -> None:
    """Let so many calls to GitHub remain in this hour."""
    _asked("POST", "/_quota", json={"remaining": remaining})


def run_schedule() -> None:
    """Start a run of the workflow as its schedule does; a disabled one does not start."""
    _asked("POST", "/_schedule")


def deploy() -> None:
    """Deploy the sync function anew."""
    _asked("POST", "/_deploy")


def remove() -> None:
    """Remove the sync function from the project."""
    _asked("DELETE", "/_deploy")


def _asked(method: str, path: str, **what: Any) -> httpx.Response:
    url = f"{settings.STANDIN_URL}{path}"
    try:
        answer = httpx.request(method, url, timeout=SECONDS, trust_env=False, **what)
    except httpx.HTTPError as error:
        why = type(error).__name__
        sentence = (
            f"The stand-in does not answer ({why}): see whether `manage.py up` runs."
        )
        raise StandinError(sentence) from error
    if answer.is_success:
        return answer
    sentence = f"The stand-in refused that ({answer.status_code}): {answer.text[:200]}"
    raise StandinError(sentence)
