"""Load a scale and print ratios: `uv run python -m tests.benchmarks --scale M`.

Machines are noisy, so both sides of a ratio are measured in one run, in turns, and the
medians are compared. Absolute figures are printed for the curious and prove nothing.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from opsconsole.sandbox import databases, generator
from opsconsole.sandbox.postgres import Server

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=["demo", "S", "M", "L"], default="S")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", choices=["pages", "resets", "engine"])
    parser.add_argument(
        "--json", type=Path, help="also write the engine's figures there"
    )
    options = parser.parse_args()
    with platform_of(options.scale) as addresses:
        start_django(addresses)
        from tests.benchmarks import engine, pages, resets

        if options.only in (None, "pages"):
            say("\nPages: the whole request against the bare SQL that it sends")
            for line in pages.measure(options.rounds):
                say(line)
        if options.only in (None, "resets"):
            say("\nReset failed sync: whole operation against the bare UPDATE")
            for line in resets.measure(addresses.maintenance, options.rounds):
                say(line)
        if options.only in (None, "engine"):
            say("\nEngine: every row, against the runbook's bare UPDATEs")
            lines = []
            for figure in engine.measure(addresses.maintenance, options.rounds):
                lines.append(figure)
                say(str(figure))
            if options.json:
                found = {"scale": options.scale, "figures": engine.as_json(lines)}
                options.json.write_text(json.dumps(found, indent=1) + "\n")


@contextmanager
def platform_of(scale: str) -> Iterator[databases.Urls]:
    """A server of its own with data of that scale; durable, and its cache as production's."""
    folder = Path(tempfile.mkdtemp(prefix="opsconsole-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    server = Server(folder / "pg", shared_buffers="1GB")
    server.start()
    try:
        databases.prepare(folder / "pg")
        addresses = databases.urls(folder / "pg")
        began = time.perf_counter()
        generator.load(addresses.maintenance, scale, now=datetime.now(UTC))
        with psycopg.connect(addresses.platform) as connection:
            rows = connection.execute(
                "SELECT count(*) FROM workspace_tracked_repositories"
            ).fetchone()[0]
        say(
            f"Scale {scale}: {rows:,} tracked repositories, loaded in {time.perf_counter() - began:.1f} s"
        )
        yield addresses
    finally:
        server.stop()
        databases.remove(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)


def start_django(addresses: databases.Urls) -> None:
    import django
    from django.core.management import call_command

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "opsconsole.settings",
        "OPSCONSOLE_ENVIRONMENT": "sandbox",
        "DATABASE_URL": addresses.console_owner,
        "PLATFORM_DATABASE_URL": addresses.platform,
        "PLATFORM_WRITE_DATABASE_URL": addresses.platform_write,
    }
    django.setup()
    call_command("migrate", verbosity=0)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
