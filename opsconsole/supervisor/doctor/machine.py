"""Settings and the machine."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.core.checks import run_checks

from opsconsole.supervisor.doctor.checks import (
    Finding,
    Level,
    check,
    ok,
    problem,
    warning,
)

SECRET_LENGTH = 50  # characters, as in Django's security.W009
LITTLE_SPACE, NO_SPACE = 2_000_000_000, 300_000_000  # bytes


@check("settings")
def valid_settings() -> Iterator[Finding]:
    """Django's own checks; wrong variables have been named before we came here."""
    messages = [
        message
        for message in run_checks()
        if message.is_serious() and not message.is_silenced()
    ]
    for message in messages:
        yield problem(f"{message.id}: {message.msg}", message.hint or "")
    if not messages:
        yield ok(f"Valid, for the environment {settings.OPSCONSOLE_ENVIRONMENT}.")


@check("secret key")
def long_secret() -> Iterator[Finding]:
    if len(settings.SECRET_KEY) < SECRET_LENGTH:
        yield warning(
            f"OPSCONSOLE_SECRET_KEY has fewer than {SECRET_LENGTH} characters.",
            "Make one with: openssl rand -base64 48",
        )
    else:
        yield ok("Long enough.")


@check("transport")
def guarded_transport() -> Iterator[Finding]:
    """HTTPS and host names; the sandbox serves localhost without."""
    if settings.SANDBOX:
        yield ok("Plain HTTP on this machine, as befits a sandbox.")
        return
    if not settings.HTTPS:
        remedy = "Unset OPSCONSOLE_HTTPS and put a proxy with TLS in front."
        yield warning("Sessions and passwords travel without HTTPS.", remedy)
    if settings.DEBUG:
        yield problem("Error pages show the code.", "Unset OPSCONSOLE_DEBUG.")
    if "*" in settings.ALLOWED_HOSTS:
        yield warning("Any host name is accepted.", "Name them in OPSCONSOLE_HOSTS.")
    elif set(settings.ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"}:
        remedy = "Set OPSCONSOLE_HOSTS to the names people use."
        yield warning("Only localhost is answered.", remedy)
    else:
        yield ok(f"Answers to {', '.join(settings.ALLOWED_HOSTS)}.")


@check("disk space")
def free_space() -> Iterator[Finding]:
    """Only the sandbox keeps its data here."""
    if not settings.SANDBOX:
        return
    free = shutil.disk_usage(settings.STATE_DIR).free
    sentence = f"{free / 1e9:.1f} GB are free for {settings.STATE_DIR}."
    if free < LITTLE_SPACE:
        level = Level.PROBLEM if free < NO_SPACE else Level.WARNING
        yield Finding(level, sentence, "Free some, or move OPSCONSOLE_STATE_DIR.")
    else:
        yield ok(sentence)
