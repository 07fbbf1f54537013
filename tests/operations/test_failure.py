"""A run that failed says in words what failed, where, and what to do about it."""

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError

from opsconsole.operations.engine.errors import StepFailed
from opsconsole.operations.engine.reasons import in_words
from opsconsole.operations.models import Run
from opsconsole.operations.showing import failure, progress
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from opsconsole.operations.terminal import report

pytestmark = pytest.mark.platform
THIN = "\N{NARROW NO-BREAK SPACE}"
REVOKE = "REVOKE UPDATE ON demonstration FROM opsconsole_writer"


@pytest.fixture
def forbidden(stage, confirmed):
    """1,200 rows in three chunks; the right to write is taken away after the first."""
    stage.fill(1200)
    run = confirmed("demo-change", add=1)
    work(run.pk, seconds=0)  # starts
    work(run.pk, seconds=0)  # writes one chunk
    stage.sql(REVOKE)
    work(run.pk)
    run.refresh_from_db()
    assert run.state == State.FAILED
    return run


def wrapped(kind, cause):
    """An error of the database as Django raises it."""
    error = kind("a line\nDETAIL: Key (name)=(secret) exists.")
    error.__cause__ = cause
    return error


class TestWords:
    run = Run(operation="demo-change")

    @pytest.mark.parametrize(
        ("kind", "cause", "begins", "ends"),
        [
            (
                ProgrammingError,
                psycopg.errors.UndefinedColumn(),
                "The platform lacks what the plan needs: a line.",
                "plan an operation that does without.",
            ),
            (
                IntegrityError,
                psycopg.errors.CheckViolation(),
                "The platform does not accept a value: a line.",
                "without the row that it names.",
            ),
            (
                OperationalError,
                psycopg.errors.QueryCanceled(),
                "The platform refused several times in a row: a line.",
                "plan again when it is less busy.",
            ),
            (
                ProgrammingError,
                psycopg.errors.SyntaxError(),
                "A database refused: a line.",
                "mend the cause, then plan again.",
            ),
        ],
    )
    def test_by_kind(self, kind, cause, begins, ends):
        said = in_words(wrapped(kind, cause), self.run)

        assert said.startswith(begins)
        assert said.endswith(ends)
        assert "secret" not in said

    def test_a_sentence_stays_one(self):
        assert in_words(StepFailed("Three of 20 failed."), self.run) == (
            "Three of 20 failed."
        )

    def test_our_own_mistake_is_called_so(self):
        said = in_words(KeyError("tier"), self.run)

        assert said.startswith("The console itself made a mistake: KeyError: 'tier'.")


class TestWhere:
    def test_at_which_chunk_and_what_to_do(self, forbidden, operator, client_of):
        text = client_of(operator).get(forbidden.get_absolute_url()).text

        assert f"It failed at chunk 2 of 3: 500 of 1{THIN}200 rows done" in text
        assert "does not let the console do this: permission denied for" in text
        assert "demo-change.sql" in text
        assert "manage.py platform_grants" in text
        assert "ProgrammingError" not in text
        assert "500 rows hold what this run wrote. The other 700 rows are as" in text
        assert "plan again for the rest; or undo what was written, below" in text

    def test_the_log_has_an_end(self, forbidden):
        last = forbidden.log.order_by("-pk").first().text

        assert last.startswith("Ended: failed. The platform does not let")

    def test_a_terminal_says_the_same(self, forbidden):
        text = report.as_text(forbidden)

        assert "It failed at chunk 2 of 3: 500 of 1,200 rows done. The platform" in text
        assert "plan again for the rest" in text

    def test_nothing_written(self, stage, confirmed):
        stage.fill(3)
        run = confirmed("demo-change", add=1)
        stage.sql(REVOKE)
        work(run.pk)
        run.refresh_from_db()

        said = failure.of(run, progress.steps(run))

        assert said.title == "It failed at chunk 1 of 1: 0 of 3 rows done"
        assert said.advice.startswith("Nothing was written. Plan again once")

    def test_an_optional_step_says_it_in_words_too(self, stage, plan, applied):
        stage.fill(2)
        run = applied(plan("demo-optional"))

        [error] = run.steps.exclude(error="").values_list("error", flat=True)
        assert "Error:" not in error.partition(". ")[0]

    def test_what_did_not_fail_has_none(self, stage, plan, applied):
        stage.fill(1)
        assert failure.of(applied(plan("demo-change", add=1)), []) is None

    def test_the_undo_does_not_stand_beside_an_empty_half(
        self, forbidden, operator, client_of
    ):
        text = client_of(operator).get(forbidden.get_absolute_url()).text

        assert "Plan the undo" in text
        assert "columns even" not in text
