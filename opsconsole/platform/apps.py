from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "opsconsole.platform"
    verbose_name = "The platform's database (read only)"
