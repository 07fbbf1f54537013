"""`manage.py check --database platform`."""

import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from opsconsole.platform import contract

pytestmark = pytest.mark.platform


def found(*databases):
    messages = checks.run_checks(databases=databases, tags=["database"])
    return [
        message for message in messages if message.id.startswith("opsconsole.platform")
    ]


def test_is_silent_when_all_is_as_expected(databases):
    assert found("platform") == []


def test_is_silent_when_the_platform_is_not_asked_for(connect):
    connect("platform", HOST="/nowhere")

    assert found("default") == []
    assert found() == []


def test_warns_with_a_hint_that_says_what_to_do(variant):
    variant(
        "ALTER TABLE workspaces RENAME slug TO gone; ALTER TABLE issues RENAME TO gone_too",
        "ALTER TABLE workspaces RENAME gone TO slug; ALTER TABLE gone_too RENAME TO issues",
    )

    (message,) = found("platform")

    assert (message.id, message.level) == ("opsconsole.platform.W001", checks.WARNING)
    assert "workspaces.slug" in message.msg
    assert message.hint.startswith("Restore the column")


def test_looks_anew(variant, platform_sql):
    assert contract.current().reachable
    platform_sql("ALTER TABLE workspaces RENAME slug TO gone")
    try:
        assert len(found("platform")) == 1
    finally:
        platform_sql("ALTER TABLE workspaces RENAME gone TO slug")


def test_fails_for_a_platform_that_does_not_answer(connect):
    connect("platform", HOST="/nowhere")

    with pytest.raises(SystemCheckError, match="E001"):
        call_command("check", databases=["platform"], tags=["database"])
