from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "opsconsole.platform"
    verbose_name = "The platform's database (read only)"

    def ready(self) -> None:
        from opsconsole.platform import checks  # noqa: F401  registers itself
