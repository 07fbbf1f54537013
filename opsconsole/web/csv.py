"""Text for a CSV file that a spreadsheet will open."""

FORMULA_STARTS = (
    *"=+-@\t\r\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)


def neutral(value: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet would run it as a formula.

    OWASP "CSV Injection"; the full-width signs count in East Asian editions of Excel.
    """
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
