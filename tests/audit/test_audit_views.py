"""The audit log as pages."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opsconsole.audit import log
from opsconsole.audit.models import Entry

pytestmark = pytest.mark.usefixtures("databases")
HERE = "/audit/"
NASTY = "<script>alert(1)</script>'; DROP TABLE audit_entry; --"


@pytest.fixture
def person(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def write(operator):
    """Append an entry."""

    def record(subject="Acme", action="operations.run.planned", **values):
        return log.record(
            **({"action": action, "subject": subject, "actor": operator} | values)
        )

    return record


@pytest.fixture
def subjects(person):
    """The subjects that an address lists, in order."""

    def listed(query=""):
        response = person.get(HERE + query)
        assert response.status_code == 200
        rows = response.context["table"].paginated_rows
        return [row.record.subject for row in rows]

    return listed


class TestAccess:
    @pytest.mark.parametrize("address", [HERE, f"{HERE}1/"])
    def test_asks_strangers_to_sign_in(self, client, address):
        assert client.get(address).status_code == 302

    @pytest.mark.parametrize("address", [HERE, f"{HERE}1/"])
    def test_refuses_a_person_without_a_role(
        self, client_of, django_user_model, address
    ):
        nobody = django_user_model.objects.create_user("nobody")

        assert client_of(nobody).get(address).status_code == 403

    def test_answers_no_post(self, person):
        assert person.post(HERE).status_code == 405


class TestList:
    def test_shows_the_newest_first(self, subjects, write):
        write("first")
        write("second")

        assert subjects() == ["second", "first"]

    def test_says_what_was_done_in_words(self, person, write):
        entry = write(action="operations.run.cancel_requested", run_id=7, reason="late")

        text = person.get(HERE).text

        for words in (
            "Run cancel requested",
            "operator",
            "late",
            "/operations/runs/7/",
        ):
            assert words in text
        assert f'href="/audit/{entry.pk}/"' in text

    def test_escapes_what_people_typed(self, person, write):
        write(NASTY, reason=NASTY)

        assert "<script>alert" not in person.get(HERE).text

    def test_says_that_there_is_none(self, person):
        assert "Nothing has been recorded yet." in person.get(HERE).text

    def test_costs_the_same_for_any_number(self, person, write):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                person.get(HERE)
            return len(captured)

        write()
        person.get(HERE)
        few = queries()
        for _ in range(10):
            write()

        assert queries() == few
        assert few <= 12

    @pytest.mark.parametrize("number", ["2", "-1", "9" * 30, "x"])
    def test_takes_any_page(self, subjects, write, number):
        write()

        assert subjects(f"?page={number}") == ["Acme"]


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("q=ACME", ["Acme"]),
            ("q=%25", []),
            ("q=zzz", []),
            ("actor=operator", ["Bolt", "Acme"]),
            ("actor=opsconsole", ["Crane"]),
            ("actor=nobody", ["Crane", "Bolt", "Acme"]),
            ("action=operations.run.applied", ["Bolt"]),
            ("action=x'", ["Crane", "Bolt", "Acme"]),
            ("run=7", ["Bolt", "Acme"]),
            ("run=8", []),
            ("run=x", ["Crane", "Bolt", "Acme"]),
            ("run=-1", ["Crane", "Bolt", "Acme"]),
            ("run=" + "9" * 40, ["Crane", "Bolt", "Acme"]),
            ("run=7&action=operations.run.planned", ["Acme"]),
            ("since=2026-05-02", ["Crane", "Bolt"]),
            ("until=2026-05-01", ["Acme"]),
            ("since=2026-05-02&until=2026-05-02", ["Bolt"]),
            ("since=0001-01-01", ["Crane", "Bolt", "Acme"]),
            ("until=9999-12-31", ["Crane", "Bolt", "Acme"]),
            ("since=yesterday", ["Crane", "Bolt", "Acme"]),
            ("sort=-action&unknown=1", ["Crane", "Bolt", "Acme"]),
        ],
    )
    def test_narrow_the_list(self, subjects, write, monkeypatch, query, expected):
        for day, values in enumerate(
            (
                {"subject": "Acme", "run_id": 7},
                {
                    "subject": "Bolt",
                    "run_id": 7,
                    "action": "operations.run.applied",
                },
                {"subject": "Crane", "actor": None},
            ),
            start=1,
        ):
            moment = datetime(2026, 5, day, 23, 59, 59, 999_999, tzinfo=UTC)
            monkeypatch.setattr("django.utils.timezone.now", lambda at=moment: at)
            write(**values)
        monkeypatch.undo()

        assert subjects(f"?{query}") == expected

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    @pytest.mark.parametrize("end", ["since", "until"])
    def test_take_any_day_in_any_zone(self, person, viewer, end, day, zone):
        viewer.time_zone = zone
        viewer.save()

        assert person.get(f"{HERE}?{end}={day}").status_code == 200

    def test_mean_days_of_the_reader(self, subjects, viewer, write, monkeypatch):
        moment = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        write()
        monkeypatch.undo()
        viewer.time_zone = "Europe/Berlin"  # there it is half past midnight
        viewer.save()

        assert subjects("?since=2026-05-02") == ["Acme"]
        assert subjects("?until=2026-05-01") == []

    def test_offer_the_people_and_actions_there_are(self, person, write):
        write(action="b.one")
        write(action="a.two", actor=None)
        write(action="b.one")

        form = person.get(HERE).context["filter"].form

        assert [v for v, _ in form.fields["action"].choices] == ["", "a.two", "b.one"]
        assert [v for v, _ in form.fields["actor"].choices] == [
            "",
            "operator",
            "opsconsole",
        ]


class TestEntry:
    def test_shows_body_and_hash(self, person, write):
        entry = write(NASTY, details={"plan": "abc", "nötig": [1, 2]})

        response = person.get(f"{HERE}{entry.pk}/")

        assert json.loads(response.context["body"]) == json.loads(entry.body)
        assert entry.hash in response.text
        assert "nötig" in response.text
        assert "<script>alert" not in response.text

    def test_leads_to_its_run(self, person, write):
        entry = write(run_id=7)

        assert 'href="/operations/runs/7/"' in person.get(f"{HERE}{entry.pk}/").text

    @pytest.mark.parametrize("pk", ["0", "1", "9" * 40])
    def test_is_not_found_when_there_is_none(self, person, pk):
        assert person.get(f"{HERE}{pk}/").status_code == 404


class TestAdmin:
    def test_changes_nothing(self, admin, client_of, write):
        entry = write()
        browser = client_of(admin)

        assert browser.get("/admin/audit/entry/").status_code == 200
        assert browser.get(f"/admin/audit/entry/{entry.pk}/change/").status_code == 200
        assert browser.post(f"/admin/audit/entry/{entry.pk}/delete/").status_code == 403
        assert browser.get("/admin/audit/entry/add/").status_code == 403
        assert Entry.objects.count() == 1
