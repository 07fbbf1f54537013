"""Plan an operation from a terminal, and with --apply carry it out.

The same engine, the same permissions and the same audit as in the browser. Approvals are
given in the browser alone.
"""

import json
import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.core.management.base import OutputWrapper
from django.db import OperationalError

from opsconsole.accounts.models import User
from opsconsole.operations import decisions
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.states import State
from opsconsole.operations.terminal import following, report
from opsconsole.operations.terminal.arguments import (
    BadParameters,
    add_arguments,
    cleaned_parameters,
    login,
)
from opsconsole.operations.terminal.exits import RESULTS, Exit


class Stop(Exception):
    """End with this code and sentence."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Command(BaseCommand):
    help = "Plan an operation, or the undo of a run; with --apply also carry it out."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        answer = self._answer_json if options["json"] else self._answer_text
        try:
            run = self._run(options)
        except Stop as stop:
            answer({"error": str(stop)}, str(stop), self.stderr)
            sys.exit(stop.code)
        except OperationalError as error:
            sentence = f"A database does not answer: {str(error).splitlines()[0]}"
            answer({"error": sentence}, sentence, self.stderr)
            sys.exit(Exit.FAILED)
        answer(report.as_json(run), report.as_text(run), self.stdout)
        if code := RESULTS.get(State(run.state), Exit.FAILED):
            sys.exit(code)

    def _run(self, options: dict[str, Any]) -> Run:
        if (options["operation"] is None) == (options["undo"] is None):
            raise Stop(Exit.USAGE, "Give the name of an operation, or --undo RUN.")
        if options["apply"]:
            _check_reason(options["reason"])
        asked = _operation if options["undo"] is None else _undo
        run, user = asked(options)
        try:
            following.follow(run, user, self.stderr)  # a large plan is still to be made
            if options["apply"] and run.state == State.PLANNED:
                _confirm(run, user, options)
                following.follow(run, user, self.stderr)
        except KeyboardInterrupt:
            sentence = (
                f"Run {run.pk} is left to the workers; its page says how it goes."
            )
            raise Stop(Exit.LEFT, sentence) from None
        return run

    def _answer_json(self, data: dict[str, Any], text: str, out: OutputWrapper) -> None:
        self.stdout.write(json.dumps(data, indent=2, default=str))

    def _answer_text(self, data: dict[str, Any], text: str, out: OutputWrapper) -> None:
        out.write(text)


def _operation(options: dict[str, Any]) -> tuple[Run, User]:
    """The operation's plan, perhaps still to be worked out, and who asked for it."""
    operation = OPERATIONS[options["operation"]]
    user = _account(options["user"], operation)
    if obstacles := availability.of(operation).obstacles:
        raise Stop(Exit.REFUSED, " ".join(obstacles))
    try:
        params = cleaned_parameters(operation, options)
    except BadParameters as error:
        raise Stop(Exit.USAGE, str(error)) from None
    try:
        return planner.ask(operation, params, _request(user, options)), user
    except planner.CannotPlan as error:
        raise Stop(Exit.REFUSED, str(error)) from None


def _undo(options: dict[str, Any]) -> tuple[Run, User]:
    """The plan of an undo, and who asked for it."""
    run = Run.objects.filter(pk=options["undo"]).first()
    if run is None:
        raise Stop(Exit.REFUSED, f"There is no run {options['undo']}.")
    if run.operation not in OPERATIONS:
        sentence = f"The console no longer has the operation “{run.title}”."
        raise Stop(Exit.REFUSED, sentence)
    user = _account(options["user"], run.definition)
    try:
        return undo.plan(run, _request(user, options)), user
    except planner.CannotPlan as error:
        raise Stop(Exit.REFUSED, f"Run {run.pk}: {error}") from None


def _request(user: User, options: dict[str, Any]) -> planner.Request:
    reason = options["reason"][: decisions.LONGEST_REASON]
    return planner.Request(user, "terminal", reason=reason, os_user=login())


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


def _confirm(run: Run, user: User, options: dict[str, Any]) -> None:
    """Queue the plan; a dangerous one waits for a second person instead."""
    typed, reason = options["typed"], options["reason"]
    try:
        decisions.confirm(
            run, user, reason=reason, plan_hash=run.plan_hash, typed=typed
        )
    except decisions.Refused as refusal:
        sentence = str(refusal)
        if refusal.field == "typed":
            sentence += f" Here: --typed {run.rows_meant}."
        # Nobody is to wait for this plan.
        decisions.cancel(run, user, f"Refused on the command line: {sentence}")
        raise Stop(Exit.REFUSED, f"Run {run.pk}: {sentence}") from None
