"""Texts of a service, made fit for pages and logs: short, one line, without secrets."""

import re

LONGEST = 300  # characters
HIDDEN = "[hidden]"
SECRETS = re.compile(
    r"gh[opsur]_\w{16,}|github_pat_\w{16,}|sb[ps]?_\w{16,}|"
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|(?i:bearer|token)\s+[\w.~+/=-]{16,}|"
    r"\w+://[^\s/:@]+:[^\s/@]+@"  # user and password of an address
)


def redacted(text: str, secret: str = "", longest: int = LONGEST) -> str:
    """The text without this secret and without what looks like one."""
    text = text[: 20 * longest]  # a whole page would be slow to search
    if secret:
        text = text.replace(secret, HIDDEN)
    line = " ".join(
        "".join(
            c if c.isprintable() else " " for c in SECRETS.sub(HIDDEN, text)
        ).split()
    )
    return line if len(line) <= longest else line[: longest - 1] + "…"
