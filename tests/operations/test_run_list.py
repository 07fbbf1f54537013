"""The list of runs: what it shows and what it can be narrowed to."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from opsconsole.operations.asking import arguments
from opsconsole.operations.models import Run
from opsconsole.operations.showing.filters import GROUPS
from opsconsole.operations.states import State

pytestmark = pytest.mark.usefixtures("databases")
LIST = "/operations/runs/"


@pytest.fixture
def run(operator):
    def make(state=State.APPLIED, **fields):
        now = timezone.now()
        times = dict.fromkeys(("created_at", "planned_at", "expires_at"), now)
        defaults = {
            "operation": "set-priority",
            "title": "Set priority",
            "subject": "80 for acme/web",
            "risk": "routine",
            "params": {"priority": 80, "repositories": ["1"]},
            "requested_by": operator,
            "cluster": "bulk",
            "version": 1,
        }
        return Run.objects.create(**(defaults | times | {"state": state} | fields))

    return make


@pytest.fixture
def listed(operator, client_of):
    """The numbers of the runs that the list shows, in its order."""
    client = client_of(operator)

    def get(**query):
        page = client.get(LIST, query)
        assert page.status_code == 200
        return [row.record.pk for row in page.context["table"].paginated_rows]

    return get


def test_groups_of_states(run, listed):
    by_state = {state: run(state).pk for state in State}

    for name, members in GROUPS.items():
        expected = {by_state[state] for state in members}
        assert set(listed(state=name)) == expected, name
    assert listed(state="planned") == [by_state[State.PLANNED]]


def test_every_state_is_in_a_group():
    assert {state for members in GROUPS.values() for state in members} == set(State)


def test_risk_person_and_operation(run, listed, make_user):
    mine = run()
    theirs = run(requested_by=make_user("approver"), risk="dangerous")
    other = run(operation="set-interval", title="Set interval")

    assert listed(risk="dangerous") == [theirs.pk]
    assert listed(by="approver") == [theirs.pk]
    assert listed(mine="on") == [other.pk, mine.pk]
    assert listed(operation="set-interval") == [other.pk]


def test_undone_and_undo(run, listed):
    undone = run(State.UNDONE)
    undo = run(undo_of=undone)

    assert listed(undo="undone") == [undone.pk]
    assert listed(undo="undo") == [undo.pk]
    assert listed(undo="own") == [undone.pk]


def test_days_in_the_readers_zone(run, listed, operator):
    operator.time_zone = "Asia/Tokyo"
    operator.save()
    late = timezone.now().replace(
        year=2026, month=3, day=1, hour=20, minute=0
    )  # 2 March, 5 o'clock in Tokyo
    found = run(created_at=late)

    assert listed(since="2026-03-02", until="2026-03-02") == [found.pk]
    assert listed(until="2026-03-01") == []


def test_what_a_run_shows(run, operator, client_of):
    undone = run(State.UNDONE)
    run(undo_of=undone)

    text = client_of(operator).get(f"{LIST}?columns=title,params,state").text

    assert "80 for acme/web" in text
    assert "Priority, in points: 80" in text
    assert f"undoes run {undone.pk}" in text


def test_parameters_in_words(run):
    given = {
        "repositories": ["1", "2"],  # how rows are chosen: told by the subject
        "priority": 1200,
        "note": None,
        "relief": True,
        "tiers": ["a", "b", "c", "d", "e"],
    }

    assert arguments.brief(run(params=given)) == (
        "Priority, in points: 1\N{NARROW NO-BREAK SPACE}200 · Relief · Tiers: a, b, c, d and 1 more"
    )
    assert arguments.brief(run(operation="gone", params={"old_name": "x"})) == (
        "Old name: x"
    )


def test_views_are_saved_as_of_other_lists(run, operator, client_of):
    client = client_of(operator)
    assert "Save view…" in client.get(f"{LIST}?state=problems").text
    client.post(
        reverse("people:save_view"),
        {"page": "operations:run_list", "name": "Trouble", "query": "state=problems"},
    )

    assert "Trouble" in client.get(LIST).text


def test_as_a_file_in_the_lists_order(run, operator, client_of):
    first = run(finished_at=timezone.now() - timedelta(hours=1))
    second = run(subject="=cmd()")

    response = client_of(operator).get(f"{LIST}?format=csv")
    lines = b"".join(response.streaming_content).decode().splitlines()

    assert lines[0].startswith("Run,Operation,subject,State")
    assert [line.split(",")[0] for line in lines[1:]] == [str(second.pk), str(first.pk)]
    assert "'=cmd()" in lines[1]


def test_asks_few_questions(run, operator, client_of, django_assert_max_num_queries):
    for _ in range(30):
        run()
    client = client_of(operator)
    client.get(LIST)

    with django_assert_max_num_queries(12):
        client.get(LIST)
