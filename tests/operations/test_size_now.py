"""How much an operation would touch now, as the catalogue says it."""

import pytest
from django.urls import reverse

from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.showing import size
from opsconsole.operations.showing.size import in_words
from tests import factories

pytestmark = pytest.mark.platform


def test_every_one_that_says_what_is_usual_can_be_counted(platform_sql):
    countable = [one for one in OPERATIONS.values() if one().usual() is not None]

    sentences = [in_words(one) for one in countable]

    assert len(sentences) >= 5
    for sentence in sentences:
        assert sentence.endswith(".")
        known = ("Would touch", "Nothing", "No free")
        assert any(word in sentence for word in known), sentence


def test_counts_what_the_plan_would_have(platform_sql, plan):
    factories.failed(platform_sql)
    factories.failed(platform_sql)
    factories.tracked(platform_sql)

    assert in_words(OPERATIONS["reset-failed-sync"]) == "Would touch 2 rows now."
    assert plan("reset-failed-sync", all_failed=True).rows_planned == 2


def test_nothing_to_do(platform_sql):
    assert in_words(OPERATIONS["reset-failed-sync"]) == "Nothing to do now."


def test_more_than_a_page_waits_for(platform_sql, monkeypatch):
    monkeypatch.setattr(size, "MOST", 1)
    factories.failed(platform_sql)
    factories.failed(platform_sql)

    words = in_words(OPERATIONS["reset-failed-sync"])

    assert words == "Would touch more than 1 rows now."


def test_the_catalogue_asks_for_each(platform_sql, client_of, operator):
    page = client_of(operator).get(reverse("operations:catalog")).content.decode()

    assert reverse("operations:size", args=["stop-all-syncs"]) in page
    assert reverse("operations:size", args=["set-interval"]) not in page


def test_one_that_cannot_be_counted_is_not_found(platform_sql, client_of, operator):
    address = reverse("operations:size", args=["set-interval"])

    assert client_of(operator).get(address).status_code == 404


def test_a_platform_that_is_gone_is_a_sentence(unreachable, client_of, operator):
    address = reverse("operations:size", args=["stop-all-syncs"])

    answer = client_of(operator).get(address)

    assert answer.status_code == 200
    assert b"Would touch" not in answer.content
