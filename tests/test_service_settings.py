"""The settings of GitHub and Supabase: what is derived, and what the sandbox never does."""

import json
import os
import subprocess
import sys

import pytest

NAMES = ["GITHUB_API", "GITHUB_TOKEN", "GITHUB_REPOSITORY", "SUPABASE_API"]
NAMES += ["SUPABASE_URL", "SUPABASE_KEY", "SUPABASE_ACCESS_TOKEN", "SUPABASE_REF"]
SHOW = f"""
import json
from opsconsole import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES!r}}}))
"""
REAL = {
    "OPSCONSOLE_GITHUB_TOKEN": "ghp_hunter2",
    "OPSCONSOLE_GITHUB_REPOSITORY": "acme/platform",
    "OPSCONSOLE_SUPABASE_URL": "https://abcdefghijklmnopqrst.supabase.co",
    "OPSCONSOLE_SUPABASE_KEY": "real.hunter2.key",
    "OPSCONSOLE_SUPABASE_ACCESS_TOKEN": "sbp_hunter2",
}
PRODUCTION = {
    "DATABASE_URL": "postgresql://opsconsole_app:hunter2@db/opsconsole",
    "PLATFORM_DATABASE_URL": "postgresql://reader:hunter2@db/postgres",
    "OPSCONSOLE_SECRET_KEY": "abcdefgh12" * 5,
}


@pytest.fixture
def read(tmp_path):
    """The settings of a new process with nothing but these variables, and what it says."""

    def start(**values):
        own = {"OPSCONSOLE_STATE_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
        ended = subprocess.run(
            [sys.executable, "-c", SHOW],
            env=own | values,
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(ended.stdout) if not ended.returncode else ended.stderr

    return start


def test_production_calls_the_real_services(read):
    found = read(**PRODUCTION, **REAL)

    assert found["GITHUB_API"] == "https://api.github.com"
    assert found["SUPABASE_API"] == "https://api.supabase.com"
    assert found["SUPABASE_REF"] == "abcdefghijklmnopqrst"
    assert found["GITHUB_TOKEN"] == "ghp_hunter2"


def test_nothing_needs_to_be_configured(read):
    found = read(**PRODUCTION)

    assert found["GITHUB_TOKEN"] == found["SUPABASE_URL"] == found["SUPABASE_REF"] == ""


def test_a_domain_of_ones_own_needs_the_reference(read):
    url = {"OPSCONSOLE_SUPABASE_URL": "https://data.example.com"}
    reference = {"OPSCONSOLE_SUPABASE_REF": "tsrqponmlkjihgfedcba"}

    assert read(**PRODUCTION, **REAL | url)["SUPABASE_REF"] == ""
    found = read(**PRODUCTION, **REAL | url | reference)
    assert found["SUPABASE_REF"] == "tsrqponmlkjihgfedcba"


def test_the_sandbox_sends_no_real_token_to_its_stand_in(read):
    found = read(**REAL, OPSCONSOLE_STANDIN_URL="http://127.0.0.1:4000")

    addresses = [found[name] for name in ("GITHUB_API", "SUPABASE_API", "SUPABASE_URL")]
    assert addresses == ["http://127.0.0.1:4000"] * 3
    assert "hunter2" not in json.dumps(found)


def test_commands_find_the_stand_in_that_runs(read, tmp_path):
    from opsconsole.sandbox import standin_address

    standin_address.store(tmp_path, "http://127.0.0.1:4000")

    assert read()["GITHUB_API"] == "http://127.0.0.1:4000"
    assert read(**PRODUCTION)["GITHUB_API"] == "https://api.github.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPSCONSOLE_STANDIN_URL", "http://127.0.0.1:4000"),
        ("OPSCONSOLE_SUPABASE_KEY", "sb_publishable_hunter2"),
        ("OPSCONSOLE_SUPABASE_REF", "hunter2"),
        ("OPSCONSOLE_GITHUB_REPOSITORY", "https://github.com/acme/hunter2"),
    ],
)
def test_production_names_what_is_wrong_and_never_repeats_it(read, name, value):
    said = read(**PRODUCTION, **REAL | {name: value})

    assert f"{name} must be" in said
    assert "hunter2" not in said
