"""The settings as a whole: what starts, what does not, and what is said."""

import os
import subprocess
import sys

PRODUCTION = {
    "DATABASE_URL": "postgresql://opsconsole_app:hunter2@db/opsconsole",
    "PLATFORM_DATABASE_URL": "postgresql://reader:hunter2@db/postgres",
    "OPSCONSOLE_SECRET_KEY": "abcdefgh12" * 5,
}


def check(tmp_path, **values):
    """Start manage.py with nothing but these variables."""
    own = {"OPSCONSOLE_STATE_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=own | values,
        capture_output=True,
        text=True,
        check=False,
    )


def test_sandbox_needs_nothing(tmp_path):
    ended = check(tmp_path, OPSCONSOLE_ENVIRONMENT="sandbox")

    assert "Wrong settings" not in ended.stderr


def test_production_passes_djangos_deployment_check(tmp_path):
    ended = check(tmp_path, **PRODUCTION)

    assert ended.returncode == 0, ended.stderr


def test_production_says_what_is_missing(tmp_path):
    ended = check(tmp_path, DATABASE_URL=PRODUCTION["DATABASE_URL"])

    assert ended.returncode == 1
    assert "OPSCONSOLE_SECRET_KEY is not set" in ended.stderr
    assert "PLATFORM_DATABASE_URL is not set" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout
