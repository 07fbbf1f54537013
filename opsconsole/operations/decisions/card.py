"""What the person who looks at a run can decide about it, for the run's page."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from django import forms
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.decisions import approvals
from opsconsole.operations.decisions.forms import (
    ApproveForm,
    ConfirmForm,
    GoOnForm,
    RejectForm,
    ReviewForm,
)
from opsconsole.operations.models import Approval, Run
from opsconsole.operations.permissions import may_run
from opsconsole.operations.risks import OWN, TYPED
from opsconsole.operations.states import State

NAMED = 12  # approvers on a page
AForm = TypeVar("AForm", bound=forms.Form)


@dataclass(frozen=True)
class Card:
    """One run as one person sees it. `answered`: the form that came back with errors."""

    run: Run
    user: User
    answered: forms.Form | None = None

    @property
    def may(self) -> bool:
        """Whether the person may run the operation, and so stop it too."""
        return may_run(self.user, self.run)

    @property
    def icon(self) -> str:
        kind = OPERATIONS.get(self.run.operation)
        return kind.icon if kind else "zap"

    @property
    def is_mine(self) -> bool:
        return self.run.requested_by_id == self.user.pk

    @property
    def only_requester(self) -> bool:
        """Whether nobody but the requester may confirm it, and this is another person."""
        return self.run.risk in OWN and not self.is_mine

    @property
    def needs_typing(self) -> bool:
        return self.run.risk in TYPED

    @property
    def may_decide(self) -> bool:
        """Whether the person is a second person for this run."""
        return approvals.may_decide(self.run, self.user)

    @cached_property
    def approvers(self) -> list[str]:
        """Who may approve or review it, by name; the first few."""
        names = approvals.approvers(self.run).values_list("username", flat=True)
        return list(names[:NAMED])

    @cached_property
    def paused_long(self) -> bool:
        return self.run.state == State.PAUSED and decisions.paused_long(self.run)

    @cached_property
    def awaits_review(self) -> bool:
        """Whether it is an emergency that no second person has reviewed."""
        reviewed = Approval.Decision.REVIEWED
        return (
            self.run.review_until is not None
            and not self.run.approvals.filter(decision=reviewed).exists()
        )

    @property
    def review_is_overdue(self) -> bool:
        until = self.run.review_until
        return until is not None and until < timezone.now()

    @property
    def confirm_form(self) -> ConfirmForm:
        return self._form(ConfirmForm)

    @property
    def approve_form(self) -> ApproveForm:
        return self._form(ApproveForm)

    @property
    def reject_form(self) -> RejectForm:
        return self._form(RejectForm)

    @property
    def go_on_form(self) -> GoOnForm:
        return self._form(GoOnForm)

    @property
    def review_form(self) -> ReviewForm:
        return self._form(ReviewForm)

    def _form(self, kind: type[AForm]) -> AForm:
        """The one that was sent, else an empty one for the plan as it is now."""
        if isinstance(self.answered, kind):
            return self.answered
        # Several forms stand on the page: no two fields share an id.
        plain = kind is ConfirmForm  # the panel's addresses lead to its reason
        auto_id = "id_%s" if plain else f"{kind.__name__.lower()}_%s"
        return kind(initial={"plan_hash": self.run.plan_hash}, auto_id=auto_id)
