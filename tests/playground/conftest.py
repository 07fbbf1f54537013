"""A console that works with a stand-in, and people."""

import runpy

import pytest
from django.contrib import admin

from opsconsole import urls
from tests.operations.outside import point_to, running


@pytest.fixture
def routed(settings, monkeypatch):
    """Routes as a console has them that starts with such a stand-in."""

    def start(address):
        monkeypatch.setattr(admin.site, "login", admin.site.login)  # wrapped once more
        settings.STANDIN_URL = address
        found = runpy.run_path(urls.__file__)
        settings.ROOT_URLCONF = tuple(found["urlpatterns"])

    return start


@pytest.fixture
def standin(platform_sql, settings, routed):
    with running() as services:
        point_to(settings, services.address)
        routed(services.address)
        yield services


@pytest.fixture
def person(operator, client_of):
    return client_of(operator)


@pytest.fixture
def looker(viewer, client_of):
    return client_of(viewer)
