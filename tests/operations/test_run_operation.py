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


def run(*argv, operation="reset-failed-sync"):
    """Exit code, standard output, standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("run_operation", operation, *argv, stdout=out, stderr=err)
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


class TestOtherOperations:
    @pytest.fixture
    def interval(self):
        return lambda *argv: run(*argv, "--as", "operator", operation="set-interval")

    def test_an_interval_is_set(self, platform_sql, operator, interval):
        keys = [str(factories.tracked(platform_sql)) for _ in range(2)]

        code, out, err = interval(
            "--hours", "48", "--repositories", *keys, "--reason", "because", "--apply"
        )

        assert (code, err) == (0, "")
        assert "48 h for 2 repositories. State: applied." in out
        assert platform_sql(
            "SELECT DISTINCT sync_frequency_hours FROM workspace_tracked_repositories"
        ) == [(48,)]

    def test_of_a_selection(self, platform_sql, operator, interval):
        pro = factories.workspace(platform_sql, tier="pro")
        factories.failed(platform_sql, pro)
        factories.tracked(platform_sql, pro)

        code, out, _ = interval(
            "--hours", "12", "--matching", "word=failed&tier=pro", "--json"
        )

        answer = json.loads(out)
        assert (code, answer["rows"]["planned"]) == (0, 1)
        assert answer["subject"] == (
            "12 h for the 1 repository that matches tier pro, word failed"
        )

    def test_of_workspaces_and_of_an_error(self, platform_sql, operator):
        workspaces = [str(factories.workspace(platform_sql)) for _ in range(2)]
        for workspace in workspaces:
            factories.failed(platform_sql, workspace)

        code, out, _ = run("--workspaces", *workspaces, "--as", "operator", "--json")
        assert (code, json.loads(out)["rows"]["planned"]) == (0, 2)
        code, out, _ = run("--error", "0123456789ab", "--as", "operator", "--json")
        assert (code, json.loads(out)["rows"]["planned"]) == (0, 0)

    @pytest.mark.parametrize(
        ("argv", "code", "sentence"),
        [
            (["--matching", "q="], 2, "--hours: This field is required"),
            (["--hours", "0", "--matching", "q="], 2, "--hours: 0 is not accepted"),
            (["--hours", "x", "--matching", "q="], 2, "--hours: Enter a whole number"),
            (
                ["--hours", "6", "--matching", "wrod=failed"],
                2,
                "--matching: 'wrod' is none of",
            ),
            (["--hours", "6", "--matching", "word="], 2, "Nothing is chosen"),
            (
                ["--hours", "6", "--matching", "q=", "--error", "0123456789ab"],
                2,
                "Give exactly one of",
            ),
            (["--hours", "6"], 2, "Give exactly one of"),
        ],
    )
    def test_refuses(self, platform_sql, operator, interval, argv, code, sentence):
        ended, _, err = interval(*argv)

        assert (ended, sentence in err) == (code, True), err
        assert not Run.objects.exists()

    def test_too_many_rows_are_refused(self, platform_sql, operator, interval):
        workspace = factories.workspace(platform_sql)
        for _ in range(51):
            factories.tracked(platform_sql, workspace)

        code, _, err = interval(
            "--hours", "6", "--matching", "q=", "--reason", "because", "--apply"
        )

        assert (code, "51 rows would change" in err) == (3, True)
        assert Run.objects.get().state == State.CANCELLED
