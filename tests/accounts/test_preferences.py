"""What a person may change of their own account."""

import pytest
from django.urls import include, path

from opsconsole import urls

pytestmark = [pytest.mark.usefixtures("databases"), pytest.mark.urls(__name__)]
urlpatterns = [
    path("accounts/", include("opsconsole.accounts.urls")),
    *urls.urlpatterns,
]
HERE = "/accounts/me/"


@pytest.fixture
def person(viewer, client_of):
    return client_of(viewer)


def test_asks_strangers_to_sign_in(client):
    assert client.get(HERE).status_code == 302


def test_shows_role_and_zone(person):
    response = person.get(HERE)

    assert "viewer" in response.text
    assert '<option value="UTC" selected>UTC</option>' in response.text


def test_changes_the_time_zone_and_nothing_else(person, viewer):
    data = {"time_zone": "Europe/Berlin", "username": "root", "is_superuser": "on"}

    response = person.post(HERE, data, follow=True)

    viewer.refresh_from_db()
    assert viewer.time_zone == "Europe/Berlin"
    assert (viewer.username, viewer.is_superuser) == ("viewer", False)
    assert "Times are shown in Europe/Berlin now." in response.text


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 1000])
def test_refuses_what_is_no_zone(person, viewer, zone):
    response = person.post(HERE, {"time_zone": zone})

    viewer.refresh_from_db()
    assert response.status_code == 200
    assert viewer.time_zone == "UTC"


def test_every_page_names_the_zone_of_its_times(person, viewer):
    assert "Times in" in person.get(HERE).text
    assert ">UTC</a>." in person.get(HERE).text

    viewer.time_zone = "Asia/Kolkata"
    viewer.save()

    page = person.get(HERE).text
    assert ">Asia/Kolkata (UTC+5:30)</a>; point at one to see it in UTC." in page
