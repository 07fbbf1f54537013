"""People who look, and a platform whose triggers stay out of hand-made rows."""

import pytest
from django.db import OperationalError, connections

from opsconsole.platform import contract
from tests.workspaces import rows


@pytest.fixture
def sql(platform_sql):
    """The platform without triggers: limits may be exceeded, links miss their rows."""
    platform_sql("SET session_replication_role = replica")
    return platform_sql


@pytest.fixture
def make(sql):
    """The factories of `rows`, bound to the platform."""
    return rows.Factories(sql)


@pytest.fixture
def person(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def worker(operator, client_of):
    """Somebody who may reset what failed."""
    return client_of(operator)


@pytest.fixture
def names(person):
    """What an address lists, in order: the names of its rows."""

    def listed(address):
        response = person.get(address)
        assert response.status_code == 200
        return [_name(row.record) for row in response.context["table"].paginated_rows]

    return listed


def _name(record):
    if isinstance(record, dict):
        return record["name"]
    return record.tracked_repository.repository.full_name


@pytest.fixture
def unreachable(monkeypatch, databases):
    """The platform's database does not answer any more."""

    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    contract.forget()
    connections["platform"].close()
    monkeypatch.setattr(connections["platform"], "connect", refuse)
    yield
    contract.forget()
