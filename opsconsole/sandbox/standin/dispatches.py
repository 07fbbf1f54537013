"""The inputs of the workflow: what GitHub refuses, and the body they are pasted into."""

import json

from opsconsole.sandbox.standin.answers import Json

DEFAULTS = {"workspace_id": "", "hours_back": "24", "limit": "10", "dry_run": "false"}
SCHEDULED = {**DEFAULTS, "limit": "20"}  # what the schedule sends


def problem(state: str, ref: object, inputs: Json) -> str | None:
    """Return why a dispatch is refused, while the workflow is in this state."""
    if not ref:
        return 'Invalid request.\n\n"ref" wasn\'t supplied.'
    if ref != "main":
        return f"No ref found for: {ref}"
    if state != "active":
        return "Cannot trigger a 'workflow_dispatch' on a disabled workflow"
    if unknown := [name for name in inputs if name not in DEFAULTS]:
        return f"Unexpected inputs provided: {json.dumps(unknown)}"
    for name in ("hours_back", "limit"):
        value = str(inputs.get(name, DEFAULTS[name]))
        if not value.replace(".", "", 1).isdigit():
            return f"Provided value '{value}' for input '{name}' is not a number"
    return None


def body(inputs: dict[str, str]) -> str:
    """Return the body as the workflow pastes it together: nothing is escaped."""
    return (
        f'{{"workspaceId": "{inputs["workspace_id"]}", "hoursBack": {inputs["hours_back"]}, '
        f'"limit": {inputs["limit"]}, "dryRun": {inputs["dry_run"]}}}'
    )
