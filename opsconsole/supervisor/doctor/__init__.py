"""Is the console set up well? One small function for each question.

`manage.py doctor` asks them all; `serve` refuses to start on the critical ones. No
value of a setting is repeated: it may be a secret.
"""

from opsconsole.supervisor.doctor import machine, console, platform, services  # isort: skip
from opsconsole.supervisor.doctor.checks import Finding, Level, examine, problems

__all__ = [
    "CRITICAL",
    "Finding",
    "Level",
    "console",
    "examine",
    "machine",
    "platform",
    "problems",
    "services",
]

CRITICAL = ("console database", "migrations")
