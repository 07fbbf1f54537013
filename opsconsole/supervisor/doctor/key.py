"""The functions' key: a JWT that says itself whose it is and until when.

Only the gateway can tell whether its signature holds, and asking it would start a sync.
"""

import json
import time
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

from opsconsole.supervisor.doctor.checks import Finding, ok, problem, warning

ANON = "Set OPSCONSOLE_SUPABASE_KEY to the project's legacy anon key."


def judged(key: str, ref: str) -> Finding:
    """What the key says, against the project's reference and this machine's clock."""
    claims = _claims(key)
    if claims is None:
        return problem("OPSCONSOLE_SUPABASE_KEY is not a JWT.", ANON)
    if ref and claims.get("ref", ref) != ref:
        return problem("The key is another project's.", ANON)
    ends = claims.get("exp")
    if isinstance(ends, int | float) and ends < time.time():
        return problem(f"The key expired{_on(ends)}.", ANON)
    if claims.get("role") == "service_role":
        sentence = "The key is the service role's, which may read and write everything."
        return warning(sentence, f"Less will do. {ANON}")
    return ok("The key is this project's, as far as can be told without a call.")


def _claims(key: str) -> dict[str, Any] | None:
    """What a JWT says; None of anything else."""
    parts = key.split(".")
    if len(parts) != 3:
        return None
    middle = parts[1]
    try:
        claims = json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except ValueError:  # neither base64 nor JSON
        return None
    return claims if isinstance(claims, dict) else None


def _on(ends: float) -> str:
    try:
        return f" on {datetime.fromtimestamp(ends, UTC):%d %B %Y}"
    except (OverflowError, ValueError, OSError):
        return ""
