"""Numbers in sentences that were made for terminals and pages alike."""

import re

from opsconsole.web import formats

GROUPING = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")  # the comma of 1,234,567


def grouped(sentence: object) -> str:
    """The sentence with its numbers grouped as on all pages."""
    return GROUPING.sub(formats.THIN_SPACE, str(sentence))
