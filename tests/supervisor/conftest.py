import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opsconsole.supervisor.children import Child
from opsconsole.supervisor.output import Files


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """Make a child that runs a piece of Python; all of them are killed afterwards."""
    made: list[Child] = []

    def make(code: str, name: str = "web") -> Child:
        one = Child(name, [sys.executable, "-c", code], Files(tmp_path))
        made.append(one)
        return one

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def quick_hashes(settings):
    """Hash passwords quickly: a million rounds for each of four accounts take their time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
