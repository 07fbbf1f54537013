"""Every operation, found by walking this folder: one file each, one test each."""

from importlib import import_module
from pkgutil import iter_modules

from opsconsole.operations.catalog.base import OPERATIONS, Operation

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")

__all__ = ["OPERATIONS", "Operation"]
