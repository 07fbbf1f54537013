"""The made-up past of a new sandbox."""

import os
from datetime import timedelta
from time import monotonic

import pytest
from django.utils import timezone

from opsconsole.history import collecting, errors, outcomes, samples
from opsconsole.history.circumstances import refusals
from opsconsole.history.models import FunctionResponse, Outcome, Sample
from opsconsole.history.trends import trend
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.sandbox import generator
from opsconsole.sandbox.generator.scales import SCALES
from opsconsole.supervisor import demo_history, demo_samples
from tests.conftest import PLATFORM

NOW = timezone.now()
DAY = timedelta(days=1)
SMALL = SCALES["demo"]._replace(workspaces=60, repositories=200, links=400)


@pytest.fixture
def past(databases):
    """Made over a small platform; how long that took."""
    generator.load(PLATFORM, SMALL, now=NOW)
    began = monotonic()
    demo_history.make(os.environ["OPSCONSOLE_TEST_PLATFORM_OWNER_URL"], NOW)
    return monotonic() - began


def test_two_weeks_that_lead_to_today(past):
    assert past < 3
    state = collecting.state(NOW)
    assert (state.newest.at, state.late) == (NOW, False)
    assert timedelta(days=13.9) < NOW - state.since < 14 * DAY
    real, _ = samples.look(NOW, samples.PATIENCE)
    assert state.newest.words == real.words
    before = samples.lately(NOW - timedelta(minutes=1))[-1]
    assert abs(before.word_count("ok") - real.word_count("ok")) < 0.1 * real.total


def test_every_sample_is_whole(past):
    total = samples.newest().total
    for sample in Sample.objects.all():
        assert abs(sample.total - total) <= 0.1 * total
        counts = [n for tier in sample.words.values() for n in tier.values()]
        assert min(counts) >= 0
        assert sample.due >= 0
        assert sample.runbook.keys() == samples.newest().runbook.keys()


def test_a_gap_and_an_incident_can_be_seen(past):
    def line(measure):
        found = samples.lately(NOW, 14 * DAY)
        return trend(found, measure, until=NOW, span=14 * DAY)

    failing = line(lambda sample: sample.word_count(*demo_samples.FAILING))
    known = [rows for rows in failing if rows is not None]

    assert 1 <= failing.count(None) <= 3
    assert max(known) > 1.5 * sorted(known)[len(known) // 2]
    assert failing.index(max(known)) in range(39, 43)  # two days before the end


def test_days_of_repositories(past):
    today, words = NOW.date(), set()
    for row in WorkspaceTrackedRepository.objects.values_list("pk", flat=True):
        words |= {day.word for day in outcomes.days_of(row, today, 17)}

    expected = {"success", "failed", "missed", "nothing expected", "unknown"}
    assert words - {"not over"} == expected
    assert not Outcome.objects.filter(day__gt=today).exists()


def test_a_response_with_refusals(past):
    response = FunctionResponse.objects.get()

    assert response.dry_run
    assert response.status == 200
    assert response.named > 0
    assert response.refused == len(refusals(NOW))


def test_the_demo_has_somebody_who_is_refused(databases):
    """Or nobody would see what a refusal looks like."""
    generator.load(PLATFORM, "demo", now=NOW)
    demo_history.make(os.environ["OPSCONSOLE_TEST_PLATFORM_OWNER_URL"], NOW)

    assert samples.newest().word_count("refused") > 0


def test_no_sample_knows_an_error_before_it_was_first_seen(past):
    for group in errors.groups(samples.newest()):
        older = Sample.objects.filter(at__lt=group.first_seen)
        assert not older.filter(errors__has_key=group.fingerprint).exists()


def test_errors_were_seen_before(past):
    groups = errors.groups(samples.newest())

    assert groups
    assert all(NOW - 14 * DAY <= group.first_seen <= NOW for group in groups)
    assert {group.last_seen for group in groups} == {NOW}


def test_collecting_goes_on_from_there(past):
    assert collecting.state(NOW).newest.at == NOW
    assert collecting.wait(collecting._recent()) == collecting.period()


def test_without_a_platform_there_is_no_past(unreachable):
    demo_history.make(os.environ["OPSCONSOLE_TEST_PLATFORM_OWNER_URL"], NOW)

    assert samples.newest() is None
    assert not Outcome.objects.exists()
