from django.apps import AppConfig


class EmergencyConfig(AppConfig):
    name = "opsconsole.emergency"

    def ready(self) -> None:
        from opsconsole.emergency import banner, rows
        from opsconsole.operations import signals
        from opsconsole.platform import contract
        from opsconsole.web import notices

        notices.BANNERS.append(banner.banners)
        signals.ended.connect(banner.CALM.forget, dispatch_uid="emergency.banner")
        contract.register("Watch of a stop", rows.READS)
