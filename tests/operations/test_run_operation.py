"""The terminal: the same engine, permissions and audit as the browser."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from opsconsole.audit.models import Entry
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform


def run(*argv):
    """Exit code, standard output, standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command(
            "run_operation", "reset-failed-sync", *argv, stdout=out, stderr=err
        )
    except SystemExit as ended:
        return int(ended.code), out.getvalue(), err.getvalue()
    except CommandError as error:
        return 2, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def test_is_a_dry_run_unless_told_to_apply(platform_sql, operator):
    factories.failed(platform_sql)

    code, out, _ = run("--all-failed", "--as", "operator")

    assert code == 0
    assert "Nothing was changed" in out
    assert Run.objects.get().state == State.PLANNED


def test_applies_with_a_reason(platform_sql, operator):
    workspace = factories.workspace(platform_sql)
    factories.failed(platform_sql, workspace)

    code, out, _ = run(
        "--workspace",
        str(workspace),
        "--reason",
        "ticket 7",
        "--apply",
        "--as",
        "operator",
        "--json",
    )

    assert code == 0
    answer = json.loads(out)
    assert answer["state"] == "applied"
    assert answer["rows"] == {"planned": 1, "written": 1, "found": 0, "skipped": 0}
    confirmed = Entry.objects.get(action="operations.run.confirmed")
    details = json.loads(confirmed.body)["details"]
    assert (confirmed.actor_name, details["origin"]) == ("operator", "terminal")
    assert details["os_user"]


def test_several_repositories(platform_sql, operator):
    keys = [str(factories.failed(platform_sql)) for _ in range(2)]

    code, out, _ = run("--repositories", *keys, "--as", "operator", "--json")

    assert (code, json.loads(out)["rows"]["planned"]) == (0, 2)


def test_skipped_rows_are_exit_code_4(platform_sql, operator, monkeypatch):
    from opsconsole.operations import decisions

    key = factories.failed(platform_sql, name="acme/drifted")
    confirm = decisions.confirm

    def drift(*args, **kwargs):
        platform_sql("UPDATE workspace_tracked_repositories SET sync_attempts = 8")
        confirm(*args, **kwargs)

    monkeypatch.setattr(decisions, "confirm", drift)
    code, out, _ = run(
        "--repositories", str(key), "--reason", "because", "--apply", "--as", "operator"
    )

    assert code == 4
    assert "acme/drifted: changed" in out


@pytest.mark.parametrize(
    ("argv", "code", "sentence"),
    [
        (["--all-failed", "--as", "viewer"], 3, "viewer may not run"),
        (["--all-failed", "--as", "nobody"], 3, "no active account 'nobody'"),
        (["--as", "operator"], 2, "Give exactly one of"),
        (
            ["--workspace", "x", "--as", "operator"],
            2,
            "--workspace: Enter a valid UUID",
        ),
        (["--workspace", str(uuid4()), "--as", "operator"], 2, "There is no workspace"),
        (["--nonsense"], 2, "unrecognized arguments"),
        (
            ["--all-failed", "--apply", "--as", "operator"],
            2,
            "Reason: 0 characters given",
        ),
        (
            ["--all-failed", "--apply", "--reason", "x" * 10_000, "--as", "operator"],
            2,
            "10,000 characters given",
        ),
    ],
)
def test_refusals(platform_sql, operator, viewer, capsys, argv, code, sentence):
    factories.failed(platform_sql)

    ended, _, err = run(*argv)

    assert (ended, sentence in err + capsys.readouterr().err) == (code, True)
    assert not Run.objects.exclude(state=State.PLANNED).exists()


def test_nothing_to_do_is_refused(platform_sql, operator):
    code, _, err = run(
        "--all-failed", "--reason", "because", "--apply", "--as", "operator"
    )

    assert (code, "nothing to confirm" in err) == (3, True)
