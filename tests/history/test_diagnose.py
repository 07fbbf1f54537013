"""The counts from a terminal: the same as everywhere."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from opsconsole.history import samples
from opsconsole.history.models import Sample
from opsconsole.platform import diagnosis, flags

pytestmark = pytest.mark.platform
HOUR = timedelta(hours=1)


@pytest.fixture
def rows(make):
    """Two that are paused and one that failed."""
    now = timezone.now()
    for tier, values in (
        ("free", {"fetch_issues": False}),
        ("pro", {"fetch_issues": False}),
        ("pro", {"last_sync_status": "failed", "sync_attempts": 1}),
    ):
        make.tracked(make.workspace(tier=tier), last_sync_at=now, **values)


def said(*arguments):
    out = StringIO()
    call_command("diagnose", *arguments, stdout=out)
    return out.getvalue()


def lines(text):
    """`word 3` of each line of the table."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_counts_now(rows):
    table = lines(said())

    assert table[0].startswith("3 tracked repositories, counted now in ")
    assert {"paused 2", "failed 1", "ok 0", "coverage gap 0", "unlinked 0"} <= {*table}
    assert not Sample.objects.exists()


def test_of_one_tier(rows):
    table = lines(said("--tier", "pro"))

    assert table[0].startswith("2 tracked repositories of tier pro")
    assert {"paused 1", "failed 1"} <= {*table}
    assert "unlinked 0" not in table


def test_for_programs(rows):
    answer = json.loads(said("--json"))

    assert answer["total"] == 3
    assert list(answer["words"]) == list(diagnosis.WORDS)
    assert list(answer["flags"]) == list(flags.WORDS)
    assert answer["words"]["paused"] == 2
    assert (answer["unlinked"], answer["tier"]) == (0, None)


def test_of_the_newest_sample(rows, platform_sql):
    sample = samples.take(timezone.now() - 3 * HOUR)
    platform_sql("DELETE FROM workspace_tracked_repositories")

    table = lines(said("--sampled"))

    assert table[0].startswith("3 tracked repositories, sampled 3 h ago in ")
    assert "paused 2" in table
    assert json.loads(said("--sampled", "--json"))["at"] == sample.at.isoformat()


def test_what_is_unknown_is_no_zero(rows):
    samples.take()
    Sample.objects.update(unlinked=None)

    assert "unlinked unknown" in lines(said("--sampled"))
    assert json.loads(said("--sampled", "--json"))["unlinked"] is None


def refusal(*arguments):
    with pytest.raises(CommandError) as caught:
        said(*arguments)
    return caught.value.returncode, str(caught.value)


def test_a_platform_that_is_down(unreachable):
    assert refusal() == (2, "The platform's database does not answer.")


def test_a_sample_answers_for_a_platform_that_is_down(databases, unreachable):
    Sample.objects.create(at=timezone.now(), took=HOUR, words={"free": {"ok": 4}})

    assert "ok 4" in lines(said("--sampled"))
    assert "ok 4" in lines(said("--sampled", "--tier", "free"))


def test_no_sample_yet(databases):
    assert refusal("--sampled") == (2, "Nothing has been collected yet.")


def test_no_such_tier(rows):
    assert refusal("--tier", "gold") == (2, "There is no tier gold: free, pro, team.")
