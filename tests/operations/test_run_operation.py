"""The terminal: the same engine, permissions and audit as the browser."""

import json
import os
import pwd
import signal
from datetime import timedelta
from io import StringIO
from time import monotonic, sleep
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from opsconsole.audit.models import Entry
from opsconsole.operations import decisions, tasks
from opsconsole.operations.catalog.reset_failed_sync import ResetFailedSync
from opsconsole.operations.engine import batch
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner
from opsconsole.operations.states import State
from opsconsole.operations.terminal import following
from opsconsole.operations.terminal.arguments import login
from opsconsole.operations.terminal.exits import MEANINGS, Exit
from tests import factories

pytestmark = pytest.mark.platform


AS = ("--as", "operator")


class Screen(StringIO):
    """A terminal."""

    def isatty(self):
        return True


def call(*argv, stderr=None):
    """Exit code, standard output, standard error."""
    out, err = StringIO(), stderr or StringIO()
    try:
        call_command("run_operation", *argv, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    except CommandError as error:
        return 2, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def run(*argv, operation="reset-failed-sync", **streams):
    return call(operation, *argv, **streams)


def undo(run_id, *argv):
    return call("--undo", str(run_id), *argv, *AS)


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


def test_a_refused_plan_says_why_it_was_discarded(platform_sql, operator, client_of):
    factories.tracked(platform_sql)

    asked = ("--reason", "because", "--apply", *AS)
    code, _, err = run(*asked, operation="stop-all-syncs")

    assert (code, "--typed 1" in err) == (3, True)
    discarded = Run.objects.get()
    assert discarded.state == State.CANCELLED
    assert discarded.error.startswith("Refused on the command line: Number of rows:")
    assert discarded.log.get().text.startswith("Ended: cancelled. Refused on the com")
    text = client_of(operator).get(discarded.get_absolute_url()).text
    assert "Refused on the command line: Number of rows: nothing typed" in text
    assert "cancelled before the first row" not in text


def test_a_refused_choice_names_options(platform_sql, operator):
    _, _, err = run("--reason", "because", *AS)

    assert err.strip() == (
        "Give exactly one of: --repositories, --workspaces, --workspace, --error,"
        " --matching, --workspaces-matching, --all-failed."
    )


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

    def test_many_rows_want_their_number(self, platform_sql, operator, interval):
        workspace = factories.workspace(platform_sql)
        for _ in range(51):
            factories.tracked(platform_sql, workspace)
        carry_out = ["--hours", "6", "--matching", "q=", "--reason", "because"]

        code, out, _ = interval(*carry_out)
        assert "Add --apply, --typed 51 and --reason" in out
        code, _, err = interval(*carry_out, "--apply")
        assert (code, "nothing typed, the plan changes 51" in err) == (3, True)
        assert "Here: --typed 51." in err
        assert Run.objects.latest("pk").state == State.CANCELLED
        code, _, err = interval(*carry_out, "--apply", "--typed", "50")
        assert (code, "50 typed" in err) == (3, True)

        code, _, err = interval(*carry_out, "--apply", "--typed", "51")
        assert (code, err) == (0, "")

    def test_of_ticks_and_lists_has_the_forms_first_values(
        self, platform_sql, operator
    ):
        factories.tracked(platform_sql)
        asked = {"operation": "double-intervals"}

        run("--as", "operator", **asked)
        run("--as", "operator", "--tiers", "free", "pro", "--relief", **asked)

        plain, chosen = Run.objects.order_by("pk").values_list("params", flat=True)
        assert plain == {
            "factor": 2,
            "floor": 48,
            "tiers": ["free", "pro", "team"],
            "relief": False,
        }
        assert chosen == plain | {"tiers": ["free", "pro"], "relief": True}
        code, _, err = run("--as", "operator", "--tiers", "gold", **asked)
        assert (code, "--tiers: Select a valid choice. gold" in err) == (2, True)

    def test_an_emergency_is_confirmed_by_its_number(self, platform_sql, operator):
        factories.tracked(platform_sql)

        code, out, err = run(
            *("--reason", "because", "--apply", "--typed", "1", "--as", "operator"),
            operation="stop-all-syncs",
        )

        assert (code, err) == (0, "")
        assert "An emergency: a second person reviews it until" in out


class TestUndo:
    @pytest.fixture
    def reset(self, platform_sql, reset_plan, applied):
        factories.failed(platform_sql)
        return applied(reset_plan())

    def failed(self, platform_sql):
        sql = "SELECT count(*) FROM workspace_tracked_repositories"
        return platform_sql(f"{sql} WHERE last_sync_status = 'failed'")[0][0]

    def test_is_a_dry_run_unless_told_to_apply(self, platform_sql, reset):
        code, out, _ = undo(reset.pk)

        assert (code, self.failed(platform_sql)) == (0, 0)
        assert f"It undoes run {reset.pk}." in out
        assert "Nothing was changed" in out

    def test_puts_it_back(self, platform_sql, reset):
        code, out, _ = undo(reset.pk, "--apply", "--reason", "because", "--json")

        answer = json.loads(out)
        assert (code, self.failed(platform_sql)) == (0, 1)
        assert (answer["undo_of"], answer["state"]) == (reset.pk, "applied")
        reset.refresh_from_db()
        assert reset.state == State.UNDONE
        assert Run.objects.get(pk=answer["run"]).os_user == login()

    def test_is_named_where_it_can_be_done(self, platform_sql, operator):
        factories.failed(platform_sql)

        _, out, _ = run("--all-failed", "--reason", "because", "--apply", *AS)

        made = Run.objects.get()
        assert f"run_operation --undo {made.pk}." in out

    @pytest.mark.parametrize(
        ("argv", "code", "sentence"),
        [
            (["--undo", "0"], 3, "There is no run 0."),
            (["--undo", "x"], 2, "invalid int value"),
            (["--undo", "1", "reset-failed-sync"], 2, "Give the name of an operation"),
            ([], 2, "Give the name of an operation, or --undo RUN."),
        ],
    )
    def test_refusals(self, platform_sql, operator, capsys, argv, code, sentence):
        ended, _, err = call(*argv, *AS)

        assert (ended, sentence in err + capsys.readouterr().err) == (code, True)

    def test_of_what_is_undone_already(self, reset):
        undo(reset.pk, "--apply", "--reason", "because")

        code, _, err = undo(reset.pk)
        assert (code, err.strip()) == (3, f"Run {reset.pk}: It is undone already.")

    def test_needs_the_operations_permission(self, reset, viewer):
        code, _, err = call("--undo", str(reset.pk), "--as", "viewer")

        assert (code, "viewer may not run" in err) == (3, True)


class TestLargePlans:
    @pytest.fixture(autouse=True)
    def _large(self, monkeypatch, platform_sql, operator):
        """Two rows are too many to be planned at once."""
        monkeypatch.setattr(planner, "NAMED_ROWS", 1)
        for _ in range(2):
            factories.failed(platform_sql)

    def test_are_waited_for(self):
        code, out, err = run("--all-failed", *AS)

        assert (code, err) == (0, "")
        assert "State: planned." in out

    def test_are_carried_out(self):
        code, out, _ = run("--all-failed", "--reason", "because", "--apply", *AS)

        assert (code, "State: applied." in out) == (0, True)

    def test_that_fail_are_exit_code_5(self, monkeypatch):
        def broken(self, run, moment):
            raise ZeroDivisionError("division by zero")

        monkeypatch.setattr(ResetFailedSync, "invariants", broken)
        code, out, _ = run("--all-failed", *AS)

        assert (code, "State: failed." in out) == (5, True)
        assert "made a mistake: ZeroDivisionError" in out


class TestWaitingForAPerson:
    def test_for_an_approval(self, platform_sql, operator, make_user, monkeypatch):
        make_user("approver", "anna")
        factories.failed(platform_sql)
        monkeypatch.setattr(ResetFailedSync, "risk", "dangerous")

        carry_out = ("--all-failed", "--reason", "because", "--apply", *AS)
        code, out, _ = run(*carry_out)

        made = Run.objects.get()
        assert (code, made.state) == (6, State.AWAITING)
        assert "Waits for approval by anna on " in out
        assert made.get_absolute_url() in out
        made = json.loads(run(*carry_out, "--json")[1])
        assert (made["state"], made["approvers"]) == ("awaiting approval", ["anna"])

    def test_because_it_is_paused(self, platform_sql, operator, admin, monkeypatch):
        factories.failed(platform_sql)
        work = tasks.work

        def paused(run_id, *args):
            made = Run.objects.get(pk=run_id)
            if made.pause_requested_by is None:
                decisions.pause(made, admin, "Not now, please.")
            return work(run_id, *args)

        monkeypatch.setattr(tasks, "work", paused)
        code, out, _ = run("--all-failed", "--reason", "because", "--apply", *AS)

        assert code == 6
        assert "Paused. Not now, please. It goes on, or is cancelled, on" in out


class TestWhileItRuns:
    @pytest.fixture
    def held(self, platform_sql, operator, monkeypatch):
        """Somebody else's worker has the run; what it says once our line is seen."""
        factories.failed(platform_sql)

        def until(seen):
            work, ends = tasks.work, monotonic() + 20

            def elsewhere(run_id, *args):
                return work(run_id, *args) if seen() or monotonic() > ends else "held"

            monkeypatch.setattr(tasks, "work", elsewhere)

        return until

    def test_ctrl_c_cancels_what_nobody_has_begun(self, held):
        presses = iter([signal.SIGINT])

        def ended():
            for press in presses:
                os.kill(os.getpid(), press)
            return Run.objects.get().is_finished

        held(ended)
        before = signal.getsignal(signal.SIGINT)

        code, out, err = run("--all-failed", "--reason", "because", "--apply", *AS)

        assert (code, err) == (5, "Cancelled.\n")
        assert "State: cancelled." in out
        assert signal.getsignal(signal.SIGINT) == before

    def test_ctrl_c_stops_after_the_current_chunk(
        self, platform_sql, operator, monkeypatch
    ):
        monkeypatch.setattr("opsconsole.operations.steps.chunking.CHUNK_ROWS", 2)
        for _ in range(10):
            factories.failed(platform_sql)
        write = batch.write

        def interrupted(run, *args):
            os.kill(os.getpid(), signal.SIGINT)
            asked, ends = (
                Run.objects.exclude(cancel_requested_by=None),
                monotonic() + 20,
            )
            while not asked.exists() and monotonic() < ends:
                sleep(0.05)
            write(run, *args)

        monkeypatch.setattr(batch, "write", interrupted)
        code, out, err = run("--all-failed", "--reason", "because", "--apply", *AS)

        made = Run.objects.get()
        assert (code, made.state, made.rows_written) == (5, State.CANCELLED, 2)
        assert err.startswith("Asked to cancel: it stops after its current chunk.")
        assert f"run_operation --undo {made.pk}." in out

    def test_a_second_ctrl_c_leaves_it_to_the_workers(self, held):
        def interrupted():
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            return False

        held(interrupted)
        code, _, err = run("--all-failed", "--reason", "because", "--apply", *AS)

        assert (code, "is left to the workers" in err) == (130, True)
        assert Run.objects.get().state == State.QUEUED

    def test_a_terminal_sees_how_far_it_is(self, held, monkeypatch):
        screen = Screen()
        held(lambda: "queued" in screen.getvalue())

        code, _, _ = run(
            "--all-failed", "--reason", "because", "--apply", *AS, stderr=screen
        )

        assert (code, screen.getvalue().endswith("\r\x1b[2K")) == (0, True)

    @pytest.mark.parametrize(
        ("facts", "line"),
        [
            ({"state": State.PLANNING, "rows_planned": 500}, "planning: 500 rows"),
            (
                {"state": State.PLANNING, "rows_planned": 500, "rows_expected": 20_000},
                "planning: 500 of about 20,000 rows",
            ),
            ({"state": State.QUEUED}, "queued"),
            ({"state": State.QUEUED, "behind_id": 7}, "in line behind run 7"),
            (
                {"state": State.WAITING, "waiting_for": "Rows are locked."},
                "waiting: Rows are locked.",
            ),
            ({"state": State.VERIFYING}, "verifying"),
            (
                {"state": State.APPLYING, "rows_planned": 900, "rows_written": 0},
                "0 of 900 rows",
            ),
            (
                {
                    "state": State.APPLYING,
                    "rows_planned": 9_000,
                    "rows_written": 2_000,
                    "rows_skipped": 1_000,
                    "worked": timedelta(seconds=3),
                },
                "3,000 of 9,000 rows, 1,000 rows/s, about 6 s left",
            ),
        ],
    )
    def test_says_it_on_one_line(self, facts, line):
        assert following.in_words(Run(**facts)) == line


def test_help_names_the_exit_codes(capsys):
    for argv in (["--help"], ["set-interval", "--help"]):
        code, *_ = call(*argv)
        out = capsys.readouterr().out
        assert code == 0
        for exit_code in Exit:
            assert f"  {exit_code:<4}{MEANINGS[exit_code]}" in out


def test_the_login_is_not_what_variables_say(monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("USER", "somebody-else")

    assert login() == pwd.getpwuid(os.getuid()).pw_name


def test_options_may_stand_before_the_operation(platform_sql, operator):
    factories.failed(platform_sql)

    code, out, _ = call(*AS, "--json", "reset-failed-sync", "--all-failed")

    assert (code, json.loads(out)["state"]) == (0, "planned")
