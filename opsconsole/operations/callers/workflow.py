"""The schedule's workflow on GitHub: switched on and off, started, its runs cancelled."""

from datetime import datetime
from uuid import UUID

from opsconsole.integrations import github
from opsconsole.integrations.client import Client
from opsconsole.operations.callers.services import translated
from opsconsole.operations.calling import Json, register

ENABLE, DISABLE, DISPATCH, CANCEL = "enable", "disable", "dispatch", "cancel"
OPPOSITES = {ENABLE: DISABLE, DISABLE: ENABLE}


class WorkflowCaller:
    """A request's `do` says what; `dispatch` takes the workflow's inputs, `cancel` a `run`."""

    def send(self, request: Json) -> Json:
        with translated():
            return self._send(github.client(), request)

    def _send(self, client: Client, request: Json) -> Json:
        if request["do"] == DISPATCH:
            started = github.dispatch(client, **_inputs(request))
            return {
                **started.receipt.as_json(),
                "workflow_run": started.run_id,
                "url": started.url,
            }
        if request["do"] == CANCEL:
            return github.cancel(client, int(request["run_id"])).as_json()
        switch = github.enable if request["do"] == ENABLE else github.disable
        return switch(client).as_json()

    def settle(self, request: Json, sent_at: datetime) -> bool | None:
        """Its state tells whether it was switched; of a start, a run made since then.

        No run proves nothing: GitHub lists it late.
        """
        with translated():
            client = github.client()
            if request["do"] in OPPOSITES:
                enabled = github.workflow(client).enabled
                return bool(enabled == (request["do"] == ENABLE))
            if request["do"] == CANCEL:
                ended = github.run(client, int(request["run_id"])).ended
                return True if ended else None
            since = f">={sent_at:%Y-%m-%dT%H:%M:%SZ}"
            found = github.runs(client, event="workflow_dispatch", created=since)
            return True if found.total else None

    def opposite(self, request: Json) -> Json | None:
        opposite = OPPOSITES.get(request["do"])
        return None if opposite is None else {"do": opposite}


def _inputs(request: Json) -> Json:
    """As the plan holds them, checked once more: the workflow pastes them into JSON."""
    workspace = request.get("workspace")
    return {
        "workspace": UUID(workspace) if workspace else None,
        "hours_back": int(request["hours_back"]),
        "limit": int(request["limit"]),
        "dry_run": bool(request["dry_run"]),
    }


register("workflow", WorkflowCaller())
