"""Moments beyond Python's calendar: shown as its ends, and no page breaks."""

import pytest

from opsconsole.platform.db import fetch
from opsconsole.platform.db.timestamps import FIRST, LAST
from tests import factories

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("databases")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("infinity", LAST),
        ("-infinity", FIRST),
        ("20000-01-01", LAST),
        ("0044-03-15 BC", FIRST),
    ],
)
def test_ends_of_time(text, expected):
    assert fetch("SELECT %s::timestamptz AS at", [text]) == [{"at": expected}]


def test_ordinary_moments_stay():
    [row] = fetch("SELECT '2026-11-21 12:34:56.789+02'::timestamptz AS at")

    assert row["at"].isoformat() == "2026-11-21T10:34:56.789000+00:00"


@pytest.mark.parametrize("moment", ["infinity", "-infinity"])
@pytest.mark.parametrize("column", ["last_sync_at", "next_sync_at", "added_at"])
def test_pages_of_such_a_row(platform_sql, operator, client_of, moment, column):
    operator.time_zone = "Pacific/Kiritimati"  # UTC+14
    operator.save()
    workspace = factories.workspace(platform_sql)
    key = factories.failed(platform_sql, workspace, **{column: moment})
    client = client_of(operator)

    for address in (
        "/workspaces/",
        f"/workspaces/{workspace}/",
        f"/workspaces/repositories/{key}/",
        "/workspaces/health/?word=&q=",
        "/search/?q=acme",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert "took too long" not in response.text
        assert "does not answer" not in response.text
