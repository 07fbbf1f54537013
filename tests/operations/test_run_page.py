"""The page of a run: what it shows in each state, what it offers, how it renews itself."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from opsconsole.operations import decisions, workers
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Approval, EffectCheck, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests import factories

pytestmark = pytest.mark.platform
THIN = "\N{NARROW NO-BREAK SPACE}"
COMMA = re.compile(r"\d,\d{3}(?!\d)")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(operator, client_of):
    return client_of(operator)


@pytest.fixture
def looking(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def half_done(stage, confirmed):
    """1,200 rows in three chunks, of which one is written."""
    stage.fill(1200)
    run = confirmed("demo-change", add=1)
    work(run.pk, seconds=0)  # starts
    work(run.pk, seconds=0)  # writes one chunk
    run.refresh_from_db()
    assert run.rows_done == 500
    return run


def address(name, run):
    return reverse(f"operations:{name}", args=[run.pk])


def phase_in(page):
    """The phase with which a page asks for its next renewal."""
    return re.search(r"seen=([\w.-]+)", page.text)[1]


def set_fields(run, **fields):
    Run.objects.filter(pk=run.pk).update(**fields)
    run.refresh_from_db()


class TestLive:
    def test_figures_of_a_run_at_work(self, person, half_done):
        set_fields(half_done, worked=timedelta(seconds=2))

        text = person.get(half_done.get_absolute_url()).text

        assert "41 %" in text
        assert f"500 of 1{THIN}200 rows" in text
        assert "Chunk 2 of 3: 250 rows/s · about 2.8 s left." in text
        assert "No worker holds it at the moment" in text
        assert "Started." in text  # the log

    def test_the_speed_is_unknown_at_first(self, person, half_done):
        set_fields(half_done, worked=timedelta(0))

        text = person.get(half_done.get_absolute_url()).text

        assert "Speed and time left: unknown yet." in text

    def test_each_step_of_several(self, stage, confirmed, person):
        stage.fill(600)
        run = confirmed("demo-two-steps", add=1)
        for _ in range(4):  # start, two chunks of the first step, one of the second
            work(run.pk, seconds=0)

        page = person.get(run.get_absolute_url())

        assert "of step 2 of 2" in page.text
        first, second = page.context["steps"]
        assert (first.written, first.left, first.is_over) == (600, 0, True)
        assert (second.written, second.left, second.is_over) == (500, 100, False)

    def test_why_it_waits(self, person, half_done):
        until = timezone.now() + timedelta(seconds=20.5)
        set_fields(
            half_done,
            state=State.WAITING,
            waiting_for="1,234 sessions of the platform wait for locks.",
            wait_until=until,
        )

        text = person.get(half_done.get_absolute_url()).text

        assert f"1{THIN}234 sessions of the platform wait" in text
        assert "Goes on by itself in 20 s." in text

    def test_verifying_counts_what_was_looked_at(self, person, half_done):
        set_fields(half_done, state=State.VERIFYING)
        half_done.steps.get().chunks.filter(number=0).update(rows_holding=500)

        text = person.get(half_done.get_absolute_url()).text

        assert "500 of 500 written and looked at again" in text

    @pytest.mark.parametrize(
        ("expected", "shown"),
        [
            (40_000, f"12{THIN}000 of 40{THIN}000 rows worked out"),
            (None, "how many there are is not known yet"),
        ],
    )
    def test_a_plan_in_the_making(self, person, operator, expected, shown):
        run = _run(
            operator, State.PLANNING, rows_planned=12_000, rows_expected=expected
        )

        text = person.get(run.get_absolute_url()).text

        assert shown in text
        assert "Give the plan up" in text

    def test_a_dead_queue_is_named(self, person, half_done, monkeypatch):
        assert "No worker is alive" in person.get(half_done.get_absolute_url()).text

        living = {"bulk": [object()], "urgent": []}
        monkeypatch.setattr(workers, "living", lambda: living)

        text = person.get(half_done.get_absolute_url()).text
        assert "No worker is alive" not in text

    def test_works_without_javascript(self, person, half_done):
        assert 'http-equiv="refresh"' in person.get(half_done.get_absolute_url()).text


class TestRenewal:
    def test_head_and_buttons_come_in_another_phase_alone(self, person, half_done):
        page = person.get(half_done.get_absolute_url())
        asked = f"{address('progress', half_done)}?seen={phase_in(page)}"

        same = person.get(asked).text
        assert 'id="live"' in same
        assert 'id="actions"' not in same
        assert "<h1" not in same

        set_fields(half_done, pause_requested_by=half_done.requested_by)

        other = person.get(asked).text
        assert 'id="actions" hx-swap-oob="true"' in other
        assert 'id="head" hx-swap-oob="true"' in other
        assert "41 % done" in other  # to screen readers

    def test_a_wait_leaves_alone_what_is_typed_beside_the_buttons(
        self, person, half_done
    ):
        """Under a lock a run goes between applying and waiting every few seconds."""
        seen = phase_in(person.get(half_done.get_absolute_url()))
        set_fields(half_done, state=State.WAITING, waiting_for="Rows are locked.")

        text = person.get(f"{address('progress', half_done)}?seen={seen}").text

        assert 'id="head" hx-swap-oob="true"' in text
        assert 'id="actions"' not in text

        set_fields(half_done, state=State.PAUSED, paused_at=timezone.now())
        text = person.get(f"{address('progress', half_done)}?seen={seen}").text
        assert 'id="actions" hx-swap-oob="true"' in text

    def test_each_quarter_is_told(self, person, half_done):
        seen = phase_in(person.get(half_done.get_absolute_url()))
        work(half_done.pk, seconds=0)  # 1,000 of 1,200 rows

        text = person.get(f"{address('progress', half_done)}?seen={seen}").text

        assert "83 % done" in text
        assert 'id="actions"' not in text

    def test_the_end_brings_the_whole_page(self, person, half_done):
        seen = phase_in(person.get(half_done.get_absolute_url()))
        work(half_done.pk)

        response = person.get(f"{address('progress', half_done)}?seen={seen}")

        assert response["HX-Retarget"] == "#run"
        assert "Verified on the platform" in response.text

    def test_a_plan_is_left_alone_until_somebody_decides(
        self, stage, plan, person, operator
    ):
        stage.fill(1)
        run = plan("demo-change", add=1)
        seen = phase_in(person.get(run.get_absolute_url()))
        asked = f"{address('progress', run)}?seen={seen}"

        assert person.get(asked).status_code == 204

        decisions.cancel(run, operator)

        assert person.get(asked)["HX-Retarget"] == "#run"


class TestButtons:
    @pytest.mark.parametrize(
        ("state", "fields", "offers"),
        [
            (State.QUEUED, {}, {"pause", "cancel"}),
            (State.APPLYING, {}, {"pause", "cancel"}),
            (State.WAITING, {}, {"pause", "cancel"}),
            (State.PAUSED, {"paused_at": timezone.now()}, {"go_on", "cancel"}),
            (State.VERIFYING, {}, set()),
            (State.PLANNING, {}, {"cancel"}),
            (State.APPLIED, {}, set()),
        ],
    )
    def test_by_state(self, person, looking, operator, state, fields, offers):
        run = _run(operator, state, **fields)

        def offered(client):
            text = client.get(run.get_absolute_url()).text
            names = ("pause", "go_on", "cancel")
            return {name for name in names if f'action="{address(name, run)}"' in text}

        assert offered(person) == offers
        assert offered(looking) == set()

    def test_what_was_asked_for_is_not_offered_again(self, person, half_done, operator):
        set_fields(half_done, pause_requested_by=operator, pause_reason="lunch")
        text = person.get(half_done.get_absolute_url()).text
        assert f'action="{address("pause", half_done)}"' not in text
        assert f'action="{address("cancel", half_done)}"' in text

        set_fields(half_done, cancel_requested_by=operator)
        text = person.get(half_done.get_absolute_url()).text
        assert f'action="{address("cancel", half_done)}"' not in text
        assert "operator cancelled it: it ends after its current chunk." in text

    def test_after_a_long_pause_one_click_is_not_enough(self, person, half_done):
        set_fields(
            half_done,
            state=State.PAUSED,
            paused_at=timezone.now() - timedelta(hours=2),
        )

        text = person.get(half_done.get_absolute_url()).text

        assert 'id="resume"' not in text
        assert "Go on after a long pause" in text


class TestResult:
    def test_skipped_rows_with_all_three_values(self, stage, plan, applied, person):
        _, second, _ = stage.fill(3)
        run = plan("demo-change", add=5)
        stage.touch(second)
        applied(run)

        page = person.get(run.get_absolute_url())

        [row] = page.context["skipped"]
        assert row.label == "row 2"
        text = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
        assert "12 becomes 17 held 1000012" in text

    def test_nothing_written_is_no_success(self, stage, plan, applied, person):
        keys = stage.fill(2)
        run = plan("demo-change", add=5)
        stage.touch(*keys)
        applied(run)

        text = person.get(run.get_absolute_url()).text

        assert "Nothing was written" in text
        assert "of 0" not in text
        assert "It changed nothing: there is nothing to undo." in text

    def test_an_optional_step_that_failed(self, stage, plan, applied, person):
        stage.fill(2)
        run = applied(plan("demo-optional"))

        page = person.get(run.get_absolute_url())

        assert "Failed, and the run went on" in page.text
        assert [step.written for step in page.context["steps"]] == [2, 0, 2]

    def test_what_was_answered(self, stage, plan, applied, person):
        run = applied(plan("demo-call", behaviours=["on", "mystery", "lost"]))

        page = person.get(run.get_absolute_url())

        words = {answer.label: answer.word for answer in page.context["answers"]}
        assert words == {"target 0": "done", "target 1": "unknown", "target 2": "done"}
        assert page.context["answers"][0].word == "unknown"  # what went wrong first
        assert "r0" in page.text
        assert "took" in page.text

    def test_effects(self, stage, plan, applied, person):
        stage.fill(1)
        run = applied(plan("demo-change", add=1))
        now = timezone.now()
        EffectCheck.objects.create(
            run=run,
            after=timedelta(minutes=15),
            due_at=now,
            checked_at=now,
            effect="harmful",
            sentence="1,234 rows fail.",
        )
        EffectCheck.objects.create(
            run=run, after=timedelta(hours=1), due_at=now + timedelta(minutes=59.5)
        )

        text = person.get(run.get_absolute_url()).text

        assert "After 15 min" in text
        assert "Harmful" in text
        assert f"1{THIN}234 rows fail." in text
        assert 'href="#undo"' in text
        assert "looks again" in text

    def test_who_approved(self, stage, plan, applied, person, make_user, operator):
        stage.fill(1)
        run = applied(plan("demo-change", add=1))
        set_fields(run, review_until=timezone.now())
        Approval.objects.create(
            run=run,
            requester=operator,
            approver=make_user("approver"),
            decision="reviewed",
            plan_hash=run.plan_hash,
            reason="was right",
            decided_at=timezone.now(),
        )

        text = person.get(run.get_absolute_url()).text

        assert "<b>approver</b> reviewed it" in text
        assert "was right" in text

    def test_rows_that_are_no_longer_kept(self, person, operator):
        run = _run(operator, State.APPLIED, rows_planned=5, plan_hash="0" * 64)

        assert "Its rows are no longer kept" in person.get(run.get_absolute_url()).text
        assert "no longer kept" in person.get(address("rows", run)).text


class TestUndo:
    def test_from_the_button_to_the_plan_and_both_links(
        self, stage, plan, applied, person
    ):
        stage.fill(3)
        run = applied(plan("demo-change", add=5))
        text = person.get(run.get_absolute_url()).text
        assert "Gives back what this run wrote: 3 rows" in text
        assert "until" in text

        response = person.post(address("undo", run))

        undo = Run.objects.get(undo_of=run)
        assert response.url == undo.get_absolute_url()
        assert run.get_absolute_url() in person.get(undo.get_absolute_url()).text
        text = person.get(run.get_absolute_url()).text
        assert undo.get_absolute_url() in text
        assert "Its undo is under way already" in text
        assert address("undo", run) not in text

        applied(undo)

        text = person.get(run.get_absolute_url()).text
        assert "It was undone" in text
        assert "It is undone already." in text

    def test_what_changed_since_is_named_on_its_plan(
        self, stage, plan, applied, person
    ):
        first, *_ = stage.fill(3)
        run = applied(plan("demo-change", add=5))
        stage.touch(first)
        person.post(address("undo", run))

        text = person.get(Run.objects.get(undo_of=run).get_absolute_url()).text

        assert "Changed since: left alone" in text
        assert "row 1" in text
        assert "1000016" in text

    def test_rows_that_changed_before_it_are_not_said_to_have_changed_after_it(
        self, stage, plan, applied, undone, person
    ):
        first, *_ = stage.fill(3)
        run = applied(plan("demo-change", add=5))
        stage.touch(first)

        undo = undone(run)

        text = person.get(undo.get_absolute_url()).text
        assert f"changed since run {run.pk} wrote them" in text
        assert f"1 of 3 rows skipped: changed since run {run.pk} wrote them" in text
        assert "changed after the plan" not in text

    def test_one_that_was_cancelled_is_not_said_to_undo(
        self, stage, plan, applied, person, operator
    ):
        stage.fill(3)
        run = applied(plan("demo-change", add=5))
        person.post(address("undo", run))
        undo = Run.objects.get(undo_of=run)
        pages = (run, undo)
        assert "undoes this one" in person.get(run.get_absolute_url()).text

        decisions.cancel(undo, operator)

        first, second = (person.get(one.get_absolute_url()).text for one in pages)
        assert "was to undo this one" in first
        assert "This run was to undo <a" in second
        assert "undoes" not in first + second
        listed = person.get("/operations/runs/").text
        assert f"was to undo run {run.pk}" in listed

    def test_of_a_run_that_has_looks_to_come(
        self, stage, plan, applied, undone, person
    ):
        stage.fill(1)
        run = applied(plan("demo-change", add=1))
        due = timezone.now() + timedelta(minutes=9)
        EffectCheck.objects.create(run=run, after=timedelta(minutes=15), due_at=due)
        assert "looks again" in person.get(run.get_absolute_url()).text

        undone(run)

        text = person.get(run.get_absolute_url()).text
        assert "The console looks again" not in text
        assert "Nobody looks again: the run was undone." in text

    def test_an_obstacle_is_said(self, stage, plan, person):
        stage.fill(1)
        run = plan("demo-change", add=5)

        response = person.post(address("undo", run), follow=True)

        assert "Only what has ended can be undone" in response.text
        assert not Run.objects.filter(undo_of=run).exists()

    def test_what_cannot_be_undone_is_said_before_and_after(
        self, stage, plan, applied, person
    ):
        stage.fill(2)
        run = plan("demo-delete-for-good")
        assert "Cannot be undone" in person.get(run.get_absolute_url()).text

        applied(run)

        text = person.get(run.get_absolute_url()).text
        assert "Nothing that it did can be undone." in text
        assert 'id="take-back"' not in text

    def test_needs_the_operations_permission(self, stage, plan, applied, looking):
        stage.fill(1)
        run = applied(plan("demo-change", add=5))

        assert looking.post(address("undo", run)).status_code == 403
        assert 'id="take-back"' not in looking.get(run.get_absolute_url()).text
        assert not Run.objects.filter(undo_of=run).exists()

    def test_a_platform_that_does_not_answer(
        self, stage, plan, applied, person, request
    ):
        stage.fill(1)
        run = applied(plan("demo-change", add=5))
        request.getfixturevalue("unreachable")

        response = person.post(address("undo", run))

        assert response.status_code == 503
        assert not Run.objects.filter(undo_of=run).exists()
        assert person.get(run.get_absolute_url()).status_code == 200

    def test_an_operation_that_is_no_more(self, person, operator):
        run = _run(
            operator,
            State.APPLIED,
            operation="gone",
            rows_planned=1,
            rows_written=1,
            finished_at=timezone.now(),
        )

        assert 'id="take-back"' not in person.get(run.get_absolute_url()).text
        assert person.post(address("undo", run)).status_code == 403

    def test_a_get_only_leads_to_the_run(self, stage, plan, applied, person):
        stage.fill(1)
        run = applied(plan("demo-change", add=5))

        assert person.get(address("undo", run)).url == run.get_absolute_url()
        assert not Run.objects.filter(undo_of=run).exists()


class TestEmergency:
    """Stop works without the queue: the run's own page does it."""

    @pytest.fixture
    def emergency(self, platform_sql, plan, operator):
        for _ in range(3):
            factories.tracked(platform_sql)
        run = plan("stop-all-syncs")
        decisions.confirm(
            run,
            operator,
            reason="quota is spent",
            plan_hash=run.plan_hash,
            typed=run.rows_meant,
            fresh=True,
        )
        run.refresh_from_db()
        return run

    def test_the_page_does_the_work_until_it_is_done(
        self, emergency, person, platform_sql
    ):
        page = person.get(emergency.get_absolute_url())
        assert "this page does the work" in page.text
        assert f'hx-post="{address("advance", emergency)}' in page.text

        for _ in range(5):
            emergency.refresh_from_db()
            if emergency.is_finished:
                break
            answer = person.post(address("advance", emergency), headers=HTMX)

        assert emergency.state == State.APPLIED
        assert answer["HX-Retarget"] == "#run"
        [[syncing]] = platform_sql(
            "SELECT count(*) FROM workspace_tracked_repositories WHERE fetch_issues"
        )
        assert syncing == 0

    def test_not_while_a_worker_may_still_come(self, emergency, person, monkeypatch):
        living = {"bulk": [], "urgent": [object()]}
        monkeypatch.setattr(workers, "living", lambda: living)

        person.post(address("advance", emergency), headers=HTMX)
        assert _state_of(emergency) == State.QUEUED
        assert "does the work" not in person.get(emergency.get_absolute_url()).text

        set_fields(emergency, nudged_at=timezone.now() - timedelta(seconds=3.1))

        assert "does the work" in person.get(emergency.get_absolute_url()).text
        person.post(address("advance", emergency), headers=HTMX)
        assert _state_of(emergency) == State.APPLIED

    def test_not_while_somebody_holds_it(self, emergency, person):
        set_fields(
            emergency,
            lease_token=uuid4(),
            lease_until=timezone.now() + timedelta(seconds=20),
        )

        person.post(address("advance", emergency), headers=HTMX)

        assert _state_of(emergency) == State.QUEUED

    def test_an_ordinary_run_waits_for_its_worker(self, half_done, person):
        person.post(address("advance", half_done), headers=HTMX)

        half_done.refresh_from_db()
        assert half_done.rows_done == 500
        assert "hx-post" not in person.get(half_done.get_absolute_url()).text

    def test_whoever_may_not_run_it_cannot_advance_it(self, emergency, looking):
        text = looking.get(emergency.get_absolute_url()).text
        assert "hx-post" not in text
        assert "Somebody who may run it must open this page" in text

        assert looking.post(address("advance", emergency)).status_code == 403
        assert _state_of(emergency) == State.QUEUED

    def test_without_javascript_a_button_does_it(self, emergency, person):
        assert (
            "Do the next second of work"
            in person.get(emergency.get_absolute_url()).text
        )

        response = person.post(address("advance", emergency))

        assert response.url == emergency.get_absolute_url()
        assert _state_of(emergency) == State.APPLIED
        assert person.get(address("advance", emergency)).status_code == 302

    def test_needs_the_csrf_token(self, emergency, operator):
        from django.test import Client

        strict = Client(enforce_csrf_checks=True)
        strict.force_login(operator)

        assert strict.post(address("advance", emergency)).status_code == 403
        assert _state_of(emergency) == State.QUEUED


class TestKinds:
    """Each kind of step is shown by what it is: planned, and at its end."""

    @pytest.mark.parametrize(
        ("slug", "params", "shown"),
        [
            ("demo-change", {"add": 1}, "What is sent for"),
            ("demo-insert", {}, "Adds rows to demonstration_archive."),
            ("demo-delete", {}, "Deletes rows of demonstration."),
            ("demo-move", {}, "Moves rows out of demonstration."),
            ("demo-statement", {"sql": "SELECT 1"}, "Sends a statement"),
            ("demo-call", {"behaviours": ["on"]}, "What this cannot know"),
        ],
    )
    def test_each(self, stage, plan, applied, person, slug, params, shown):
        stage.fill(2)
        run = plan(slug, **params)
        assert shown in person.get(run.get_absolute_url()).text
        assert person.get(address("rows", run)).status_code == 200

        applied(run)

        assert run.state == State.APPLIED, run.error
        assert shown in person.get(run.get_absolute_url()).text
        assert person.get(address("rows", run)).status_code == 200

    def test_the_targets_of_calls(self, stage, plan, person):
        run = plan("demo-call", behaviours=["on", "off"])

        text = person.get(run.get_absolute_url()).text

        assert "target 1" in text
        assert "By opposite calls" in text

    def test_how_the_rows_are_found(self, stage, plan, person):
        stage.fill(2)

        text = person.get(plan("demo-change", add=1).get_absolute_url()).text

        assert "EXPLAIN" in text
        assert "Seq Scan on demonstration" in text


class TestNumbers:
    def test_all_are_grouped_alike(self, stage, plan, applied, person):
        stage.fill(2400)
        run = plan("demo-two-steps", add=1)
        addresses = [run.get_absolute_url(), address("rows", run)]

        def wrong():
            return [COMMA.findall(person.get(one).text) for one in addresses]

        assert wrong() == [[], []]
        applied(run)
        assert wrong() == [[], []]
        assert f"2{THIN}400" in person.get(run.get_absolute_url()).text

    def test_one_row_is_not_rows(self, stage, plan, applied, person):
        stage.fill(1)
        run = applied(plan("demo-change", add=1))

        for one in (run.get_absolute_url(), "/operations/runs/?columns=rows_written"):
            text = " ".join(re.sub(r"<[^>]+>", " ", person.get(one).text).split())
            assert re.search(r"\b1 row\b", text), one
            assert not re.search(r"\b1 rows\b", text), one

    def test_of_the_subject_too(self, stage, plan, person, monkeypatch):
        stage.fill(1)
        subject = "48 h for all 1,075 repositories"
        monkeypatch.setattr(OPERATIONS["demo-change"], "subject", lambda *_: subject)
        run = plan("demo-change", add=1)

        for one in (run.get_absolute_url(), "/operations/runs/"):
            text = person.get(one).text
            assert f"all 1{THIN}075 repositories" in text, one


class TestWords:
    def test_of_the_audit_are_those_of_its_own_page(
        self, stage, plan, applied, make_user, client_of
    ):
        keys = stage.fill(2)
        run = plan("demo-change", add=1)
        stage.touch(keys[0])
        applied(run)

        text = client_of(make_user("admin")).get(run.get_absolute_url()).text

        assert "<p>Run planned</p>" in text
        assert "<p>Run applied with problems</p>" in text
        assert "operations.run." not in text


class TestJump:
    """What the reader is asked for may stand far below: the head leads to it."""

    def test_to_the_confirmation(self, stage, plan, person, looking):
        stage.fill(2)
        run = plan("demo-change", add=1)

        text = person.get(run.get_absolute_url()).text

        assert 'href="#decide"' in text
        assert "Confirm: 2 rows" in text
        assert 'id="decide"' in text
        assert 'href="#decide"' not in looking.get(run.get_absolute_url()).text

    @pytest.mark.parametrize(
        ("rows", "why"),
        [
            (3, "0 of 3 chosen would change: all 3 hold the new values already."),
            (1, "0 of 1 chosen would change: it holds the new values already."),
            (0, "Nothing that is chosen is what this operation changes"),
        ],
    )
    def test_a_plan_of_nothing_says_why(self, stage, plan, person, rows, why):
        stage.fill(rows)

        text = person.get(plan("demo-change", add=0).get_absolute_url()).text

        assert why in text

    def test_not_where_nothing_can_be_confirmed(self, stage, plan, person):
        run = plan("demo-change", add=1)

        assert 'href="#decide"' not in person.get(run.get_absolute_url()).text


class TestRows:
    def test_tabs_count_each_outcome(self, stage, plan, applied, person):
        _, second, _ = stage.fill(3)
        run = plan("demo-change", add=5)
        stage.touch(second)
        applied(run)

        page = person.get(address("rows", run) + "?outcome=skipped")

        counts = {tab["label"]: tab["count"] for tab in page.context["tabs"]}
        assert counts == {
            "All": 3,
            "Planned": 0,
            "Written": 2,
            "Found": 0,
            "Skipped": 1,
        }
        assert f"{address('rows_csv', run)}?outcome=skipped" in page.text
        assert "row 2" in page.text
        assert "row 1" not in page.text


def _state_of(run):
    return Run.objects.values_list("state", flat=True).get(pk=run.pk)


def _run(person, state, **fields):
    """A run without a plan, in that state."""
    now = timezone.now()
    defaults = {
        "operation": "reset-failed-sync",
        "version": 1,
        "title": "Reset failed sync",
        "risk": "routine",
        "cluster": "bulk",
        "params": {},
        "requested_by": person,
        "state": state,
        **dict.fromkeys(("created_at", "planned_at", "expires_at"), now),
    }
    return Run.objects.create(**(defaults | fields))
