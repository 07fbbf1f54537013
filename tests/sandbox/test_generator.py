"""The made-up platform: believable, whole, and the same again."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache

import psycopg
import pytest

from opsconsole.sandbox.generator import SCALES, Counts, Scale, load
from opsconsole.sandbox.generator.vocabulary import AWKWARD_NAMES, HOSTILE_ERRORS
from tests.sandbox.conftest import NOW

LINKS = "workspace_tracked_repositories"
TINY = Scale(5, 50, 30, issues=10, active_repositories=1, logs=5)

# The words of opsconsole.platform.diagnosis, first match wins; `refused` needs responses
# that a new platform has not given yet. The schedule takes 20 repositories every 6 h.
DIAGNOSES = f"""
WITH due AS (
    SELECT id, rank() OVER (ORDER BY priority_score DESC) AS place
    FROM {LINKS} WHERE fetch_issues AND next_sync_at <= %(now)s
)
SELECT CASE
    WHEN NOT link.fetch_issues THEN 'paused'
    WHEN NOT link.is_active THEN 'inactive but syncing'
    WHEN NOT repository.has_issues THEN 'issues disabled'
    WHEN link.last_sync_status = 'failed' AND link.sync_attempts > 3 THEN 'failing repeatedly'
    WHEN link.last_sync_status = 'failed' THEN 'failed'
    WHEN link.next_sync_at IS NULL THEN 'never scheduled'
    WHEN link.next_sync_at < %(now)s - interval '7 h' AND due.place > 20 THEN 'starved'
    WHEN link.next_sync_at < %(now)s - interval '7 h' THEN 'overdue'
    WHEN link.last_sync_at IS NULL THEN 'never synced'
    WHEN link.next_sync_at <= %(now)s THEN 'due'
    ELSE 'ok' END AS diagnosis, count(*)
FROM {LINKS} link
JOIN tracked_repositories tracked ON tracked.id = link.tracked_repository_id
JOIN repositories repository ON repository.id = tracked.repository_id
LEFT JOIN due ON due.id = link.id
GROUP BY diagnosis
"""

FLAGS = {
    "stale error": f"SELECT count(*) FROM {LINKS} WHERE last_sync_status = 'success' AND last_sync_error <> ''",
    "coverage gap": f"SELECT count(*) FROM {LINKS} WHERE last_sync_at < %(now)s - interval '24 h'",
    "interval below schedule": f"SELECT count(*) FROM {LINKS} WHERE sync_frequency_hours < 6",
    "duplicate": f"SELECT count(*) FROM {LINKS} a JOIN {LINKS} b USING (tracked_repository_id) WHERE a.id < b.id",
    "unlinked": "SELECT count(*) FROM workspace_repositories r JOIN tracked_repositories t USING (repository_id)"
    f" WHERE NOT EXISTS (SELECT FROM {LINKS} l WHERE l.workspace_id = r.workspace_id AND l.tracked_repository_id = t.id)",
    "unlinked, and nobody added it": "SELECT count(*) FROM workspace_repositories r JOIN tracked_repositories t USING (repository_id)"
    f" WHERE added_by IS NULL AND NOT EXISTS (SELECT FROM {LINKS} l WHERE l.workspace_id = r.workspace_id AND l.tracked_repository_id = t.id)",
    "untracked": "SELECT count(*) FROM workspace_repositories r WHERE NOT EXISTS"
    " (SELECT FROM tracked_repositories t WHERE t.repository_id = r.repository_id)",
    "no interval": f"SELECT count(*) FROM {LINKS} WHERE sync_frequency_hours IS NULL",
    "interval too long to double": f"SELECT count(*) FROM {LINKS} WHERE sync_frequency_hours > 84",
    "soft-deleted and syncing": f"SELECT count(*) FROM {LINKS} l JOIN workspaces w ON w.id = l.workspace_id WHERE NOT w.is_active",
    "full workspace": "SELECT count(*) FROM workspaces WHERE current_repository_count = max_repositories",
    "subscription of another tier": "SELECT count(*) FROM workspaces w JOIN subscriptions s ON s.id = w.subscription_id WHERE s.tier <> w.tier",
    "invitation without an answer": "SELECT count(*) FROM workspace_members WHERE accepted_at IS NULL",
    "expired cache": "SELECT count(*) FROM workspace_issues_cache WHERE expires_at < %(now)s",
    "cache that is good": "SELECT count(*) FROM workspace_issues_cache WHERE expires_at > %(now)s",
    "metrics older than 90 days": "SELECT count(*) FROM daily_activity_metrics WHERE date < %(now)s::date - 90",
    "stuck job": "SELECT count(*) FROM progressive_capture_jobs WHERE status = 'processing' AND started_at < %(now)s - interval '30 min'",
    "failed log": "SELECT count(*) FROM sync_logs WHERE status = 'failed'",
    "the documents' example": "SELECT count(*) FROM workspaces WHERE id = '811b5a77-ba90-4057-bc5c-18bc323d0482'",
}

FOREIGN_KEYS = """
SELECT format('SELECT count(*) FROM %s child WHERE %I IS NOT NULL AND NOT EXISTS (SELECT FROM %s WHERE id = child.%I)',
              conrelid::regclass, attname, confrelid::regclass, attname)
FROM pg_constraint
JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
WHERE contype = 'f'
"""


@pytest.fixture
def platform(demo: tuple[str, Counts]) -> Iterator[psycopg.Connection]:
    """A connection to the demonstration's platform, for reading."""
    with psycopg.connect(demo[0], autocommit=True) as connection:
        yield connection


@pytest.fixture
def number(platform: psycopg.Connection) -> Callable[[str], int]:
    """What a query that answers with one number says, with the moment of the data as now."""

    def ask(sql: str) -> int:
        row = platform.execute(sql, {"now": NOW}).fetchone()
        assert row is not None
        return row[0]

    return ask


class TestDemo:
    def test_has_every_diagnosis_and_most_repositories_are_well(
        self, platform: psycopg.Connection
    ) -> None:
        found = dict(platform.execute(DIAGNOSES, {"now": NOW}).fetchall())
        total = sum(found.values())

        assert set(found) == {
            "paused",
            "inactive but syncing",
            "issues disabled",
            "failing repeatedly",
            "failed",
            "never scheduled",
            "starved",
            "overdue",
            "never synced",
            "due",
            "ok",
        }
        assert min(found.values()) >= 5
        assert 0.80 < (found["ok"] + found["due"]) / total < 0.90
        assert 0.04 < (found["failed"] + found["failing repeatedly"]) / total < 0.08

    @pytest.mark.parametrize("flag", FLAGS)
    def test_has_every_peculiarity(
        self, number: Callable[[str], int], flag: str
    ) -> None:
        assert number(FLAGS[flag]) > 0

    def test_fails_in_about_sixty_workspaces_one_to_nine_times(
        self, number: Callable[[str], int]
    ) -> None:
        failed = f"FROM {LINKS} WHERE last_sync_status = 'failed'"

        assert 45 <= number(f"SELECT count(DISTINCT workspace_id) {failed}") <= 75
        assert number(f"SELECT min(sync_attempts) {failed}") == 1
        assert number(f"SELECT max(sync_attempts) {failed}") == 9

    def test_is_about_as_large_as_asked(self, demo: tuple[str, Counts]) -> None:
        counts, asked = demo[1], SCALES["demo"]

        assert counts.workspaces == asked.workspaces
        assert counts.repositories == asked.repositories
        assert abs(counts.workspace_tracked_repositories / asked.links - 1) < 0.05
        assert counts.issues == asked.issues

    def test_counts_what_it_wrote(
        self, demo: tuple[str, Counts], number: Callable[[str], int]
    ) -> None:
        for table, written in demo[1]._asdict().items():
            assert number(f"SELECT count(*) FROM {table}") == written, table

    def test_refers_to_nothing_that_is_missing(
        self, platform: psycopg.Connection, number: Callable[[str], int]
    ) -> None:
        queries = platform.execute(FOREIGN_KEYS).fetchall()

        assert len(queries) > 15
        assert [query for (query,) in queries if number(query)] == []

    def test_keeps_the_counters_that_triggers_would_keep(
        self, number: Callable[[str], int]
    ) -> None:
        wrong = """SELECT count(*) FROM workspaces w WHERE current_repository_count <>
                   (SELECT count(*) FROM workspace_repositories r WHERE r.workspace_id = w.id)"""
        strangers = f"""SELECT count(*) FROM {LINKS} l
                        JOIN tracked_repositories t ON t.id = l.tracked_repository_id
                        LEFT JOIN workspace_repositories r USING (workspace_id, repository_id)
                        WHERE r.id IS NULL"""

        assert number(wrong) == 0
        assert number(strangers) == 0

    def test_lives_in_the_past(self, number: Callable[[str], int]) -> None:
        moments = f"""SELECT count(*) FROM {LINKS}
                      WHERE greatest(last_sync_at, added_at) > %(now)s OR added_at > last_sync_at"""

        assert number(moments) == 0

    def test_says_what_careless_pages_break_on(
        self, platform: psycopg.Connection
    ) -> None:
        names = {name for (name,) in platform.execute("SELECT name FROM workspaces")}
        errors = platform.execute(
            f"SELECT last_sync_error FROM {LINKS} WHERE last_sync_status = 'failed'"
        ).fetchall()

        assert names.issuperset(AWKWARD_NAMES)
        assert {text for (text,) in errors}.issuperset(HOSTILE_ERRORS)


class TestSameAgain:
    def test_the_same_seed_and_moment_make_the_same_platform(self) -> None:
        assert digest(1, hash_seed="1") == digest(1, hash_seed="2")

    def test_another_seed_makes_another(self) -> None:
        assert digest(1, hash_seed="1") != digest(2, hash_seed="1")

    def test_it_is_the_same_in_the_database(
        self, new_platform: Callable[[], str]
    ) -> None:
        assert stored(new_platform()) == stored(new_platform())


DIGEST = """
import hashlib, sys
from datetime import datetime
from opsconsole.sandbox.generator import SCALES, World, tables
world = World(SCALES["demo"], int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
made = {name: [str(row) for row in rows] for name, rows in tables(world).items()}
print(hashlib.sha256(repr(made).encode()).hexdigest())
"""


@cache
def digest(seed: int, hash_seed: str) -> str:
    """What another process makes, whose sets have an order of their own."""
    made = subprocess.run(
        [sys.executable, "-c", DIGEST, str(seed), NOW.isoformat()],
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout


def stored(url: str) -> list[tuple[str]]:
    """What a small filling leaves of the rows that are synced."""
    load(url, TINY, now=NOW)
    with psycopg.connect(url) as platform:
        return platform.execute(f"SELECT l::text FROM {LINKS} l ORDER BY id").fetchall()


def test_a_larger_scale_is_about_as_large_as_asked(
    new_platform: Callable[[], str],
) -> None:
    counts = load(new_platform(), "S", now=NOW)

    assert counts.workspaces == 1_000
    assert counts.repositories == 4_000
    assert abs(counts.workspace_tracked_repositories / 9_800 - 1) < 0.05


def test_a_second_filling_changes_nothing(new_platform: Callable[[], str]) -> None:
    url = new_platform()
    load(url, TINY, now=NOW)

    with pytest.raises(psycopg.errors.UniqueViolation):
        load(url, TINY, now=NOW)

    with psycopg.connect(url) as platform:
        assert platform.execute("SELECT count(*) FROM workspaces").fetchone() == (5,)
