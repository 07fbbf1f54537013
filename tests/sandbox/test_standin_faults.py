"""What fails in the stand-in, how, and what was done before it failed."""

import threading
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from opsconsole.sandbox.standin.server import Standin
from tests.sandbox import rows

SYNC = "/functions/v1/workspace-issues-sync"
WORKFLOW = "/repos/a/b/actions/workflows/capture-workspace-issues.yml"
SECRETS = "/v1/projects/abcdefghijklmnopqrst/secrets"
DONE = (
    "SELECT count(*) FROM workspace_tracked_repositories WHERE last_sync_at IS NOT NULL"
)


@pytest.fixture
def standin(platform: psycopg.Connection) -> Iterator[Standin]:
    with Standin(platform.info.dsn, queued_for=0.0) as standin:
        thread = threading.Thread(target=standin.serve_forever, args=[0.01])
        thread.start()
        yield standin
        standin.shutdown()
        thread.join()


@pytest.fixture
def client(standin: Standin) -> Iterator[httpx.Client]:
    headers = {"authorization": "Bearer a.b.c"}
    with httpx.Client(base_url=standin.address, headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "UNAUTHORIZED_INVALID_JWT_FORMAT"),
        (404, "NOT_FOUND"),
        (503, "BOOT_ERROR"),
        (504, "IDLE_TIMEOUT"),
        (546, "WORKER_RESOURCE_LIMIT"),
    ],
)
def test_the_gateway_names_its_errors(
    client: httpx.Client, status: int, code: str
) -> None:
    client.post("/_faults", json={"endpoint": "/functions/*", "status": status})

    answer = client.post(SYNC, json={})

    assert (answer.status_code, answer.headers["sb-error-code"]) == (status, code)
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (WORKFLOW, 401, "Bad credentials"),
        (WORKFLOW, 429, "secondary rate limit"),
        (WORKFLOW, 502, "<!DOCTYPE html>"),
        (SECRETS, 401, "Unauthorized"),
        (SECRETS, 429, "Too Many Requests"),
    ],
)
def test_a_status_alone_comes_with_the_usual_words(
    client: httpx.Client, path: str, status: int, words: str
) -> None:
    client.post("/_faults", json={"endpoint": path, "status": status})

    answer = client.get(path)

    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(("done", "count"), [("", 0), ("half", 2), ("all", 4)])
def test_some_work_is_done_before_it_fails(
    platform: psycopg.Connection, client: httpx.Client, done: str, count: int
) -> None:
    for number in range(4):
        rows.link(platform, full_name=f"acme/dashboard-{number}")
    client.post(
        "/_faults", json={"endpoint": "/functions/*", "status": 504, "done": done}
    )

    assert client.post(SYNC, json={"hoursBack": 2_400}).status_code == 504

    assert platform.execute(DONE).fetchone() == (count,)


def test_the_connection_breaks_after_the_work(client: httpx.Client) -> None:
    fault = {"endpoint": "PUT */disable", "lost": True, "done": "all", "times": 1}
    client.post("/_faults", json=fault)

    with pytest.raises(httpx.RemoteProtocolError):
        client.put(f"{WORKFLOW}/disable")
    assert client.get(WORKFLOW).json()["state"] == "disabled_manually"


def test_the_right_answer_comes_late(client: httpx.Client) -> None:
    fault = {"endpoint": WORKFLOW, "status": 0, "seconds": 0.2}
    client.post("/_faults", json=fault)
    began = time.monotonic()

    assert client.get(WORKFLOW).json()["state"] == "active"
    assert time.monotonic() - began >= 0.2


def test_how_much_is_done_has_two_words(client: httpx.Client) -> None:
    fault = {"endpoint": "*", "done": "most"}
    assert client.post("/_faults", json=fault).status_code == 400


def test_a_wrong_token_is_refused_by_all(client: httpx.Client) -> None:
    headers = {"authorization": "Bearer wrong"}
    for path in (WORKFLOW, SECRETS, "/rate_limit"):
        assert client.get(path, headers=headers).status_code == 401
    assert client.post(SYNC, json={}, headers=headers).status_code == 401


def test_the_schedule_goes_on_by_itself_and_heeds_the_workflow(
    standin: Standin, client: httpx.Client
) -> None:
    def total() -> int:
        return client.get("/repos/a/b/actions/runs").json()["total_count"]

    def used() -> int:
        return client.get("/rate_limit").json()["rate"]["used"]

    first_used = used()
    standin.keep_schedule(0.05)
    for _ in range(200):
        if total() >= 123:
            break
        time.sleep(0.01)
    assert total() >= 123
    assert used() - first_used > 100

    client.put(f"{WORKFLOW}/disable")
    stopped = total()
    time.sleep(0.2)
    assert total() == stopped
