"""Selections: what a list's address says, as fields, as text, as rows."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.platform import diagnosis, flags
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.selection import (
    RowSelection,
    SelectionError,
    WorkspaceSelection,
)
from tests import factories

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KNOWN = Circumstances(NOW)
BOTH = pytest.mark.parametrize("kind", [RowSelection, WorkspaceSelection])


class TestText:
    @pytest.mark.parametrize(
        "selection",
        [
            RowSelection(),
            RowSelection(q="50% of 'it' \\ \"that\" & <this>=+é", tier="pro"),
            RowSelection(word="failing repeatedly", flag="coverage gap"),
            RowSelection(error="0123456789ab", workspace=str(factories.uuid4())),
            WorkspaceSelection(),
            WorkspaceSelection(usage="over_limit", activity="quiet", state="deleted"),
        ],
    )
    def test_comes_back_as_it_was(self, selection):
        text = selection.as_text()

        assert text
        assert type(selection).from_text(text) == selection

    @BOTH
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "Nothing is chosen"),
            ("word=", "Nothing is chosen"),
            ("q=&tier=", "Nothing is chosen"),
            ("wrod=failed", "'wrod' is none of q, tier, word"),
            ("word=failed&page=2", "'page' is none of"),
            ("failed", "'failed' is none of"),
            ("tier=pro&tier=free", "tier: given 2 times"),
            ("word=broken", "word: 'broken' is none of paused,"),
            ("flag=red", "flag: 'red' is none of stale error,"),
            ("q=" + "x" * 201, "q: at most 200 characters"),
            ("q=a%00b", "q: holds characters that cannot be printed"),
            ("q=a\udcffb", "q: holds characters that cannot be printed"),
        ],
    )
    def test_refuses_what_it_cannot_be(self, kind, text, sentence):
        with pytest.raises(SelectionError) as refused:
            kind.from_text(text)

        assert sentence in str(refused.value)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("error=0123", "error: '0123' is not a fingerprint of errors"),
            ("error=0123456789aB", "is not a fingerprint"),
            ("workspace=1", "workspace: '1' is not an id"),
            ("usage=over_limit", "'usage' is none of q,"),
        ],
    )
    def test_of_rows_refuses(self, text, sentence):
        with pytest.raises(SelectionError, match=sentence):
            RowSelection.from_text(text)


class TestAddress:
    @BOTH
    def test_may_hold_what_is_not_ours(self, kind):
        given = {"page": "2", "sort": "-name", "tier": " pro ", "q": None}

        assert kind.from_mapping(given).as_dict() == {"tier": "pro"}

    @BOTH
    def test_is_refused_by_name(self, kind):
        with pytest.raises(SelectionError, match="word: 'x' is none of"):
            kind.from_mapping({"word": "x"})


@pytest.mark.platform
class TestRows:
    def keys(self, **fields):
        """Whichever way the question is phrased."""
        selection = RowSelection(**fields)
        found = set(selection.rows(KNOWN).values_list("pk", flat=True))
        again = set(selection.rows(KNOWN, few=True).values_list("pk", flat=True))
        assert found == again
        return found

    def test_all_of_them(self, platform_sql):
        rows = {factories.tracked(platform_sql), factories.failed(platform_sql)}

        assert self.keys() == rows

    def test_by_the_name_of_repository_or_workspace(self, platform_sql):
        workspace = factories.workspace(platform_sql, name="Northwind")
        inside = factories.tracked(platform_sql, workspace, name="acme/one")
        other = factories.tracked(platform_sql, name="north/two")
        factories.tracked(platform_sql, name="acme/three")

        assert self.keys(q="NORTH") == {inside, other}
        assert self.keys(q="acme/o") == {inside}
        assert self.keys(q="nothing") == set()

    @pytest.mark.parametrize("text", ["100%", "a_b", "back\\slash", "o'clock", '"'])
    def test_by_a_text_with_signs_of_sql(self, platform_sql, text):
        found = factories.workspace(platform_sql, name=f"so {text} so")
        other = factories.workspace(platform_sql, name="so 1000 aXb backslash oclock")
        row = factories.tracked(platform_sql, found)
        factories.tracked(platform_sql, other)

        assert self.keys(q=text) == {row}

    def test_by_tier_workspace_and_error(self, platform_sql):
        pro = factories.workspace(platform_sql, tier="pro")
        failed = factories.failed(platform_sql, pro, last_sync_error="took 5 s")
        like = factories.failed(platform_sql, last_sync_error="took 71 s")
        well = factories.tracked(platform_sql, pro, last_sync_error="took 5 s")
        [fingerprint] = self.fingerprints(failed)

        assert self.keys(tier="pro") == {failed, well}
        assert self.keys(workspace=str(pro)) == {failed, well}
        assert self.keys(error=fingerprint) == {failed, like}  # of failed ones alone
        assert self.keys(error=fingerprint, tier="pro") == {failed}

    def fingerprints(self, key):
        from opsconsole.platform.fingerprint import fingerprint
        from opsconsole.platform.models import WorkspaceTrackedRepository

        row = WorkspaceTrackedRepository.objects.filter(pk=key)
        return row.annotate(found=fingerprint()).values_list("found", flat=True)

    def test_by_every_word_and_flag(self, platform_sql):
        """Whatever the word, the rows are those that are diagnosed by it."""
        for values in (
            {"fetch_issues": False},
            {"last_sync_status": "failed", "sync_attempts": 4},
            {"next_sync_at": NOW - timedelta(hours=8)},
            {"next_sync_at": NOW + timedelta(hours=1), "sync_frequency_hours": 2},
            {"next_sync_at": None, "last_sync_error": "old"},
        ):
            factories.tracked(platform_sql, **values)
        diagnosed = RowSelection().rows(KNOWN).diagnosed(KNOWN)
        found = list(diagnosed.values_list("pk", "word", "flags"))

        for word in diagnosis.WORDS:
            assert self.keys(word=word) == {pk for pk, own, _ in found if own == word}
        for flag in flags.WORDS:
            assert self.keys(flag=flag) == {pk for pk, _, own in found if flag in own}


@pytest.mark.platform
class TestWorkspaces:
    def keys(self, **fields):
        """Whichever way the question is phrased."""
        selection = WorkspaceSelection(**fields)
        found = set(selection.workspaces(KNOWN).values_list("pk", flat=True))
        again = selection.workspaces(KNOWN, few=True)
        assert found == set(again.values_list("pk", flat=True))
        return found

    def test_deleted_ones_only_when_asked_for(self, platform_sql):
        here = factories.workspace(platform_sql)
        gone = factories.workspace(platform_sql, is_active=False)

        assert self.keys() == {here}
        assert self.keys(state="deleted") == {gone}

    def test_by_the_word_of_a_repository(self, platform_sql):
        failing, well = (factories.workspace(platform_sql) for _ in range(2))
        factories.failed(platform_sql, failing)
        factories.tracked(platform_sql, failing)
        factories.tracked(platform_sql, well, next_sync_at=NOW + timedelta(hours=1))

        assert self.keys(word="failed") == {failing}
        assert self.keys(word="ok") == {well}

    def test_by_text_tier_usage_and_activity(self, platform_sql):
        values = {"tier": "pro", "max_repositories": 1, "slug": "northwind"}
        busy = factories.workspace(platform_sql, last_activity_at=NOW, **values)
        quiet = factories.workspace(platform_sql, last_activity_at=None)
        platform_sql(
            "SET session_replication_role = replica"
        )  # the limit is a trigger's
        for _ in range(2):
            factories.insert(
                platform_sql,
                "workspace_repositories",
                workspace_id=busy,
                repository_id=factories.repository(platform_sql),
            )

        assert self.keys(q="northw") == {busy}
        assert self.keys(q="acme/REPO") == {busy}
        assert self.keys(q=quiet.hex) == set()
        assert self.keys(tier="pro") == {busy}
        assert self.keys(usage="over_limit") == {busy}
        assert self.keys(activity="active") == {busy}
        assert self.keys(activity="quiet") == {quiet}
