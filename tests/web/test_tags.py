"""Template tags: what they say, and that they escape what they are given."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from opsconsole.web.templatetags import web

EVIL = '<img src=x onerror="alert(1)">'


def test_ago_gives_utc_on_hover():
    moment = timezone.now() - timedelta(hours=3)

    with timezone.override(ZoneInfo("Asia/Tokyo")):
        html = web.ago(moment)

    assert ">3 h ago</time>" in html
    assert f"{moment:%H:%M:%S} UTC" in html
    assert f'datetime="{moment.isoformat(timespec="seconds")}"' in html


def test_ago_says_what_a_missing_moment_means():
    assert web.ago(None) == "never"
    assert web.ago(None, "not yet") == "not yet"


def test_pill_has_word_and_icon():
    html = web.pill("failing_repeatedly")

    assert "Failing repeatedly" in html
    assert "<svg" in html
    assert 'class="pill critical"' in html


def test_pill_that_lives_says_so():
    assert 'class="pill info live"' in web.pill("applying")


def test_pill_takes_level_and_label():
    html = web.pill("ok", level="danger", label="3 lost")

    assert 'class="pill critical"' in html
    assert "3 lost" in html


def test_diagnosis_is_not_a_state_of_a_run():
    assert 'class="pill neutral"' in web.diagnosis("paused")
    assert 'class="pill warning"' in web.pill("paused")


def test_tier_that_we_do_not_know_is_named():
    assert 'class="pill tier other"' in web.tier("private")
    assert "Private" in web.tier("private")


@pytest.mark.parametrize(
    "html",
    [
        web.pill(EVIL),
        web.tier(EVIL),
        web.short_text(EVIL, 10),
        web.pill("ok", label=EVIL),
    ],
)
def test_nothing_gets_through_unescaped(html):
    assert "<img" not in html


def test_short_text_keeps_all_of_it_on_hover():
    assert web.short_text("abcdef", 6) == "abcdef"
    assert web.short_text("abcdefg", 6) == '<span title="abcdefg">abcde…</span>'


@pytest.mark.parametrize(
    ("value", "text"), [(24, "24 h"), (168, "168 h"), (0.5, "0.5 h"), (None, "unknown")]
)
def test_hours(value, text):
    assert web.hours(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (1200, "1\u202f200"),
        ("3400.5", "3\u202f400.5"),
        ("n/a", "n/a"),
    ],
)
def test_number(value, text):
    assert web.number(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (0, 10, 0),
        (999, 1000, 99),
        (10, 10, 100),
        (12, 10, 100),
        (5, 0, 0),
        (None, 3, 0),
    ],
)
def test_percent_is_complete_only_when_all_is_done(part, whole, percent):
    assert web.percent_of(part, whole) == percent
