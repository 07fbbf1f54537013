"""A run as text and as JSON, for terminals and scripts."""

from collections.abc import Iterator
from typing import Any

from opsconsole.operations.decisions import approvals
from opsconsole.operations.models import Run
from opsconsole.operations.risks import TYPED
from opsconsole.operations.showing import failure, progress, undoing
from opsconsole.operations.showing.outcomes import Outcome, RowList
from opsconsole.operations.states import State
from opsconsole.operations.verdicts import counted
from opsconsole.web.formats import local

NAMED = 50  # skipped rows by name; all of them are on the run's page


def as_json(run: Run) -> dict[str, Any]:
    """What a script needs: state, counts, plan, verdicts, skipped rows, decisions."""
    return {
        "run": run.pk,
        "page": run.get_absolute_url(),
        "operation": run.operation,
        "subject": run.subject,
        "risk": run.risk,
        "state": run.state,
        "next": run.what_next,
        "plan": run.plan_hash,
        "rows": {
            "planned": run.rows_planned,
            "written": run.rows_written,
            "found": run.rows_found,
            "skipped": run.rows_skipped,
        },
        "steps": run.summary.get("steps", []),
        "verdicts": run.summary.get("verdicts", []),
        "verification": run.verification,
        "skipped": [
            {"key": str(row.key), "name": row.label, "why": row.why}
            for row in _skipped(run)
        ],
        "approvals": [*_decisions(run)],
        "approvers": _approvers(run),
        "review_until": run.review_until,
        "undo_of": run.undo_of_id,
        "undos": [*run.undos.order_by("pk").values_list("pk", flat=True)],
        "undo_until": run.undo_until,
        "error": run.error,
    }


def as_text(run: Run) -> str:
    """The same for people."""
    lines = [f"Run {run.pk}: {run.title}, {run.subject}. State: {run.state}."]
    for step in run.summary.get("steps", []):
        lines += ["", *_step(step)]
    lines.append("")
    verdicts = run.verification or run.summary.get("verdicts", [])
    lines += [f"{v['level']:>8}  {v['name']}: {v['sentence']}" for v in verdicts]
    lines += [f" skipped  {row.label}: {row.why}" for row in _skipped(run)]
    lines += _stopped(run)
    if last := "\n".join(_what_now(run)):
        lines.append(f"\n{last}")
    return "\n".join(lines)


def _stopped(run: Run) -> Iterator[str]:
    """Where and why it ended early, and what to do now."""
    if failed := failure.of(run, progress.steps(run)):
        yield f"\n{failed.title}. {run.error}\n{failed.advice}"
    elif run.error:
        yield f"\nIt stopped: {run.error}"


def _step(step: dict[str, Any]) -> Iterator[str]:
    """A step of the plan: what it does, to whom, and from what to what."""
    size = counted(step["rows"], step.get("noun", "row"))
    place = f" of {step['table']}" if step.get("table") else ""
    yield f"{step['title']}: {size}{place}"
    if step.get("optional"):
        yield "  If it fails, the run goes on."
    if note := step.get("note"):
        yield f"  {note}"
    for item in step.get("tiers", []):
        workspaces = counted(item["workspaces"], "workspace")
        yield f"  {item['tier']}: {counted(item['rows'])} in {workspaces}"
    for column in step.get("columns", []):
        yield from _column(column)


def _column(column: dict[str, Any]) -> Iterator[str]:
    name = column["name"]
    for pair in column["pairs"]:
        change = f"{_value(pair['old'])} -> {_value(pair['new'])}"
        yield f"  {name}: {change} ({counted(pair['rows'])})"
    if column["more"]:
        yield f"  {name}: and other values"
    if spread := column.get("range"):
        held = f"{_value(spread['least'])} to {_value(spread['most'])}"
        yield (
            f"  {name}: {spread['values']:,} different values, {held}"
            f" -> {_value(spread['new_least'])}"
        )


def _what_now(run: Run) -> Iterator[str]:
    """Who must do what next, and how the run is taken back."""
    if run.state == State.PLANNED:
        typed = f", --typed {run.rows_meant}" if run.risk in TYPED else ""
        yield f"Nothing was changed. Add --apply{typed} and --reason to carry it out."
    if run.state == State.AWAITING:
        people = ", ".join(_approvers(run)) or "somebody, once there is an approver,"
        until = f", until {local(run.expires_at)}"
        yield f"Waits for approval by {people} on {run.get_absolute_url()}{until}."
    if run.state == State.PAUSED:
        why = f" {run.pause_reason}" if run.pause_reason else ""
        yield f"Paused.{why} It goes on, or is cancelled, on {run.get_absolute_url()}."
    if run.review_until:
        yield f"An emergency: a second person reviews it until {local(run.review_until)}."
    if run.undo_of_id:
        yield f"It {undoing.verb(run)} run {run.undo_of_id}."
    if run.undo_until and run.rows_written:
        yield f"Undo it until {local(run.undo_until)}: run_operation --undo {run.pk}."


def _decisions(run: Run) -> Iterator[dict[str, Any]]:
    given = run.approvals.select_related("approver").order_by("pk")
    for approval in given:
        yield {
            "decision": approval.decision,
            "by": approval.approver.username,
            "at": approval.decided_at,
            "reason": approval.reason,
        }


def _approvers(run: Run) -> list[str]:
    """Who may decide about a run that waits for it, by name."""
    if run.state != State.AWAITING:
        return []
    people = approvals.approvers(run)
    return [*people.values_list("username", flat=True)]


def _skipped(run: Run) -> list[Any]:
    return RowList(run, Outcome.SKIPPED)[:NAMED] if run.rows_skipped else []


def _value(text: str | None) -> str:
    return "none" if text is None else text.replace("\n", " ")[:80]
