"""Look again after a run: do the rows hold what the operation promised?"""

from django.db import connections

from opsconsole.operations import statements
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.db import READ


def verify(run: Run) -> list[Verdict]:
    """What is to be said of a run whose chunks are all applied."""
    return [_all_written(run), _after_condition(run)]


def rows_holding_after(chunk: Chunk) -> int:
    """How many of the rows that we wrote still hold exactly what we wrote.

    The chunk comes from `as_text()`.
    """
    written = "{" + ",".join(map(str, chunk.written_keys())) + "}"
    with connections[READ].cursor() as cursor:
        params = {**chunk.texts, "written": written}
        cursor.execute(statements.held(chunk.step, chunk.after), params)
        return int(cursor.fetchone()[0])


def _all_written(run: Run) -> Verdict:
    if run.rows_left:
        sentence = (
            f"{counted(run.rows_left)} of {run.rows_planned:,} not accounted for."
        )
        return Verdict("Every planned row", Level.BLOCKING, sentence)
    if run.rows_skipped:
        sentence = (
            f"{run.rows_skipped:,} of {counted(run.rows_planned)} skipped: changed after"
            " the plan, and listed by name."
        )
        return Verdict("Every planned row", Level.WARNING, sentence)
    found = f" {run.rows_found:,} held the value already." if run.rows_found else ""
    sentence = f"{counted(run.rows_written)} written, none skipped.{found}"
    return Verdict("Every planned row", Level.OK, sentence)


def _after_condition(run: Run) -> Verdict:
    """The operation's own after-condition, asked of every row that we wrote."""
    checked = holding = 0
    chunks = Chunk.objects.filter(step__run=run).select_related("step")
    models = {model._meta.db_table: model for model in run.definition.writes}
    for chunk in chunks.order_by("step__number", "number").iterator(50):
        written = chunk.written_keys()
        rows = models[chunk.step.table]._default_manager.using(READ)
        checked += len(written)
        condition = run.definition().holds_after(run.params, chunk.step)
        assert condition is not None
        holding += rows.filter(condition, pk__in=written).count()
        run.renew_lease()
    name = "After-condition"
    if checked == holding:
        return Verdict(
            name, Level.OK, f"Holds for {counted(checked)} of {checked:,} written."
        )
    sentence = f"Does not hold for {checked - holding:,} of {counted(checked)} written."
    return Verdict(name, Level.BLOCKING, sentence)
