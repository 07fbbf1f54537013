from collections.abc import Iterator

from opsconsole.deployment.facts import SETTINGS, Fact, State
from opsconsole.deployment.registry import check
from opsconsole.integrations import functions, github, supabase

USES = {
    github.SERVICE: "the schedule, its runs, the rate limit, issues",
    functions.SERVICE: "syncs that this console starts",
    supabase.SERVICE: "functions, secrets' names, health, backups, logs",
}  # what is hidden without it


@check("Services that this console calls", step=4, place=2, source=SETTINGS)
def services() -> Iterator[Fact]:
    """Which are configured? The console works without; what needs them is hidden."""
    for service, use in USES.items():
        missing = service.missing()
        if missing:
            names = " and ".join(missing)
            sentence = f"Not configured, so that this is hidden: {use}."
            remedy = f"Set {names} and restart the console, if you want that."
            yield Fact(service.name, State.NOTE, sentence, SETTINGS, remedy=remedy)
        else:
            sentence = f"Configured, for {use}."
            yield Fact(service.name, State.FINE, sentence, SETTINGS)
