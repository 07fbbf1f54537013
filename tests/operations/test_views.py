"""From a click to a result, and every way in which a click may be refused."""

from uuid import uuid4

import pytest
from django.urls import reverse

from opsconsole.audit.models import Entry
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests import factories

pytestmark = pytest.mark.platform
PLAN = "/operations/reset-failed-sync/plan/"
NASTY = "<script>alert(1)</script>'; DROP TABLE workspaces; --"


@pytest.fixture
def person(operator, client_of):
    return client_of(operator)


@pytest.fixture
def planned(platform_sql, person):
    """A failed repository and the plan to reset it, made through the form."""
    key = factories.failed(platform_sql, name="acme/broken", last_sync_error=NASTY)
    person.post(PLAN, {"repositories": [str(key)]})
    return Run.objects.get()


def confirm(person, run, **data):
    values = {"plan_hash": run.plan_hash, "reason": "customer asked"} | data
    return person.post(f"/operations/runs/{run.pk}/confirm/", values)


class TestWholePath:
    def test_plan_confirm_apply_and_read(self, person, planned, operator):
        page = person.get(planned.get_absolute_url())
        assert "1 row" in page.text
        assert "acme/broken" in page.text

        assert confirm(person, planned).status_code == 302
        assert (
            "Waiting for the next free worker"
            in person.get(planned.get_absolute_url()).text
        )
        work(planned.pk)

        page = person.get(planned.get_absolute_url())
        assert "Holds for 1 row of 1 written." in page.text
        actions = Entry.objects.values_list("action", "actor_name", "reason")
        assert list(actions.order_by("pk")) == [
            ("operations.run.planned", "operator", ""),
            ("operations.run.confirmed", "operator", "customer asked"),
            ("operations.run.started", "opsconsole", "customer asked"),
            ("operations.run.applied", "opsconsole", "customer asked"),
        ]

    def test_escapes_what_the_platform_says(self, person, planned):
        for address in (
            planned.get_absolute_url(),
            reverse("operations:rows", args=[planned.pk]),
        ):
            page = person.get(address)
            assert "<script>alert" not in page.text
            assert "&lt;script&gt;alert" in page.text

    def test_progress_hands_over_to_the_result(self, person, planned):
        address = reverse("operations:progress", args=[planned.pk])
        confirm(person, planned)
        assert 'id="live"' in person.get(address).text
        work(planned.pk)

        response = person.get(address)

        assert response["HX-Retarget"] == "#run"
        assert "Verified on the platform" in response.text


class TestRefusals:
    def test_confirming_twice_does_nothing_twice(self, person, planned):
        confirm(person, planned)
        response = confirm(person, planned)

        page = person.get(response.url)
        assert "nothing was done twice" in page.text
        assert Entry.objects.filter(action="operations.run.confirmed").count() == 1

    def test_another_plan_than_the_one_looked_at(self, person, planned):
        response = confirm(person, planned, plan_hash="0" * 64)

        assert "not the plan you looked at" in person.get(response.url).text
        planned.refresh_from_db()
        assert planned.state == State.PLANNED

    @pytest.mark.parametrize(
        ("reason", "sentence"),
        [
            ("", "This field is required"),
            ("abc", "at least 5"),
            ("x" * 10_000, "at most 2000"),
        ],
    )
    def test_a_reason_of_wrong_length(self, person, planned, reason, sentence):
        response = confirm(person, planned, reason=reason)

        assert response.status_code == 400
        assert sentence in response.text
        planned.refresh_from_db()
        assert planned.state == State.PLANNED

    def test_a_plan_without_rows(self, platform_sql, person):
        workspace = factories.workspace(platform_sql)
        person.post(PLAN, {"workspace": str(workspace)})
        run = Run.objects.get()

        assert "nothing to confirm" in person.get(run.get_absolute_url()).text
        confirm(person, run)
        run.refresh_from_db()
        assert run.state == State.PLANNED

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"workspace": str(uuid4())},
            {"workspace": NASTY},
            {"repositories": ["1", NASTY]},
        ],
    )
    def test_wrong_parameters(self, person, data):
        response = person.post(PLAN, data)

        assert response.status_code == 400
        assert not Run.objects.exists()
        assert "<script>alert" not in response.text

    def test_an_unknown_operation(self, person):
        assert person.get("/operations/format-disk/plan/").status_code == 404

    def test_a_get_changes_nothing(self, person, planned):
        for name in ("confirm", "cancel"):
            response = person.get(reverse(f"operations:{name}", args=[planned.pk]))
            assert response.url == planned.get_absolute_url()  # as after a new sign-in
        planned.refresh_from_db()
        assert planned.state == State.PLANNED

    def test_a_platform_without_the_grant(self, platform_sql, person, planned):
        platform_sql(
            "REVOKE UPDATE (sync_attempts) ON workspace_tracked_repositories FROM opsconsole_writer"
        )
        try:
            from opsconsole.platform import contract

            contract.forget()
            page = person.get(PLAN)
            assert "Switched off" in page.text
            assert person.post(PLAN, {"all_failed": "on"}).status_code == 400
            assert "sync_attempts" in person.get("/operations/").text
        finally:
            platform_sql(
                "GRANT UPDATE (sync_attempts) ON workspace_tracked_repositories TO opsconsole_writer"
            )
            contract.forget()


class TestLargeSelection:
    def test_its_page_can_be_read_and_confirmed(self, platform_sql, person):
        """3,000 ids made a statement that could not be laid out."""
        key = factories.failed(platform_sql)
        platform_sql("SET session_replication_role = replica")
        platform_sql(
            "INSERT INTO workspace_tracked_repositories (workspace_id, tracked_repository_id,"
            " added_by, last_sync_status) SELECT workspace_id, gen_random_uuid(), added_by,"
            " 'failed' FROM workspace_tracked_repositories, generate_series(1, 3000)"
            " WHERE id = %s",
            key,
        )
        ids = [
            str(row[0])
            for row in platform_sql("SELECT id FROM workspace_tracked_repositories")
        ]

        response = person.post(PLAN, {"repositories": ids})

        assert person.get(response.url).status_code == 200


class TestViewer:
    """A viewer sees everything and starts nothing."""

    @pytest.fixture
    def looking(self, viewer, client_of):
        return client_of(viewer)

    def test_may_look(self, looking, planned):
        for address in (
            "/operations/",
            "/operations/runs/",
            planned.get_absolute_url(),
        ):
            assert looking.get(address).status_code == 200
        assert "not confirm it" in looking.get(planned.get_absolute_url()).text

    def test_may_not_plan(self, looking, planned):
        assert looking.get(PLAN).status_code == 403
        assert looking.post(PLAN, {"all_failed": "on"}).status_code == 403
        assert Run.objects.count() == 1

    def test_may_not_confirm_or_cancel(self, looking, planned):
        confirm(looking, planned)
        looking.post(reverse("operations:cancel", args=[planned.pk]))

        planned.refresh_from_db()
        assert planned.state == State.PLANNED

    def test_nobody_without_a_role_sees_a_run(
        self, client, planned, make_user, client_of
    ):
        assert client.get(planned.get_absolute_url()).status_code == 302
        stranger = make_user("viewer", "stranger")
        stranger.groups.clear()
        assert client_of(stranger).get(planned.get_absolute_url()).status_code == 403


class TestLists:
    @pytest.mark.parametrize(
        "query",
        [
            "page=-1",
            "page=99999999999999999999",
            "page=x",
            "sort=-nothing",
            "state=lost",
            "q=" + "x" * 5000,
            "q=%00",
            "operation=%27",
        ],
    )
    def test_survive_any_address(self, person, planned, query):
        assert person.get(f"/operations/runs/?{query}").status_code == 200
        assert (
            person.get(f"/operations/runs/{planned.pk}/rows/?{query}").status_code
            == 200
        )

    def test_unknown_runs(self, person):
        assert person.get("/operations/runs/99999999999999999999/").status_code == 404
        assert person.get("/operations/runs/1/").status_code == 404

    def test_finds_a_run(self, person, planned):
        for query in (f"q=%23{planned.pk}", "q=operator", "state=planned", "mine=on"):
            assert (
                planned.get_absolute_url()
                in person.get(f"/operations/runs/?{query}").text
            )
        assert (
            planned.get_absolute_url()
            not in person.get("/operations/runs/?q=nothing").text
        )

    def test_rows_by_outcome(self, person, planned):
        address = reverse("operations:rows", args=[planned.pk])
        assert "acme/broken" in person.get(f"{address}?outcome=planned").text
        assert "No such rows" in person.get(f"{address}?outcome=skipped").text


class TestCancel:
    def test_discards_a_plan(self, person, planned):
        person.post(reverse("operations:cancel", args=[planned.pk]))

        planned.refresh_from_db()
        assert planned.state == State.CANCELLED
        assert "Nothing was changed" in person.get(planned.get_absolute_url()).text

    def test_is_refused_when_finished(self, person, planned):
        confirm(person, planned)
        work(planned.pk)

        response = person.post(reverse("operations:cancel", args=[planned.pk]))

        assert "is already applied" in person.get(response.url).text
