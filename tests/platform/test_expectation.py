"""What is expected follows from the models alone."""

import pytest
from django.apps import apps

from opsconsole.platform.contract.expectation import TYPES, expected_tables, unknown
from opsconsole.platform.models import MODELS


def test_every_model_and_column_is_expected():
    expected = expected_tables()

    assert set(expected) == set(MODELS)
    for model in apps.get_app_config("platform").get_models():
        columns = {field.column for field in model._meta.concrete_fields}
        assert set(expected[model._meta.db_table].columns) == columns


def test_a_foreign_key_has_the_type_of_what_it_points_to():
    columns = expected_tables()["workspaces"].columns

    assert columns["owner_id"] == TYPES["UUIDField"]
    assert columns["tier"] == TYPES["TextField"]


def test_only_what_production_may_lack_is_optional():
    assert {name for name, table in expected_tables().items() if table.optional} == {
        "daily_activity_metrics",
        "daily_activity_metrics_archive",
        "issues",
        "progressive_capture_jobs",
        "subscriptions",
        "sync_logs",
        "workspace_issues_cache",
    }


@pytest.mark.parametrize(
    ("need", "is_unknown"),
    [
        ("workspaces", False),
        ("workspaces.tier", False),
        ("workspaces.owner", True),  # the column is owner_id
        ("planets", True),
        ("", True),
    ],
)
def test_a_need_is_a_table_or_a_column_of_a_model(need, is_unknown):
    assert unknown(need) == is_unknown
