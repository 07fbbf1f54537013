from typing import Any
from uuid import NAMESPACE_URL, uuid5

from opsconsole.integrations import supabase
from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.stop_all_syncs import StopAllSyncs
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import Call, StepSpec, Target
from opsconsole.operations.verdicts import Level, Verdict
from opsconsole.platform import contract

FUNCTION = "workspace-issues-sync"


@register
class RollBackSync(StopAllSyncs):
    """Take the sync out of the platform: stop it, then remove its function.

    Runbook: "Rollback", which deletes the function, whose code nobody has then, and drops
    the tables. Ours stops everything as Stop all syncs does, saves the function's code
    and only then removes it; no table is dropped. The undo brings rows and schedule back,
    not the function: deploy it from the platform's repository, or from the saved code.
    """

    slug = "roll-back-sync"
    title = "Roll back the sync feature"
    purpose = "emergency"
    risk = "dangerous"
    icon = "trash-2"

    @classmethod
    def obstacles(cls, platform: contract.Contract) -> list[str]:
        if supabase.configured():
            return []
        missing = ", ".join(supabase.SERVICE.missing())
        return [f"The console cannot remove the function: set {missing}."]

    def usual(self) -> None:
        """Nothing about this is usual."""

    def steps(self, params: dict[str, Any], moment: Moment) -> list[StepSpec]:
        key = uuid5(NAMESPACE_URL, FUNCTION)
        target = Target(key, FUNCTION, {"do": "delete", "slug": FUNCTION})
        unknown = "The code that is saved is the one that is deployed at that moment."
        remove = Call(
            "Save the function's code, then remove it",
            [target],
            "edge-function",
            unknown=unknown,
        )
        return [*super().steps(params, moment), remove]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"all repositories and {FUNCTION}"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        obstacles = [
            Verdict("The function", Level.BLOCKING, sentence)
            for sentence in self.obstacles(contract.current())
        ]
        return [*obstacles, *super().invariants(run, moment)]
