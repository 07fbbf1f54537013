"""Where the stand-in listens, kept beside the sandbox so that commands find it, too."""

import contextlib
from pathlib import Path


def stored_in(directory: Path) -> str:
    """The address that the last `manage.py up` kept in `directory`; empty without one."""
    with contextlib.suppress(FileNotFoundError):
        return _file(directory).read_text().strip()
    return ""


def store(directory: Path, address: str) -> None:
    _file(directory).write_text(f"{address}\n")


def _file(directory: Path) -> Path:
    return directory / "standin-address"
