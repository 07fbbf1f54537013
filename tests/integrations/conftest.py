import httpx
import pytest

from opsconsole.integrations import functions, github, supabase
from opsconsole.integrations.client import Client
from opsconsole.integrations.service import Service
from tests.operations.outside import point_to, running

SECRET = "ghp_0123456789abcdefghij"
SERVICE = Service(
    name="Postbox",
    needs=("GITHUB_TOKEN",),
    token="GITHUB_TOKEN",
    rights="allowed to post",
    status_page="status.example.com",
    request_ids=("x-request-id",),
    code="x-code",
)


@pytest.fixture
def standin(settings):
    """A stand-in to which all settings lead."""
    with running() as standin:
        point_to(settings, standin.address)
        yield standin


@pytest.fixture
def faults(standin):
    """Switch a fault of the stand-in on."""
    return lambda **fault: standin.faults.add(fault)


@pytest.fixture
def hub(standin):
    return github.client(timeout=5.0)


@pytest.fixture
def sync_client(standin):
    return functions.client(timeout=5.0)


@pytest.fixture
def project(standin):
    return supabase.client(timeout=5.0)


@pytest.fixture
def postbox():
    """A client whose requests a function answers; `naps` are its pauses in seconds."""

    def make(handler, **options):
        naps = []
        client = Client(
            SERVICE,
            "https://postbox.example.com",
            SECRET,
            transport=httpx.MockTransport(handler),
            sleep=naps.append,
            **options,
        )
        client.naps = naps
        return client

    return make
