"""Every shape of the sync function's answer, and shapes that it never gives."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from opsconsole.history import responses
from opsconsole.history.models import FunctionResponse, RepositoryResult

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WELL = {"repository": "a/well", "workspace": "Acme", "tier": "pro", "success": True}
WELL |= {"issuesFound": 7, "issuesSynced": 6}
ONLY_PRS = {"repository": "a/prs", "success": True, "issuesFound": 0, "issuesSynced": 0}
DRY = {"repository": "a/dry", "success": True, "issuesFound": 3, "issuesSynced": 0}
DRY |= {"dryRun": True}
REFUSED = {"repository": "a/gone", "success": False, "error": "GitHub API returned 404"}
RUN = {
    "success": True,
    "message": "Synced 6 issues from 4 repositories",
    "totalApiCalls": 9,
    "hoursBack": 24,
    "results": [WELL, ONLY_PRS, DRY, REFUSED],
}


@pytest.fixture
def keep(databases):
    def kept(body=None, *, status=200, at=NOW, workspace_id=None, **more):
        return responses.keep(
            body,
            at=at,
            took=timedelta(seconds=9),
            status=status,
            workspace_id=workspace_id,
            limit=20,
            hours_back=24,
            dry_run=False,
            **more,
        )

    return kept


def result(**values):
    return {"results": [{"repository": "a/b", **values}]}


class TestShapes:
    def test_a_run(self, keep, django_assert_num_queries):
        with django_assert_num_queries(4):  # two of them begin and end a transaction
            response = keep(RUN, run_id=12)

        stored = FunctionResponse.objects.get()
        assert stored == response
        assert (stored.calls, stored.named, stored.refused) == (9, 4, 1)
        assert stored.message == "Synced 6 issues from 4 repositories"
        assert (stored.status, stored.limit, stored.hours_back) == (200, 20, 24)
        assert (stored.run_id, stored.took) == (12, timedelta(seconds=9))
        found = {r.repository: r for r in RepositoryResult.objects.all()}
        assert found["a/well"].workspace == "Acme"
        assert found["a/well"].issues_synced == 6
        assert found["a/prs"].workspace == ""
        assert found["a/gone"].error == "GitHub API returned 404"
        assert not found["a/gone"].success
        assert found["a/gone"].issues_found is None
        assert all(r.at == NOW for r in found.values())

    def test_nothing_due(self, keep):
        message = "No workspace repositories need issues sync"
        response = keep({"message": message, "synced": 0})

        assert (response.message, response.calls, response.named) == (message, None, 0)

    def test_an_error_of_the_function(self, keep):
        body = {"error": "Invalid time value", "success": False}

        assert keep(body, status=500).message == "Invalid time value"

    def test_an_error_of_the_gateway(self, keep):
        body = {"code": "NOT_FOUND", "message": "Requested function was not found"}

        assert keep(body, status=404).message == "Requested function was not found"

    def test_no_answer(self, keep):
        response = keep(None, status=None)

        assert response.message == responses.SILENT
        assert FunctionResponse.objects.get().status is None

    def test_an_answer_that_is_not_json(self, keep):
        assert keep(None, status=504).message == responses.UNREADABLE

    def test_the_same_repository_of_two_workspaces(self, keep):
        other = {**WELL, "workspace": "Other"}

        assert keep({"results": [WELL, other]}).named == 2


HOSTILE = [
    [],
    "text",
    7,
    True,
    {},
    {"results": None},
    {"results": "a/b"},
    {"results": {"repository": "a/b"}},
    {"results": [None, 7, "a/b", [], {}, {"repository": None}, {"repository": ""}]},
    {"results": [{"repository": ["a/b"]}, {"repository": {"a": "b"}}]},
    {"message": {"a": 1}, "error": ["b"], "totalApiCalls": "many"},
    {"message": None, "totalApiCalls": True},
    {"totalApiCalls": -1},
    {"totalApiCalls": 2**31},
    {"totalApiCalls": 1e300},
    {"totalApiCalls": float("nan")},
    {1: 2, None: 3},
]


class TestHostile:
    @pytest.mark.parametrize("body", HOSTILE)
    def test_nothing_of_it_is_used(self, keep, body):
        keep(body)

        response = FunctionResponse.objects.get()
        assert (response.calls, response.named) == (None, 0)
        assert response.message == responses.UNREADABLE

    @pytest.mark.parametrize(
        ("values", "success"),
        [
            ({"success": True}, True),
            ({"success": "true"}, False),
            ({"success": 1}, False),
            ({}, False),
        ],
    )
    def test_success_is_nothing_but_true(self, keep, values, success):
        keep(result(**values))

        assert RepositoryResult.objects.get().success is success

    @pytest.mark.parametrize("number", ["7", -1, 2**31, 1.5, None, True, [7]])
    def test_numbers_that_are_none(self, keep, number):
        keep(result(issuesFound=number, issuesSynced=number))

        found = RepositoryResult.objects.get()
        assert (found.issues_found, found.issues_synced) == (None, None)

    def test_the_largest_number(self, keep):
        keep(result(issuesFound=2**31 - 1))

        assert RepositoryResult.objects.get().issues_found == 2**31 - 1

    def test_characters_that_postgresql_cannot_store(self, keep):
        keep({"message": "a\x00b\ud800c", **result(error="\x00", workspace="\udfff")})

        assert FunctionResponse.objects.get().message == "a\ufffdb\ufffdc"
        assert RepositoryResult.objects.get().error == "\ufffd"

    def test_long_texts_are_cut(self, keep):
        long = "x" * 1_000_000
        keep({"message": long, "results": [{"repository": long, "error": long}]})

        found = RepositoryResult.objects.get()
        assert len(FunctionResponse.objects.get().message) == responses.LONGEST
        assert len(found.repository) == responses.LONGEST_NAME
        assert len(found.error) == responses.LONGEST

    def test_endless_results_end(self, keep):
        response = keep({"results": [WELL] * (responses.MOST + 5)})

        assert response.named == responses.MOST


class TestQuestions:
    def test_newest(self, keep):
        kept = [keep(RUN, at=NOW - number * HOUR) for number in range(4)]

        assert responses.newest(2) == kept[:2]

    def test_naming_a_repository(self, keep, django_assert_num_queries):
        for hours in (1, 0, 2):
            keep(RUN, at=NOW - hours * HOUR)
        keep({"results": [WELL]}, at=NOW + HOUR)

        with django_assert_num_queries(1):
            found = responses.naming("a/gone", 2)
            statuses = [result.response.status for result in found]

        assert [result.at for result in found] == [NOW, NOW - HOUR]
        assert statuses == [200, 200]

    def test_of_a_workspace(self, keep):
        """Its own calls whatever they name, and results of others that bear its name."""
        ours, theirs = uuid4(), uuid4()
        keep({"results": [REFUSED]}, workspace_id=ours)
        keep(RUN, at=NOW - HOUR)
        keep(RUN, at=NOW - 2 * HOUR, workspace_id=theirs)

        found = responses.of_workspace(ours, "Acme")

        assert [(r.repository, r.at) for r in found] == [
            ("a/gone", NOW),
            ("a/well", NOW - HOUR),
        ]

    def test_of_a_workspace_without_a_name(self, keep):
        keep({"results": [REFUSED]})

        assert responses.of_workspace(uuid4(), "") == []
