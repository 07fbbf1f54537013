"""The stand-in of Supabase's Management API: its quirks."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from opsconsole.sandbox.standin.management import A_MINUTE
from opsconsole.sandbox.standin.server import Standin

PROJECT = "/v1/projects/abcdefghijklmnopqrst"
FUNCTION = f"{PROJECT}/functions/workspace-issues-sync"
LOGS = f"{PROJECT}/analytics/endpoints/logs"
SYNC = "/functions/v1/workspace-issues-sync"


@pytest.fixture
def client(platform: psycopg.Connection) -> Iterator[httpx.Client]:
    with Standin(platform.info.dsn, queued_for=0.0) as standin:
        thread = threading.Thread(target=standin.serve_forever, args=[0.01])
        thread.start()
        headers = {"authorization": "Bearer a.b.c"}
        with httpx.Client(base_url=standin.address, headers=headers) as client:
            yield client
        standin.shutdown()
        thread.join()


def span(hours: float, **more: str) -> dict[str, str]:
    """The parameters of a log query over the last hours."""
    now = datetime.now(UTC)
    return {
        "sql": "SELECT 1 FROM logs WHERE source = 'function_edge_logs' LIMIT 50",
        "iso_timestamp_start": f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}",
        "iso_timestamp_end": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        **more,
    }


@pytest.mark.parametrize("token", ["", "Bearer wrong"])
def test_everything_needs_a_token(client: httpx.Client, token: str) -> None:
    headers = {"authorization": token}
    assert client.get(f"{PROJECT}/secrets", headers=headers).status_code == 401


def test_a_deleted_function_is_gone_until_it_is_deployed(client: httpx.Client) -> None:
    version = client.get(FUNCTION).json()["version"]

    assert client.delete(FUNCTION).status_code == 200
    assert client.get(FUNCTION).status_code == 404
    assert client.get(f"{FUNCTION}/body").status_code == 404
    refused = client.post(SYNC, json={})
    assert (refused.status_code, refused.headers["sb-error-code"]) == (404, "NOT_FOUND")

    client.post("/_deploy")
    assert client.post(SYNC, json={}).status_code == 200
    assert client.get(FUNCTION).json()["version"] != version


def test_a_scheduled_run_fails_without_the_function(client: httpx.Client) -> None:
    client.delete(FUNCTION)
    client.post("/_schedule")

    runs = "/repos/a/b/actions/runs"
    for _ in range(500):
        run = client.get(runs, params={"per_page": 1}).json()["workflow_runs"][0]
        if run["status"] == "completed":
            break
    assert run["conclusion"] == "failure"


def test_a_call_is_in_the_statistics_and_in_the_logs(client: httpx.Client) -> None:
    path = f"{PROJECT}/analytics/endpoints/functions.combined-stats"

    def requests() -> int:
        found = client.get(path, params={"interval": "1day"}).json()["result"]
        return sum(row["requests_count"] for row in found)

    before = requests()
    client.post(SYNC, json={}, headers={"authorization": "Bearer wrong"})
    now = datetime.now(UTC) + timedelta(seconds=1)
    end = {"iso_timestamp_end": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    [newest, *_] = client.get(LOGS, params=span(1, **end)).json()["result"]

    assert requests() == before + 1
    assert newest["status"] == "401"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (span(1), 200),
        (span(25), 400),
        (span(1, iso_timestamp_end="2026-01-02T03:04:05+00:00"), 400),
    ],
)
def test_log_queries_have_a_span(
    client: httpx.Client, query: dict[str, str], status: int
) -> None:
    assert client.get(LOGS, params=query).status_code == status


def test_an_error_of_a_log_query_comes_with_status_200(client: httpx.Client) -> None:
    query = span(1, sql="SELECT 1 FROM logs WHERE source_name = 'x'")

    answer = client.get(LOGS, params=query)

    assert answer.status_code == 200
    assert "source_name" in answer.json()["error"]


def test_only_so_many_requests_a_minute(client: httpx.Client) -> None:
    answers = [client.get(f"{PROJECT}/health") for _ in range(2 * A_MINUTE + 1)]

    refused = next(answer for answer in answers if answer.status_code == 429)
    assert answers[0].status_code == 200
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert 0 < int(refused.headers["x-ratelimit-reset"]) <= 60


@pytest.mark.parametrize(
    "path", ["/nothing", "/functions/nothing", "/database/nothing"]
)
def test_what_is_not_there(client: httpx.Client, path: str) -> None:
    assert client.get(PROJECT + path).status_code == 404
