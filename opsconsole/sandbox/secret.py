"""The sandbox's own signing key, kept so that sessions survive a restart."""

import contextlib
import os
import secrets
from pathlib import Path


def stored_in(directory: Path) -> str:
    """The key in `directory`, made on first use and readable by its owner alone."""
    path = directory / "secret-key"
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    directory.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # another process was first
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
