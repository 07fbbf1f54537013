"""The stand-in of `workspace-issues-sync`: one test for each thing it really does."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from opsconsole.sandbox.standin import sync_function
from opsconsole.sandbox.standin.server import Standin
from tests.sandbox import rows

PATH = "/functions/v1/workspace-issues-sync"
BUSY = "acme/dashboard"  # many issues a day
LINK = "SELECT * FROM workspace_tracked_repositories ORDER BY priority_score DESC, id"
EFFECTS = (
    "last_sync_at",
    "next_sync_at",
    "last_sync_status",
    "last_sync_error",
    "sync_attempts",
    "total_issues_fetched",
)
Sync = Callable[..., dict[str, Any]]


@pytest.fixture
def standin(platform: psycopg.Connection) -> Iterator[Standin]:
    """A stand-in over an empty platform, whose workflow runs start at once."""
    owner = make_conninfo(platform.info.dsn, user="platform_owner")
    with Standin(owner, queued_for=0.0) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(standin: Standin) -> Iterator[httpx.Client]:
    headers = {"authorization": "Bearer a.b.c"}
    with httpx.Client(base_url=standin.address, headers=headers) as client:
        yield client


@pytest.fixture
def sync(client: httpx.Client) -> Sync:
    """Call the function; returns the body of its answer."""

    def call(**body: Any) -> dict[str, Any]:
        response = client.post(PATH, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    return call


@pytest.fixture
def links(platform: psycopg.Connection) -> Callable[[], list[dict[str, Any]]]:
    """The rows of workspace_tracked_repositories, by priority."""

    def read() -> list[dict[str, Any]]:
        with platform.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(LINK).fetchall()

    return read


class NoIssues:
    """A GitHub that must not be asked."""

    def issues(self, *_: Any) -> Any:
        raise AssertionError


def fault(client: httpx.Client, kind: str, repository: str = "*", **more: Any) -> None:
    response = client.post(
        "/_faults", json={"repository": repository, "fault": kind, **more}
    )
    assert response.status_code == 204, response.text


class TestEffects:
    """The row update and the result of each case."""

    OLD = {
        "last_sync_error": "an old error",
        "sync_attempts": 2,
        "total_issues_fetched": 77,
    }  # fmt: skip

    def test_an_issue_moves_the_row_on_and_clears_neither_error_nor_attempts(
        self, platform: psycopg.Connection, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name=BUSY, sync_frequency_hours=12, **self.OLD)
        started = datetime.now(UTC)

        answer = sync(hoursBack=240)

        [link], [result] = links(), answer["results"]
        assert link["last_sync_status"] == "success"
        assert link["last_sync_at"] >= started
        assert link["next_sync_at"] - link["last_sync_at"] == pytest.approx(
            timedelta(hours=12), abs=timedelta(seconds=5)
        )
        assert link["total_issues_fetched"] == result["issuesSynced"] > 0
        assert (link["last_sync_error"], link["sync_attempts"]) == ("an old error", 2)
        assert result["issuesFound"] == result["issuesSynced"]
        assert result["repository"] == BUSY
        assert result["tier"] == "free"
        assert result["workspace"].startswith("Workspace")
        assert answer["success"] is True
        assert (
            answer["message"]
            == f"Synced {result['issuesSynced']} issues from 1 repositories"
        )
        assert answer["hoursBack"] == 240

    def test_an_open_interval_counts_as_a_day(
        self, platform: psycopg.Connection, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name=BUSY, sync_frequency_hours=None)

        sync(hoursBack=240)

        [link] = links()
        assert link["next_sync_at"] - link["last_sync_at"] > timedelta(hours=23)

    def test_issues_that_cannot_be_stored_still_count_as_success(
        self, platform: psycopg.Connection, client: httpx.Client, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name=BUSY)
        fault(client, "bad_issues")

        [result] = sync(hoursBack=240)["results"]

        assert (result["success"], result["issuesSynced"]) == (True, 0)
        assert result["issuesFound"] > 0
        [link] = links()
        assert (link["last_sync_status"], link["total_issues_fetched"]) == (
            "success",
            0,
        )

    def test_a_failure_after_the_first_page_is_a_success_with_less(
        self, platform: psycopg.Connection, client: httpx.Client, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name=BUSY)
        fault(client, "later_pages")

        answer = sync(hoursBack=24 * 365)

        assert answer["totalApiCalls"] == 2
        assert answer["results"][0]["success"] is True
        assert 0 < answer["results"][0]["issuesFound"] <= 100
        assert links()[0]["last_sync_status"] == "success"

    @pytest.mark.parametrize("status", [401, 403, 404, 451, 502])
    def test_a_refusal_of_the_first_page_leaves_the_row_as_it_is(
        self,
        platform: psycopg.Connection,
        client: httpx.Client,
        sync: Sync,
        links: Any,
        status: int,
    ) -> None:
        rows.link(platform, full_name=BUSY)
        before = links()
        fault(client, str(status))

        answer = sync()

        assert answer["results"] == [
            {
                "repository": BUSY,
                "success": False,
                "error": f"GitHub API returned {status}",
            }
        ]
        assert answer["success"] is True
        assert links() == before

    def test_an_empty_page_leaves_the_row_and_the_answer_as_they_are(
        self, platform: psycopg.Connection, client: httpx.Client, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name=BUSY)
        before = links()
        fault(client, "empty")

        answer = sync()

        assert (answer["results"], answer["totalApiCalls"]) == ([], 1)
        assert links() == before

    def test_pull_requests_alone_leave_the_row_as_it_is(
        self, platform: psycopg.Connection, client: httpx.Client, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name=BUSY)
        before = links()
        fault(client, "only_prs")

        answer = sync(hoursBack=240)

        nothing = {"success": True, "issuesFound": 0, "issuesSynced": 0}
        assert answer["results"] == [{"repository": BUSY, **nothing}]
        assert links() == before

    def test_a_dry_run_asks_github_and_leaves_the_row_as_it_is(
        self, platform: psycopg.Connection, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name=BUSY)
        before = links()

        answer = sync(hoursBack=240, dryRun=True)

        [result] = answer["results"]
        assert result.pop("issuesFound") > 0
        assert result == {
            "repository": BUSY,
            "success": True,
            "issuesSynced": 0,
            "dryRun": True,
        }
        assert answer["totalApiCalls"] > 0
        assert links() == before
        assert platform.execute("SELECT count(*) FROM issues").fetchone() == (0,)

    def test_a_repository_without_issues_uses_its_place_for_nothing(
        self, platform: psycopg.Connection, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, has_issues=False, priority_score=90)
        rows.link(platform, full_name=BUSY, priority_score=10)
        before = links()

        answer = sync(limit=1)

        assert (answer["results"], answer["totalApiCalls"]) == ([], 0)
        assert links() == before

    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            ("exception", "error sending request for url"),
            ("not_json", "is not valid JSON"),
            ("null_assignees", "Cannot read properties of null (reading 'map')"),
        ],
    )
    def test_an_exception_counts_an_attempt_and_does_not_move_the_row_on(
        self,
        platform: psycopg.Connection,
        client: httpx.Client,
        sync: Sync,
        links: Any,
        kind: str,
        words: str,
    ) -> None:
        rows.link(platform, full_name=BUSY, **self.OLD)
        [before] = links()
        fault(client, kind)

        answer = sync(hoursBack=240)

        [link], [result] = links(), answer["results"]
        assert link["last_sync_status"] == "failed"
        assert words in link["last_sync_error"]
        assert link["sync_attempts"] == 3
        assert link["last_sync_at"] is not None
        assert link["next_sync_at"] == before["next_sync_at"]
        assert link["total_issues_fetched"] == 77
        assert result == {
            "repository": BUSY,
            "success": False,
            "error": link["last_sync_error"],
        }

    def test_one_failure_does_not_stop_the_others(
        self, platform: psycopg.Connection, client: httpx.Client, sync: Sync, links: Any
    ) -> None:
        rows.link(platform, full_name="acme/broken", priority_score=90)
        rows.link(platform, full_name=BUSY, priority_score=10)
        fault(client, "exception", "acme/broken")

        answer = sync(hoursBack=240)

        assert [result["success"] for result in answer["results"]] == [False, True]
        assert [link["last_sync_status"] for link in links()] == ["failed", "success"]


class TestSelection:
    def repositories(self, answer: dict[str, Any]) -> list[str]:
        return [result["repository"] for result in answer.get("results", [])]

    @pytest.fixture(autouse=True)
    def everything_is_refused(self, client: httpx.Client) -> None:
        """So that each selected repository appears and nothing changes."""
        fault(client, "404")

    def test_takes_what_is_due_by_priority_up_to_the_limit(
        self, platform: psycopg.Connection, sync: Sync
    ) -> None:
        for number, priority in enumerate((10, 90, 50)):
            rows.link(platform, full_name=f"acme/app-{number}", priority_score=priority)

        assert self.repositories(sync(limit=2)) == ["acme/app-1", "acme/app-2"]

    def test_takes_ten_when_nobody_says_how_many(
        self, platform: psycopg.Connection, sync: Sync
    ) -> None:
        for _ in range(11):
            rows.link(platform)

        assert len(self.repositories(sync())) == 10

    @pytest.mark.parametrize(
        "values",
        [{"is_active": False}, {"is_archived": True}, {"last_sync_status": "failed"}],
    )
    def test_heeds_neither_active_nor_archived_nor_failed(
        self, platform: psycopg.Connection, sync: Sync, values: dict[str, Any]
    ) -> None:
        rows.link(platform, full_name="acme/app", **values)

        assert self.repositories(sync()) == ["acme/app"]

    def test_takes_the_repositories_of_a_deleted_workspace(
        self, platform: psycopg.Connection, sync: Sync
    ) -> None:
        rows.link(
            platform, rows.workspace(platform, is_active=False), full_name="acme/app"
        )

        assert self.repositories(sync()) == ["acme/app"]

    @pytest.mark.parametrize(
        "values",
        [
            {"fetch_issues": False},
            {"fetch_issues": None},
            {"next_sync_at": None},
            {"next_sync_at": "2999-01-01T00:00:00Z"},
        ],
    )
    def test_leaves_what_is_paused_unscheduled_or_not_due(
        self, platform: psycopg.Connection, sync: Sync, values: dict[str, Any]
    ) -> None:
        rows.link(platform, **values)

        assert sync() == {
            "message": "No workspace repositories need issues sync",
            "synced": 0,
        }

    def test_takes_one_workspace_alone_when_it_is_named(
        self, platform: psycopg.Connection, sync: Sync
    ) -> None:
        workspace = rows.workspace(platform)
        rows.link(platform, workspace, full_name="acme/mine")
        rows.link(platform, full_name="acme/other")

        assert self.repositories(sync(workspaceId=str(workspace))) == ["acme/mine"]
        assert len(self.repositories(sync(workspaceId=""))) == 2


class TestRequests:
    @pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sb_secret_x"}])
    def test_needs_a_bearer_token(
        self, standin: Standin, headers: dict[str, str]
    ) -> None:
        assert (
            httpx.post(standin.address + PATH, json={}, headers=headers).status_code
            == 401
        )

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ("", "Unexpected end of JSON input"),
            ("no json", "is not valid JSON"),
            ("null", "null"),
            ('{"workspaceId": "nonsense"}', "invalid input syntax for type uuid"),
            ('{"limit": "many"}', "Failed to fetch workspace repositories: "),
            ('{"limit": -1}', "Failed to fetch workspace repositories: "),
            ('{"hoursBack": "long"}', "Invalid time value"),
        ],
    )
    def test_answers_500_to_what_it_does_not_understand(
        self, platform: psycopg.Connection, client: httpx.Client, body: str, words: str
    ) -> None:
        rows.link(platform)

        response = client.post(PATH, content=body)

        assert response.status_code == 500
        assert response.json()["success"] is False
        assert words in response.json()["error"]

    def test_answers_500_to_get(self, client: httpx.Client) -> None:
        assert client.get(PATH).status_code == 500

    def test_answers_404_for_a_function_that_is_not_there(
        self, client: httpx.Client
    ) -> None:
        response = client.post("/functions/v1/workspace-everything", json={})

        assert response.status_code == 404
        assert response.json()["code"] == "NOT_FOUND"


class TestMarks:
    """What else a sync leaves on the platform."""

    def test_the_issues_their_authors_and_the_number_of_the_day(
        self, platform: psycopg.Connection, sync: Sync
    ) -> None:
        rows.link(platform, full_name=BUSY)

        [result] = sync(hoursBack=240)["results"]

        [stored] = platform.execute(
            "SELECT count(*), count(author_id), count(*) FILTER (WHERE is_pull_request) FROM issues"
        ).fetchall()
        assert stored == (result["issuesSynced"], result["issuesSynced"], 0)
        assert platform.execute(
            "SELECT date, issues_opened FROM daily_activity_metrics"
        ).fetchall() == [(datetime.now(UTC).date(), result["issuesSynced"])]

    def test_the_same_issues_again_are_the_same_rows(
        self, platform: psycopg.Connection, sync: Sync
    ) -> None:
        rows.link(platform, full_name=BUSY)

        sync(hoursBack=240)
        platform.execute(
            "UPDATE workspace_tracked_repositories SET next_sync_at = now()"
        )
        [again] = sync(hoursBack=240)["results"]

        count = platform.execute("SELECT count(*) FROM issues").fetchone()
        assert count == (again["issuesSynced"],)

    def test_a_longer_window_brings_more(
        self, platform: psycopg.Connection, sync: Sync
    ) -> None:
        rows.link(platform, full_name=BUSY)

        found = [
            sync(hoursBack=hours, dryRun=True)["results"][0]["issuesFound"]
            for hours in (48, 96, 240)
        ]

        assert found == sorted(set(found))
        assert all(number <= 500 for number in found)


def test_answers_500_when_the_platform_is_down() -> None:
    answer = sync_function.answer(
        "{}", "postgresql:///nowhere?host=/nowhere", NoIssues()
    )

    assert answer.status == 500
    assert "Failed to fetch workspace repositories" in str(answer.body)
