"""The page that asks for the password again says what is about to be decided."""

import pytest
from django.urls import reverse

from opsconsole.operations.states import State
from tests import factories
from tests.operations.people import post

pytestmark = pytest.mark.platform
PASSWORD_PAGE = reverse("account_reauthenticate")


@pytest.fixture
def asked(platform_sql, plan, operator, client_of):
    """An emergency's confirmation that wants the password; run, and the page."""
    factories.tracked(platform_sql)
    run = plan("stop-all-syncs")
    given = {"reason": "quota is spent", "plan_hash": run.plan_hash}
    page = post(client_of(operator), "confirm", run, typed=run.rows_meant, **given)
    assert page.request["PATH_INFO"] == PASSWORD_PAGE
    return run, page


def test_names_operation_and_rows_and_leads_back(asked):
    run, page = asked

    assert "You confirm" in page.text
    assert run.title in page.text
    assert f"{run.rows_meant} {run.noun_meant}" in page.text
    assert f'href="{run.get_absolute_url()}"' in page.text
    run.refresh_from_db()
    assert run.state == State.PLANNED


def test_the_password_can_be_typed_at_once(asked):
    _, page = asked

    [field] = [part for part in page.text.split("<input") if 'type="password"' in part]
    assert "autofocus" in field


def test_says_nothing_of_a_decision_when_it_is_asked_for_something_else(
    asked, operator, client_of
):
    page = client_of(operator).get(f"{PASSWORD_PAGE}?next=/accounts/me/")

    assert "You confirm" not in page.text
