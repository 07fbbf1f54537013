from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class OperationsConfig(AppConfig):
    name = "opsconsole.operations"

    def ready(self) -> None:
        from opsconsole.operations import callers, sessions
        from opsconsole.operations.permissions import create_permissions
        from opsconsole.operations.showing import inbox, review_banner
        from opsconsole.web import notices

        callers.load()
        connection_created.connect(sessions.limit, dispatch_uid="operations.sessions")
        post_migrate.connect(create_permissions, dispatch_uid="operations.permissions")
        notices.BANNERS.append(review_banner.banners)
        notices.NUMBERS["operations:approvals"] = inbox.number_for
