from collections.abc import Iterator

from django.utils import timezone

from opsconsole.deployment.facts import SUPABASE, Fact, State
from opsconsole.deployment.looking import SECONDS
from opsconsole.deployment.registry import check
from opsconsole.integrations import supabase
from opsconsole.integrations.supabase_shapes import Function
from opsconsole.web import formats

SLUG = "workspace-issues-sync"
NAME = "The sync function"
DEPLOY = f"Deploy it from the platform's repository: supabase functions deploy {SLUG}."
JWT = "JWT wanted"


@check(NAME, step=3, source=SUPABASE)
def function() -> Iterator[Fact]:
    """Is it deployed, which version, and does its gateway want a token?

    Runbook: "Quick Start Deployment", step 3.
    """
    client = supabase.client(timeout=SECONDS)
    found = supabase.function(client, SLUG)
    if found is None:
        sentence = f"{SLUG} is not deployed: every call to it answers 404."
        yield Fact(NAME, State.MISSING, sentence, SUPABASE, remedy=DEPLOY)
        return
    yield _deployed(found)
    yield _gateway(found.verify_jwt)


def _deployed(found: Function) -> Fact:
    age = formats.relative(found.updated_at, timezone.now())
    which = f"version {found.version}, updated {age}"
    if found.status == "ACTIVE":
        sentence = f"{SLUG} is deployed and active: {which}."
        return Fact(NAME, State.FINE, sentence, SUPABASE)
    sentence = f"{SLUG} is deployed, but its status is {found.status}: {which}."
    remedy = "Look at it in Supabase's dashboard; deploy it again if it was removed."
    return Fact(NAME, State.WRONG, sentence, SUPABASE, remedy=remedy)


def _gateway(verify_jwt: bool | None) -> Fact:
    """The function itself asks nobody who they are."""
    if verify_jwt is None:
        return Fact(
            JWT, State.UNKNOWN, "Supabase does not say whether it is.", SUPABASE
        )
    if verify_jwt:
        sentence = "Callers need a JWT of the project; its public anon key is one."
        return Fact(JWT, State.FINE, sentence, SUPABASE)
    sentence = "Whoever knows the address can start a sync: no token is wanted."
    remedy = f"{DEPLOY[:-1]}, without --no-verify-jwt."
    return Fact(JWT, State.WRONG, sentence, SUPABASE, remedy=remedy)
