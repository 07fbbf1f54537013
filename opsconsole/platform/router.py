"""Sends the platform's models to the platform's database and never migrates it."""

from typing import Any

from django.db.models import Model

APP, ALIASES = "platform", {"platform", "platform_write"}


class PlatformRouter:
    """Reads and (refused) writes of platform models go to the read-only alias."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return "platform" if model._meta.app_label == APP else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        return "platform" if model._meta.app_label == APP else None

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        return (one._meta.app_label == APP) == (other._meta.app_label == APP)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return db not in ALIASES and app_label != APP
