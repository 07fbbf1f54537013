"""What the console itself knows: its pages, operations, runs, and kinds of errors."""

from urllib.parse import urlencode

from django.db.models import Q

from opsconsole.accounts.models import User
from opsconsole.history.models import ErrorGroup
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.search.groups import FEW, Group, Hit, few, link
from opsconsole.web import formats, navigation

LARGEST_RUN = 2**63 - 1  # bigint
PATTERN = 90  # characters of an error's pattern


def pages(user: User, text: str) -> Group:
    """The pages of the menu that this person may open."""
    hits = [
        Hit(item.label, item.url, f"g {item.key}", item.icon)
        for item in navigation.visible(user)
        if _within(text, item.label)
    ]
    return Group("Pages", "layout-dashboard", hits)


def operations(user: User, text: str) -> Group:
    """The operations that this person may plan."""
    hits = [
        Hit(kind.title, link("operations:plan", slug), kind.risk, kind.icon)
        for slug, kind in OPERATIONS.items()
        if user.has_perm(kind.permission()) and _within(text, kind.title)
    ]
    return Group("Operations", "zap", hits)


def runs(text: str) -> Group:
    """Runs by title or subject, the newest first."""
    words = Q(title__icontains=text) | Q(subject__icontains=text)
    found = list(Run.objects.filter(words).newest_first()[: FEW + 1])
    query = urlencode({"q": text})
    shown, more = few(found, f"{link('operations:run_list')}?{query}")
    return Group("Runs", "history", [_run(run) for run in shown], more)


def run_numbered(text: str) -> list[Hit]:
    """The run with that number: `12`, `#12` or `run 12`."""
    digits = text.lower().removeprefix("run").strip().removeprefix("#")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 19:
        return []
    number = int(digits)
    found = Run.objects.filter(pk=number) if number <= LARGEST_RUN else ()
    return [_run(run) for run in found]


def errors(text: str) -> Group:
    """Kinds of errors by their pattern, those seen last first."""
    matching = ErrorGroup.objects.filter(pattern__icontains=text)
    found = list(matching.order_by("-last_seen", "pk")[: FEW + 1])
    shown, more = few(found, link("workspaces:errors"))
    hits = [
        Hit(
            formats.cut(group.pattern, PATTERN),
            link("workspaces:error", group.pk),
            f"Error · last seen {formats.local(group.last_seen)}",
        )
        for group in shown
    ]
    return Group("Errors", "octagon-alert", hits, more)


def _run(run: Run) -> Hit:
    title = f"Run {run.pk}: {run.title}"
    return Hit(title, run.get_absolute_url(), f"{run.subject} · {run.state}")


def _within(text: str, label: str) -> bool:
    """Whether every word of the text begins or stands in the label."""
    return all(word in label.casefold() for word in text.casefold().split())
