from django.apps import AppConfig
from django.db.backends.signals import connection_created


class PlatformConfig(AppConfig):
    name = "opsconsole.platform"
    verbose_name = "The platform's database (read only)"

    def ready(self) -> None:
        from opsconsole.platform import checks  # noqa: F401  registers itself
        from opsconsole.platform.db.timestamps import clamp

        connection_created.connect(clamp)
