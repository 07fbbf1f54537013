"""Read settings from environment variables and say exactly what is wrong with them.

Every reader returns a usable value even when the variable is wrong, so that `check()`
can name all problems at once. A value is never repeated in a message: it may be a secret.
"""

import os
import re
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class Environment:
    """Typed access to variables; remembers each problem as a sentence."""

    def __init__(self, values: Mapping[str, str] = os.environ) -> None:
        self.values = values
        self.problems: list[str] = []

    def has(self, name: str) -> bool:
        """Whether the variable is set to something other than blanks."""
        return bool(self.values.get(name, "").strip())

    def text(
        self, name: str, default: str, *, pattern: str = ".+", shape: str, example: str
    ) -> str:
        """A text that matches the pattern as a whole."""
        value = self._raw(name, default)
        if value and not re.fullmatch(pattern, value, re.DOTALL):
            self._problem(name, shape, example)
            return default
        return value

    def choice(self, name: str, default: str, choices: Collection[str]) -> str:
        """One of the given words."""
        value = self._raw(name, default)
        if value not in choices:
            self._problem(name, "one of " + ", ".join(choices), default)
            return default
        return value

    def flag(self, name: str, default: bool) -> bool:
        """true/false, yes/no, on/off, 1/0."""
        value = self._raw(name, "true" if default else "false").lower()
        if value not in TRUE | FALSE:
            self._problem(name, "true or false", "true")
            return default
        return value in TRUE

    def integer(
        self, name: str, default: int, *, least: int, most: int, unit: str
    ) -> int:
        """A whole number between least and most, both included."""
        value = self._raw(name, str(default))
        if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
            shape = f"a whole number of {unit} from {least} to {most}"
            self._problem(name, shape, str(default))
            return default
        return int(value)

    def words(self, name: str, default: list[str]) -> list[str]:
        """Words separated by commas."""
        value = self._raw(name, ",".join(default))
        return [word.strip() for word in value.split(",") if word.strip()]

    def address(self, name: str, default: str) -> str:
        """The address of a service: https, or http on this machine; no path, no password."""
        return self.text(
            name,
            default,
            pattern=r"(https://[\w.-]+|http://(localhost|127\.0\.0\.1))(:\d+)?/?",
            shape="an https address without a path",
            example="https://abcdefghijklmnopqrst.supabase.co",
        )

    def token(self, name: str, shape: str, *, pattern: str = "[!-~]+") -> str:
        """A secret without blanks, as it fits a header; empty if there is none."""
        example = "what the service shows when you make one"
        return self.text(name, "", pattern=pattern, shape=shape, example=example)

    def database(self, name: str, default: str) -> dict[str, Any]:
        """A PostgreSQL URL as Django's database settings, without options."""
        value = self._raw(name, default)
        shape = "a PostgreSQL URL with a database name"
        example = "postgresql://user:password@host:5432/name?sslmode=require"
        try:
            parts: dict[str, Any] = dict(conninfo_to_dict(value))
        except ProgrammingError:
            parts = {}
        if not re.match(r"postgres(ql)?://", value) or not parts.get("dbname"):
            self._problem(name, shape, example)
            return {"ENGINE": "django.db.backends.postgresql", "NAME": "unknown"}
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password"}
        names |= {"HOST": "host", "PORT": "port"}
        known = {key: str(parts.pop(part, "")) for key, part in names.items()}
        return {"ENGINE": "django.db.backends.postgresql", **known, "OPTIONS": parts}

    def require(self, name: str, *, why: str, example: str) -> None:
        """Report the variable as missing unless it is set."""
        if not self.has(name):
            self.problems.append(f"{name} is not set: {why}, for example {example}")

    def check(self) -> None:
        """Raise one ImproperlyConfigured that lists every problem met so far."""
        if self.problems:
            lines = "\n".join(f"  {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"Wrong settings:\n{lines}")

    def _raw(self, name: str, default: str) -> str:
        return self.values.get(name, "").strip() or default

    def _problem(self, name: str, shape: str, example: str) -> None:
        self.problems.append(f"{name} must be {shape}, for example {example}")
