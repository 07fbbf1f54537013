"""A sync worker beside a run: 100 updates a second of one row each, whatever the answer takes.

A process of its own, as in production: `python -m tests.benchmarks.sync_worker URL SEED`
until its standard input closes; then it prints the milliseconds of each update as JSON,
counted from when the update was due, so that a blocked one delays those after it.
"""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

PAUSE = 0.01  # seconds between two updates
UPDATE = """
UPDATE workspace_tracked_repositories
SET last_sync_at = now(), total_issues_fetched = total_issues_fetched + 1 WHERE id = %s
"""


def main(address: str, seed: str) -> None:
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    took: list[float] = []
    with psycopg.connect(address, autocommit=True) as connection:
        keys = keys_of(connection, random.Random(seed))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        began = time.perf_counter()
        for number, key in enumerate(keys):
            due = began + number * PAUSE
            time.sleep(max(due - time.perf_counter(), 0))
            if over.is_set():
                break
            connection.execute(UPDATE, [key])
            took.append((time.perf_counter() - due) * 1000)
    json.dump(took, sys.stdout)


def keys_of(connection: psycopg.Connection, dice: random.Random) -> Iterator[object]:
    """Rows at random, without end."""
    found = connection.execute(
        "SELECT id FROM workspace_tracked_repositories TABLESAMPLE SYSTEM (10) LIMIT 50000"
    ).fetchall()
    while True:
        yield dice.choice(found)[0]


@contextmanager
def beside(address: str) -> Iterator[list[float]]:
    """A worker for the length of the block; its milliseconds are in the list afterwards."""
    took: list[float] = []
    command = [sys.executable, "-m", "tests.benchmarks.sync_worker", address, "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        yield took
        process.stdin.close()
        took += json.loads(process.stdout.read())


if __name__ == "__main__":
    main(*sys.argv[1:])
