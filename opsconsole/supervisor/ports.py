"""Is the port free, and if not, whose is it?"""

import contextlib
import errno
import socket
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path

LISTENING = "0A"  # linux/include/net/tcp_states.h


class PortError(Exception):
    """We cannot listen there; the message says why and what to try."""


def number(text: str) -> int:
    """Read a port from a command line, for argparse."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


def ensure_free(address: str, port: int) -> None:
    """Raise PortError unless a server may listen there now."""
    try:
        _bind(address, port)
    except PermissionError as error:
        raise PortError(
            f"Port {port} is reserved for root; try --port 8000."
        ) from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise PortError(f"Cannot listen on {address}: {error.strerror}.") from error
        owner, other = _owner(port), _next_free(address, port)
        raise PortError(
            f"Port {port} is in use by {owner}; try --port {other}."
        ) from error


def unused(address: str) -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.create_server((address, 0)) as listener:
        number: int = listener.getsockname()[1]
        return number


def _bind(address: str, port: int) -> None:
    """Listen for a moment. As gunicorn does: connections that wait for their end do not matter."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family):
        pass


def _next_free(address: str, port: int) -> int:
    for other in range(port + 1, min(port + 50, 65535)):
        with contextlib.suppress(OSError):
            _bind(address, other)
            return other
    return unused(address)


def _owner(port: int) -> str:
    """Name the process that listens on the port, as far as we may see it (Linux)."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(file.readlink()) in wanted for file in _files(process)):
                name = (process / "comm").read_text().strip()
                return f"{name} (process {process.name})"
    return "another process"


def _files(process: Path) -> Iterator[Path]:
    for file in (process / "fd").iterdir():
        if file.is_symlink():
            yield file


def _inodes(port: int) -> Iterator[str]:
    """Socket numbers listening on the port; columns of /proc/net/tcp: 1 address, 3 state, 9 inode."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                field = line.split()
                if (
                    field[3] == LISTENING
                    and int(field[1].rpartition(":")[2], 16) == port
                ):
                    yield field[9]
