"""How a word of the domain looks: its level and its icon, decided here once.

A badge always shows the word itself; level (colour) and icon (shape) repeat it for the
eye. Two words of one level have different icons wherever they can stand side by side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["neutral", "info", "ok", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Word:
    """The look of one word."""

    level: Level
    icon: str  # a lucide name
    live: bool = False  # somebody is working on it at this moment
    label: str = ""  # where it is not the word itself with a capital letter


RUN_STATES = {
    "planning": Word("info", "loader-circle", live=True),
    "planned": Word("info", "clipboard-list"),
    "awaiting approval": Word("warning", "stamp"),
    "queued": Word("neutral", "hourglass"),
    "applying": Word("info", "play", live=True),
    "pausing": Word("warning", "circle-pause", live=True),
    "paused": Word("warning", "pause"),
    "waiting": Word("warning", "clock"),
    "cancelling": Word("neutral", "circle-slash", live=True),
    "verifying": Word("info", "scan-search", live=True),
    "applied": Word("ok", "check"),
    "applied with problems": Word("warning", "triangle-alert"),
    "failed": Word("critical", "octagon-alert"),
    "cancelled": Word("neutral", "ban"),
    "rejected": Word("critical", "x"),
    "expired": Word("neutral", "timer-off"),
    "undone": Word("neutral", "undo-2"),
}

CHUNK_STATES = {
    "written": Word("ok", "check"),
    "found": Word("neutral", "equal"),
    "skipped": Word("warning", "skip-forward"),
    "unknown": Word("warning", "circle-question-mark"),
}

EFFECTS = {
    "effective": Word("ok", "check"),
    "partly": Word("warning", "circle-dashed"),
    "no effect": Word("warning", "minus"),
    "harmful": Word("critical", "octagon-alert"),
}

ANSWERS = {
    "done": Word("ok", "check"),
    "on its way": Word("info", "send", live=True),
    "not made": Word("neutral", "circle-dashed"),
}

DECISIONS = {
    "approved": Word("ok", "stamp"),
    "reviewed": Word("ok", "eye"),
}

RISKS = {
    "routine": Word("neutral", "circle"),
    "elevated": Word("info", "chevrons-up"),
    "dangerous": Word("critical", "shield-alert"),
    "emergency": Word("warning", "siren"),
}

SYNC_STATUSES = {
    "success": Word("ok", "check"),
    "failed": Word("critical", "octagon-alert"),
    "syncing": Word("info", "refresh-cw", live=True),
    "never": Word("neutral", "circle-dashed"),
}

DIAGNOSES = {
    "paused": Word("neutral", "pause"),
    "inactive but syncing": Word("warning", "power-off"),
    "issues disabled": Word("neutral", "message-square-off"),
    "failing repeatedly": Word("critical", "octagon-x"),
    "failed": Word("critical", "octagon-alert"),
    "refused": Word("critical", "circle-slash"),
    "never scheduled": Word("warning", "calendar-off"),
    "starved": Word("warning", "turtle"),
    "overdue": Word("warning", "alarm-clock"),
    "never synced": Word("info", "circle-dashed"),
    "due": Word("info", "clock"),
    "ok": Word("ok", "check", label="OK"),
    "stale error": Word("warning", "eraser"),
    "coverage gap": Word("warning", "unfold-horizontal"),
    "interval below the schedule": Word("info", "gauge"),
    "duplicate": Word("info", "copy"),
    "unlinked": Word("warning", "unlink"),
    "untracked": Word("neutral", "circle-dashed"),
}

FINDINGS = {
    "ok": Word("ok", "check", label="OK"),
    "warning": Word("warning", "triangle-alert"),
    "critical": Word("critical", "octagon-alert"),
    "info": Word("info", "info"),
    "unknown": Word("neutral", "circle-question-mark"),
}

FACTS = {
    "fine": Word("ok", "check"),
    "note": Word("info", "info"),
    "unknown": Word("neutral", "circle-question-mark"),
    "wrong": Word("warning", "triangle-alert"),
    "missing": Word("critical", "circle-x"),
}  # of a deployment

TIERS = {
    "free": Word("neutral", "circle"),
    "pro": Word("info", "star"),
    "team": Word("info", "users"),
}

UNKNOWN = Word("neutral", "circle")

# `paused` and `unknown` mean different things to a run, a repository and a call. Here a
# run's word wins; a table of diagnoses names its vocabulary.
WORDS: dict[str, Word] = {
    **DIAGNOSES,
    **CHUNK_STATES,
    **EFFECTS,
    **ANSWERS,
    **SYNC_STATUSES,
    **DECISIONS,
    **RISKS,
    **TIERS,
    **FINDINGS,
    **FACTS,
    **RUN_STATES,
}

LEVELS: dict[str, Level] = {
    "neutral": "neutral",
    "debug": "neutral",
    "unknown": "neutral",
    "info": "info",
    "ok": "ok",
    "success": "ok",
    "warning": "warning",
    "danger": "critical",
    "error": "critical",
    "critical": "critical",
}

LEVEL_ICONS = {
    "neutral": "circle",
    "unknown": "circle-question-mark",
    "info": "info",
    "ok": "circle-check",
    "warning": "triangle-alert",
    "critical": "octagon-alert",
}


def plain(value: object) -> str:
    """The word behind a stored value: `APPLIED_WITH_PROBLEMS` is "applied with problems"."""
    return str(value).replace("_", " ").strip().lower()


def look(value: object, vocabulary: Mapping[str, Word] = WORDS) -> Word:
    """How a word looks; a word nobody told us about is shown neutrally."""
    word = plain(value)
    return vocabulary.get(word) or WORDS.get(word, UNKNOWN)


def label(value: object) -> str:
    """The word as it is written on a badge."""
    word = plain(value)
    return look(word).label or word[:1].upper() + word[1:]


def level_of(name: object) -> Level:
    """Our level for the level words of Django messages, findings and notes."""
    return LEVELS.get(plain(name), "neutral")


def icon_of(name: object) -> str:
    """The icon of a level: every level has a shape of its own."""
    word = plain(name)
    return LEVEL_ICONS.get(word) or LEVEL_ICONS[level_of(word)]
