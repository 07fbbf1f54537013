"""Issues in the platform's repository on GitHub."""

from datetime import datetime

from opsconsole.integrations import github
from opsconsole.operations.callers.services import translated
from opsconsole.operations.calling import Json, register


class IssueCaller:
    """A request: `title`, `body` and `labels`."""

    def send(self, request: Json) -> Json:
        with translated():
            issue = github.create_issue(
                github.client(),
                request["title"],
                request["body"],
                tuple(request["labels"]),
            )
        return {**issue.receipt.as_json(), "issue": issue.number, "url": issue.url}

    def settle(self, request: Json, sent_at: datetime) -> bool | None:
        """Nobody knows: two issues of one title are better than a guess."""
        return None

    def opposite(self, request: Json) -> Json | None:
        """An issue is closed by whoever deals with it."""
        return None


register("github-issue", IssueCaller())
