"""Saved views: private or shared, found again in any order, and leading nowhere else."""

import pytest
from django.db import IntegrityError

from opsconsole.accounts.forms import MOST_VIEWS
from opsconsole.accounts.models import SavedView

pytestmark = pytest.mark.usefixtures("databases")
LIST = "/audit/"
SAVE = "/accounts/views/"


@pytest.fixture
def mine(operator, client_of):
    return client_of(operator)


@pytest.fixture
def others(viewer, client_of):
    return client_of(viewer)


def save(client, **changes):
    data = {"page": "audit:list", "query": "run=7", "name": "Seven"} | changes
    return client.post(SAVE, data, follow=True)


def test_asks_strangers_to_sign_in(client):
    assert client.post(SAVE).status_code == 302
    assert not SavedView.objects.exists()


def test_saves_and_shows_the_list(mine):
    response = save(mine, query="page=3&until=2026-01-02&run=7&format=csv&q=")

    assert response.redirect_chain == [("/audit/?run=7&until=2026-01-02", 302)]
    assert "Saved as “Seven”." in response.text


def test_marks_the_current_one_in_any_order(mine):
    save(mine, query="run=7&until=2026-01-02")

    page = mine.get(LIST + "?page=1&until=2026-01-02&run=7").text

    link = '<a href="/audit/?run=7&amp;until=2026-01-02" aria-current="page">Seven</a>'
    assert link in page
    assert "Delete view…" in page
    assert "Save view…" not in page


def test_offers_to_save_what_is_no_view_yet(mine):
    page = mine.get(LIST + "?run=8&page=1&utm=x").text

    assert "Save view…" in page
    assert '<input type="hidden" name="query" value="run=8">' in page


def test_an_unfiltered_list_has_nothing_to_save(mine):
    assert "Save view…" not in mine.get(LIST).text


def test_private_means_private(mine, others):
    save(mine)

    assert "Seven" in mine.get(LIST).text
    assert "Seven" not in others.get(LIST).text


def test_shared_means_everybody(mine, others):
    save(mine, shared="on")

    page = others.get(LIST + "?run=7").text
    assert "Seven" in page
    assert "Shared by operator" in page
    assert "Delete view…" not in page


def test_a_viewer_cannot_share(others):
    page = others.get(LIST + "?run=7").text
    response = save(others, shared="on")

    assert "Share with everybody" not in page
    assert "Your role may not share views with everybody." in response.text
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Give the view a name."),
        ({"name": "x" * 61}, "A view&#x27;s name has at most 60 characters."),
        ({"query": ""}, "there is nothing to save yet"),
        ({"query": "page=4"}, "there is nothing to save yet"),
        ({"query": "q=" + "x" * 2000}, "These filters are too long to be saved."),
        ({"query": "q=" + "ü" * 999}, "These filters are too long to be saved."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"page": "no:such"}, "There is no such list."),
        ({"page": ""}, "It is not known which list to save."),
        ({"page": "workspaces:detail"}, "There is no such list."),
    ],
)
def test_each_failure_has_a_sentence(mine, changes, sentence):
    assert sentence in save(mine, **changes).text
    assert not SavedView.objects.exists()


def test_the_same_name_twice(mine):
    save(mine)
    response = save(mine, query="run=8")

    assert "You have a view called “Seven” here" in response.text
    assert SavedView.objects.get().query == "run=7"


def test_two_people_may_use_one_name(mine, others):
    save(mine)
    save(others)

    assert SavedView.objects.count() == 2


def test_a_double_click_is_no_error(mine, monkeypatch):
    def late(self, commit=True):
        raise IntegrityError("saved_view_name")

    monkeypatch.setattr("opsconsole.accounts.forms.SavedViewForm.save", late)

    assert "This view was saved a moment ago." in save(mine).text


def test_not_more_than_can_stand_side_by_side(mine, operator):
    views = (
        SavedView(owner=operator, page="audit:list", name=str(n), query="run=1")
        for n in range(MOST_VIEWS)
    )
    SavedView.objects.bulk_create(views)

    assert f"You have {MOST_VIEWS} views of this list" in save(mine).text


@pytest.mark.parametrize(
    "page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\0"]
)
def test_never_leads_elsewhere(mine, page):
    response = mine.post(SAVE, {"page": page, "query": "//evil.example", "name": "x"})

    assert response.url == "/"


def test_a_query_stays_a_query(mine):
    response = mine.post(
        SAVE, {"page": "audit:list", "query": "//evil.example/=1\r\nX: y", "name": "x"}
    )

    assert response.url.startswith("/audit/?")
    assert "\n" not in response.url


def test_after_a_new_sign_in_nothing_is_lost_but_the_form(mine):
    assert mine.get(SAVE).url == "/"
    assert mine.get("/accounts/views/1/delete/").url == "/"


def test_deletes_the_own_one(mine):
    save(mine)
    view = SavedView.objects.get()

    response = mine.post(f"/accounts/views/{view.pk}/delete/", follow=True)

    assert "Deleted the view “Seven”." in response.text
    assert response.redirect_chain == [("/audit/?run=7", 302)]
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("shared", ["", "on"])
def test_others_delete_nothing(mine, others, shared):
    save(mine, shared=shared)
    view = SavedView.objects.get()

    response = others.post(f"/accounts/views/{view.pk}/delete/", follow=True)

    assert "There is no such view, or it is not yours to delete." in response.text
    assert SavedView.objects.exists()


@pytest.mark.parametrize(("shared", "left"), [("on", 0), ("", 1)])
def test_an_admin_deletes_what_is_shared(mine, make_user, client_of, shared, left):
    save(mine, shared=shared)
    view = SavedView.objects.get()
    boss = client_of(make_user("admin"))

    boss.post(f"/accounts/views/{view.pk}/delete/")

    assert SavedView.objects.count() == left


def test_needs_the_token_of_the_form(operator):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)

    assert save(client).status_code == 403
    assert not SavedView.objects.exists()


def test_a_list_that_is_gone_takes_no_page_down(mine, operator):
    view = SavedView(owner=operator, page="gone:list", name="x", query="a=1")

    assert view.get_absolute_url() == ""


def test_names_are_escaped(mine):
    save(mine, name="<script>alert(1)</script>")

    assert "<script>alert(1)" not in mine.get(LIST).text
