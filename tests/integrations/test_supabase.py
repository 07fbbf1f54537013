"""The Management API and the logs against the stand-in, and their refusals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from opsconsole.integrations import errors, functions, supabase, supabase_logs

SYNC = "workspace-issues-sync"
API = "GET /v1/projects/*"


@pytest.fixture
def day():
    """The last day."""
    return timezone.now() - timedelta(hours=24), timezone.now()


def test_functions_are_listed(project):
    found = {function.slug: function for function in supabase.functions(project)}

    assert found[SYNC].status == "ACTIVE"
    assert found[SYNC].verify_jwt is True
    assert found["health"].verify_jwt is False
    assert found[SYNC].updated_at < timezone.now()


def test_a_function_is_saved_deleted_and_gone(project, standin):
    code = supabase.function_code(project, SYNC)
    receipt = supabase.delete_function(project, SYNC)

    assert code.startswith(b"EZBR")
    assert receipt.status == 200
    assert supabase.function(project, SYNC) is None
    with pytest.raises(errors.NotFound):
        supabase.delete_function(project, SYNC)
    with pytest.raises(errors.NotFound):
        supabase.function_code(project, SYNC)
    with pytest.raises(errors.NotFound):
        functions.sync(functions.client())


def test_a_wrong_project_is_not_a_missing_function(project, settings):
    settings.SUPABASE_REF = "elsewhere"

    with pytest.raises(errors.NotFound, match="OPSCONSOLE_SUPABASE_REF"):
        supabase.function(project, SYNC)


@pytest.mark.parametrize("interval", supabase.INTERVALS)
def test_statistics_add_up(project, interval):
    identifier = supabase.function(project, SYNC).id

    found = supabase.function_statistics(project, identifier, interval)

    assert [row.at for row in found] == sorted(row.at for row in found)
    assert all(row.requests == row.succeeded for row in found)
    assert all(row.longest_ms >= row.mean_ms > 0 for row in found)
    if interval == "1hr":
        assert 3 <= sum(row.requests for row in found) <= 5


def test_what_statistics_do_not_say_is_unknown_not_zero(project, faults):
    body = {"result": [{"timestamp": "2026-01-02T03:00:00"}]}
    faults(endpoint=API, status=200, body=body)

    [row] = supabase.function_statistics(project, "x")

    assert (row.requests, row.mean_ms) == (None, None)


def test_of_secrets_only_names_are_known(project):
    found = supabase.secrets(project)

    assert found[0].name == "GITHUB_TOKEN"
    assert "0000" not in repr(found)


def test_health_and_backups(project):
    assert {part.status for part in supabase.health(project)} == {"ACTIVE_HEALTHY"}
    found = supabase.backups(project)
    assert not found.point_in_time
    moments = [backup.made_at for backup in found.backups]
    assert moments == sorted(moments, reverse=True)


def test_logs_of_requests_have_status_and_duration(project, day):
    found = supabase_logs.logs(project, *day, source=supabase_logs.REQUESTS, limit=2)

    assert len(found) == 2
    assert found[0].at > found[1].at
    assert (found[0].status, SYNC in found[0].message) == ("200", True)
    assert int(found[0].milliseconds) > 0


def test_logs_of_the_console_have_none(project, day):
    [line, *_] = supabase_logs.logs(project, *day, source=supabase_logs.CONSOLE)
    assert (line.status, line.milliseconds) == ("", "")


def test_of_a_longer_span_the_last_day_is_read(project, day):
    start = day[0] - timedelta(days=6)
    found = supabase_logs.logs(project, start, day[1], source=supabase_logs.REQUESTS)
    assert 3 <= len(found) <= 5


def test_the_other_name_of_a_column_is_tried_and_remembered(
    project, day, faults, monkeypatch
):
    monkeypatch.setattr(supabase_logs, "COLUMNS", ["source_name", "source"])

    supabase_logs.logs(project, *day, source=supabase_logs.REQUESTS)

    assert supabase_logs.COLUMNS == ["source", "source_name"]


def test_an_error_inside_a_200_is_an_error(project, day, faults, monkeypatch):
    monkeypatch.setattr(supabase_logs, "COLUMNS", ["source", "source_name"])
    faults(endpoint=API, status=200, body={"result": [], "error": "no such column"})

    with pytest.raises(errors.Refused, match="no such column"):
        supabase_logs.logs(project, *day, source=supabase_logs.REQUESTS)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, errors.WrongToken),
        (403, errors.WrongToken),
        (404, errors.NotFound),
        (429, errors.QuotaSpent),
        (500, errors.Unavailable),
    ],
)
def test_each_refusal_is_told_apart(project, faults, status, expected):
    faults(endpoint=API, status=status)

    with pytest.raises(expected) as caught:
        supabase.secrets(project)
    if expected is errors.WrongToken:
        assert "OPSCONSOLE_SUPABASE_ACCESS_TOKEN" in str(caught.value)


def test_the_quota_of_a_minute_is_waited_for(project, standin):
    standin.management._spend = lambda: -1

    with pytest.raises(errors.QuotaSpent) as caught:
        supabase.delete_function(project, SYNC)
    wait = caught.value.until - timezone.now()
    assert timedelta() <= wait <= timedelta(seconds=60)


def test_it_says_what_is_not_configured(settings):
    settings.SUPABASE_ACCESS_TOKEN = settings.SUPABASE_REF = ""

    assert not supabase.configured()
    with pytest.raises(errors.NotConfigured, match="OPSCONSOLE_SUPABASE_REF"):
        supabase.client()
