"""JSON of a service: whatever is not as known is one sentence, never a KeyError."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from opsconsole.integrations import errors


@pytest.fixture
def fields(postbox):
    """The fields of an answer with this body."""

    def read(body):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = postbox(lambda _: httpx.Response(200, content=content))
        return client.get("/box").fields()

    return read


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[" * 99_999, b"\xff", [], "x", None]
)
def test_a_body_that_is_no_object(fields, body):
    with pytest.raises(errors.NotUnderstood, match="Look at Postbox itself"):
        fields(body)


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("text", None),
        ("text", 7),
        ("integer", "7"),
        ("integer", True),
        ("integer", 7.5),
        ("flag", 1),
        ("moment", "yesterday"),
        ("moment", 10**400),
        ("moment", -(10**30)),
        ("maybe_moment", float("inf")),
        ("maybe_moment", float("nan")),
        ("maybe_moment", False),
        ("maybe_number", "1.5"),
        ("child", []),
        ("children", {}),
        ("children", ["x"]),
    ],
)
def test_a_value_of_another_kind_is_named(fields, reader, value):
    with pytest.raises(errors.NotUnderstood, match="“it”"):
        getattr(fields({"it": value}), reader)("it")


@pytest.mark.parametrize("reader", ["text", "integer", "flag", "moment", "child"])
def test_a_missing_value_is_named(fields, reader):
    with pytest.raises(errors.NotUnderstood, match="“it”"):
        getattr(fields({}), reader)("it")


@pytest.mark.parametrize("reader", ["text", "integer", "flag", "number", "moment"])
def test_what_may_be_missing_is_none(fields, reader):
    assert getattr(fields({}), f"maybe_{reader}")("it") is None
    assert getattr(fields({"it": None}), f"maybe_{reader}")("it") is None


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05",
        "2026-01-02T04:04:05+01:00",
        1_767_323_045,
        1_767_323_045_000,
        1_767_323_045_000_000,
    ],
)
def test_moments_in_every_known_form(fields, value):
    moment = fields({"it": value}).moment("it")
    assert moment == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("https://github.com/a", "https://github.com/a"),
        ("javascript:alert(1)", ""),
        (None, ""),
    ],
)
def test_a_link_is_a_web_address(fields, value, link):
    assert fields({"it": value}).link("it") == link


def test_a_text_can_be_stored(fields):
    body = b'{"it": "a\\u0000b\\ud800"}'
    assert fields(body).text("it") == "a\ufffdb\ufffd"
    assert len(fields({"it": "x" * 99_999}).text("it")) == 10_000
