"""A wrong variable is named with its shape and an example, and never repeated."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from opsconsole.environment import Environment

SECRET = "hunter2"


def problems(read, **values):
    env = Environment(values)
    read(env)
    with pytest.raises(ImproperlyConfigured) as caught:
        env.check()
    return str(caught.value)


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda env: env.flag("X", default=True), SECRET, "X must be true or false"),
        (
            lambda env: env.integer("X", 5, least=1, most=9, unit="hours"),
            "10",
            "a whole number of hours from 1 to 9",
        ),
        (
            lambda env: env.integer("X", 5, least=1, most=9, unit="hours"),
            "-1",
            "from 1 to 9, for example 5",
        ),
        (
            lambda env: env.integer("X", 5, least=1, most=9, unit="hours"),
            "0",
            "from 1 to 9",
        ),
        (lambda env: env.choice("X", "a", ["a", "b"]), SECRET, "one of a, b"),
        (
            lambda env: env.text(
                "X", "", pattern=r"\S{32,}", shape="long", example="y"
            ),
            SECRET,
            "X must be long",
        ),
        (
            lambda env: env.database("X", ""),
            f"mysql://me:{SECRET}@host/name",
            "X must be a PostgreSQL URL",
        ),
        (
            lambda env: env.database("X", ""),
            f"postgresql://me:{SECRET}@host",
            "with a database name",
        ),
        (
            lambda env: env.database("X", ""),
            f"postgresql://me:{SECRET}@host:port/%zz",
            "X must be a PostgreSQL URL",
        ),
    ],
)
def test_says_what_is_wrong_without_the_value(read, value, sentence):
    message = problems(read, X=value)

    assert sentence in message
    assert SECRET not in message


def test_names_every_problem_at_once():
    def read(env):
        env.flag("ONE", default=True)
        env.require("TWO", why="because", example="2")

    message = problems(read, ONE="maybe")

    assert "ONE must be" in message
    assert "TWO is not set: because, for example 2" in message


def test_reads_a_database_url():
    env = Environment(
        {"X": "postgresql://me:p%40ss@db.example:6543/name?sslmode=require"}
    )

    assert env.database("X", "") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "name",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require"},
    }


def test_blank_counts_as_unset():
    env = Environment({"X": "  "})

    assert env.integer("X", 5, least=1, most=9, unit="hours") == 5
    assert not env.has("X")


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("https://abcdefghijklmnopqrst.supabase.co", True),
        ("https://supabase.example.com:8443/", True),
        ("http://127.0.0.1:4000", True),
        ("http://supabase.example.com", False),
        ("https://user:hunter2@supabase.example.com", False),
        ("https://supabase.example.com/functions/v1", False),
    ],
)
def test_an_address_is_https_or_on_this_machine(value, right):
    env = Environment({"X": value})

    assert env.address("X", "") == (value if right else "")
    assert bool(env.problems) != right


@pytest.mark.parametrize("value", ["ghp_ hunter2", "hunter2\nx", "hunter2é"])
def test_a_token_fits_a_header_and_is_never_repeated(value):
    env = Environment({"X": value})

    assert env.token("X", "a GitHub token") == ""
    assert "must be a GitHub token" in env.problems[0]
    assert "hunter2" not in env.problems[0]
