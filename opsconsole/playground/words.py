"""A fault of the stand-in in words."""

from opsconsole.playground.standin import Fault

TROUBLES = {
    "404": "GitHub answers 404: not found",
    "403": "GitHub answers 403: not for this token",
    "exception": "The connection breaks",
    "not_json": "The answer is a page of HTML",
    "later_pages": "The second page and those after it answer 502",
    "bad_issues": "Issues without a title, so that storing them fails",
    "empty": "Nothing is new",
}  # the stand-in's word -> ours


def pattern(fault: Fault) -> str:
    """The repositories or the endpoint that it hits."""
    return str(fault.get("repository") or fault.get("endpoint") or "")


def in_words(fault: Fault) -> str:
    """What happens there: "answers 504 after half of the work"."""
    return f"{_happens(fault)}{_wait(fault)}{_left(fault)}."


def _happens(fault: Fault) -> str:
    word = str(fault.get("fault") or "")
    if word:
        told = word.replace("_", " ").capitalize()
        told = f"GitHub answers {word}" if word.isdigit() else told
        return TROUBLES.get(word, told)
    done = {"half": " after half of the work", "all": " after all of the work"}
    after = done.get(str(fault.get("done")), "")
    if fault.get("lost"):
        return f"The answer is lost{after}"
    if fault.get("status") == 0:
        return "The right answer"
    return f"Answers {fault.get('status')}{after}{_again(fault)}"


def _again(fault: Fault) -> str:
    seconds = dict(fault.get("headers") or {}).get("retry-after")
    return f" and wants to be asked again after {seconds} s" if seconds else ""


def _wait(fault: Fault) -> str:
    seconds = fault.get("seconds")
    return (
        f", {seconds:g} s late" if isinstance(seconds, int | float) and seconds else ""
    )


def _left(fault: Fault) -> str:
    times = fault.get("times")
    if times is None:
        return ""
    return ", once more" if times == 1 else f", {times} times more"
