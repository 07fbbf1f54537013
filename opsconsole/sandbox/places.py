"""Where an embedded server keeps its files: computed from a path, never remembered.

Every process that knows the data directory finds the same places, whether the
server runs or not: the answer depends only on that path, on who we are and on
the permissions of the folders above it.
"""

import contextlib
import hashlib
import os
import pwd
from pathlib import Path
from typing import NamedTuple

HOME = Path("/var/lib/opsconsole")  # root's, for what PostgreSQL cannot reach
LONGEST_SOCKET_DIRECTORY = 85  # bytes; a Unix socket's whole path holds 104 (macOS)


class Account(NamedTuple):
    """An account of this machine by its numbers."""

    uid: int
    gid: int


NOBODY = Account(65534, 65534)


def borrowed_account() -> Account | None:
    """Return the account root runs PostgreSQL as, which refuses root; None for others."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    return NOBODY


def data_directory(asked: Path) -> Path:
    """Return where the data really is: as asked, or below HOME if PostgreSQL could not get there.

    A checkout under /root is closed to other accounts, and is not ours to open.
    """
    asked = asked.resolve()
    account = borrowed_account()
    if account is None or _may_enter(asked.parent, account):
        return asked
    return HOME / "postgres" / tag(asked)


def socket_directory(data: Path) -> Path:
    """Return the folder of the server's Unix socket: inside the data, or a short path instead.

    Not the temporary directory of the environment: that may differ between processes.
    A comma separates several hosts in a PostgreSQL URL, so it cannot be in the path.
    """
    inside = data_directory(data) / "s"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY and "," not in str(inside):
        return inside
    if os.geteuid() == 0:
        return HOME / "sockets" / tag(inside)
    return Path("/tmp") / f"opsconsole-{tag(inside)}"  # noqa: S108 (checked to be ours before use)


def lock_file(data: Path) -> Path:
    """Return the file that starters of this server queue at."""
    return _beside(data, ".lock")


def log_file(data: Path) -> Path:
    """Return the server's log."""
    return _beside(data, ".log")


def unfinished_directory(data: Path) -> Path:
    """Return where initdb works; renamed to the data directory once complete."""
    return _beside(data, ".new")


def make_parents(path: Path) -> None:
    """Make the missing folders above a path, open to PostgreSQL's account; touch no other."""
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def make_private(folder: Path, account: Account | None) -> None:
    """Make a folder that only the server's account may enter.

    Raises PermissionError if somebody else made it: in /tmp anyone could.
    """
    make_parents(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    owners = {os.geteuid(), account.uid if account else os.geteuid()}
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise PermissionError(f"{folder} is somebody else's, remove it")
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def tag(path: Path) -> str:
    """Return a short name that stands for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _beside(data: Path, ending: str) -> Path:
    place = data_directory(data)
    return place.with_name(place.name + ending)


def _may_enter(folder: Path, account: Account) -> bool:
    """Read the permission bits on the way down; folders that are still missing will be ours."""
    return all(
        _search_bit(level.stat(), account)
        for level in (folder, *folder.parents)
        if level.exists()
    )


def _search_bit(found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)
