"""Plan an operation from a terminal, and with --apply carry it out.

The same engine, the same permissions and the same audit as in the browser.
"""

import argparse
import getpass
import json
import sys
import time
from enum import IntEnum
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.core.management.base import OutputWrapper
from django.db import OperationalError

from opsconsole.accounts.models import User
from opsconsole.operations import availability, decisions, planner, report, tasks
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.terminal import (
    BadParameters,
    add_parameters,
    cleaned_parameters,
)

POLL = 0.2  # seconds between looks at a run that another worker holds


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0  # planned (without --apply), or applied and verified
    USAGE = 2  # wrong arguments or parameters
    REFUSED = 3  # no permission, a blocking verdict, an expired plan, switched off
    PROBLEMS = 4  # applied with problems: rows skipped or the after-condition not met
    FAILED = 5  # the run failed or was cancelled, or a database does not answer


RESULTS = {
    State.APPLIED: Exit.DONE,
    State.APPLIED_WITH_PROBLEMS: Exit.PROBLEMS,
    State.EXPIRED: Exit.REFUSED,
}
CODES = "exit codes: " + ", ".join(
    (
        "0 planned, or applied and verified",
        "2 wrong arguments",
        "3 refused",
        "4 applied with problems",
        "5 failed or cancelled",
    )
)


class Stop(Exception):
    """End with this code and sentence."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Command(BaseCommand):
    help = "Plan an operation; with --apply also carry it out."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = CODES
        operations = parser.add_subparsers(
            dest="operation", required=True, parser_class=argparse.ArgumentParser
        )
        for slug, operation in sorted(OPERATIONS.items()):
            one = operations.add_parser(
                slug,
                help=operation.title,
                description=operation.summary(),
                epilog=CODES,
            )
            add_parameters(one, operation)
            one.add_argument("--reason", default="", help="Why; needed with --apply.")
            one.add_argument("--apply", action="store_true", help="Carry the plan out.")
            one.add_argument(
                "--as",
                dest="user",
                default=getpass.getuser(),
                metavar="USER",
                help="Your console account; by default the one named like your login.",
            )
            one.add_argument("--json", action="store_true", help="Answer as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        operation = OPERATIONS[options["operation"]]
        answer = self._answer_json if options["json"] else self._answer_text
        try:
            run = self._run(operation, options)
        except Stop as stop:
            answer({"error": str(stop)}, str(stop), self.stderr)
            sys.exit(stop.code)
        except OperationalError as error:
            sentence = f"A database does not answer: {str(error).splitlines()[0]}"
            answer({"error": sentence}, sentence, self.stderr)
            sys.exit(Exit.FAILED)
        answer(report.as_json(run), report.as_text(run), self.stdout)
        if options["apply"]:
            sys.exit(RESULTS.get(State(run.state), Exit.FAILED))

    def _run(self, operation: type[Operation], options: dict[str, Any]) -> Run:
        user = _account(options["user"], operation)
        if options["apply"]:
            _check_reason(options["reason"])
        if obstacles := availability.of(operation).obstacles:
            raise Stop(Exit.REFUSED, " ".join(obstacles))
        try:
            params = cleaned_parameters(operation, options)
        except BadParameters as error:
            raise Stop(Exit.USAGE, str(error)) from None
        asked = planner.Request(
            user, "terminal", reason=options["reason"][:2000], os_user=getpass.getuser()
        )
        try:
            run = planner.plan(operation, params, asked)
        except planner.CannotPlan as error:
            raise Stop(Exit.REFUSED, str(error)) from None
        if options["apply"]:
            _carry_out(run, user, options["reason"])
        return run

    def _answer_json(self, data: dict[str, Any], text: str, out: OutputWrapper) -> None:
        self.stdout.write(json.dumps(data, indent=2, default=str))

    def _answer_text(self, data: dict[str, Any], text: str, out: OutputWrapper) -> None:
        out.write(text)


def _account(name: str, operation: type[Operation]) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise Stop(
            Exit.REFUSED,
            f"There is no active account {name[:150]!r}; give yours with --as.",
        )
    if not user.has_perm(operation.permission()):
        raise Stop(Exit.REFUSED, f"{name} may not run “{operation.title}”.")
    return user


def _check_reason(reason: str) -> None:
    try:
        decisions.checked_reason(reason)
    except decisions.Refused as refusal:
        raise Stop(Exit.USAGE, str(refusal)) from None


def _carry_out(run: Run, user: User, reason: str) -> None:
    """Confirm, then work in this process; a worker that is quicker is as good."""
    try:
        decisions.confirm(run, user, reason=reason, plan_hash=run.plan_hash)
    except decisions.Refused as refusal:
        decisions.cancel(run, user)  # nobody is to wait for this plan
        raise Stop(Exit.REFUSED, f"Run {run.pk}: {refusal}") from None
    while not run.is_finished:
        tasks.work(run.pk)
        run.refresh_from_db()
        if not run.is_finished:
            time.sleep(POLL)
