"""A past for a new sandbox: two weeks as they may have led to what the platform holds now.

Made up, for a made-up platform, by `manage.py up` alone. The newest sample is counted and
the response is answered as in production.
"""

import json
from datetime import datetime, timedelta

from opsconsole.history import outcomes, responses, samples
from opsconsole.history.models import ErrorGroup, Sample
from opsconsole.sandbox.generator.world import Dice
from opsconsole.sandbox.standin import sync_function
from opsconsole.sandbox.standin.answers import Answer
from opsconsole.sandbox.standin.faults import Faults
from opsconsole.sandbox.standin.github import GitHub
from opsconsole.supervisor import demo_outcomes, demo_samples

DAYS = 14
LIMIT, HOURS_BACK = 20, 24  # as the schedule asks


def make(platform_url: str, now: datetime) -> None:
    """Give the console its past, which ends with the present; about half a second.

    `platform_url` is that of the stand-in: the owner's.
    """
    _keep_a_response(platform_url, now)
    today = samples.take(now)
    if today.problem:
        return
    outcomes.collect(today)
    since = _date_back_errors(now)
    Sample.objects.bulk_create(demo_samples.before(today, DAYS, since))
    demo_outcomes.write(now, DAYS)


def _keep_a_response(platform_url: str, now: datetime) -> None:
    """A dry run changes nothing; GitHub refuses some of those that are first in line."""
    request = {"limit": LIMIT, "hoursBack": HOURS_BACK, "dryRun": True}
    github = GitHub(Faults(), lambda body: Answer(200), seed=1, queued_for=0)
    answer = sync_function.answer(json.dumps(request), platform_url, github)
    responses.keep(
        answer.body,
        at=now,
        took=timedelta(seconds=Dice("response").uniform(8, 20)),
        status=answer.status,
        workspace_id=None,
        limit=LIMIT,
        hours_back=HOURS_BACK,
        dry_run=True,
    )


def _date_back_errors(now: datetime) -> dict[str, datetime]:
    """Fingerprint -> since when; no sample from before that knows the error."""
    dice = Dice("errors")
    groups = list(ErrorGroup.objects.all())
    for group in groups:
        group.first_seen = now - timedelta(days=DAYS * dice.random())
    ErrorGroup.objects.bulk_update(groups, ["first_seen"])
    return {group.fingerprint: group.first_seen for group in groups}
