"""The services outside: are their addresses right, and are our tokens accepted?

Nothing is started or changed there. That a token may also write is seen at its first use.
"""

from collections.abc import Callable, Iterator

from django.conf import settings

from opsconsole.integrations import functions, github, supabase
from opsconsole.integrations.errors import Refused, ServiceError
from opsconsole.integrations.service import Service
from opsconsole.supervisor.doctor import key
from opsconsole.supervisor.doctor.checks import (
    Finding,
    check,
    note,
    ok,
    problem,
    warning,
)

SECONDS = 5.0  # for an answer; repeated tries may double it
SLUG = "workspace-issues-sync"
SWITCH_ON = "Switch it on: manage.py run_operation switch-schedule --to on"
DEPLOY = f"Deploy it from the platform's repository: supabase functions deploy {SLUG}"


@check("GitHub")
def github_token() -> Iterator[Finding]:
    yield from _asked(github.SERVICE, _quota, _workflow)


@check("sync function")
def sync_function() -> Iterator[Finding]:
    """Its address by a request that calls nothing, its key by what is written in that."""
    yield from _asked(functions.SERVICE, _address, _key)


@check("Supabase")
def supabase_token() -> Iterator[Finding]:
    yield from _asked(supabase.SERVICE, _functions)


def _asked(service: Service, *questions: Callable[[], Finding]) -> Iterator[Finding]:
    """One finding each; a service that is not configured is none of our trouble."""
    if missing := service.missing():
        remedy = f"Set {' and '.join(missing)}, if you want what needs it."
        yield note("Not configured: what needs it is hidden.", remedy)
        return
    for question in questions:
        try:
            yield question()
        except Refused as error:
            yield problem(str(error), "")
        except ServiceError as error:  # the service's trouble, which may be over soon
            yield warning(str(error), "")


def _quota() -> Finding:
    found = github.rate_limit(github.client(timeout=SECONDS))
    return ok(
        f"The token is accepted: {found.remaining:,} of {found.limit:,} calls are left "
        f"until {found.reset:%H:%M} UTC."
    )


def _workflow() -> Finding:
    found = github.workflow(github.client(timeout=SECONDS))
    if found.enabled:
        return ok(f"The workflow {settings.GITHUB_WORKFLOW} can be read; it is on.")
    state = found.state[:40].replace("_", " ")
    sentence = f"The workflow {settings.GITHUB_WORKFLOW} can be read; it is {state}."
    return warning(sentence, SWITCH_ON)


def _address() -> Finding:
    functions.look(functions.client(timeout=SECONDS))
    return ok("It answers at OPSCONSOLE_SUPABASE_URL.")


def _key() -> Finding:
    if settings.STANDIN_URL:
        return ok("The stand-in takes any key.")
    return key.judged(settings.SUPABASE_KEY, settings.SUPABASE_REF)


def _functions() -> Finding:
    client = supabase.client(timeout=SECONDS)
    slugs = [found.slug for found in supabase.functions(client)]
    if SLUG in slugs:
        return ok(f"The token is accepted, and {SLUG} is deployed.")
    return problem(f"The token is accepted, but {SLUG} is not deployed.", DEPLOY)
