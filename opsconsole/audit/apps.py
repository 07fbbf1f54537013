from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "opsconsole.audit"

    def ready(self) -> None:
        from opsconsole.audit.runtime_role import grant_after_migrate

        post_migrate.connect(grant_after_migrate, dispatch_uid="audit.runtime_role")
