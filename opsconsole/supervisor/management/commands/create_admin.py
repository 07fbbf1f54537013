import os
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, IntegrityError, transaction

from opsconsole.accounts.models import User
from opsconsole.accounts.roles import ADMIN
from opsconsole.audit import log

VARIABLE = "OPSCONSOLE_ADMIN_PASSWORD"


class Command(BaseCommand):
    """The way in where there is nobody yet who could make accounts."""

    help = f"Make an admin. The password is asked for, or taken from {VARIABLE}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="")

    def handle(self, *, username: str, email: str, **options: Any) -> None:
        user = User(username=username, email=email, is_staff=True, is_superuser=True)
        try:
            user.clean_fields(exclude=["password"])
            user.validate_unique()
            password = self._password()
            validate_password(password, user)
            user.set_password(password)
            self._store(user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError(f"There is an account {username!r} already.") from error
        except Group.DoesNotExist as error:
            raise CommandError(
                "There are no roles yet: run `migrate` first."
            ) from error
        except Error as error:
            raise CommandError(f"The database refused: {error}") from error
        self.stdout.write(f"{username} may sign in and has the role {ADMIN}.")

    @transaction.atomic
    def _store(self, user: User) -> None:
        user.save()
        user.groups.add(Group.objects.get(name=ADMIN))
        log.record(
            action="accounts.user.created",
            subject=f"user {user.username}",
            actor=None,
            reason="made on the command line by create_admin",
            details={"username": user.username, "email": user.email, "role": ADMIN},
        )

    def _password(self) -> str:
        """Never an argument: those are seen by everyone on the machine."""
        if given := os.environ.get(VARIABLE):
            return given
        if not sys.stdin.isatty():
            raise CommandError(f"Nobody can be asked for a password: set {VARIABLE}.")
        password = getpass("Password: ")
        if password != getpass("Password again: "):
            raise CommandError("The two passwords differ.")
        return password
