import os
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from opsconsole.supervisor.management.commands import serve
from opsconsole.supervisor.ports import unused
from opsconsole.supervisor.readiness import Readiness
from tests.supervisor.processes import environment, family, lives, wait_until

MANAGE = [sys.executable, "manage.py"]


def said(*arguments, **variables):
    """What a command answers: (exit status, standard error)."""
    answer = subprocess.run(
        [*MANAGE, *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=30,
    )
    return answer.returncode, answer.stderr.strip()


class TestServe:
    def test_needs_databases(self, tmp_path):
        status, sentence = said("serve", OPSCONSOLE_STATE_DIR=str(tmp_path))

        assert status == 1
        assert sentence.startswith("CommandError: `serve` runs on your own databases")

    def test_names_what_is_missing(self, monkeypatch, databases):
        monkeypatch.setattr(
            "opsconsole.supervisor.doctor.console.MigrationExecutor.migration_plan",
            lambda *_: [1],
        )

        with pytest.raises(CommandError, match="1 migrations are not applied"):
            call_command("serve", "--port", str(unused("127.0.0.1")))

    def test_a_folder_that_cannot_be_written(self, databases, monkeypatch, settings):
        settings.STATIC_ROOT = "/nowhere"

        def refused(*args, **options):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(serve, "call_command", refused)

        with pytest.raises(
            CommandError, match=r"cannot be collected in .*Permission denied"
        ):
            call_command("serve", "--port", str(unused("127.0.0.1")))

    @pytest.mark.slow
    def test_serves_until_it_is_told_to_stop(self, databases, tmp_path):
        port = unused("127.0.0.1")
        ours = {
            "OPSCONSOLE_STATE_DIR": str(tmp_path),
            "OPSCONSOLE_ENVIRONMENT": "production",
            "OPSCONSOLE_HOSTS": "ops.example.com",
        }
        with (tmp_path / "err").open("w") as err:
            process = subprocess.Popen(
                [*MANAGE, "serve", "--migrate", "--port", str(port)],
                env=os.environ | ours,
                stderr=err,
                stdout=subprocess.DEVNULL,
            )
        try:
            wait_until(Readiness("127.0.0.1", port, "ops.example.com"), 30)
            members = family(process.pid)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()

        assert not any(map(lives, members))
        assert len(members) >= 12  # us, gunicorn and 2 workers, 2 clusters of 4 or more
        assert (tmp_path / "static" / "staticfiles.json").exists()
        assert "Traceback" not in (tmp_path / "err").read_text()
