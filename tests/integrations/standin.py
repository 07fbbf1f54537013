"""The stand-in for GitHub and Supabase, over the tests' own platform."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opsconsole.sandbox.standin.server import Standin

PLATFORM = "OPSCONSOLE_TEST_PLATFORM_OWNER_URL"


@contextmanager
def running() -> Iterator[Standin]:
    """A stand-in whose workflow runs begin at once."""
    with Standin(os.environ[PLATFORM], queued_for=0.0) as standin:
        thread = threading.Thread(target=standin.serve_forever, args=[0.01])
        thread.start()
        try:
            yield standin
        finally:
            standin.shutdown()
            thread.join()


def point_to(settings: Any, address: str) -> None:
    """Lead all clients to the stand-in at this address."""
    settings.GITHUB_API = settings.SUPABASE_API = settings.SUPABASE_URL = address
    settings.GITHUB_TOKEN = settings.SUPABASE_ACCESS_TOKEN = "standin"
    settings.GITHUB_REPOSITORY = "bdougie/contributor.info"
    settings.SUPABASE_KEY = "a.b.c"
    settings.SUPABASE_REF = "sandboxsandboxsandbo"
