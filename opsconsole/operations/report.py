"""A run as text and as JSON, for terminals and scripts."""

from typing import Any

from opsconsole.operations.models import Run
from opsconsole.operations.outcomes import Outcome, RowList
from opsconsole.operations.states import State

NAMED = 50  # skipped rows by name; all of them are on the run's page


def as_json(run: Run) -> dict[str, Any]:
    """What a script needs: state, counts, plan, verdicts, skipped rows."""
    return {
        "run": run.pk,
        "operation": run.operation,
        "subject": run.subject,
        "state": run.state,
        "plan": run.plan_hash,
        "rows": {
            "planned": run.rows_planned,
            "written": run.rows_written,
            "found": run.rows_found,
            "skipped": run.rows_skipped,
        },
        "steps": run.summary["steps"],
        "verdicts": run.summary["verdicts"],
        "verification": run.verification,
        "skipped": [
            {"key": str(row.key), "name": row.label, "why": row.why}
            for row in _skipped(run)
        ],
        "error": run.error,
    }


def as_text(run: Run) -> str:
    """The same for people."""
    lines = [f"Run {run.pk}: {run.title}, {run.subject}. State: {run.state}."]
    for step in run.summary["steps"]:
        lines.append(f"\n{step['title']}: {step['rows']:,} rows of {step['table']}")
        lines += [
            f"  {item['tier']}: {item['rows']:,} rows in {item['workspaces']:,} workspaces"
            for item in step["tiers"]
        ]
        for column in step["columns"]:
            lines += [
                f"  {column['name']}: {_value(pair['old'])} -> {_value(pair['new'])}"
                f" ({pair['rows']:,} rows)"
                for pair in column["pairs"]
            ]
            if column["more"]:
                lines.append(f"  {column['name']}: and other values")
            if spread := column.get("range"):
                lines.append(
                    f"  {column['name']}: {spread['values']:,} different values,"
                    f" {_value(spread['least'])} to {_value(spread['most'])}"
                    f" -> {_value(spread['new_least'])}"
                )
    lines.append("")
    verdicts = run.verification or run.summary["verdicts"]
    lines += [f"{v['level']:>8}  {v['name']}: {v['sentence']}" for v in verdicts]
    lines += [f" skipped  {row.label}: {row.why}" for row in _skipped(run)]
    if run.error:
        lines.append(f"\nIt stopped: {run.error}")
    if run.state == State.PLANNED:
        lines.append("\nNothing was changed. Add --apply and --reason to carry it out.")
    return "\n".join(lines)


def _skipped(run: Run) -> list[Any]:
    return RowList(run, Outcome.SKIPPED)[:NAMED] if run.rows_skipped else []


def _value(text: str | None) -> str:
    return "none" if text is None else text.replace("\n", " ")[:80]
