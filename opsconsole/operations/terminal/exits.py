"""What a command about a run ends with: numbers for scripts, words for people."""

from enum import IntEnum

from opsconsole.operations.states import State


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    USAGE = 2
    REFUSED = 3
    PROBLEMS = 4
    FAILED = 5
    WAITS = 6
    LEFT = 130


MEANINGS = {
    Exit.DONE: "planned, or applied and verified",
    Exit.USAGE: "wrong arguments or parameters",
    Exit.REFUSED: "refused: no permission, a blocking verdict, too late, switched off",
    Exit.PROBLEMS: "applied with problems: rows skipped, or the after-condition not met",
    Exit.FAILED: "failed or cancelled, or a database does not answer",
    Exit.WAITS: "waits for a person: for an approval, or paused",
    Exit.LEFT: "left by a second Ctrl-C; the workers go on",
}
RESULTS = {
    State.PLANNED: Exit.DONE,
    State.APPLIED: Exit.DONE,
    State.APPLIED_WITH_PROBLEMS: Exit.PROBLEMS,
    State.EXPIRED: Exit.REFUSED,
    State.REJECTED: Exit.REFUSED,
    State.AWAITING: Exit.WAITS,
    State.PAUSED: Exit.WAITS,
}
CODES = "exit codes:\n" + "\n".join(f"  {code:<4}{MEANINGS[code]}" for code in Exit)
