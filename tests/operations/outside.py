"""The services outside, as the sandbox has them, over the platform of the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from typing import Any

from psycopg.conninfo import make_conninfo

from opsconsole.sandbox.standin import issues
from opsconsole.sandbox.standin.server import Standin
from tests.conftest import PLATFORM

SEED = 1
BUSY = (12, 20)  # items a day: something is new in every window, and soon fetched


@contextmanager
def running(queued_for: float = 0.0) -> Iterator[Standin]:
    """A stand-in whose workflow runs start at once and that refuses no repository."""
    owner = make_conninfo(PLATFORM, user="platform_owner")
    with Standin(owner, queued_for=queued_for, seed=SEED) as standin:
        thread = threading.Thread(target=standin.serve_forever, args=[0.01])
        thread.start()
        try:
            yield standin
        finally:
            standin.shutdown()
            thread.join()


def point_to(settings: Any, address: str) -> None:
    """The settings of a sandbox whose stand-in has this address; it takes any token."""
    settings.GITHUB_API = settings.SUPABASE_API = settings.SUPABASE_URL = address
    settings.GITHUB_TOKEN = settings.SUPABASE_ACCESS_TOKEN = "standin"
    settings.GITHUB_REPOSITORY = "bdougie/contributor.info"
    settings.GITHUB_WORKFLOW = "capture-workspace-issues.yml"
    settings.SUPABASE_KEY = "a.b.c"
    settings.SUPABASE_REF = "sandboxsandboxsandbo"


def busy_names(number: int) -> list[str]:
    """Repositories in which something is new every day, and that GitHub shows."""
    return [*islice((name for name in _names() if _is_busy(name)), number)]


def _names() -> Iterator[str]:
    yield from (f"busy/app-{number}" for number in count(1))


def _is_busy(name: str) -> bool:
    a_day = 86_400 / issues._pace(name, SEED).total_seconds()
    return (
        BUSY[0] < a_day < BUSY[1]
        and issues._draw(name, SEED) % 100 not in issues.REFUSED
    )
