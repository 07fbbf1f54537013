"""The stock admin shows the platform, runs and audit, and edits people only."""

import pytest
from django.contrib import admin as django_admin
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.platform
EDITABLE = {"accounts.user", "auth.group", "mfa.authenticator"}
MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label_lower)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_every_list_opens_and_only_people_are_edited(
    model, admin, client_of, platform_sql
):
    factories.failed(platform_sql)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    client = client_of(admin)

    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    added = client.get(reverse(f"{name}_add")).status_code
    assert (added == 200) == (model._meta.label_lower in EDITABLE)


def test_names_the_rooms():
    shown = {model._meta.label_lower for model in MODELS}

    assert shown >= EDITABLE | {"operations.run", "operations.chunk", "audit.entry"}
    assert not any(label.startswith("django_q.") for label in shown)
