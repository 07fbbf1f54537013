import os
import socket

import pytest

from opsconsole.supervisor import lock, ports


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


class TestPort:
    def test_a_free_one_is_free(self):
        ports.ensure_free("127.0.0.1", ports.unused("127.0.0.1"))

    def test_a_busy_one_is_named_with_its_owner_and_another_way(self, taken):
        with pytest.raises(ports.PortError) as caught:
            ports.ensure_free("127.0.0.1", taken)

        sentence = str(caught.value)
        assert f"Port {taken} is in use by " in sentence
        assert f"(process {os.getpid()})" in sentence
        assert "; try --port " in sentence

    def test_an_address_that_is_not_ours(self):
        with pytest.raises(ports.PortError, match=r"Cannot listen on 203\.0\.113\.1"):
            ports.ensure_free("203.0.113.1", 8000)


class TestLock:
    def test_is_held_by_one(self, tmp_path):
        path = tmp_path / "state" / "up.lock"
        with (
            lock.held(path, ", port 8000"),
            pytest.raises(lock.AlreadyRunningError) as caught,
            lock.held(path),
        ):
            pass

        assert str(caught.value) == f"process {os.getpid()}, port 8000"

    def test_a_left_over_file_does_no_harm(self, tmp_path):
        path = tmp_path / "up.lock"
        path.write_text("process 1")

        with lock.held(path):
            assert path.read_text() == f"process {os.getpid()}"

    def test_is_free_again(self, tmp_path):
        for _ in range(2):
            with lock.held(tmp_path / "up.lock"):
                pass
