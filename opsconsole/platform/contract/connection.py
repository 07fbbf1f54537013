"""Where the console is connected and as whom: server version and roles."""

from collections.abc import Iterator

from opsconsole.platform.contract.deviation import Deviation, Level
from opsconsole.platform.contract.found import Server

OLDEST = 150_000  # server_version_num of what production runs
SILENT = "The platform's database does not answer."


def deviations(server: Server) -> Iterator[Deviation]:
    """Roles that are not what they should be, and a server that is too old."""
    if server.writer is None:
        yield no_writer()
    elif server.writer == server.reader:
        yield Deviation(
            Level.WARNING,
            f"The console reads and writes as the same role, {server.reader}",
            "a page could change the platform by mistake",
            "Set PLATFORM_WRITE_DATABASE_URL to a role of its own.",
            switches_off=False,
        )
    if server.version_number < OLDEST:
        yield Deviation(
            Level.WARNING,
            f"PostgreSQL {server.version} is older than 15",
            "the console is not tested with it",
            "Upgrade the platform's server.",
            switches_off=False,
        )


def silent(reason: str) -> Deviation:
    """No connection at all; the reason is the driver's."""
    return Deviation(
        Level.CRITICAL,
        SILENT.removesuffix("."),
        "what reads or changes the platform is switched off",
        reason,
    )


def no_writer() -> Deviation:
    """The operations' role is not there."""
    return Deviation(
        Level.CRITICAL,
        "The role of PLATFORM_WRITE_DATABASE_URL does not exist",
        "all operations are switched off",
        "Create the role and run opsconsole/platform/grants/writer.sql.",
    )
