import pytest

from opsconsole.web.csv import neutral


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"]
)
def test_a_formula_is_neutralised(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "acme", "a=b", "2026-11-20", " =1"])
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text
