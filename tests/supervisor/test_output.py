import subprocess
import sys

from opsconsole.supervisor import output
from opsconsole.supervisor.output import Files, StandardError
from tests.supervisor.processes import wait_until

SPEAK = [sys.executable, "-c", "print('one'); print('two')"]


class TestFiles:
    def test_each_name_has_its_file(self, tmp_path):
        logs = Files(tmp_path / "logs")
        for name in ("web", "bulk"):
            with logs.opened(name) as file:
                subprocess.run(SPEAK, stdout=file, check=True)

        assert logs.path("web").read_text() == "one\ntwo\n"
        assert logs.last_lines("bulk", 1) == "two"

    def test_a_long_one_is_put_aside(self, tmp_path, monkeypatch):
        monkeypatch.setattr(output, "LONGEST_LOG", 3)
        logs = Files(tmp_path)
        for line in (b"old\n", b"new\n"):
            with logs.opened("web") as file:
                file.write(line)

        assert logs.path("web").read_text() == "new\n"
        assert (tmp_path / "web.log.1").read_text() == "old\n"

    def test_no_lines_where_there_is_no_file(self, tmp_path):
        assert Files(tmp_path).last_lines("web") == ""


class TestStandardError:
    def test_each_line_is_under_its_name(self, capfdbinary):
        with StandardError().opened("web") as writing:
            subprocess.run(SPEAK, stdout=writing, check=True)
        seen = []

        wait_until(
            lambda: (
                seen.append(capfdbinary.readouterr().err)
                or b"".join(seen).count(b"\n") == 2
            )
        )

        assert b"".join(seen) == b"web: one\nweb: two\n"
