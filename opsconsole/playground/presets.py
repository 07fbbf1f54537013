"""What can be switched on by one button: troubles that the services really have."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from opsconsole.playground import standin
from opsconsole.playground.standin import Fault

USUAL = 4_390  # calls that remain in an hour where only the platform's workers call
QUOTA = "/rate_limit"
GITHUB = "/repos/*"
FUNCTION = "POST /functions/*"
DISPATCH = "POST */dispatches"


@dataclass(frozen=True)
class Preset:
    """A button, with one sentence about what it does."""

    slug: str
    label: str
    sentence: str
    icon: str  # a lucide name
    press: Callable[[], None]  # raises StandinError


def on(*faults: Fault) -> Callable[[], None]:
    """A press that switches these faults on."""

    def press() -> None:
        for fault in faults:
            standin.add(fault)

    return press


def spend_quota() -> None:
    standin.leave(0)
    again = {"retry-after": "60"}
    standin.add({"endpoint": GITHUB, "status": 429, "headers": again})


def quieten() -> None:
    """Put back all that this page changes. The workflow's state is an operation's matter."""
    standin.clear()
    standin.leave(USUAL)
    if not standin.state().deployed:
        standin.deploy()


PRESETS = {
    preset.slug: preset
    for preset in (
        Preset(
            "quiet",
            "Everything quiet",
            f"Switches all faults off, leaves {USUAL:,} calls of the quota, and deploys the "
            "sync function if it is gone.",
            "circle-check",
            quieten,
        ),
        Preset(
            "github-down",
            "GitHub down",
            "GitHub answers 503 to the console, and to the sync function for every repository.",
            "cloud-off",
            on(
                {"endpoint": QUOTA, "status": 503},
                {"endpoint": GITHUB, "status": 503},
                {"repository": "*", "fault": "503"},
            ),
        ),
        Preset(
            "wrong-token",
            "GitHub refuses the token",
            "GitHub answers 401 to the console, as to a token that is wrong or has expired.",
            "key-round",
            on({"endpoint": QUOTA, "status": 401}, {"endpoint": GITHUB, "status": 401}),
        ),
        Preset(
            "quota-spent",
            "Quota spent",
            "No call to GitHub remains in this hour, and it asks the console to come back "
            "after 60 s.",
            "gauge",
            spend_quota,
        ),
        Preset(
            "function-times-out",
            "Sync function times out",
            "The sync function writes half of its repositories, and its gateway answers 504.",
            "hourglass",
            on({"endpoint": FUNCTION, "status": 504, "done": "half"}),
        ),
        Preset(
            "answers-lost",
            "Workflow answers lost",
            "GitHub starts the workflow, and the connection breaks before it says so.",
            "unplug",
            on({"endpoint": DISPATCH, "lost": True, "done": "all"}),
        ),
        Preset(
            "remove-function",
            "Remove the sync function",
            "The function is no longer deployed: calls answer 404, and Supabase does not list "
            "it.",
            "package-x",
            standin.remove,
        ),
        Preset(
            "deploy-function",
            "Deploy the sync function",
            "The function is there again, or anew, with the next version.",
            "rocket",
            standin.deploy,
        ),
        Preset(
            "schedule-now",
            "Run the schedule now",
            "The workflow starts as it does every six hours, unless it is disabled.",
            "calendar-clock",
            standin.run_schedule,
        ),
    )
}


def refuse(repository: str, fault: str) -> Callable[[], None]:
    """A press after which GitHub fails for repositories of this pattern."""
    return partial(standin.add, {"repository": repository, "fault": fault})
