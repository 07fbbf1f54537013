"""Kill workers at random instants: `uv run python -m tests.campaigns --kills 200`.

A change of 20,000 rows is planned, applied and undone by real django-q workers under the
console's own supervisor, while another program changes, deletes and inserts rows. The
workers are killed (SIGKILL) while they plan, apply and verify; only the thirty seconds
until a dead worker's lease ends are not waited for. Every row is proven in the end. About
three seconds a kill. Exit status 1, and the seed, when something is not as reported.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opsconsole.sandbox import databases
from opsconsole.sandbox.postgres import Server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--hold", type=float, default=60, help="seconds that rows are locked before"
    )
    options = parser.parse_args()
    began = time.monotonic()
    with platform() as url, house():
        from tests.campaigns.kills import Campaign

        campaign = Campaign(url, options.kills, options.seed)
        try:
            if options.hold:
                say(campaign.hold(options.hold))
            for line in campaign.go():
                say(line)
        except AssertionError as error:
            say(f"FAILED with --seed {options.seed}: {error}")
            raise
    took = time.monotonic() - began
    say(f"{campaign.died.total()} workers killed in {took:.0f} s, seed {options.seed}")
    for title, counts in (
        ("while the run was", campaign.died),
        ("runs that ended", campaign.ended),
        ("rows", campaign.rows),
    ):
        said = ", ".join(f"{name} {number:,}" for name, number in counts.items())
        say(f"  {title}: {said}")
    say("  not as reported: none")


@contextmanager
def platform() -> Iterator[str]:
    """A durable server of its own, with Django on it; its superuser's address."""
    folder = Path(tempfile.mkdtemp(prefix="opsconsole-kills-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    server = Server(folder / "pg")
    server.start()
    try:
        databases.prepare(folder / "pg")
        addresses = databases.urls(folder / "pg")
        start_django(addresses, folder)
        yield addresses.maintenance
    finally:
        server.stop()
        databases.remove(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)


def start_django(addresses: databases.Urls, folder: Path) -> None:
    """As the console's owner, who may migrate, and with one user."""
    import django
    from django.core.management import call_command

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "opsconsole.settings",
        "OPSCONSOLE_ENVIRONMENT": "sandbox",
        "OPSCONSOLE_STATE_DIR": str(folder / "state"),
        "DATABASE_URL": addresses.console_owner,
        "PLATFORM_DATABASE_URL": addresses.platform,
        "PLATFORM_WRITE_DATABASE_URL": addresses.platform_write,
        "OPSCONSOLE_TEST_PLATFORM_OWNER_URL": addresses.maintenance,
    }
    django.setup()
    call_command("migrate", verbosity=0)
    from opsconsole.accounts.models import User
    from tests.operations import demonstration

    User.objects.create_superuser("campaign", password=None)
    demonstration.install()


@contextmanager
def house() -> Iterator[None]:
    """The supervisor and its workers."""
    process = subprocess.Popen([sys.executable, "-m", "tests.campaigns.house"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
