"""What a look at a stop says, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from opsconsole.emergency.models import StopCheck
from opsconsole.emergency.watch import LATE
from opsconsole.operations.catalog.stop_all_syncs import BEGUN
from opsconsole.operations.verdicts import counted
from opsconsole.web import formats

IN_TEN = "10 min after it"
OFF = ("disabled_manually", "disabled_inactivity", "disabled_fork", "deleted")


@dataclass(frozen=True)
class Line:
    """One part of the proof: level of an attention item, sentence, and what to do."""

    level: str  # ok, warning, critical, unknown
    text: str
    detail: str = ""


def in_short(check: StopCheck | None, now: datetime) -> str:
    """For the banner: the newest look, or that there is none."""
    if check is None:
        return "Nobody has looked yet whether it holds; the watch does each minute."
    when = f"Looked {formats.relative(check.at, now)}"
    if check.is_unknown:
        return f"{when}: whether it holds is unknown. {check.platform_problem}"
    if check.is_broken:
        in_sync, synced = check.syncing or 0, check.synced or 0
        return f"{when}: {counted(in_sync)} in the sync again, {synced:,} synced since."
    return f"{when}: no row is in the sync and nothing has synced since."


def lateness(check: StopCheck | None, since: datetime, now: datetime) -> str:
    """That the watch does not come any more; empty when it does."""
    last = check.at if check else since
    if now - last < LATE:
        return ""
    ago = formats.relative(last, now)
    begun = f"The last look was {ago}" if check else f"Nobody has looked since {ago}"
    return f"{begun}: no worker does. Look now by hand, and see the queue."


def lines(check: StopCheck) -> Iterator[Line]:
    """The whole proof, each part with its own unknown."""
    if check.is_unknown:
        yield Line("unknown", "What the rows do is unknown.", check.platform_problem)
    else:
        yield _in_the_sync(check)
        yield _synced(check)
        yield _added(check)
    yield _schedule(check)
    yield _underway(check)


def _in_the_sync(check: StopCheck) -> Line:
    if not check.syncing:
        return Line("ok", "No row is in the sync, and so none is due.")
    text = f"{counted(check.syncing)} in the sync, {check.due or 0:,} due now."
    return Line("critical", text, "Added or switched on since: stop these too, below.")


def _synced(check: StopCheck) -> Line:
    ended = check.run.finished_at
    if not check.synced and ended is not None and check.at < ended + BEGUN:
        return Line(
            "unknown",
            "Too early to tell whether anything syncs.",
            "A run of the function that had begun ends within 10 min of the stop.",
        )
    if not check.synced:
        return Line("ok", f"Nothing has synced since {IN_TEN}.")
    text = f"{counted(check.synced)} synced since {IN_TEN}."
    return Line(
        "critical",
        text,
        "Somebody added or switched them on, or another program calls the function.",
    )


def _added(check: StopCheck) -> Line:
    if not check.added:
        return Line("ok", "No repository was added since.")
    detail = "" if check.syncing else "None of them is in the sync any more."
    return Line("ok", f"{counted(check.added, 'row')} added since.", detail)


def _schedule(check: StopCheck) -> Line:
    if not check.workflow_state:
        text = "Whether the workflow on GitHub is on is unknown."
        return Line("unknown", text, check.github_problem)
    if check.workflow_state in OFF:
        return Line("ok", "The workflow on GitHub is off.")
    return Line(
        "warning",
        "The workflow on GitHub is on.",
        "It goes on calling the function, which finds nothing to do.",
    )


def _underway(check: StopCheck) -> Line:
    if check.runs_underway is None:
        text = "Whether a run of the workflow is under way is unknown."
        said = check.github_problem if check.workflow_state else ""
        return Line("unknown", text, said)
    if check.runs_underway:
        text = f"{counted(check.runs_underway, 'run')} of the workflow under way."
        return Line("warning", text, "They end by themselves within minutes.")
    return Line("ok", "No run of the workflow is queued or in progress.")
