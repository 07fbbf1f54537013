from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "opsconsole.history"
    verbose_name = "What the console remembers of the platform"
