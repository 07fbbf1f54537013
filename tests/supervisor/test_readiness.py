import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from opsconsole.supervisor.ports import unused
from opsconsole.supervisor.readiness import NotReadyError, Readiness


class Answer(BaseHTTPRequestHandler):
    """200 for /healthz of one host, 400 else."""

    def do_GET(self):
        known = self.path == "/healthz" and self.headers["Host"] == "ops.example.com"
        self.send_response(200 if known else 400)
        self.end_headers()

    def log_message(self, *args):
        """Be quiet."""


@pytest.fixture
def port():
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class TestReadiness:
    def test_is_ready_when_healthz_answers(self, port):
        assert Readiness("127.0.0.1", port, "ops.example.com")()

    def test_asks_at_home_when_listening_everywhere(self, port):
        assert Readiness("0.0.0.0", port, "ops.example.com")()

    def test_is_not_ready_while_nobody_listens(self):
        assert not Readiness("127.0.0.1", unused("127.0.0.1"), "localhost")()

    def test_loses_patience_and_says_what_it_met(self, port):
        readiness = Readiness("127.0.0.1", port, "evil.example.com", patience=-1)

        with pytest.raises(NotReadyError, match="the last one was: 400"):
            readiness()
