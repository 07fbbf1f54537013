"""An embedded PostgreSQL: started here or joined, and gone when its starter is gone.

It listens on a Unix socket in a folder only its account may enter, so there is no
password and no port. Starters queue at a file lock: one starts, the others join.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from psycopg import pq

from opsconsole.sandbox import places
from opsconsole.sandbox.binaries import (
    ENVIRONMENT,
    BinariesError,
    find_binaries,
    major_version,
    run_as,
    runnable_binaries,
)
from opsconsole.sandbox.places import socket_directory

__all__ = [
    "Server",
    "ServerError",
    "find_binaries",
    "remove",
    "socket_directory",
    "url",
]

SUPERUSER = "postgres"
NEEDED_SPACE = (
    300_000_000  # bytes; a fresh server with its write-ahead log takes about 80 MB
)
PATIENCE = 60.0  # seconds to become ready; recovery after a crash can take half of it
PAUSE = 0.02  # seconds between two looks
PR_SET_PDEATHSIG = 1  # linux/prctl.h

SETTINGS = {
    "cluster_name": "opsconsole",
    "jit": "off",
    "listen_addresses": "",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_timezone": "UTC",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}
THROWAWAY = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}

_libc = ctypes.CDLL(None)


class ServerError(Exception):
    """The server cannot be had; the message says why and what to do."""


def url(data: Path, database: str, role: str) -> str:
    """Return the URL of a database of this server, which need not be running."""
    folder = quote(str(socket_directory(data)))
    return f"postgresql://{role}@/{database}?host={folder}"


def remove(data: Path) -> None:
    """Stop the server, whoever started it, and delete its files; never a folder above.

    Raises ServerError if the directory holds anything but a PostgreSQL cluster.
    """
    place = places.data_directory(data)
    if _holds_something_else(place):
        raise ServerError(f"{place} is not a PostgreSQL data directory: not deleted.")
    if not place.parent.exists():
        return
    with _queue(data):
        _stop_holder(place)
        for folder in (
            place,
            socket_directory(data),
            places.unfinished_directory(data),
        ):
            shutil.rmtree(folder, ignore_errors=True)
        places.log_file(data).unlink(missing_ok=True)
        places.lock_file(data).unlink()


class Server:
    """One embedded PostgreSQL over one data directory.

    Start it from the main thread: it ends with the thread that started it. A
    `throwaway` server trades safety for speed and deletes its files at the end.
    """

    def __init__(self, data: Path, *, throwaway: bool = False) -> None:
        self.data = places.data_directory(data)
        self.throwaway = throwaway
        self.process: subprocess.Popen[bytes] | None = None
        self._socket = socket_directory(self.data)
        self._log = places.log_file(self.data)

    def start(self) -> bool:
        """Make the server run: True when we started it, False when it ran already.

        Raises ServerError.
        """
        try:
            places.make_parents(self.data)
            with _queue(self.data):
                return self._start()
        except (BinariesError, LookupError) as error:
            raise ServerError(str(error)) from error
        except OSError as error:
            raise ServerError(
                f"PostgreSQL cannot be started in {self.data}: {error}"
            ) from error

    def stop(self) -> None:
        """Stop the server if we started it; one that we joined is left alone."""
        if self.process is None:
            return
        _end(self.process)
        self.process = None
        if self.throwaway:
            remove(self.data)

    def alive(self) -> bool:
        """Tell whether the server takes connections."""
        target = url(self.data, "postgres", SUPERUSER) + "&connect_timeout=3"
        return pq.PGconn.ping(target.encode()) == pq.Ping.OK

    def _start(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        if self.alive() or self._predecessor_recovers(deadline):
            return False
        if _holds_something_else(self.data):
            raise ServerError(
                f"{self.data} is not a PostgreSQL data directory: name another."
            )
        self._check_space()
        account = places.borrowed_account()
        programs = runnable_binaries(account)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(programs, account)
        self._check_owner(account)
        self._check_version(programs)
        _own(self._socket, account)
        _drop_stale_locks(self.data, self._socket)
        self._launch(programs, account, deadline)
        return True

    def _predecessor_recovers(self, deadline: float) -> bool:
        """Wait while a server is neither up nor gone: it may be shutting down, its starter killed."""
        while _holder(self.data) is not None:
            if self.alive():
                return True
            if time.monotonic() > deadline:
                raise ServerError(
                    f"The server of {self.data} neither answers nor ends, see {self._log}."
                )
            time.sleep(PAUSE)
        return False

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.data.parent).free
        if free < NEEDED_SPACE:
            raise ServerError(
                _full_disk(self.data.parent, f"{free // 1_000_000} MB are free")
            )

    def _check_owner(self, account: places.Account | None) -> None:
        ours = account.uid if account else os.geteuid()
        if (owner := self.data.stat().st_uid) != ours:
            raise ServerError(
                f"{self.data} belongs to another account (uid {owner}, ours is {ours}): run as the "
                "account that made it, or start again with `up --fresh`."
            )

    def _check_version(self, programs: Path) -> None:
        made_by, ours = (
            (self.data / "PG_VERSION").read_text().strip(),
            major_version(programs),
        )
        if made_by != ours:
            raise ServerError(
                f"{self.data} was made by PostgreSQL {made_by}, but {programs} is PostgreSQL {ours}: "
                f"start again with `up --fresh`, or set OPSCONSOLE_PG_BIN to the programs of {made_by}."
            )

    def _initialise(self, programs: Path, account: places.Account | None) -> None:
        """Make the cluster aside and move it in place whole: initdb may be killed half way."""
        draft = places.unfinished_directory(self.data)
        shutil.rmtree(draft, ignore_errors=True)
        _own(draft, account)
        cluster = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
        made = subprocess.run(  # noqa: S603
            [
                programs / "initdb",
                "-D",
                draft,
                "-U",
                SUPERUSER,
                *cluster,
                *self._haste(),
            ],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **run_as(account),
        )
        if made.returncode:
            raise ServerError(self._why(made.stderr, "initdb failed"))
        draft.rename(self.data)

    def _haste(self) -> list[str]:
        return ["--no-sync"] if self.throwaway else []

    def _launch(
        self, programs: Path, account: places.Account | None, deadline: float
    ) -> None:
        """Start the server and wait until it is ready.

        Children of a killed server may still hold its shared memory for a moment:
        PostgreSQL then refuses, and we try again.
        """
        said = self._attempt(programs, account, deadline)
        while (
            said is not None
            and "is still in use" in said
            and time.monotonic() < deadline
        ):
            time.sleep(0.1)
            said = self._attempt(programs, account, deadline)
        if said is not None:
            raise ServerError(self._why(said, "PostgreSQL did not start"))

    def _attempt(
        self, programs: Path, account: places.Account | None, deadline: float
    ) -> str | None:
        """Start the server once; return None when ready, else what it wrote to its log."""
        with self._log.open("ab") as log:
            written = log.tell()
            self.process = subprocess.Popen(  # noqa: S603
                [programs / "postgres", "-D", self.data, *self._options()],
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_starter,
                **run_as(account),
            )
        while not self.alive():
            if self.process.poll() is not None or time.monotonic() > deadline:
                _end(self.process)
                self.process = None
                return self._log.read_bytes()[written:].decode(errors="replace")
            time.sleep(PAUSE)
        return None

    def _options(self) -> list[str]:
        settings = SETTINGS | (THROWAWAY if self.throwaway else {})
        settings["unix_socket_directories"] = str(self._socket)
        return [
            part
            for name, value in settings.items()
            for part in ("-c", f"{name}={value}")
        ]

    def _why(self, said: str, happened: str) -> str:
        if "No space left on device" in said:
            return _full_disk(self.data.parent, "there is no space left on the device")
        tail = "\n".join(said.strip().splitlines()[-8:])
        return (
            f"{happened} in {self.data}; its log is {self._log} and ends with:\n{tail}"
        )


def _holds_something_else(data: Path) -> bool:
    if not data.exists() or (data / "PG_VERSION").exists():
        return False
    return any(data.iterdir())


def _full_disk(folder: Path, finding: str) -> str:
    needed = NEEDED_SPACE // 1_000_000
    return f"The disk of {folder} is full: {finding}, PostgreSQL needs {needed} MB. Free some and try again."


@contextlib.contextmanager
def _queue(data: Path) -> Iterator[None]:
    """Hold the lock of this server; whoever waited meets it anew if `remove` deleted the file."""
    path = places.lock_file(data)
    while True:
        with path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists() and os.fstat(lock.fileno()).st_ino == path.stat().st_ino:
                yield
                return


def _own(folder: Path, account: places.Account | None) -> None:
    """Make a folder that only the server's account may enter; refuse one that someone else made."""
    places.make_parents(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    ours = {os.geteuid(), account.uid if account else os.geteuid()}
    if folder.is_symlink() or folder.stat().st_uid not in ours:
        raise ServerError(f"{folder} is somebody else's: remove it and try again.")
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def _die_with_starter() -> None:
    """Ask Linux for a fast shutdown of the server when its starter dies, even by kill -9."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _holder(data: Path) -> int | None:
    """Return the process id of the living server of this directory.

    The number alone proves nothing: after a crash or a reboot it may be anyone's. A
    server's command line names its directory; a zombie's is empty.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return None
    return pid if os.fsencode(data) in arguments else None


def _drop_stale_locks(data: Path, socket: Path) -> None:
    """Delete the lock files of a server that is gone, or PostgreSQL may believe in a re-used pid."""
    if Path("/proc/self").exists() and _holder(data) is None:
        for lock in (data / "postmaster.pid", socket / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Shut a server down: fast, and hard after 15 seconds."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(15)


def _stop_holder(data: Path) -> None:
    pid = _holder(data)
    if pid is not None:
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + PATIENCE
    while _holder(data) is not None:
        if time.monotonic() > deadline:
            raise ServerError(f"The server of {data} (process {pid}) does not stop.")
        time.sleep(PAUSE)
