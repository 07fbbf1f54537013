"""The platform's models live on the read-only alias and are never migrated."""

import pytest
from django.apps import apps

from opsconsole.platform.models import MODELS, Workspace
from opsconsole.platform.router import PlatformRouter

router = PlatformRouter()


@pytest.mark.parametrize("model", MODELS.values(), ids=str)
def test_platform_models_are_unmanaged_and_go_to_the_platform(model):
    assert model._meta.managed is False
    assert router.db_for_read(model) == "platform"
    assert router.db_for_write(model) == "platform"


def test_our_own_models_are_left_to_django():
    user = apps.get_model("accounts", "User")

    assert router.db_for_read(user) is None
    assert router.db_for_write(user) is None


@pytest.mark.parametrize(
    ("alias", "app", "allowed"),
    [
        ("default", "accounts", True),
        ("default", "platform", False),
        ("platform", "accounts", False),
        ("platform", "platform", False),
        ("platform_write", "accounts", False),
        ("platform_write", "platform", False),
    ],
)
def test_only_our_own_tables_in_our_own_database_are_migrated(alias, app, allowed):
    assert router.allow_migrate(alias, app) is allowed


def test_relations_do_not_cross_the_two_databases():
    user, workspace = apps.get_model("accounts", "User")(), Workspace()

    assert router.allow_relation(workspace, Workspace())
    assert router.allow_relation(user, apps.get_model("accounts", "User")())
    assert not router.allow_relation(user, workspace)
