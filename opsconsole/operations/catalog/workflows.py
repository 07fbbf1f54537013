"""The schedule's workflow on GitHub, as steps of operations and as proof after them."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from opsconsole.integrations import errors, github
from opsconsole.operations.calling import Json
from opsconsole.operations.steps import Call, Target
from opsconsole.operations.verdicts import Level, Verdict

SECONDS = 3.0  # nobody waits longer to be told of its state
ON, OFF, UNKNOWN, NOT_OURS = "on", "off", "unknown", "not configured"
IN_WORDS = {
    ON: "The workflow on GitHub is switched off too, when the rows are done.",
    OFF: "The workflow on GitHub is switched off already.",
    UNKNOWN: "GitHub does not say whether its workflow is on: it is switched off when"
    " the rows are done, and the run says if that fails.",
    NOT_OURS: "The console has no access to GitHub: the workflow goes on calling the"
    " function, which finds nothing to do.",
}
KEY = uuid5(NAMESPACE_URL, "workflow")


def state() -> str:
    """Whether the workflow is on, off, unknown, or none of the console's business."""
    if not github.configured():
        return NOT_OURS
    try:
        found = github.workflow(github.client(timeout=SECONDS))
    except errors.ServiceError:
        return UNKNOWN
    return ON if found.enabled else OFF


def switch(*, on: bool, state: str, optional: bool = True) -> Iterator[Call]:
    """The call that switches it, unless it is as wanted or nobody can."""
    if state in (NOT_OURS, ON if on else OFF):
        return
    word = "on" if on else "off"
    request = {"do": "enable" if on else "disable"}
    yield call(f"Switch the schedule {word}", request, optional=optional)


def call(title: str, request: Json, *, optional: bool = False) -> Call:
    """One call about the workflow; see callers/workflow.py for requests."""
    unknown = "Whether GitHub grants it is known afterwards; its state is read back."
    target = Target(KEY, "The sync workflow", request)
    return Call(title, [target], "workflow", unknown=unknown, optional=optional)


def is_off(planned: str) -> Iterator[Verdict]:
    """Proof of a stop: the schedule is off and none of its runs is under way."""
    if planned == NOT_OURS:
        return
    name = "The schedule is off"
    try:
        client = github.client(timeout=SECONDS)
        enabled, running = github.workflow(client).enabled, github.underway(client)
    except errors.ServiceError as error:
        yield Verdict(name, Level.WARNING, f"Unknown: {error}")
        return
    if enabled:
        yield Verdict(name, Level.WARNING, "It is on: switch it off on GitHub.")
    elif running:
        sentence = (
            f"It is off; {running:,} of its runs under way will end by themselves."
        )
        yield Verdict(name, Level.NOTE, sentence)
    else:
        yield Verdict(name, Level.OK, "It is off, and none of its runs is under way.")
