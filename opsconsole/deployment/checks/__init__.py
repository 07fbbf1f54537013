"""Every check, found by walking this folder: one file for each subject."""

from importlib import import_module
from pkgutil import iter_modules

from opsconsole.deployment.registry import CHECKS, Check

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")

__all__ = ["CHECKS", "Check"]
