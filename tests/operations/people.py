"""Who decides in these tests, and how they show who they are."""

from django.urls import reverse

from opsconsole.operations.models import Run
from tests.conftest import PASSWORD


def confirm(run: Run, user, **given) -> None:
    """Confirm a plan with all that its risk asks for, unless told otherwise."""
    from opsconsole.operations import decisions

    proof = {"typed": run.rows_meant, "fresh": True, "plan_hash": run.plan_hash}
    decisions.confirm(run, user, **({"reason": "ticket 7"} | proof | given))


def approve(run: Run, user, **given) -> None:
    from opsconsole.operations.decisions import approvals

    approvals.approve(
        run, user, **({"plan_hash": run.plan_hash, "fresh": True} | given)
    )


def prove(browser) -> None:
    """Enter the password once more."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def post(browser, name: str, run: Run, **given):
    """Press a button of the run's page; its page afterwards."""
    address = reverse(f"operations:{name}", args=[run.pk])
    return browser.post(address, given, follow=True)
