from django.apps import AppConfig


class DeploymentConfig(AppConfig):
    name = "opsconsole.deployment"

    def ready(self) -> None:
        from opsconsole.deployment import links
        from opsconsole.platform import contract

        contract.register("Deployment", links.READS)
