"""One person for each role in the sandbox, with the same password at every start."""

import contextlib
import json
import os
import secrets
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction

from opsconsole.accounts.models import User
from opsconsole.accounts.roles import ADMIN, ROLES

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
GROUPS, GROUP = 4, 4  # a password such as k3mq-x7pd-h2vn-w9ba: 79 bits


def ensure(path: Path) -> dict[str, str]:
    """Make the accounts that are missing; return username -> password.

    The passwords are kept in `path`. A lost file means new passwords for everyone.
    """
    passwords, new = _kept_in(path)
    for name in ROLES:
        if new or not User.objects.filter(username=name).exists():
            _make(name, passwords[name])
    return passwords


@transaction.atomic
def _make(name: str, password: str) -> None:
    is_admin = name == ADMIN
    user, _ = User.objects.get_or_create(username=name)
    user.is_staff = user.is_superuser = is_admin
    user.set_password(password)
    user.save()
    user.groups.set([Group.objects.get(name=name)])


def _kept_in(path: Path) -> tuple[dict[str, str], bool]:
    """Return the passwords and whether they were made just now."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        known = json.loads(path.read_text())
        if isinstance(known, dict) and known.keys() >= ROLES.keys():
            return known, False
    known = {name: _password() for name in ROLES}
    _write_for_us_alone(path, json.dumps(known, indent=2))
    return known, True


def _password() -> str:
    return "-".join(
        "".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS)
    )


def _write_for_us_alone(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
