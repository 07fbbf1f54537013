from collections.abc import Iterator

from django.utils import timezone

from opsconsole.deployment.facts import SUPABASE, Fact, State
from opsconsole.deployment.looking import SECONDS
from opsconsole.deployment.registry import check
from opsconsole.integrations import supabase
from opsconsole.integrations.supabase_shapes import Secret
from opsconsole.web import formats

# Without it the function sends "Bearer undefined" and GitHub refuses each repository,
# while the function answers 200. What begins with SUPABASE_ is set by Supabase itself.
NEEDED = ("GITHUB_TOKEN",)
# `supabase secrets set NAME=value`, as in the runbook, leaves the value in the shell's history.
REMEDY = "Set it in Supabase's dashboard, or with `supabase secrets set --env-file`."


@check("Secrets of the function", step=4, source=SUPABASE)
def secrets() -> Iterator[Fact]:
    """Are there secrets of the names that the function reads? Values are never shown.

    Runbook: "Quick Start Deployment", step 4.
    """
    client = supabase.client(timeout=SECONDS)
    known = {secret.name: secret for secret in supabase.secrets(client)}
    for name in NEEDED:
        yield _fact(name, known.get(name))


def _fact(name: str, secret: Secret | None) -> Fact:
    if secret is None:
        sentence = f"There is no secret {name}: GitHub will refuse every repository."
        return Fact(name, State.MISSING, sentence, SUPABASE, remedy=REMEDY)
    age = "at an unknown time"
    if secret.updated_at:
        age = formats.relative(secret.updated_at, timezone.now())
    sentence = f"A secret {name} is there, set {age}. Whether GitHub takes it, a dry run tells."
    return Fact(name, State.FINE, sentence, SUPABASE)
