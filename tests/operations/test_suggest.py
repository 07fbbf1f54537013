"""The operation that a page offers beside a diagnosis, and when it offers none."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser

from opsconsole.operations.asking import suggest
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.platform import contract, diagnosis, flags
from opsconsole.platform.selection import RowSelection, WorkspaceSelection
from tests.operations.outside import point_to

pytestmark = pytest.mark.platform


def test_offers_what_the_diagnosis_names(operator, settings):
    point_to(settings, "http://127.0.0.1:9")  # else a forced sync cannot be offered
    for word, found in diagnosis.BY_WORD.items():
        suggestion = suggest.for_word(operator, word)
        assert bool(suggestion) == (found.remedy in OPERATIONS)
        if suggestion:
            operation = OPERATIONS[found.remedy]
            assert suggestion.title == operation.title
            assert suggestion.icon == operation.icon


def test_offers_what_the_flag_names(operator):
    suggestion = suggest.for_flag(operator, "interval below the schedule")

    assert suggestion.title == "Set interval"
    assert suggest.for_flag(operator, "duplicate") is None
    assert set(flags.WORDS) >= {"duplicate"}


def test_offers_nothing_to_those_who_may_not(viewer):
    assert suggest.for_word(viewer, "failed") is None
    assert suggest.for_word(AnonymousUser(), "failed") is None


def test_offers_nothing_that_is_switched_off(operator, platform_sql):
    revoke = "REVOKE UPDATE (priority_score) ON workspace_tracked_repositories FROM opsconsole_writer"
    platform_sql(revoke)
    contract.forget()
    try:
        assert suggest.for_word(operator, "starved") is None
        assert suggest.for_word(operator, "failed")
    finally:
        platform_sql(revoke.replace("REVOKE", "GRANT").replace("FROM", "TO"))
        contract.forget()


def test_refuses_a_word_that_nobody_knows(operator):
    with pytest.raises(KeyError):
        suggest.for_word(operator, "broken")


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({}, {}),
        ({"repositories": ["a", "b"]}, {"repositories": ["a", "b"]}),
        ({"workspace": "a"}, {"workspace": ["a"]}),
        (
            {"matching": RowSelection(word="failed", q="a&b")},
            {"matching": ["q=a%26b&word=failed"]},
        ),
        (
            {"workspaces_matching": WorkspaceSelection()},
            {"workspaces_matching": ["q="]},
        ),
    ],
)
def test_leads_to_a_plan_form_that_is_filled_in(operator, params, query):
    address = urlsplit(suggest.for_word(operator, "failed").url(**params))

    assert address.path == "/operations/reset-failed-sync/plan/"
    assert parse_qs(address.query) == query
