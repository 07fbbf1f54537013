from collections.abc import Iterator

from opsconsole.deployment.facts import SUPABASE, Fact, State
from opsconsole.deployment.looking import SECONDS
from opsconsole.deployment.registry import check
from opsconsole.integrations import supabase
from opsconsole.integrations.redaction import redacted
from opsconsole.integrations.supabase_shapes import PartHealth

NAME = "Health of the project"
HEALTHY = "ACTIVE_HEALTHY"
REMEDY = "Look at status.supabase.com and at the project's dashboard."


@check(NAME, step=6, place=4, source=SUPABASE)
def health() -> Iterator[Fact]:
    """Are the project's parts well?"""
    parts = supabase.health(supabase.client(timeout=SECONDS))
    ill = [part for part in parts if part.status != HEALTHY]
    for part in ill:
        yield _ill(part)
    well = [part.name for part in parts if part.status == HEALTHY]
    if well:
        yield Fact(NAME, State.FINE, f"Healthy: {', '.join(well)}.", SUPABASE)
    if not parts:
        yield Fact(NAME, State.UNKNOWN, "Supabase named no part.", SUPABASE)


def _ill(part: PartHealth) -> Fact:
    said = f": “{redacted(part.error)}”" if part.error else ""
    sentence = f"{part.name} is {part.status}{said}."
    return Fact(part.name, State.WRONG, sentence, SUPABASE, remedy=REMEDY)
