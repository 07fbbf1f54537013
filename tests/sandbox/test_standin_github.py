"""The stand-in of GitHub: the rate limit, the workflow, its runs; and faults."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from opsconsole.sandbox.standin.server import Standin
from tests.sandbox import rows

ACTIONS = "/repos/bdougie/contributor.info/actions"
WORKFLOW = f"{ACTIONS}/workflows/capture-workspace-issues.yml"
TOKEN = {"authorization": "Bearer a.b.c"}


@pytest.fixture
def client(platform: psycopg.Connection) -> Iterator[httpx.Client]:
    """A client of a stand-in over an empty platform, whose runs start at once."""
    with Standin(platform.info.dsn, queued_for=0.0) as standin:
        thread = threading.Thread(target=standin.serve_forever, args=[0.01])
        thread.start()
        with httpx.Client(base_url=standin.address, headers=TOKEN) as client:
            yield client
        standin.shutdown()
        thread.join()


def dispatch(client: httpx.Client, **body: object) -> httpx.Response:
    return client.post(f"{WORKFLOW}/dispatches", json={"ref": "main", **body})


def ended(client: httpx.Client, number: int) -> dict[str, str]:
    """The run once it has ended."""
    for _ in range(500):
        run = client.get(f"{ACTIONS}/runs/{number}").json()
        if run["status"] == "completed":
            return run
        time.sleep(0.01)
    raise AssertionError(run)


class TestRateLimit:
    def test_costs_nothing_and_counts_what_others_cost(
        self, client: httpx.Client
    ) -> None:
        first = client.get("/rate_limit").json()["resources"]["core"]
        again = client.get("/rate_limit").json()["rate"]
        client.get(WORKFLOW)
        later = client.get("/rate_limit").json()["rate"]

        assert first == again
        assert later["used"] == first["used"] + 1
        assert first["limit"] == first["used"] + first["remaining"] == 5_000
        assert 0 < first["reset"] - time.time() <= 3_600

    def test_counts_the_calls_of_the_sync_function(
        self, platform: psycopg.Connection, client: httpx.Client
    ) -> None:
        rows.link(platform)
        before = client.get("/rate_limit").json()["rate"]["used"]

        client.post("/functions/v1/workspace-issues-sync", json={})

        assert client.get("/rate_limit").json()["rate"]["used"] == before + 1

    def test_refuses_everyone_when_it_is_used_up(
        self, platform: psycopg.Connection, client: httpx.Client
    ) -> None:
        rows.link(platform)
        assert client.post("/_quota", json={"remaining": 0}).status_code == 204

        refused = client.get(WORKFLOW)
        sync = client.post("/functions/v1/workspace-issues-sync", json={}).json()

        assert refused.status_code == 403
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert sync["results"][0]["error"] == "GitHub API returned 403"


class TestWorkflow:
    def test_is_disabled_and_enabled(self, client: httpx.Client) -> None:
        assert client.get(WORKFLOW).json()["state"] == "active"
        assert client.put(f"{WORKFLOW}/disable").status_code == 204
        assert client.get(WORKFLOW).json()["state"] == "disabled_manually"
        assert client.put(f"{WORKFLOW}/enable").status_code == 204
        assert client.get(WORKFLOW).json()["state"] == "active"

    def test_another_workflow_is_not_there(self, client: httpx.Client) -> None:
        assert client.get(WORKFLOW.replace("capture", "catch")).status_code == 404

    def test_a_change_needs_a_token(self, client: httpx.Client) -> None:
        del client.headers["authorization"]

        assert client.put(f"{WORKFLOW}/disable").status_code == 401
        assert client.get(WORKFLOW).json()["state"] == "active"


class TestDispatch:
    def test_runs_the_sync_with_the_inputs(
        self, platform: psycopg.Connection, client: httpx.Client
    ) -> None:
        rows.link(platform, full_name="acme/dashboard")
        inputs = {"hours_back": "240", "limit": "5", "dry_run": "false"}

        response = dispatch(client, inputs=inputs, return_run_details=True)

        assert response.status_code == 200
        told = response.json()
        assert told["run_url"].endswith(str(told["workflow_run_id"]))
        run = ended(client, told["workflow_run_id"])
        assert (run["event"], run["conclusion"]) == ("workflow_dispatch", "success")
        status = "SELECT last_sync_status FROM workspace_tracked_repositories"
        assert platform.execute(status).fetchall() == [("success",)]

    def test_succeeds_even_when_every_repository_failed(
        self, platform: psycopg.Connection, client: httpx.Client
    ) -> None:
        rows.link(platform)
        client.post("/_faults", json={"repository": "*", "fault": "exception"})

        told = dispatch(client, return_run_details=True).json()

        assert ended(client, told["workflow_run_id"])["conclusion"] == "success"

    def test_fails_when_the_pasted_body_is_refused(
        self, platform: psycopg.Connection, client: httpx.Client
    ) -> None:
        rows.link(platform)

        told = dispatch(
            client, inputs={"workspace_id": 'a"b'}, return_run_details=True
        ).json()

        assert ended(client, told["workflow_run_id"])["conclusion"] == "failure"

    def test_fails_when_the_function_is_gone(self, client: httpx.Client) -> None:
        client.post("/_faults", json={"endpoint": "/functions/v1/*", "status": 404})

        told = dispatch(client, return_run_details=True).json()

        assert ended(client, told["workflow_run_id"])["conclusion"] == "failure"

    def test_tells_the_run_only_when_asked_or_by_a_newer_version(
        self, client: httpx.Client
    ) -> None:
        newer = {"x-github-api-version": "2026-03-10"}

        assert dispatch(client).status_code == 204
        response = client.post(
            f"{WORKFLOW}/dispatches", json={"ref": "main"}, headers=newer
        )
        assert response.status_code == 200

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"ref": ""}, "ref"),
            ({"ref": "gone"}, "No ref found for: gone"),
            ({"inputs": {"speed": "1"}}, "Unexpected inputs provided"),
            ({"inputs": {"limit": "many"}}, "not a number"),
        ],
    )
    def test_is_refused_when_it_is_wrong(
        self, client: httpx.Client, body: dict[str, object], words: str
    ) -> None:
        response = dispatch(client, **body)

        assert response.status_code == 422
        assert words in response.json()["message"]

    def test_is_refused_while_the_workflow_is_disabled(
        self, client: httpx.Client
    ) -> None:
        client.put(f"{WORKFLOW}/disable")

        response = dispatch(client)

        assert response.status_code == 422
        assert "disabled workflow" in response.json()["message"]


class TestRuns:
    def test_has_a_month_of_scheduled_runs_newest_first(
        self, client: httpx.Client
    ) -> None:
        answer = client.get(f"{WORKFLOW}/runs", params={"per_page": 50}).json()

        runs = answer["workflow_runs"]
        assert (answer["total_count"], len(runs)) == (120, 50)
        assert {run["event"] for run in runs} == {"schedule"}
        moments = [run["created_at"] for run in runs]
        assert moments == sorted(moments, reverse=True)

    def test_are_filtered(self, client: httpx.Client) -> None:
        def total(**params: str) -> int:
            return client.get(f"{ACTIONS}/runs", params=params).json()["total_count"]

        newest = client.get(f"{ACTIONS}/runs").json()["workflow_runs"][0]["created_at"]

        assert total(event="workflow_dispatch") == 0
        assert total(status="completed") == 120
        assert total(status="success") + total(status="failure") == 120
        assert total(created=f">={newest}") == 1
        assert total(created=f"<{newest}") == 119
        assert total(created=f"2000-01-01..{newest}") == 120

    def test_one_that_has_ended_cannot_be_cancelled(self, client: httpx.Client) -> None:
        number = client.get(f"{ACTIONS}/runs").json()["workflow_runs"][0]["id"]

        assert client.post(f"{ACTIONS}/runs/{number}/cancel").status_code == 409
        assert client.post(f"{ACTIONS}/runs/1/cancel").status_code == 404

    def test_one_that_goes_on_is_cancelled_and_its_sync_goes_on(
        self, platform: psycopg.Connection, client: httpx.Client
    ) -> None:
        rows.link(platform)
        slow = {"repository": "*", "fault": "slow", "seconds": 0.3}
        client.post("/_faults", json=slow)
        number = dispatch(client, return_run_details=True).json()["workflow_run_id"]

        assert client.post(f"{ACTIONS}/runs/{number}/cancel").status_code == 202

        assert ended(client, number)["conclusion"] == "cancelled"

    def test_the_schedule_starts_one_unless_the_workflow_is_disabled(
        self, client: httpx.Client
    ) -> None:
        def total() -> int:
            return client.get(f"{ACTIONS}/runs").json()["total_count"]

        client.post("/_schedule")
        assert total() == 121

        client.put(f"{WORKFLOW}/disable")
        client.post("/_schedule")
        assert total() == 121


class TestFaults:
    def test_an_endpoint_answers_as_told_as_often_as_told(
        self, client: httpx.Client
    ) -> None:
        fault = {"endpoint": "PUT */disable", "status": 429, "times": 1}
        client.post("/_faults", json={**fault, "headers": {"retry-after": "2"}})

        first, second = (client.put(f"{WORKFLOW}/disable") for _ in range(2))

        assert (first.status_code, first.headers["retry-after"]) == (429, "2")
        assert second.status_code == 204

    def test_the_function_can_be_gone(self, client: httpx.Client) -> None:
        client.post("/_faults", json={"endpoint": "/functions/v1/*", "status": 546})

        response = client.post("/functions/v1/workspace-issues-sync", json={})

        assert response.status_code == 546

    def test_are_listed_and_cleared(self, client: httpx.Client) -> None:
        client.post("/_faults", json={"repository": "acme/app", "fault": "404"})
        [listed] = client.get("/_faults").json()

        assert client.delete("/_faults").status_code == 204

        assert listed["repository"] == "acme/app"
        assert client.get("/_faults").json() == []

    def test_those_of_one_pattern_are_cleared_alone(self, client: httpx.Client) -> None:
        client.post("/_faults", json={"repository": "acme/*", "fault": "404"})
        client.post("/_faults", json={"endpoint": "/rate_limit", "status": 503})

        client.delete("/_faults", params={"of": "acme/*"})

        assert [each["endpoint"] for each in client.get("/_faults").json()] == [
            "/rate_limit"
        ]

    def test_no_fault_hides_the_state(self, client: httpx.Client) -> None:
        client.post("/_faults", json={"endpoint": "*", "status": 503})
        client.post("/_quota", json={"remaining": 7})
        client.delete("/_deploy")

        state = client.get("/_state").json()

        assert [fault["endpoint"] for fault in state["faults"]] == ["*"]
        assert state["quota"]["remaining"] == 7
        assert state["deployed"] is False
        client.post("/_deploy")
        assert client.get("/_state").json()["deployed"] is True

    @pytest.mark.parametrize(
        "wrong",
        [
            {"repository": "acme/app", "fault": "bad weather"},
            {"fault": "404"},
            {"repository": "a/b", "fault": "404", "endpoint": "/rate_limit"},
            {"repository": "a/b", "colour": "red"},
        ],
    )
    def test_a_fault_that_does_not_exist_is_refused(
        self, client: httpx.Client, wrong: dict[str, str]
    ) -> None:
        assert client.post("/_faults", json=wrong).status_code == 400


def test_runs_as_a_program_until_it_is_told_to_end(
    platform: psycopg.Connection,
) -> None:
    command = [sys.executable, "-m", "opsconsole.sandbox.standin"]
    with subprocess.Popen(
        [*command, "--port", "0", "--platform-url", platform.info.dsn],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert httpx.get(f"{address}/rate_limit").status_code == 200

        process.send_signal(signal.SIGTERM)

        assert process.wait(5) == 0


class TestIssues:
    def test_one_is_made(self, client: httpx.Client) -> None:
        path = "/repos/bdougie/contributor.info/issues"
        body = {"title": "Sync stands still", "labels": ["urgent"]}

        made = client.post(path, json=body)

        assert made.status_code == 201
        assert made.json()["html_url"].endswith(f"{path}/{made.json()['number']}")
        assert client.get(path).json() == [made.json()]
        second = client.post(path, json=body).json()
        assert second["number"] == made.json()["number"] + 1

    def test_one_without_a_title_is_refused(self, client: httpx.Client) -> None:
        assert client.post("/repos/a/b/issues", json={}).status_code == 422
