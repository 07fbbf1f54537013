"""Numbers, durations and moments as text."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from opsconsole.web import formats

NOW = datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1\u202f000"),
        (1234567, "1\u202f234\u202f567"),
        (-1204, "\u22121\u202f204"),
        (0.5, "0.5"),
        (2.0, "2"),
        (3.14159, "3.14"),
    ],
)
def test_number(value, text):
    assert formats.number(value) == text


def test_number_with_as_many_decimals_as_told():
    assert formats.number(2, 1) == "2.0"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (9.9, "9.9 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (7503, "2 h 5 min"),
        (86_400 + 5, "1 d"),
        (90_000, "1 d 1 h"),
    ],
)
def test_duration(seconds, text):
    assert formats.duration(seconds) == text
    assert formats.duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=30), "30 d ago"),
        (timedelta(days=31), "20 Oct 2026"),
        (-timedelta(minutes=12), "in 12 min"),
    ],
)
def test_relative(ago, text):
    assert formats.relative(NOW - ago, NOW) == text


def test_local_time_is_the_readers_and_utc_is_utc():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert formats.local(NOW) == "20 Nov 2026, 15:03"
        assert formats.utc(NOW) == "20 Nov 2026, 14:03:11 UTC"


@pytest.mark.parametrize(
    ("zone", "month", "text"),
    [
        ("UTC", 7, "UTC"),
        ("Europe/Berlin", 1, "Europe/Berlin (UTC+1)"),
        ("Europe/Berlin", 7, "Europe/Berlin (UTC+2)"),
        ("America/New_York", 1, "America/New_York (UTC\u22125)"),
        ("Asia/Kolkata", 7, "Asia/Kolkata (UTC+5:30)"),
        ("America/St_Johns", 1, "America/St_Johns (UTC\u22123:30)"),
        ("Europe/London", 1, "Europe/London (UTC+0)"),
    ],
)
def test_the_zone_with_its_distance_today(zone, month, text):
    with timezone.override(ZoneInfo(zone)):
        assert formats.zone(NOW.replace(month=month)) == text


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ((2026, 3, 29, 0, 59), "29 Mar 2026, 01:59"),
        ((2026, 3, 29, 1, 0), "29 Mar 2026, 03:00"),  # the hour between does not exist
        ((2026, 10, 25, 0, 30), "25 Oct 2026, 02:30"),
        ((2026, 10, 25, 1, 30), "25 Oct 2026, 02:30"),  # comes twice; UTC tells which
    ],
)
def test_local_times_when_clocks_change(utc, local):
    moment = datetime(*utc, tzinfo=UTC)

    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert formats.local(moment) == local
    assert formats.utc(moment).endswith(f"{utc[3]:02}:{utc[4]:02}:00 UTC")


def test_cut_marks_what_is_missing():
    assert formats.cut("abc", 3) == "abc"
    assert formats.cut("abcd", 3) == "ab…"
