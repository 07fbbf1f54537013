import json
import os
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from opsconsole.platform import contract
from opsconsole.supervisor import doctor
from opsconsole.supervisor.doctor import Level
from opsconsole.supervisor.doctor.checks import CHECKS, Check, ok

pytestmark = pytest.mark.usefixtures("databases")


def found(name):
    return [(finding.level, str(finding)) for finding in doctor.examine([name])]


@pytest.fixture
def as_superuser():
    """Run SQL on the console's database as somebody who may do everything."""
    with psycopg.connect(
        os.environ["OPSCONSOLE_TEST_CONSOLE_SUPERUSER_URL"], autocommit=True
    ) as connection:
        yield connection.execute


@pytest.fixture
def unreachable():
    """Lead one database to nowhere."""
    changed = []

    def lead(alias):
        connection = connections[alias]
        connection.close()
        changed.append((connection, connection.settings_dict["HOST"]))
        connection.settings_dict["HOST"] = "/nowhere"

    yield lead
    for connection, host in changed:
        connection.close()
        connection.settings_dict["HOST"] = host
    contract.forget()


class TestExamine:
    def test_a_good_set_up_has_no_problem(self):
        problems = [str(f) for f in doctor.examine() if f.level == Level.PROBLEM]

        assert problems == []

    def test_every_question_has_an_answer(self):
        answered = {finding.check for finding in doctor.examine()}

        assert answered | {"disk space"} == {check.name for check in CHECKS}

    def test_the_critical_ones_exist(self):
        assert set(doctor.CRITICAL) <= {check.name for check in CHECKS}

    def test_an_unreachable_database_is_said_once(self, unreachable):
        unreachable("platform")

        findings = [f for f in doctor.examine() if f.check.startswith("platform")]

        assert [f.check for f in findings] == ["platform", "platform writing"]
        assert str(findings[0]).startswith("It does not answer: ")
        assert str(findings[0]).endswith("See PLATFORM_DATABASE_URL.")

    def test_a_question_that_fails_does_not_hide_the_others(self, monkeypatch):
        def fails():
            raise KeyError("oh")

        mine = [
            Check("bad", fails, None),
            Check("good", lambda: iter([ok("Yes.")]), None),
        ]
        monkeypatch.setattr("opsconsole.supervisor.doctor.checks.CHECKS", mine)

        assert [str(finding) for finding in doctor.examine()] == [
            "It could not be asked, KeyError: 'oh'.",
            "Yes.",
        ]


class TestChecks:
    def test_missing_migrations(self, monkeypatch):
        monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [1, 2])

        [(level, sentence)] = found("migrations")

        assert level == Level.PROBLEM
        assert sentence.startswith("2 migrations are not applied. Run ")

    def test_a_role_that_may_change_the_audit(self, as_superuser):
        as_superuser("GRANT UPDATE ON audit_entry TO opsconsole_app")
        try:
            [(level, sentence)] = found("audit")
        finally:
            as_superuser("REVOKE UPDATE ON audit_entry FROM opsconsole_app")

        assert level == Level.PROBLEM
        assert "may change audit entries" in sentence

    def test_a_role_that_owns_the_tables(self):
        default = connections["default"]
        runtime = default.settings_dict["USER"]
        default.close()
        default.settings_dict["USER"] = "opsconsole_owner"
        try:
            [(level, sentence)] = found("console role")
        finally:
            default.close()
            default.settings_dict["USER"] = runtime

        assert level == Level.WARNING
        assert "owns the tables" in sentence

    def test_a_reader_that_may_write(self):
        platform = connections["platform"]
        reader = platform.settings_dict["USER"]
        platform.close()
        platform.settings_dict["USER"] = "opsconsole_writer"
        try:
            [(level, sentence)] = found("platform reading")
        finally:
            platform.close()
            platform.settings_dict["USER"] = reader

        assert level == Level.WARNING
        assert "may write" in sentence

    def test_one_role_for_both(self, settings):
        settings.DATABASES["platform_write"] |= {"USER": "opsconsole_reader"}
        try:
            [(level, sentence)] = found("platform writing")
        finally:
            settings.DATABASES["platform_write"] |= {"USER": "opsconsole_writer"}

        assert level == Level.WARNING
        assert "use the same role" in sentence

    def test_a_short_key(self, settings):
        settings.SECRET_KEY = "x" * 49

        [(level, _)] = found("secret key")

        assert level == Level.WARNING

    @pytest.mark.parametrize(
        ("hosts", "https", "sentence"),
        [
            (["ops.example.com"], True, "Answers to ops.example.com."),
            (["*"], True, "Any host name is accepted."),
            (["localhost"], True, "Only localhost is answered."),
            (["ops.example.com"], False, "travel without HTTPS."),
        ],
    )
    def test_transport(self, settings, hosts, https, sentence):
        settings.SANDBOX, settings.ALLOWED_HOSTS, settings.HTTPS = False, hosts, https

        assert sentence in found("transport")[0][1]


class TestCommand:
    def test_exit_status_tells_a_problem(self, unreachable):
        unreachable("platform")
        out = StringIO()

        with pytest.raises(SystemExit) as caught:
            call_command("doctor", stdout=out)

        assert caught.value.code == 1
        assert "problem  platform: It does not answer" in out.getvalue()
        assert "→ See PLATFORM_DATABASE_URL." in out.getvalue()

    def test_warnings_do_not_count(self):
        out = StringIO()

        call_command("doctor", stdout=out)

        assert "warning  queue: No cluster bulk" in out.getvalue()

    def test_json(self, settings):
        out = StringIO()

        call_command("doctor", "--json", stdout=out)

        first = json.loads(out.getvalue())[0]
        assert set(first) == {"check", "level", "sentence", "remedy"}
        assert settings.SECRET_KEY not in out.getvalue()
