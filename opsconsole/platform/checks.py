"""System check: does the platform look as we expect? `manage.py check --database platform`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from opsconsole.platform import contract
from opsconsole.platform.db import READ

KINDS = {
    contract.Level.CRITICAL: (Error, "opsconsole.platform.E001"),
    contract.Level.WARNING: (Warning, "opsconsole.platform.W001"),
}


@register(Tags.database)
def platform_contract(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """One message for each deviation that matters; nothing unless the platform is asked for."""
    if READ not in (databases or ()):
        return []
    messages: list[CheckMessage] = []
    for deviation in contract.current(refresh=True).deviations:
        if deviation.level in KINDS:
            kind, id_ = KINDS[deviation.level]
            messages.append(kind(deviation.sentence, deviation.remedy or None, id=id_))
    return messages
