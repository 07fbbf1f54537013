"""Errors of one kind share a fingerprint; different ones do not."""

import pytest

from opsconsole.platform.fingerprint import KEPT, LENGTH, fingerprint, pattern
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests import factories

pytestmark = pytest.mark.platform
Rows = WorkspaceTrackedRepository.objects
URL = "error sending request for url (https://api.github.com/repos/{}/issues?page={}): connection reset"
UUIDS = "811b5a77-ba90-4057-bc5c-18bc323d0482", "00000000-0000-0000-0000-00000000ABCD"
PAIRS = [
    (URL.format("acme/a", 1), URL.format("zoo/b", 12)),
    (f"row {UUIDS[0]} is gone", f"row {UUIDS[1]} is gone"),
    ("timed out after 30 s", "timed out after 2.5 s"),
    ("Cannot read 'map' of null", "Cannot read 'filter' of null"),
    ('Unexpected token "<"', 'Unexpected token "{"'),
    (
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 lost",
        "commit 0a1b2c3d4e5f lost",
    ),
    ("two  blanks\n here", "two blanks here"),
]


@pytest.fixture
def told(platform_sql):
    """An error's pattern and fingerprint, as the platform works them out."""

    def tell(error):
        key = factories.failed(platform_sql, last_sync_error=error)
        rows = Rows.annotate(pattern=pattern(), fingerprint=fingerprint())
        return rows.values_list("pattern", "fingerprint").get(pk=key)

    return tell


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_same_kind(told, first, second):
    assert told(first) == told(second)


def test_different_kinds(told):
    kinds = {told(first)[1] for first, _ in PAIRS}

    assert len(kinds) == len(PAIRS)


def test_patterns_stay_readable(told):
    assert (
        told(PAIRS[0][0])[0]
        == "error sending request for url (‹url›): connection reset"
    )
    assert told("timed out after 30 s")[0] == "timed out after ‹n› s"


def test_without_an_error_there_is_none(told):
    assert told(None) == (None, None)


def test_length(told):
    text, digits = told("word " * 10_000)

    assert len(text) == KEPT
    assert len(digits) == LENGTH


def test_rows_with_an_error(told, platform_sql):
    told(PAIRS[0][0])
    _, digits = told(PAIRS[0][1])
    told("something else")

    assert Rows.with_error(digits).count() == 2
