"""The same calls against the real services, where their tests' own variables are set.

Nothing is changed: reads, and a dry run of the sync function.
"""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from opsconsole.integrations import functions, github, supabase, supabase_logs

NAMES = {
    "github": ("GITHUB_TOKEN", "GITHUB_REPOSITORY"),
    "functions": ("SUPABASE_URL", "SUPABASE_KEY"),
    "supabase": ("SUPABASE_ACCESS_TOKEN", "SUPABASE_REF"),
}


def given(service):
    """Skip unless the variables of this service's tests are set."""
    names = [f"OPSCONSOLE_TEST_{name}" for name in NAMES[service]]
    missing = [name for name in names if not os.environ.get(name)]
    reason = f"The real service is asked when {' and '.join(missing)} are set."
    return pytest.mark.skipif(bool(missing), reason=reason)


@pytest.fixture
def real(settings):
    """The settings of one service, from the variables of its tests."""

    def use(service):
        for name in NAMES[service]:
            setattr(settings, name, os.environ[f"OPSCONSOLE_TEST_{name}"])

    return use


@given("github")
def test_github(real):
    real("github")
    client = github.client()

    assert github.rate_limit(client).limit >= 60
    assert github.workflow(client).state
    [run, *_] = github.runs(client, size=1).runs
    assert github.run(client, run.id).number == run.number


@given("functions")
def test_the_sync_function(real):
    real("functions")
    assert functions.sync(functions.client(), limit=1, dry_run=True).message


@given("supabase")
def test_supabase(real):
    real("supabase")
    client = supabase.client()
    end = timezone.now()

    found = supabase.function(client, "workspace-issues-sync")
    assert found is not None
    supabase.function_statistics(client, found.id)
    assert supabase.secrets(client)
    assert supabase.health(client)
    supabase.backups(client)
    start = end - timedelta(hours=1)
    supabase_logs.logs(client, start, end, source=supabase_logs.REQUESTS, limit=1)
