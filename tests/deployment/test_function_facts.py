"""What the function answered, and the dry run that tries the whole way."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.deployment.facts import State
from opsconsole.history import responses
from tests import factories

pytestmark = pytest.mark.platform
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD = {"repository": "acme/app", "success": True, "issuesFound": 1, "issuesSynced": 1}
BAD = {"repository": "acme/web", "success": False, "error": "GitHub API returned 404"}


def answered(*results, status=200, body=None, dry_run=False, hours=0):
    given = {"success": True, "message": "Synced", "results": list(results)}
    return responses.keep(
        given if body is None else body,
        at=AT - timedelta(hours=hours),
        took=timedelta(seconds=1),
        status=status,
        workspace_id=None,
        limit=10,
        hours_back=24,
        dry_run=dry_run,
    )


class TestAnswers:
    def test_none_is_unknown(self, look):
        assert look("answers")["No answer"].state == State.UNKNOWN

    @pytest.mark.parametrize(
        ("results", "status", "body", "state"),
        [
            ([GOOD], 200, None, State.FINE),
            ([GOOD, BAD], 200, None, State.NOTE),
            ([BAD, BAD], 200, None, State.WRONG),
            ([], 200, {"message": "No workspace repositories need it"}, State.NOTE),
            ([], 500, {"error": "Invalid time value"}, State.WRONG),
            ([], None, {}, State.UNKNOWN),
        ],
    )
    def test_is_judged_by_what_it_says(self, look, results, status, body, state):
        answered(*results, status=status, body=body)
        [fact] = look("answers").values()

        assert fact.state == state
        assert fact.at == AT

    def test_says_on_how_many_it_failed_though_it_said_200(self, look):
        answered(GOOD, BAD)
        [fact] = look("answers").values()

        assert "answered 200, and failed on 1 of 2 repositories" in fact.sentence
        assert fact.link == "/workspaces/health/?word=refused"


class TestDryRun:
    def test_offers_to_try_what_was_synced_last(self, look, nowhere, platform_sql):
        times = [AT - timedelta(days=days) for days in (4, 1, 3, 2)]
        keys = [factories.tracked(platform_sql, last_sync_at=at) for at in times]
        factories.tracked(platform_sql, last_sync_at=AT, fetch_issues=False)
        factories.tracked(platform_sql, last_sync_at=None)
        fact = look("dry_run")["Last dry run"]

        assert fact.state == State.UNKNOWN
        assert fact.fix.slug == "force-sync"
        wanted = [str(keys[place]) for place in (1, 3, 2)]
        assert fact.fix.given == {"repositories": wanted, "dry_run": True}

    def test_the_form_is_filled_in(self, look, nowhere, platform_sql, person):
        factories.tracked(platform_sql, name="acme/app")
        fix = look("dry_run")["Last dry run"].fix
        page = person.get(fix.url).text

        assert "acme/app" in page
        assert 'name="dry_run"' in page
        box = page[
            page.index('name="dry_run"') - 120 : page.index('name="dry_run"') + 120
        ]
        assert "checked" in box

    def test_tells_how_the_last_one_went(self, look, nowhere):
        answered(GOOD, dry_run=True, hours=2)
        answered(BAD)
        fact = look("dry_run")["Last dry run"]

        assert (fact.state, fact.at) == (State.FINE, AT - timedelta(hours=2))
        assert fact.fix is None  # there is no row to try it with

    def test_refused_by_github_is_wrong(self, look, nowhere):
        answered(BAD, dry_run=True)
        assert look("dry_run")["Last dry run"].state == State.WRONG

    def test_a_silent_platform_leaves_the_history(self, look, nowhere, unreachable):
        answered(GOOD, dry_run=True)
        fact = look("dry_run")["Last dry run"]

        assert (fact.state, fact.fix) == (State.FINE, None)

    def test_without_access_to_the_function(self, look, unconfigured):
        [fact] = look("dry_run").values()

        assert fact.state == State.UNKNOWN
        assert "OPSCONSOLE_SUPABASE_KEY" in fact.sentence
