"""People who look, and the services outside."""

import pytest
from django.core.cache import cache

from opsconsole.deployment import looking
from opsconsole.deployment.checks import CHECKS
from tests.operations.outside import point_to, running


@pytest.fixture
def person(operator, client_of):
    return client_of(operator)


@pytest.fixture
def looker(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def standin(platform_sql, settings):
    """The services outside; the settings point to them."""
    with running() as services:
        point_to(settings, services.address)
        yield services


@pytest.fixture
def nowhere(databases, settings):
    """Services that nobody answers for."""
    point_to(settings, "http://127.0.0.1:9")


@pytest.fixture
def unconfigured(databases, settings):
    for name in ("GITHUB_TOKEN", "SUPABASE_ACCESS_TOKEN", "SUPABASE_KEY"):
        setattr(settings, name, "")


@pytest.fixture
def look(databases):
    """A check's facts by their names."""

    def facts(slug):
        cache.clear()
        return {fact.name: fact for fact in looking.look(CHECKS[slug])}

    return facts
