"""What a CHECK allows, from the texts that PostgreSQL prints."""

from math import inf

import pytest

from opsconsole.platform.contract.parser import parse
from opsconsole.platform.contract.tokens import ExpressionError

ANY = (-inf, inf)


@pytest.mark.parametrize(
    ("definition", "limits"),
    [
        ("CHECK (((a >= 1) AND (a <= 168)))", (1, 168)),
        ("CHECK (((1 <= a) AND (168 >= a)))", (1, 168)),
        ("CHECK (((a > 0) AND (a < 169)))", (1, 168)),
        ("CHECK (((a)::numeric > 0.5))", (1, inf)),
        ("CHECK (((a)::numeric < 0.5))", (-inf, 0)),
        ("CHECK (((a)::numeric >= 1.5))", (2, inf)),
        ("CHECK (((a)::numeric <= 1.5))", (-inf, 1)),
        ("CHECK ((a >= '-1'::integer))", (-1, inf)),
        ("CHECK ((a = 24))", (24, 24)),
        ("CHECK ((a = ANY (ARRAY[6, 12, 24])))", (6, 24)),
        ("CHECK (((a IS NULL) OR ((a >= 1) AND (a <= 72))))", (1, 72)),
        ("CHECK (((a = 0) OR ((a >= 6) AND (a <= 72))))", (0, 72)),
        ("CHECK (((a >= 1) AND (a <= 168) AND ((a % 6) = 0)))", (1, 168)),
        ("CHECK (((a >= 1) AND (b <= 5)))", (1, inf)),
        ('CHECK ((("a" >= 1) AND (t."a" <= 5)))', (1, 5)),
        ("CHECK (((a >= 1) AND (a <= 168))) NOT VALID", (1, 168)),
        ("CHECK (((a >= 1) AND (a <= 168))) NO INHERIT", (1, 168)),
        ("CHECK (((a >= 1) AND (a <= 168))) NOT ENFORCED", ANY),
        ("CHECK (((a <= 72) OR is_active))", ANY),
        ("CHECK (((a <= 72) OR (b IS NULL)))", ANY),
        ("CHECK ((NOT (a < 1)))", ANY),
        ("CHECK ((a IS NOT NULL))", ANY),
        ("CHECK ((a IS DISTINCT FROM 3))", ANY),
        ("CHECK (((a > 3) IS TRUE))", ANY),
        ("CHECK ((a <> 3))", ANY),
        ("CHECK ((a <> ALL (ARRAY[1, 2])))", ANY),
        ("CHECK ((a = ANY (ARRAY[b, 2])))", ANY),
        ("CHECK ((a = b))", ANY),
        ("CHECK ((abs(a) < 5))", ANY),
        ("CHECK ((a < COALESCE(b, 5)))", ANY),
        ("CHECK ((a < '2026-01-01 00:00:00+00'::timestamp with time zone))", ANY),
        ("CHECK ((a < 'now'::timestamp(3) without time zone))", ANY),
        ("CHECK ((true))", ANY),
    ],
)
def test_limits(definition, limits):
    assert parse(definition).limits("a") == limits


@pytest.mark.parametrize(
    ("definition", "choices"),
    [
        ("CHECK ((a = ANY (ARRAY['x'::text, 'y'::text])))", {"x", "y"}),
        (
            "CHECK (((a)::text = ANY ((ARRAY['x'::character varying,"
            " 'y z'::character varying(20)])::text[])))",
            {"x", "y z"},
        ),
        ("CHECK ((a = ANY ('{x,\"y, z\"}'::text[])))", {"x", "y, z"}),
        ("CHECK (((a = 'x'::text) OR (a = 'it''s'::text)))", {"x", "it's"}),
        ("CHECK (((a = 'x'::text) OR (a IS NULL)))", {"x"}),
        ("CHECK ((('x'::text = a) OR (E'y' = a)))", {"x", "y"}),
        (
            "CHECK (((a = ANY (ARRAY['x'::text, 'y'::text])) AND (a <> 'y'::text)))",
            {"x", "y"},  # never narrower than the real ones, here wider
        ),
        (
            "CHECK (((a = ANY (ARRAY['x'::text, 'y'::text])) AND"
            " (a = ANY (ARRAY['y'::text, 'z'::text]))))",
            {"y"},
        ),
        ("CHECK (((a COLLATE \"C\") = 'x'::text))", {"x"}),
        ("CHECK (((a = 'x'::text) OR (b = 'y'::text)))", None),
        ("CHECK ((a ~ '^[a-z0-9-]+$'::text))", None),
        ("CHECK ((a ~~ 'x%'::text))", None),
        ("CHECK ((lower(a) = 'x'::text))", None),
        ("CHECK ((a <> ALL (ARRAY['x'::text])))", None),
    ],
)
def test_choices(definition, choices):
    assert parse(definition).choices("a") == choices


@pytest.mark.parametrize(
    "definition",
    [
        "",
        "UNIQUE (a)",
        "CHECK ((a > 1)",
        "CHECK (())",
        "CHECK ((a > 'x))",
        "CHECK ((a >))",
        "CHECK ((a = ANY (ARRAY[1)))",
        "CHECK (CASE WHEN b THEN (a > 1) ELSE true END)",
        "CHECK ((a AT TIME ZONE 'UTC') > 1)",
        "CHECK ((a; DROP TABLE b))",
    ],
)
def test_what_it_cannot_read_is_said(definition):
    with pytest.raises(ExpressionError):
        parse(definition)
