"""Every kind of call, found by walking this folder; see `operations.calling`."""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Make them known by their names."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
