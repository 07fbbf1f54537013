"""Each state of a limit in words."""

import pytest

from opsconsole.web.meter import meter


@pytest.mark.parametrize(
    ("value", "limit", "state"),
    [
        (0, 10, "usage"),
        (8, 10, "usage"),
        (9, 10, "usage near"),
        (10, 10, "usage near"),
        (11, 10, "usage over"),
        (0, 0, "usage"),
        (1, 0, "usage over"),
        (3, None, "usage unknown"),
    ],
)
def test_states(value, limit, state):
    assert meter(value, limit, "repositories").startswith(f'<div class="{state}">')


def test_words():
    assert "limit unknown" in meter(3, None, "repositories")
    assert "over limit" in meter(3, 2, "repositories")
    assert 'aria-label="1 of 2 &lt;b&gt; used"' in meter(1, 2, "<b>")
