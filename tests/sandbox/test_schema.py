"""The platform's own rules, as our DDL re-expresses them."""

from uuid import UUID

import psycopg
import pytest
from psycopg.errors import (
    CaseNotFound,
    CheckViolation,
    InsufficientPrivilege,
    NotNullViolation,
    RaiseException,
    UniqueViolation,
)

from tests.sandbox import rows

LINKS = "workspace_tracked_repositories"


def value(platform: psycopg.Connection, sql: str, *parameters: object) -> object:
    row = platform.execute(sql, parameters).fetchone()
    assert row is not None
    return row[0]


def tracked(platform: psycopg.Connection, **values: object) -> tuple[UUID, UUID]:
    """A repository that the platform tracks: its id, and that of the tracking row."""
    repository = rows.repository(platform, **values)
    return repository, rows.insert(
        platform, "tracked_repositories", repository_id=repository
    )


class TestChecks:
    @pytest.mark.parametrize(
        ("column", "bad", "name"),
        [
            ("sync_frequency_hours", 0, f"{LINKS}_sync_frequency_hours_check"),
            ("sync_frequency_hours", 169, f"{LINKS}_sync_frequency_hours_check"),
            ("data_retention_days", 6, f"{LINKS}_data_retention_days_check"),
            ("data_retention_days", 366, f"{LINKS}_data_retention_days_check"),
            ("last_sync_status", "done", f"{LINKS}_last_sync_status_check"),
            ("priority_score", 101, f"{LINKS}_priority_score_check"),
        ],
    )
    def test_a_link_keeps_its_bounds(
        self, platform: psycopg.Connection, column: str, bad: object, name: str
    ) -> None:
        with pytest.raises(CheckViolation) as error:
            rows.link(platform, **{column: bad})

        assert error.value.diag.constraint_name == name

    @pytest.mark.parametrize(
        "column",
        ["sync_frequency_hours", "data_retention_days", "is_active", "next_sync_at"],
    )
    def test_a_link_may_leave_its_tuning_open(
        self, platform: psycopg.Connection, column: str
    ) -> None:
        assert rows.link(platform, **{column: None})

    @pytest.mark.parametrize(
        ("values", "name"),
        [
            ({"tier": "private"}, "workspaces_tier_check"),
            ({"name": "ab"}, "workspace_name_length"),
            ({"slug": "Not A Slug"}, "workspace_slug_format"),
            ({"current_repository_count": 11}, "workspace_repo_limit"),
        ],
    )
    def test_a_workspace_keeps_its_rules(
        self, platform: psycopg.Connection, values: dict[str, object], name: str
    ) -> None:
        with pytest.raises(CheckViolation) as error:
            rows.workspace(platform, **values)

        assert error.value.diag.constraint_name == name

    def test_the_limits_of_a_workspace_may_be_unknown(
        self, platform: psycopg.Connection
    ) -> None:
        assert rows.workspace(platform, max_repositories=None, data_retention_days=None)

    def test_doubling_intervals_fails_as_a_whole_over_one_long_interval(
        self, platform: psycopg.Connection
    ) -> None:
        rows.link(platform, sync_frequency_hours=24)
        rows.link(platform, sync_frequency_hours=85)

        with pytest.raises(CheckViolation):
            platform.execute(
                f"UPDATE {LINKS} SET sync_frequency_hours = greatest(sync_frequency_hours * 2, 48)"
            )

        assert value(platform, f"SELECT min(sync_frequency_hours) FROM {LINKS}") == 24

    def test_a_failed_log_needs_its_reason_and_its_end(
        self, platform: psycopg.Connection
    ) -> None:
        with pytest.raises(CheckViolation, match="sync_logs_failed_error_required"):
            platform.execute(
                "INSERT INTO sync_logs (sync_type, status, completed_at) VALUES ('full_sync', 'failed', now())"
            )
        with pytest.raises(CheckViolation, match="sync_logs_status_validation"):
            platform.execute(
                "INSERT INTO sync_logs (sync_type, status) VALUES ('full_sync', 'completed')"
            )

    def test_a_day_of_a_repository_is_there_once(
        self, platform: psycopg.Connection
    ) -> None:
        day = {"repository_id": rows.repository(platform), "date": "2026-01-01"}
        rows.insert(platform, "daily_activity_metrics", **day)

        with pytest.raises(UniqueViolation, match="unique_repo_date"):
            rows.insert(platform, "daily_activity_metrics", **day)


class TestLinkTrigger:
    def test_adding_a_repository_makes_a_row_that_is_due_and_removing_it_takes_it_away(
        self, platform: psycopg.Connection
    ) -> None:
        workspace, someone = rows.workspace(platform), rows.user(platform)
        repository, _ = tracked(platform)

        link = rows.insert(
            platform,
            "workspace_repositories",
            workspace_id=workspace,
            repository_id=repository,
            added_by=someone,
        )

        made = platform.execute(
            "SELECT sync_frequency_hours, priority_score, next_sync_at <= now(), is_active,"
            f" fetch_issues, added_by FROM {LINKS}"
        ).fetchall()
        assert made == [(24, 50, True, True, True, someone)]
        assert value(platform, "SELECT current_repository_count FROM workspaces") == 1

        platform.execute("DELETE FROM workspace_repositories WHERE id = %s", [link])
        assert value(platform, f"SELECT count(*) FROM {LINKS}") == 0
        assert value(platform, "SELECT current_repository_count FROM workspaces") == 0

    def test_a_repository_that_nobody_tracks_is_silently_left_out(
        self, platform: psycopg.Connection
    ) -> None:
        rows.insert(
            platform,
            "workspace_repositories",
            workspace_id=rows.workspace(platform),
            repository_id=rows.repository(platform),
            added_by=rows.user(platform),
        )

        assert value(platform, f"SELECT count(*) FROM {LINKS}") == 0

    def test_a_link_by_nobody_is_refused(self, platform: psycopg.Connection) -> None:
        repository, _ = tracked(platform)

        with pytest.raises(NotNullViolation):
            rows.insert(
                platform,
                "workspace_repositories",
                workspace_id=rows.workspace(platform),
                repository_id=repository,
            )

    def test_the_limit_of_the_workspace_holds(
        self, platform: psycopg.Connection
    ) -> None:
        workspace = rows.workspace(platform, max_repositories=1)
        first, second = rows.repository(platform), rows.repository(platform)
        add = "INSERT INTO workspace_repositories (workspace_id, repository_id) VALUES (%s, %s)"
        platform.execute(add, [workspace, first])

        with pytest.raises(RaiseException, match="Maximum allowed: 1"):
            platform.execute(add, [workspace, second])


class TestTiers:
    def test_a_change_to_pro_sets_limits_and_priorities(
        self, platform: psycopg.Connection
    ) -> None:
        workspace = rows.workspace(platform)
        stars = {"stargazers_count": 2_000, "last_sync_at": "2020-01-01T00:00:00Z"}
        rows.link(platform, workspace, priority_score=1, **stars)

        platform.execute("UPDATE workspaces SET tier = 'pro'")

        limits = "SELECT (max_repositories, data_retention_days)::text FROM workspaces"
        assert value(platform, limits) == "(50,90)"
        assert (
            value(platform, f"SELECT priority_score FROM {LINKS}") == 50 + 20 + 20 + 10
        )

    def test_a_change_to_team_fails(self, platform: psycopg.Connection) -> None:
        rows.workspace(platform)

        with pytest.raises(CaseNotFound):
            platform.execute("UPDATE workspaces SET tier = 'team'")

    def test_the_priority_of_a_team_cannot_be_calculated(
        self, platform: psycopg.Connection
    ) -> None:
        workspace = rows.workspace(platform, tier="team")
        rows.link(platform, workspace)

        with pytest.raises(CaseNotFound):
            platform.execute(
                "SELECT calculate_workspace_repo_priority(workspace_id, tracked_repository_id)"
                f" FROM {LINKS}"
            )

    def test_a_downgrade_below_what_is_used_fails(
        self, platform: psycopg.Connection
    ) -> None:
        rows.workspace(
            platform, tier="pro", max_repositories=50, current_repository_count=11
        )

        with pytest.raises(RaiseException, match="Cannot downgrade tier"):
            platform.execute("UPDATE workspaces SET tier = 'free'")


class TestWorkspaces:
    def test_a_change_is_dated(self, platform: psycopg.Connection) -> None:
        rows.workspace(platform, updated_at="2020-01-01T00:00:00Z")

        platform.execute("UPDATE workspaces SET is_active = false")

        assert value(platform, "SELECT updated_at > '2025-01-01' FROM workspaces")

    def test_the_owner_is_a_member(self, platform: psycopg.Connection) -> None:
        rows.workspace(platform)

        assert value(platform, "SELECT role FROM workspace_members") == "owner"


class TestSyncFunctions:
    def test_the_list_of_due_repositories_heeds_active_and_not_fetch_issues(
        self, platform: psycopg.Connection
    ) -> None:
        rows.link(platform, is_active=False, full_name="acme/inactive")
        rows.link(platform, fetch_issues=False, full_name="acme/paused")

        found = platform.execute(
            "SELECT repository_name FROM get_workspace_repos_for_sync()"
        ).fetchall()

        assert found == [("acme/paused",)]

    def test_the_status_function_counts_attempts_and_moves_on_even_after_a_failure(
        self, platform: psycopg.Connection
    ) -> None:
        rows.link(platform, sync_attempts=2)
        report = (
            "SELECT update_workspace_sync_status(workspace_id, tracked_repository_id, %s, %s)"
            f" FROM {LINKS}"
        )
        state = f"SELECT (sync_attempts, next_sync_at > now() + interval '23 h')::text FROM {LINKS}"

        platform.execute(report, ["failed", "broken"])
        assert value(platform, state) == "(3,t)"

        platform.execute(report, ["success", None])
        assert value(platform, state) == "(0,t)"


class TestRowSecurity:
    @pytest.fixture
    def stranger(self, platform: psycopg.Connection) -> psycopg.Connection:
        """A role with every grant on the tables that does not pass row security."""
        rows.link(platform)
        platform.execute("CREATE ROLE stranger")
        platform.execute("GRANT USAGE ON SCHEMA public, auth TO stranger")
        platform.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO stranger")
        platform.execute("SET ROLE stranger")
        yield platform
        platform.execute("RESET ROLE")
        platform.execute("DROP OWNED BY stranger")
        platform.execute("DROP ROLE stranger")

    def test_reading_workspaces_is_an_error(self, stranger: psycopg.Connection) -> None:
        with pytest.raises(InsufficientPrivilege, match="rls_current_app_user_id"):
            stranger.execute("SELECT FROM workspaces")

    def test_writing_links_touches_nothing_and_says_nothing(
        self, stranger: psycopg.Connection
    ) -> None:
        changed = stranger.execute(f"UPDATE {LINKS} SET fetch_issues = false")

        assert changed.rowcount == 0

    def test_a_signed_in_person_may_change_any_link(
        self, stranger: psycopg.Connection
    ) -> None:
        someone = "00000000-0000-4000-8000-000000000000"
        stranger.execute(
            "SELECT set_config('request.jwt.claim.sub', %s, false)", [someone]
        )

        changed = stranger.execute(f"UPDATE {LINKS} SET fetch_issues = false")

        assert changed.rowcount == 1
