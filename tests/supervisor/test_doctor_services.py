"""What the doctor says of the services outside."""

import json
import time
from base64 import urlsafe_b64encode
from io import StringIO

import pytest
from django.core.management import call_command

from opsconsole.supervisor import doctor
from opsconsole.supervisor.doctor import Level, key
from tests.operations.outside import point_to, running

SERVICES = ("GitHub", "sync function", "Supabase")
REF = "sandboxsandboxsandbo"


@pytest.fixture
def standin(databases, settings):
    with running() as services:
        point_to(settings, services.address)
        settings.STANDIN_URL = services.address
        yield services


def found(*names):
    return [(finding.level, str(finding)) for finding in doctor.examine(names)]


def jwt(**claims):
    middle = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{middle}.c2lnbmF0dXJl"


def test_what_is_not_configured_is_a_note(databases, settings):
    settings.GITHUB_TOKEN = settings.SUPABASE_KEY = settings.SUPABASE_ACCESS_TOKEN = ""
    settings.SUPABASE_URL = ""

    findings = list(doctor.examine(SERVICES))

    assert [finding.level for finding in findings] == [Level.NOTE] * 3
    assert "OPSCONSOLE_SUPABASE_URL and OPSCONSOLE_SUPABASE_KEY" in findings[1].remedy


def test_a_note_is_printed_and_no_reason_to_fail(databases, settings):
    settings.GITHUB_TOKEN, out = "", StringIO()

    call_command("doctor", stdout=out)

    assert "note     GitHub: Not configured: what needs it is hidden." in out.getvalue()


def test_all_is_well(standin):
    said = found(*SERVICES)

    assert {level for level, _ in said} == {Level.OK}
    assert " of 5,000 calls are left until " in said[0][1]
    assert "capture-workspace-issues.yml can be read; it is on." in said[1][1]
    assert len(said) == 5


def test_a_wrong_token_is_a_problem_with_its_variable(standin, settings):
    settings.GITHUB_TOKEN = settings.SUPABASE_ACCESS_TOKEN = "wrong"

    said = found("GitHub", "Supabase")

    assert [level for level, _ in said] == [Level.PROBLEM] * 3
    assert "OPSCONSOLE_GITHUB_TOKEN" in said[0][1]
    assert "OPSCONSOLE_SUPABASE_ACCESS_TOKEN" in said[2][1]


def test_a_workflow_that_is_off(standin):
    standin.github.disable(None, "")

    level, said = found("GitHub")[1]

    assert level == Level.WARNING
    assert "it is disabled manually. Switch it on: manage.py run_operation" in said


def test_a_service_that_is_down_is_a_warning(standin):
    standin.faults.add({"endpoint": "*", "status": 503})

    levels = {level for level, said in found(*SERVICES) if "any key" not in said}

    assert levels == {Level.WARNING}


def test_nobody_at_the_address(databases, settings):
    point_to(settings, "http://127.0.0.1:9")

    level, said = found("sync function")[0]

    assert level == Level.WARNING
    assert "cannot be reached" in said


@pytest.mark.parametrize("how", [{"lost": True}, {"status": 502}])
def test_a_silent_address_is_not_said_to_have_done_something(standin, how):
    standin.faults.add({"endpoint": "OPTIONS *", **how})

    level, said = found("sync function")[0]

    assert level == Level.WARNING
    assert "whether it was done" not in said


def test_a_function_that_is_gone(standin):
    standin.faults.add({"endpoint": "/functions/*", "status": 404})
    standin.management.remove()

    said = found("sync function", "Supabase")

    assert said[0][0] == said[2][0] == Level.PROBLEM
    assert said[0][1].startswith("The sync function is not there")
    assert "supabase functions deploy workspace-issues-sync" in said[2][1]


def test_the_function_is_not_called(standin):
    standin.faults.add({"endpoint": "POST *", "status": 500, "times": 1})

    found(*SERVICES)

    assert standin.faults.listed()[0]["times"] == 1  # nobody has met it


@pytest.mark.parametrize(
    ("secret", "level", "words"),
    [
        (jwt(ref=REF, role="anon", exp=4_000_000_000), Level.OK, "this project's"),
        (jwt(ref=REF, role="anon"), Level.OK, "this project's"),
        (jwt(role="anon", exp=time.time() - 1), Level.PROBLEM, "The key expired on "),
        (jwt(role="anon", exp=-1e300), Level.PROBLEM, "The key expired."),
        (jwt(ref="b" * 20, role="anon"), Level.PROBLEM, "another project's"),
        (jwt(ref=REF, role="service_role"), Level.WARNING, "service role's"),
        ("a.b.c", Level.PROBLEM, "is not a JWT"),
        ("a.bnVsbA.c", Level.PROBLEM, "is not a JWT"),
        ("sb_publishable_x", Level.PROBLEM, "is not a JWT"),
    ],
)
def test_the_key(secret, level, words):
    judged = key.judged(secret, REF)

    assert judged.level == level
    assert words in str(judged)
    assert secret not in str(judged)


def test_the_real_key_is_judged_without_a_standin(standin, settings):
    settings.STANDIN_URL = ""

    assert found("sync function")[1][0] == Level.PROBLEM  # "a.b.c" is no JWT
