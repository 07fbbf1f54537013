from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OperationsConfig(AppConfig):
    name = "opsconsole.operations"

    def ready(self) -> None:
        from opsconsole.operations import inbox
        from opsconsole.operations.permissions import create_permissions
        from opsconsole.web import notices

        post_migrate.connect(create_permissions, dispatch_uid="operations.permissions")
        notices.BANNERS.append(inbox.banners)
        notices.NUMBERS["operations:approvals"] = inbox.number_for
