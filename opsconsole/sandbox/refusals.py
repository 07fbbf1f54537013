"""Why a server cannot be had, each as a sentence that says what to do."""

import os
import shutil
from pathlib import Path

from opsconsole.sandbox.places import Account

NEEDED_SPACE = 300  # MB; a fresh server and its write-ahead log take about 80


class ServerError(Exception):
    """The server cannot be had; the message says why and what to do."""


def check_owner(data: Path, account: Account | None) -> None:
    """Refuse a cluster of another account: PostgreSQL would, and with less help."""
    if not data.exists() or (os.access(data, os.R_OK) and not any(data.iterdir())):
        return
    ours = account.uid if account else os.geteuid()
    if (owner := data.stat().st_uid) != ours:
        raise ServerError(
            f"{data} belongs to another account (uid {owner}, ours is {ours}): "
            "run as the account that made it, or name another directory."
        )


def check_content(data: Path) -> None:
    """Refuse a directory that holds anything but a cluster."""
    if data.exists() and not (data / "PG_VERSION").exists() and any(data.iterdir()):
        raise ServerError(
            f"{data} is not a PostgreSQL data directory: name another, we leave it alone."
        )


def check_space(folder: Path) -> None:
    """Refuse a disk that is nearly full: PostgreSQL dies of that in the middle of work."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < NEEDED_SPACE:
        raise ServerError(_full(folder, f"{free} MB are free"))


def check_version(data: Path, programs: Path, version: str) -> None:
    """Refuse a cluster that another major version of PostgreSQL has made."""
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != version:
        raise ServerError(
            f"{data} was made by PostgreSQL {made_by}, and {programs} is PostgreSQL "
            f"{version}: start again with `up --fresh`, or set OPSCONSOLE_PG_BIN to "
            f"the programs of {made_by}."
        )


def failure(happened: str, said: str, data: Path, log: Path) -> ServerError:
    """Return the error that says what happened, from what PostgreSQL said."""
    if "No space left on device" in said:
        return ServerError(_full(data.parent, "no space is left on the device"))
    tail = "\n".join(said.strip().splitlines()[-8:])
    return ServerError(f"{happened} in {data}. Its log {log} ends with:\n{tail}")


def _full(folder: Path, finding: str) -> str:
    return (
        f"The disk of {folder} is full: {finding}, PostgreSQL needs {NEEDED_SPACE} MB. "
        "Free some and try again."
    )
