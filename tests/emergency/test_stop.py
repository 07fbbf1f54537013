"""Which stop holds: none, one, several, one that was taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from opsconsole.emergency import stop
from opsconsole.emergency.models import StopCheck
from opsconsole.operations.models import Run
from opsconsole.operations.states import State

pytestmark = pytest.mark.platform


def test_nothing_is_stopped_by_a_plan_alone(row, client_of, operator):
    row()
    client_of(operator).post("/operations/stop-all-syncs/plan/")

    assert Run.objects.get().state == State.PLANNED
    assert stop.current() is None
    assert stop.underway() is None


def test_says_who_why_and_since_when(stopped):
    held = stop.current()

    assert held.is_whole
    assert held.first.requested_by.username == "operator"
    assert held.first.reason == "the quota is spent, ticket 4711"
    assert held.since == stopped.started_at
    assert held.ended == stopped.finished_at


def test_a_second_stop_keeps_the_first_ones_reason(stopped, row, stop_all):
    row()
    second = stop_all(reason="caught one more")

    held = stop.current()

    assert held.runs == (stopped, second)
    assert held.first.reason == "the quota is spent, ticket 4711"
    assert held.since == stopped.started_at
    assert held.ended == second.finished_at


def test_a_resumed_stop_holds_no_more(stopped, resume):
    resume(stopped)

    assert stop.current() is None
    assert stop.last_resumed() == stopped


def test_a_stop_taken_back_in_part_holds_no_more(stopped, resume):
    """As the engine leaves it when not all that it wrote could be planned back."""
    undo = resume(stopped)
    Run.objects.filter(pk=stopped.pk).update(state=State.APPLIED)
    Run.objects.filter(pk=undo.pk).update(state=State.APPLIED_WITH_PROBLEMS)

    assert stop.current() is None
    assert stop.last_resumed() == stopped


def test_a_stop_whose_undo_was_undone_holds_again(stopped, resume):
    resume(resume(stopped))

    assert stop.current().runs == (stopped,)


def test_the_first_stop_goes_on_when_the_second_one_is_taken_back(
    stopped, row, stop_all, resume
):
    row()
    resume(stop_all())

    assert stop.current().runs == (stopped,)


def test_a_cancelled_stop_holds_in_part(stopped):
    Run.objects.filter(pk=stopped.pk).update(state=State.CANCELLED)

    assert not stop.current().is_whole


def test_one_that_wrote_nothing_stops_nothing(stopped):
    Run.objects.filter(pk=stopped.pk).update(state=State.CANCELLED, rows_written=0)

    assert stop.current() is None


def test_a_confirmed_one_is_under_way(stopped):
    Run.objects.filter(pk=stopped.pk).update(state=State.QUEUED)

    assert stop.underway() == stopped
    assert stop.current() is None


@pytest.mark.parametrize("syncing", [0, 5, None])
def test_after_its_undo_is_over_it_ends_when_rows_sync_again(stopped, syncing):
    """Nobody can take it back by then, so that it has been resumed by hand."""
    month = timezone.now() - timedelta(days=31)
    Run.objects.filter(pk=stopped.pk).update(finished_at=month)
    StopCheck.objects.create(run=stopped, at=timezone.now(), syncing=syncing)

    assert (stop.current() is None) == (syncing == 5)


def test_looking_for_it_is_one_query(stopped, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert stop.current().first.requested_by.username == "operator"
