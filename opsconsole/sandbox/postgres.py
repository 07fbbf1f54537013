"""An embedded PostgreSQL: started here or joined, and gone when its starter is gone.

It listens on a Unix socket in a folder only its account may enter, so there is no
password and no port. Starters queue at a file lock: one starts, the others join.
"""

import ctypes
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from psycopg import pq

from opsconsole.sandbox import locks, places, refusals
from opsconsole.sandbox.binaries import (
    ENVIRONMENT,
    BinariesError,
    find_binaries,
    major_version,
    run_as,
    runnable_binaries,
)
from opsconsole.sandbox.locks import PAUSE
from opsconsole.sandbox.places import Account, socket_directory
from opsconsole.sandbox.refusals import ServerError

__all__ = [
    "Server",
    "ServerError",
    "find_binaries",
    "remove",
    "socket_directory",
    "url",
]

SUPERUSER = "postgres"
PATIENCE = 60.0  # seconds to become ready; recovery after a crash can take half of it
PR_SET_PDEATHSIG = 1  # linux/prctl.h

CLUSTER = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
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


def url(data: Path, database: str, role: str) -> str:
    """Return the URL of a database of this server, which need not be running."""
    folder = quote(str(socket_directory(data)))
    return f"postgresql://{role}@/{database}?host={folder}"


def remove(data: Path) -> None:
    """Stop the server, whoever started it, and delete its files; never a folder above.

    Raises ServerError, also if the directory holds anything but a cluster.
    """
    place = places.data_directory(data)
    if not place.parent.exists():
        return
    try:
        refusals.check_content(place)
        with locks.queue(data):
            if not locks.stop_holder(place, PATIENCE):
                raise ServerError(f"The server of {place} does not stop.")
            for folder in (
                socket_directory(data),
                places.unfinished_directory(data),
                place,
            ):
                if folder.exists():
                    shutil.rmtree(folder)
            places.log_file(data).unlink(missing_ok=True)
            places.lock_file(data).unlink()
    except OSError as error:
        raise ServerError(f"{place} cannot be deleted: {error}") from error


class Server:
    """One embedded PostgreSQL over one data directory.

    Start it from the main thread: it ends with the thread that started it. A
    `throwaway` server trades safety for speed and deletes its files at the end. Settings
    named here go before the sandbox's own.
    """

    def __init__(self, data: Path, *, throwaway: bool = False, **settings: str) -> None:
        self.data = places.data_directory(data)
        self.throwaway = throwaway
        self.settings = SETTINGS | (THROWAWAY if throwaway else {}) | settings
        self.process: subprocess.Popen[bytes] | None = None
        self._socket = socket_directory(self.data)
        self._log = places.log_file(self.data)

    def start(self) -> bool:
        """Make the server run: True when we started it, False when it ran already.

        Raises ServerError.
        """
        try:
            refusals.check_owner(self.data, places.borrowed_account())
            places.make_parents(self.data)
            with locks.queue(self.data):
                return self._start(time.monotonic() + PATIENCE)
        except BinariesError as error:
            raise ServerError(str(error)) from error
        except OSError as error:
            raise ServerError(
                f"PostgreSQL cannot start in {self.data}: {error}"
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

    def _start(self, deadline: float) -> bool:
        if self.alive() or self._predecessor_recovers(deadline):
            return False
        refusals.check_content(self.data)
        refusals.check_space(self.data.parent)
        account = places.borrowed_account()
        programs = runnable_binaries(account)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(programs, account)
        refusals.check_version(self.data, programs, major_version(programs))
        places.make_private(self._socket, account)
        locks.drop_stale(self.data, self._socket)
        self._launch(programs, account, deadline)
        return True

    def _predecessor_recovers(self, deadline: float) -> bool:
        """Wait while a server is neither up nor gone: its starter was killed, it shuts down."""
        while locks.holder(self.data) is not None:
            if self.alive():
                return True
            if time.monotonic() > deadline:
                raise ServerError(
                    f"The old server of {self.data} does not end: {self._log}"
                )
            time.sleep(PAUSE)
        return False

    def _initialise(self, programs: Path, account: Account | None) -> None:
        """Make the cluster aside and move it in place whole: initdb may be killed half way."""
        draft = places.unfinished_directory(self.data)
        shutil.rmtree(draft, ignore_errors=True)
        places.make_private(draft, account)
        haste = ["--no-sync"] if self.throwaway else []
        made = subprocess.run(  # noqa: S603
            [programs / "initdb", "-D", draft, *CLUSTER, *haste],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **run_as(account),
        )
        if made.returncode:
            raise refusals.failure("initdb failed", made.stderr, self.data, self._log)
        draft.rename(self.data)

    def _launch(self, programs: Path, account: Account | None, deadline: float) -> None:
        """Start the server and wait until it is ready.

        Children of a killed server may still hold its shared memory for a moment:
        PostgreSQL then refuses, and we try again.
        """
        said = self._attempt(programs, account, deadline)
        while "is still in use" in said and time.monotonic() < deadline:
            time.sleep(PAUSE)
            said = self._attempt(programs, account, deadline)
        if self.process is None:
            raise refusals.failure(
                "PostgreSQL did not start", said, self.data, self._log
            )

    def _attempt(self, programs: Path, account: Account | None, deadline: float) -> str:
        """Start the server once; without a process afterwards, return what it has said."""
        with self._log.open("ab") as log:
            written = log.tell()
            process = subprocess.Popen(  # noqa: S603
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
        while process.poll() is None and time.monotonic() < deadline:
            if self.alive():
                self.process = process
                return ""
            time.sleep(PAUSE)
        _end(process)
        self.process = None
        return self._log.read_bytes()[written:].decode(errors="replace")

    def _options(self) -> list[str]:
        settings = self.settings | {"unix_socket_directories": str(self._socket)}
        return [
            word
            for name, value in settings.items()
            for word in ("-c", f"{name}={value}")
        ]


def _die_with_starter() -> None:
    """Ask Linux for a fast shutdown of the server when its starter dies, even by kill -9."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Shut a server down: fast, and hard after 15 seconds."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(15)
