"""Nobody approves a run of their own: not by a page, the admin, a terminal, the ORM or SQL."""

import threading
from datetime import timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.models.functions import Now
from django.urls import reverse

from opsconsole.audit.models import Entry
from opsconsole.operations import decisions
from opsconsole.operations.catalog.reset_failed_sync import ResetFailedSync
from opsconsole.operations.decisions import approvals
from opsconsole.operations.models import Approval, Run
from opsconsole.operations.showing import inbox
from opsconsole.operations.states import State
from opsconsole.operations.sweep import sweep
from opsconsole.operations.tasks import work
from tests import factories
from tests.conftest import CONSOLE
from tests.operations.people import approve, confirm, post, prove

pytestmark = pytest.mark.platform
HOUR = timedelta(hours=1)


@pytest.fixture
def approver(make_user):
    return make_user("approver")


@pytest.fixture
def boss(make_user):
    """A superuser of the console."""
    user = make_user("admin", "boss")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def plan_of(platform_sql, plan, monkeypatch):
    """A plan of that risk over one row, by the operator unless told otherwise."""
    from opsconsole.operations.planning import planner

    def make(risk="dangerous", by=None):
        monkeypatch.setattr(ResetFailedSync, "risk", risk)
        factories.failed(platform_sql)
        params = {"repositories": [], "workspace": None, "all_failed": True}
        if by is None:
            return plan("reset-failed-sync", **params)
        return planner.plan(ResetFailedSync, params, planner.Request(by, "browser"))

    return make


@pytest.fixture
def asked(plan_of, operator):
    """A dangerous run that waits for its approval."""
    run = plan_of()
    confirm(run, operator, reason="old entries cost us")
    return run


@pytest.fixture
def emergency(plan_of, operator):
    run = plan_of("emergency")
    confirm(run, operator, reason="rate limit is gone")
    return run


@pytest.fixture
def sql(databases):
    """Run SQL as the role that serves requests."""

    def run(text, *params):
        with connection.cursor() as cursor:
            cursor.execute(text, params or None)

    return run


@pytest.fixture
def behind_the_back(databases):
    """Run SQL as the database's superuser, triggers asleep."""
    with psycopg.connect(CONSOLE, autocommit=True) as intruder:
        intruder.execute("SET session_replication_role = replica")
        yield intruder.execute


def refused(run, match):
    """The deed inside is refused and the run is where it was."""
    return pytest.raises((decisions.Refused, DatabaseError), match=match)


def state_of(run):
    return Run.objects.values_list("state", flat=True).get(pk=run.pk)


class TestApproval:
    def test_queues_the_run_that_then_runs(self, asked, approver, platform_sql):
        approve(asked, approver, reason="looked at each row")
        assert asked.state == State.QUEUED
        work(asked.pk)

        assert state_of(asked) == State.APPLIED
        signed = Approval.objects.get()
        assert (signed.requester.username, signed.approver) == ("operator", approver)
        assert signed.plan_hash == asked.plan_hash
        entry = Entry.objects.get(action="operations.run.approved")
        assert (entry.actor_name, entry.reason) == ("approver", "old entries cost us")

    def test_starts_within_thirty_minutes(self, asked, approver):
        approve(asked, approver)

        decided_at = Approval.objects.get().decided_at
        assert asked.expires_at - decided_at == pytest.approx(
            timedelta(minutes=30), abs=timedelta(seconds=1)
        )

    def test_by_the_page_after_the_password(self, asked, approver, client_of):
        browser = client_of(approver)
        page = browser.get(asked.get_absolute_url())
        for shown in (asked.plan_hash, "old entries cost us", "operator"):
            assert shown in page.text

        response = post(browser, "approve", asked, plan_hash=asked.plan_hash)
        assert "Confirm that it is you" in response.text
        assert state_of(asked) == State.AWAITING

        prove(browser)
        response = post(browser, "approve", asked, plan_hash=asked.plan_hash)
        assert "Approved. The run is queued." in response.text
        assert state_of(asked) == State.QUEUED

    def test_an_old_password_is_asked_again(self, asked, approver, client_of):
        browser = client_of(approver)
        prove(browser)
        session = browser.session
        key = "account_authentication_methods"
        session[key] = [{**one, "at": one["at"] - 901} for one in session[key]]
        session.save()

        response = post(browser, "approve", asked, plan_hash=asked.plan_hash)

        assert "Confirm that it is you" in response.text

    def test_not_of_another_plan(self, asked, approver):
        with refused(asked, "not the plan you looked at"):
            approve(asked, approver, plan_hash="0" * 64)

    def test_not_twice(self, asked, approver, boss):
        approve(asked, approver)

        with refused(asked, "already queued"):
            approve(Run.objects.get(pk=asked.pk), boss)
        assert Approval.objects.count() == 1

    def test_two_at_once_are_one(self, asked, approver, boss):
        together, answers = threading.Barrier(2), []

        def go(person):
            run = Run.objects.get(pk=asked.pk)
            together.wait()
            try:
                approve(run, person)
                answers.append("approved")
            except decisions.Refused as refusal:
                answers.append(str(refusal))
            connections.close_all()

        threads = [threading.Thread(target=go, args=(one,)) for one in (approver, boss)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert answers.count("approved") == 1, answers
        assert Approval.objects.count() == 1
        assert Entry.objects.filter(action="operations.run.approved").count() == 1

    def test_not_by_an_operator_or_a_viewer(self, asked, make_user, client_of):
        for role in ("operator", "viewer"):
            person = make_user(role, f"another-{role}")
            with refused(asked, "Your role may not"):
                approve(asked, person)
            page = client_of(person).get(asked.get_absolute_url())
            assert "Waiting for approval" in page.text
            assert "Approve this plan" not in page.text

    def test_not_before_it_is_asked_for(self, plan_of, approver):
        run = plan_of()

        with refused(run, "already planned"):
            approve(run, approver)
        with refused(run, "Nobody asks"):
            insert(run, approver)


class TestRejection:
    def test_says_why(self, asked, approver, client_of, operator):
        browser = client_of(approver)
        response = post(browser, "reject", asked, reason="no")
        assert response.status_code == 400
        post(browser, "reject", asked, reason="wrong table")

        assert state_of(asked) == State.REJECTED
        assert Approval.objects.get().reason == "wrong table"
        assert "wrong table" in client_of(operator).get(asked.get_absolute_url()).text

    def test_nobody_approves_afterwards(self, asked, approver, boss):
        approvals.reject(asked, approver, reason="wrong table")

        with refused(asked, "already rejected"):
            approve(asked, boss)
        with refused(asked, "Nobody asks"):
            insert(asked, boss)

    def test_of_a_started_run_leaves_it_undoable(self, asked, approver, operator):
        approve(asked, approver)
        decisions.pause(asked, operator)
        work(asked.pk)
        Run.objects.update(paused_at=Now() - HOUR)
        asked.refresh_from_db()
        decisions.go_on(asked, operator, typed=1)

        approvals.reject(asked, approver, reason="enough of it")

        assert state_of(asked) == State.CANCELLED
        assert asked.finished_at is not None


class TestOwnRun:
    """The requester is refused everywhere, superuser or not."""

    @pytest.fixture(params=["approver", "boss"])
    def mine(self, request, plan_of):
        person = request.getfixturevalue(request.param)
        run = plan_of(by=person)
        confirm(run, person)
        return run

    def test_by_the_code(self, mine):
        for deed in (
            lambda: approve(mine, mine.requested_by),
            lambda: approvals.reject(mine, mine.requested_by, reason="no good"),
        ):
            with refused(mine, "You planned run"):
                deed()
        assert state_of(mine) == State.AWAITING

    def test_by_the_page(self, mine, client_of):
        browser = client_of(mine.requested_by)
        prove(browser)
        assert "Approve this plan" not in browser.get(mine.get_absolute_url()).text

        response = post(browser, "approve", mine, plan_hash=mine.plan_hash)

        assert "another person must approve" in response.text
        assert state_of(mine) == State.AWAITING

    def test_by_confirming_again(self, mine):
        with refused(mine, "already awaiting approval"):
            confirm(mine, mine.requested_by)

    def test_by_the_admin(self, mine, client_of):
        browser = client_of(mine.requested_by)
        for address in (
            reverse("admin:operations_approval_add"),
            reverse("admin:operations_run_change", args=[mine.pk]),
            reverse("admin:operations_run_delete", args=[mine.pk]),
        ):
            response = browser.post(address, {"state": "queued", "run": mine.pk})
            assert response.status_code in (302, 403)
        assert state_of(mine) == State.AWAITING
        assert not Approval.objects.exists()

    def test_by_the_orm(self, mine, operator):
        me = mine.requested_by
        with refused(mine, "approval_by_another"):
            insert(mine, me)
        with refused(mine, "approval_of_the_requester"):
            insert(mine, me, requester=operator)
        with refused(mine, "a plan cannot be changed"):
            Run.objects.filter(pk=mine.pk).update(requested_by=operator)
        assert state_of(mine) == State.AWAITING

    @pytest.mark.parametrize("state", ["queued", "applying", "verifying", "paused"])
    def test_by_setting_the_state(self, mine, sql, state):
        with refused(mine, "No second person approved"):
            mine.move(State.QUEUED)
        with refused(mine, "No second person approved"):
            sql("UPDATE operations_run SET state = %s", state)

    @pytest.mark.parametrize(
        "deed",
        [
            "UPDATE operations_run SET risk = 'routine'",
            "UPDATE operations_run SET risk = 'routine', state = 'queued'",
            "UPDATE operations_run SET plan_hash = '', risk = 'routine'",
            "UPDATE operations_run SET requested_by_id = NULL",
            "UPDATE operations_run SET asked_at = NULL",
            "UPDATE operations_run SET asked_at = now() - interval '1 hour'",
            "UPDATE operations_run SET state = 'planned', asked_at = NULL",
            "ALTER TABLE operations_run DISABLE TRIGGER ALL",
            "DROP TRIGGER run_is_approved ON operations_run",
            "SET session_replication_role = replica",
            "INSERT INTO operations_approval (run_id, requester_id, approver_id, decision,"
            " plan_hash, reason, decided_at) SELECT id, requested_by_id, requested_by_id,"
            " 'approved', plan_hash, '', now() FROM operations_run",
        ],
    )
    def test_by_sql(self, mine, sql, deed):
        with pytest.raises(DatabaseError):
            sql(deed)
        assert state_of(mine) == State.AWAITING

    def test_by_a_copy_of_the_run(self, mine, sql):
        with refused(mine, "begins with its plan"):
            sql(
                "INSERT INTO operations_run SELECT (jsonb_populate_record(r,"
                " jsonb_build_object('id', r.id + 1000, 'state', 'queued'))).*"
                " FROM operations_run r"
            )

    def test_by_a_terminal(self, mine):
        """There is no such command; a dangerous plan only asks."""
        with pytest.raises(SystemExit) as ended:
            call_command(
                "run_operation",
                "reset-failed-sync",
                *("--all-failed", "--reason", "because", "--apply"),
                *("--as", mine.requested_by.username),
            )

        assert ended.value.code not in (0, None)
        assert not Run.objects.filter(queued_at__isnull=False).exists()


def insert(run, approver, **given):
    """Store an approval without asking our code."""
    values = {
        "run": run,
        "requester": run.requested_by,
        "approver": approver,
        "decision": "approved",
        "plan_hash": run.plan_hash,
        "decided_at": Now(),
    }
    return Approval.objects.create(**(values | given))


class TestDatabase:
    def test_a_decision_is_final(self, asked, approver, sql):
        approve(asked, approver)

        for deed in (
            "UPDATE operations_approval SET reason = 'x'",
            "DELETE FROM operations_approval",
            "TRUNCATE operations_approval",
            "DELETE FROM operations_run",
        ):
            with pytest.raises(DatabaseError):
                sql(deed)
        assert Approval.objects.get().reason == ""

    def test_a_decision_is_dated_by_the_database(self, asked, approver):
        later = Now() + timedelta(days=1)
        approval = insert(asked, approver, decided_at=later)

        assert Approval.objects.filter(pk=approval.pk, decided_at__lte=Now()).exists()

    def test_a_decision_about_another_plan_is_refused(self, asked, approver):
        with refused(asked, "not the plan that is stored"):
            insert(asked, approver, plan_hash="0" * 64)

    def test_one_decision_for_each_time_it_is_asked(self, asked, approver, boss):
        insert(asked, approver)

        with refused(asked, "has decided already"):
            insert(asked, boss, decision="rejected", reason="wrong table")

    def test_a_decision_comes_too_late(self, asked, approver):
        Run.objects.update(expires_at=Now())

        with refused(asked, "too old"):
            insert(asked, approver)

    def test_an_earlier_approval_is_none_any_more(self, asked, approver, operator, sql):
        approve(asked, approver)
        decisions.pause(asked, operator)
        work(asked.pk)
        Run.objects.update(paused_at=Now() - HOUR)

        for deed in (
            "UPDATE operations_run SET paused_at = now()",
            "UPDATE operations_run SET state = 'applying'",
            "UPDATE operations_run SET state = 'waiting'",
        ):
            with pytest.raises(DatabaseError):
                sql(deed)
        sql("UPDATE operations_run SET state = 'awaiting approval'")
        with refused(asked, "No second person approved"):
            sql("UPDATE operations_run SET state = 'queued'")
        sql("UPDATE operations_run SET state = 'cancelled'")
        with refused(asked, "No second person approved"):
            sql("UPDATE operations_run SET state = 'queued'")

    def test_a_changed_chunk_is_refused(self, asked, sql):
        with refused(asked, "a plan cannot be changed"):
            sql("UPDATE operations_chunk SET after = '{}'")

    def test_a_chunk_changed_behind_its_back_is_not_signed(
        self, asked, approver, behind_the_back
    ):
        behind_the_back(
            'UPDATE operations_chunk SET after = after || \'{"sync_attempts": "9"}\''
        )

        with refused(asked, "somebody changed the stored plan"):
            approve(asked, approver)
        assert state_of(asked) == State.AWAITING

    def test_a_lost_chunk_is_not_signed(self, asked, approver, behind_the_back):
        behind_the_back("DELETE FROM operations_chunk")

        with refused(asked, "not the plan you looked at"):
            approve(asked, approver)


class TestExpiry:
    def test_an_approval_comes_too_late(self, asked, approver, client_of):
        Run.objects.update(expires_at=Now())
        browser = client_of(approver)
        prove(browser)

        response = post(browser, "approve", asked, plan_hash=asked.plan_hash)

        assert "too old" in response.text
        assert state_of(asked) == State.AWAITING
        sweep()
        assert state_of(asked) == State.EXPIRED

    def test_the_last_second_counts(self, asked, approver):
        Run.objects.update(expires_at=Now() + timedelta(seconds=1))
        asked.refresh_from_db()

        approve(asked, approver)

        assert asked.state == State.QUEUED

    def test_a_signature_that_nobody_took_up_in_time(self, asked, approver):
        approve(asked, approver)
        Run.objects.update(expires_at=Now())

        work(asked.pk)

        assert state_of(asked) == State.EXPIRED


class TestReview:
    def test_by_a_second_person(self, emergency, approver, client_of):
        browser = client_of(approver)
        assert "Emergency: Reset failed sync" in browser.get("/").text

        response = post(browser, "review", emergency, reason="it was right")

        assert "Reviewed." in response.text
        assert Approval.objects.get().decision == "reviewed"
        assert "Emergency: Reset failed sync" not in browser.get("/").text

    def test_every_page_says_so_to_whoever_sees_runs(
        self, emergency, viewer, client_of
    ):
        for address in ("/", "/operations/runs/", "/audit/"):
            assert "operator began it alone" in client_of(viewer).get(address).text
        viewer.groups.clear()
        assert "began it alone" not in client_of(viewer).get("/accounts/me/").text

    def test_is_possible_late_and_then_overdue(
        self, emergency, approver, client_of, sql
    ):
        with refused(emergency, "reviewed by a second person"):
            sql("UPDATE operations_run SET review_until = now()")
        with psycopg.connect(CONSOLE, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            owner.execute("UPDATE operations_run SET review_until = now()")
        browser = client_of(approver)
        assert "its review is overdue" in browser.get("/").text
        assert "Overdue since" in browser.get(emergency.get_absolute_url()).text

        emergency.refresh_from_db()
        approvals.review(emergency, approver, reason="late but right")

        assert not inbox.unreviewed().exists()

    def test_not_by_the_one_who_began(self, plan_of, boss):
        run = plan_of("emergency", by=boss)
        confirm(run, boss)

        with refused(run, "You planned run"):
            approvals.review(run, boss, reason="I was right")
        with refused(run, "approval_by_another"):
            insert(run, boss, decision="reviewed", reason="I was right")

    def test_not_by_an_operator(self, emergency, make_user):
        with refused(emergency, "Your role may not"):
            approvals.review(
                emergency, make_user("operator", "o2"), reason="it is fine"
            )

    def test_once(self, emergency, approver, boss):
        approvals.review(emergency, approver, reason="it was right")

        with refused(emergency, "has reviewed it already"):
            approvals.review(emergency, boss, reason="it was not")

    def test_of_emergencies_alone(self, asked, approver):
        with refused(asked, "no emergency"):
            approvals.review(asked, approver, reason="it was right")
        with refused(asked, "Only an emergency"):
            insert(asked, approver, decision="reviewed", reason="it was right")

    def test_cannot_be_waived(self, emergency, plan_of, sql):
        with refused(emergency, "reviewed by a second person"):
            sql("UPDATE operations_run SET review_until = NULL")
        fresh = plan_of("emergency")
        with refused(fresh, "reviewed by a second person"):
            fresh.move(State.QUEUED)

    def test_several_fold_into_one_banner(self, plan_of, approver, operator, client_of):
        """Each stop and each undo of one would push the page further down."""
        for _ in range(3):
            confirm(plan_of("emergency"), operator, reason="rate limit is gone")

        text = client_of(approver).get("/audit/").text

        assert text.count("began it alone") == 0
        assert text.count("3 emergencies to review") == 1
        assert "/operations/approvals/#reviews" in text


class TestInbox:
    HERE = "/operations/approvals/"

    def test_is_empty_at_first(self, databases, approver, client_of):
        page = client_of(approver).get(self.HERE)

        assert "Nothing waits for your decision" in page.text
        assert "Nothing was decided yet" in page.text

    def test_shows_each_what_is_theirs(
        self, asked, emergency, approver, operator, client_of
    ):
        theirs, mine = (
            client_of(approver).get(self.HERE),
            client_of(operator).get(self.HERE),
        )

        assert [run.pk for run in theirs.context["for_me"].data] == [asked.pk]
        assert len(theirs.context["of_mine"].data) == 0
        assert [run.pk for run in mine.context["of_mine"].data] == [asked.pk]
        assert len(mine.context["for_me"].data) == 0
        assert [run.pk for run in mine.context["reviews"].data] == [emergency.pk]
        assert "Waiting for your decision" not in mine.text
        assert f'{asked.get_absolute_url()}#decide" aria-label="Decide' in theirs.text
        assert (
            f'{emergency.get_absolute_url()}#review" aria-label="Review' in theirs.text
        )
        assert 'aria-label="Open' in mine.text
        assert 'aria-label="Decide' not in mine.text

    def test_counts_in_the_menu_what_waits_for_me(
        self, asked, emergency, approver, operator, client_of
    ):
        waiting = '<span class="count">2<span class="visually-hidden"> waiting for you'
        assert waiting in client_of(approver).get("/").text
        assert 'class="count">2' not in client_of(operator).get("/").text
        assert inbox.number_for(operator) == 0

    def test_lists_what_was_decided(self, asked, approver, client_of):
        approvals.reject(asked, approver, reason="wrong <b>table</b>")

        page = client_of(approver).get(self.HERE)

        assert "wrong &lt;b&gt;table" in page.text
        assert "Nothing waits for your decision" in page.text
        assert inbox.number_for(approver) == 0

    def test_leaves_out_what_is_too_old(self, asked, approver):
        Run.objects.update(expires_at=Now())

        assert inbox.number_for(approver) == 0

    def test_is_for_those_who_see_runs(self, databases, make_user, client_of):
        person = make_user("viewer")
        assert client_of(person).get(self.HERE).status_code == 200
        person.groups.clear()
        assert client_of(person).get(self.HERE).status_code == 403

    def test_the_requester_reads_who_can_approve(
        self, asked, approver, operator, client_of
    ):
        page = client_of(operator).get(asked.get_absolute_url())

        assert "Who can approve: approver." in page.text
        assert "Withdraw" in page.text
        approver.delete()
        page = client_of(operator).get(asked.get_absolute_url())
        assert "Nobody can approve it" in page.text
