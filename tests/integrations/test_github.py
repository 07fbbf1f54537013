"""Every call of GitHub against the stand-in, and each of its refusals."""

import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from opsconsole.integrations import errors, github

pytestmark = pytest.mark.platform
WORKSPACE = UUID("811b5a77-ba90-4057-bc5c-18bc323d0482")


def ended(hub, identifier):
    """The run once it has ended."""
    for _ in range(500):
        run = github.run(hub, identifier)
        if run.ended:
            return run
        time.sleep(0.01)
    raise AssertionError(run)


def test_the_rate_limit_counts_down(hub):
    before = github.rate_limit(hub)
    github.workflow(hub)
    after = github.rate_limit(hub)

    assert (before.limit, before.used + before.remaining) == (5_000, 5_000)
    assert after.remaining == before.remaining - 1
    assert timezone.now() < after.reset <= timezone.now() + timedelta(hours=1)


def test_the_workflow_is_disabled_and_enabled(hub):
    assert github.workflow(hub).enabled

    receipt = github.disable(hub)
    assert github.workflow(hub).state == "disabled_manually"
    github.enable(hub)

    assert github.workflow(hub).enabled
    assert (receipt.status, receipt.request_id[:8]) == (204, "SANDBOX:")


def test_a_dispatch_tells_its_run(hub, databases):
    told = github.dispatch(
        hub, workspace=WORKSPACE, hours_back=48, limit=5, dry_run=True
    )

    run = ended(hub, told.run_id)
    assert (run.event, run.conclusion) == ("workflow_dispatch", "success")
    assert run.url == told.url
    assert told.receipt.status == 200


def test_a_dispatch_of_an_older_github_tells_nothing(hub, faults):
    faults(endpoint="POST */dispatches", status=204, body={})
    assert github.dispatch(hub).run_id is None


def test_a_dispatch_is_refused_while_the_workflow_is_disabled(hub):
    github.disable(hub)

    with pytest.raises(errors.Refused, match="disabled workflow") as caught:
        github.dispatch(hub)
    assert caught.value.status == 422


@pytest.mark.parametrize("name", ["limit", "hours_back"])
def test_inputs_that_would_break_the_workflows_json_cannot_be_sent(hub, name):
    with pytest.raises(ValueError, match="invalid literal"):
        github.dispatch(hub, **{name: '1, "dryRun": false'})


def test_runs_are_listed_and_filtered(hub):
    found = github.runs(hub, size=5)
    newest = found.runs[0]
    since = github.runs(hub, created=f">={newest.created_at:%Y-%m-%dT%H:%M:%SZ}")

    assert (found.total, len(found.runs)) == (120, 5)
    assert newest.created_at > found.runs[1].created_at
    assert [run.id for run in since.runs] == [newest.id]
    assert github.runs(hub, event="workflow_dispatch").total == 0
    assert github.runs(hub, size=5, page=2).runs[0].created_at < newest.created_at


def test_a_run_that_goes_on_is_cancelled(hub, faults, databases):
    faults(endpoint="POST /functions/*", status=504, seconds=0.3)
    identifier = github.dispatch(hub).run_id

    assert github.cancel(hub, identifier).status == 202
    assert ended(hub, identifier).conclusion == "cancelled"
    with pytest.raises(errors.Refused) as caught:
        github.cancel(hub, identifier)
    assert caught.value.status == 409


def test_a_run_that_is_not_there(hub):
    with pytest.raises(errors.NotFound, match="OPSCONSOLE_GITHUB_REPOSITORY"):
        github.run(hub, 1)


def test_an_issue_is_made_with_its_labels(hub):
    issue = github.create_issue(hub, "Sync stands still", "Since noon.", ("urgent",))

    [stored] = hub.get("/repos/bdougie/contributor.info/issues").items()
    assert issue.number == stored.integer("number")
    assert issue.url == stored.link("html_url")
    assert [label.text("name") for label in stored.children("labels")] == ["urgent"]


def test_a_wrong_token_names_its_variable(hub, standin, settings):
    settings.GITHUB_TOKEN = "wrong"

    with pytest.raises(errors.WrongToken, match="OPSCONSOLE_GITHUB_TOKEN"):
        github.rate_limit(github.client())


@pytest.mark.parametrize("missing", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_it_says_what_is_not_configured(standin, settings, missing):
    setattr(settings, missing, "")

    assert not github.configured()
    with pytest.raises(errors.NotConfigured, match=f"set OPSCONSOLE_{missing}"):
        github.client()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 403}, errors.WrongToken),
        ({"status": 404}, errors.NotFound),
        ({"status": 429}, errors.QuotaSpent),
        ({"status": 429, "headers": {"retry-after": "7"}}, errors.QuotaSpent),
        ({"status": 502}, errors.NoAnswer),
        ({"status": 503}, errors.Unavailable),
        ({"lost": True}, errors.NoAnswer),
        ({"status": 0, "seconds": 1.0}, errors.NoAnswer),
    ],
)
def test_each_fault_is_told_apart(standin, faults, fault, expected):
    faults(endpoint="PUT */disable", **fault)

    with pytest.raises(expected):
        github.disable(github.client(timeout=0.5))


def test_a_lost_answer_may_have_been_done(hub, faults):
    faults(endpoint="PUT */disable", lost=True, done="all")

    with pytest.raises(errors.NoAnswer, match="Look at GitHub"):
        github.disable(hub)
    assert not github.workflow(hub).enabled


def test_a_spent_quota_says_when_the_next_hour_begins(hub, standin):
    standin.github.quota.leave(0)

    with pytest.raises(errors.QuotaSpent) as caught:
        github.disable(hub)
    assert caught.value.until - github.rate_limit(hub).reset == timedelta(seconds=1)


def test_an_answer_that_github_never_gave_is_a_sentence(hub, faults):
    faults(endpoint="*/capture-workspace-issues.yml", status=200, body={"id": "x"})

    with pytest.raises(errors.NotUnderstood, match="“id”"):
        github.workflow(hub)
