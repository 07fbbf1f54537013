"""Every unfinished run says who moves it on, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.accounts.models import User
from opsconsole.operations.models import Run
from opsconsole.operations.showing import movement
from opsconsole.operations.states import FINISHED, NEXT, State

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANN = User(pk=7, username="ann")


def said(state, **fields):
    fields = {"expires_at": NOW + timedelta(minutes=12)} | fields
    return movement.sentences(Run(pk=9, state=state, **fields), NOW)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("state", [state for state in State if state not in FINISHED])
def test_every_unfinished_state_says_who(state):
    sentences = said(state)

    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)
    assert NEXT[state] in sentences or state == State.WAITING


@pytest.mark.parametrize("state", FINISHED)
def test_a_finished_one_says_nothing(state):
    assert said(state) == []


@pytest.mark.parametrize(
    ("state", "unless"),
    [
        (State.PLANNED, "unless somebody decides"),
        (State.AWAITING, "unless somebody decides"),
        (State.QUEUED, "unless a worker begins"),
    ],
)
def test_until_when_it_may_wait(state, unless):
    assert said(state)[-1] == f"Expires in 12 min {unless}."
    assert said(state, expires_at=NOW)[-1] == "Its time is over: it expires now."
    # A started run never expires, whatever it waits for.
    assert not any("xpires" in one for one in said(state, started_at=NOW))


def test_a_worker_holds_it_or_will():
    assert said(State.APPLYING, lease_until=later(25))[1] == (
        "A worker holds it; its lease ends in 25 s unless it is renewed."
    )
    for lease in (None, later(-1)):
        assert (
            "the next free one takes it" in said(State.APPLYING, lease_until=lease)[1]
        )


def test_workers_that_died():
    assert len(said(State.APPLYING, attempts=1)) == 2
    assert said(State.APPLYING, attempts=3)[2].startswith(
        "Workers that died since its last progress: 2. After 5"
    )


def test_a_wait_says_for_what_and_how_long():
    waits = said(State.WAITING, waiting_for="Rows are locked.", wait_until=later(14))
    assert waits == ["Rows are locked.", "Goes on by itself in 14 s."]

    assert said(State.WAITING, wait_until=NOW)[1] == (
        "The wait is over: the next free worker takes it."
    )


def test_a_pause_says_by_whom_and_why():
    paused = said(
        State.PAUSED,
        pause_requested_by=ANN,
        pause_reason="lunch",
        paused_at=later(-300),
    )
    assert paused[0] == "Paused 5 min ago by ann. Reason: lunch."
    assert said(State.PAUSED)[0] == "Paused by the console."


def test_what_was_asked_for_and_not_granted_yet():
    asked = said(State.APPLYING, pause_requested_by=ANN, pause_reason="lunch.")
    assert asked[0] == (
        "ann paused it: it stops after its current chunk. Reason: lunch."
    )
    asked = said(State.APPLYING, pause_requested_by=ANN, cancel_requested_by=ANN)
    assert asked[0] == "ann cancelled it: it ends after its current chunk."
    assert "paused it" not in " ".join(asked)


def test_a_run_in_line_names_the_one_before():
    before = Run(pk=3, title="Double intervals", state=State.APPLYING)

    assert said(State.QUEUED, behind=before) == [
        "Behind run 3 (Double intervals, applying): it starts when that one has ended."
    ]
    before.state = State.APPLIED
    assert NEXT[State.QUEUED] in said(State.QUEUED, behind=before)
