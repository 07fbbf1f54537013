"""The banner of a stop: on every page, for every role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from opsconsole.emergency import banner, stop
from opsconsole.emergency.models import StopCheck
from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner
from opsconsole.operations.states import State

pytestmark = pytest.mark.platform


@pytest.mark.parametrize("role", ["viewer", "operator", "approver", "admin"])
def test_every_role_sees_it_on_every_page(stopped, make_user, client_of, role):
    person = client_of(make_user(role, f"a-{role}"))

    for address in ("/", "/operations/", "/accounts/me/"):
        page = person.get(address).text
        assert "Syncs are stopped since" in page
        assert "By operator: the quota is spent, ticket 4711." in page
        assert 'href="/emergency/#holds">Panel and resume' in page


def test_nothing_is_said_while_nothing_is_stopped(viewer):
    assert list(banner.banners(viewer)) == []


def test_who_may_not_see_runs_has_no_link(stopped, viewer):
    viewer.groups.clear()
    [said] = banner.banners(viewer)

    assert (said.url, said.link) == ("", "")


@pytest.mark.parametrize(
    ("found", "level", "words"),
    [
        ({"syncing": 0, "synced": 0}, "warning", "no row is in the sync and nothing"),
        ({"syncing": 2, "synced": 1}, "critical", "2 rows in the sync again, 1 synced"),
        ({"platform_problem": "It is asleep."}, "warning", "unknown. It is asleep."),
    ],
)
def test_the_newest_look_decides(stopped, viewer, found, level, words):
    hour = timezone.now() - timedelta(hours=1)
    StopCheck.objects.create(run=stopped, at=hour, syncing=9, synced=9)
    StopCheck.objects.create(run=stopped, at=timezone.now(), **found)
    [said] = banner.banners(viewer)

    assert said.level == level
    assert words in said.text


def test_without_a_look_it_says_so(stopped, viewer):
    [said] = banner.banners(viewer)

    assert "Nobody has looked yet" in said.text


def test_a_stop_that_did_not_come_to_its_end(stopped, viewer):
    Run.objects.filter(pk=stopped.pk).update(state=State.FAILED)
    [said] = banner.banners(viewer)

    assert said.title.startswith("Syncs are stopped in part since")


def test_costs_two_queries_every_two_seconds_while_nothing_is_stopped(
    viewer, django_assert_num_queries
):
    with django_assert_num_queries(2):
        list(banner.banners(viewer))
    with django_assert_num_queries(0):
        assert list(banner.banners(viewer)) == []


def test_is_asked_for_while_a_stop_is_under_way(
    row, viewer, operator, django_assert_num_queries
):
    """A page that was made just before the stop's end is not followed by one without it."""
    row()
    request = planner.Request(operator, "browser")
    run = planner.plan(OPERATIONS[stop.STOP], {}, request)
    proof = {"typed": run.rows_meant, "fresh": True}
    decisions.confirm(run, operator, reason="spent", plan_hash=run.plan_hash, **proof)

    for _ in range(2):
        with django_assert_num_queries(2):
            list(banner.banners(viewer))
