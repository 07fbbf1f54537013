"""What the client repeats, how long it waits, and what it makes of each refusal."""

import logging
import time
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from django.utils import timezone

from opsconsole.integrations import errors
from tests.integrations.conftest import SECRET

OK = httpx.Response(200, json={"fine": True})


def script(*answers):
    """A handler that gives these answers in turn, and the requests it has seen."""
    seen = []
    left = list(answers)

    def handler(request):
        seen.append(request)
        answer = left.pop(0)
        if isinstance(answer, type):
            raise answer("broken")
        return answer

    return handler, seen


class TestRepeating:
    @pytest.mark.parametrize(
        "trouble",
        [
            httpx.Response(500),
            httpx.Response(502),
            httpx.Response(503),
            httpx.ConnectError,
            httpx.ReadTimeout,
            httpx.RemoteProtocolError,
        ],
    )
    def test_a_read_is_tried_again(self, postbox, trouble):
        handler, seen = script(trouble, trouble, OK)
        client = postbox(handler)

        assert client.get("/box").fields().flag("fine")
        assert (len(seen), len(client.naps)) == (3, 2)

    def test_a_read_is_given_up_after_three_tries(self, postbox):
        handler, seen = script(*[httpx.Response(502)] * 4)

        with pytest.raises(errors.Unavailable, match="out of order"):
            postbox(handler).get("/box")
        assert len(seen) == 3

    def test_a_read_is_not_tried_again_beyond_the_timeout(self, postbox):
        handler, seen = script(*[httpx.Response(502)] * 3)

        with pytest.raises(errors.Unavailable):
            postbox(handler, timeout=1e-9).get("/box")
        assert len(seen) == 1

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    @pytest.mark.parametrize(
        ("trouble", "expected"),
        [
            (httpx.Response(500), errors.NoAnswer),
            (httpx.Response(502), errors.NoAnswer),
            (httpx.Response(503), errors.Unavailable),
            (httpx.Response(429), errors.QuotaSpent),
            (httpx.ConnectError, errors.Unavailable),
            (httpx.ConnectTimeout, errors.Unavailable),
            (httpx.ReadTimeout, errors.NoAnswer),
            (httpx.WriteError, errors.NoAnswer),
            (httpx.RemoteProtocolError, errors.NoAnswer),
        ],
    )
    def test_a_write_is_never_repeated(self, postbox, method, trouble, expected):
        handler, seen = script(trouble, OK)
        arguments = ("/box", {}) if method == "post" else ("/box",)

        with pytest.raises(expected) as caught:
            getattr(postbox(handler), method)(*arguments)
        assert len(seen) == 1
        unknown = "whether it was done is unknown" in str(caught.value)
        assert unknown == (expected is errors.NoAnswer)

    def test_the_pauses_grow_and_differ_within_their_bounds(self, postbox):
        pauses = []
        for _ in range(200):
            handler, _ = script(*[httpx.Response(502)] * 3)
            client = postbox(handler)
            with pytest.raises(errors.Unavailable):
                client.get("/box")
            pauses.append(client.naps)

        first, second = zip(*pauses, strict=True)
        assert 0 <= min(first) < 0.1
        assert 0.2 < max(first) <= 0.3
        assert 0.4 < max(second) <= 0.6


class TestQuota:
    def until(self, postbox, response):
        """Seconds that a write is told to wait."""
        handler, _ = script(response)
        with pytest.raises(errors.QuotaSpent) as caught:
            postbox(handler).post("/box", {})
        return (caught.value.until - timezone.now()).total_seconds()

    def test_retry_after_in_seconds(self, postbox):
        response = httpx.Response(429, headers={"retry-after": "90"})
        assert 88 < self.until(postbox, response) <= 90

    def test_retry_after_as_a_date(self, postbox):
        moment = format_datetime(timezone.now() + timedelta(seconds=90), usegmt=True)
        response = httpx.Response(429, headers={"retry-after": moment})
        assert 87 < self.until(postbox, response) <= 90

    def test_nothing_remains_until_an_epoch(self, postbox):
        headers = {"x-ratelimit-remaining": "0"}
        headers["x-ratelimit-reset"] = str(int(time.time()) + 1_000)
        response = httpx.Response(403, headers=headers)
        assert 998 < self.until(postbox, response) <= 1_001

    def test_nothing_remains_and_nothing_says_until_when(self, postbox):
        response = httpx.Response(403, headers={"x-ratelimit-remaining": "0"})
        assert 58 < self.until(postbox, response) <= 60

    def test_nothing_remains_for_some_seconds(self, postbox):
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "42"}
        response = httpx.Response(429, headers=headers)
        assert 40 < self.until(postbox, response) <= 42

    def test_a_secondary_limit_without_any_header_is_a_minute(self, postbox):
        body = {"message": "You have exceeded a secondary rate limit. Please wait."}
        response = httpx.Response(
            403, json=body, headers={"x-ratelimit-remaining": "9"}
        )
        assert 58 < self.until(postbox, response) <= 60

    @pytest.mark.parametrize("value", ["9" * 10, "soon", "-5", "", "٣"])
    def test_whatever_the_header_says_it_is_a_day_at_most(self, postbox, value):
        response = httpx.Response(429, headers={"retry-after": value.encode()})
        assert -1 < self.until(postbox, response) <= 24 * 3_600

    def test_a_read_waits_for_some_seconds_itself(self, postbox):
        handler, seen = script(httpx.Response(429, headers={"retry-after": "2"}), OK)
        client = postbox(handler)

        client.get("/box")

        assert len(seen) == 2
        assert 1.5 < client.naps[0] <= 2

    @pytest.mark.parametrize("seconds", ["4", "60"])
    def test_a_read_does_not_wait_for_longer(self, postbox, seconds):
        handler, seen = script(
            httpx.Response(429, headers={"retry-after": seconds}), OK
        )

        with pytest.raises(errors.QuotaSpent, match="no more calls until"):
            postbox(handler).get("/box")
        assert len(seen) == 1

    def test_a_403_about_rights_is_no_quota(self, postbox):
        handler, _ = script(httpx.Response(403, json={"message": "Must have rights."}))

        with pytest.raises(errors.WrongToken, match="allowed to post"):
            postbox(handler).get("/box")


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "expected", "words"),
        [
            (301, errors.Refused, "has moved"),
            (401, errors.WrongToken, "OPSCONSOLE_GITHUB_TOKEN"),
            (403, errors.WrongToken, "OPSCONSOLE_GITHUB_TOKEN"),
            (404, errors.NotFound, "has nothing at POST /box"),
            (409, errors.Refused, "Nothing was done"),
            (422, errors.Refused, "“No such thing.”"),
        ],
    )
    def test_each_status_has_its_sentence(self, postbox, status, expected, words):
        headers = {"x-request-id": "r1", "x-code": "E7"}
        body = {"message": "No such thing."}
        handler, _ = script(httpx.Response(status, json=body, headers=headers))

        with pytest.raises(expected) as caught:
            postbox(handler).post("/box", {})

        error = caught.value
        assert words in str(error)
        assert error.as_json() == {
            "status": status,
            "code": "E7",
            "said": "No such thing.",
            "request_id": "r1",
        }

    def test_nothing_is_sent_elsewhere_after_a_redirect(self, postbox):
        away = httpx.Response(302, headers={"location": "https://elsewhere.example"})
        handler, seen = script(away)

        with pytest.raises(errors.Refused):
            postbox(handler).get("/box")
        assert len(seen) == 1

    @pytest.mark.parametrize(
        "body",
        [b"<html>", b"[]", b"null", b'{"message": 7, "code": {}}', b"[" * 99_999],
    )
    def test_a_refusal_in_a_strange_form_is_a_refusal(self, postbox, body):
        handler, _ = script(httpx.Response(422, content=body))

        with pytest.raises(errors.Refused) as caught:
            postbox(handler).post("/box", {})
        assert caught.value.said == ""


class TestBounds:
    def test_an_answer_that_is_too_large_is_not_read_to_its_end(self, postbox):
        read = []

        def huge():
            for _ in range(50):
                read.append(1)
                yield b"x" * 1_000_000

        handler, _ = script(httpx.Response(200, content=huge()))

        with pytest.raises(errors.NotUnderstood, match="larger than 3 MB"):
            postbox(handler).get("/box", most=3_000_000)
        assert len(read) < 6

    def test_an_answer_that_drips_is_given_up(self, postbox):
        def drips():
            for _ in range(50):
                time.sleep(0.02)
                yield b"x"

        handler, _ = script(httpx.Response(200, content=drips()))

        with pytest.raises(errors.NoAnswer, match="ReadTimeout"):
            postbox(handler, timeout=0.1).post("/box", {})


class TestSecrets:
    def test_the_token_is_sent_and_seen_nowhere(self, postbox, caplog):
        caplog.set_level(logging.DEBUG)
        echo = {"message": f"Bad token {SECRET}\x00\nand eyJhbGciOiJI.eyJyb2xl.c2ln"}
        handler, seen = script(httpx.Response(422, json=echo), httpx.ReadTimeout)
        client = postbox(handler)

        with pytest.raises(errors.Refused) as refused:
            client.post("/box", {})
        with pytest.raises(errors.NoAnswer) as lost:
            client.post("/box", {})

        assert seen[0].headers["authorization"] == f"Bearer {SECRET}"
        texts = [
            str(refused.value),
            repr(refused.value),
            repr(lost.value),
            repr(client),
        ]
        texts += [str(refused.value.as_json()), caplog.text, repr(vars(client))]
        assert not any(SECRET in text or "eyJ" in text for text in texts)
        assert refused.value.said == "Bad token [hidden] and [hidden]"

    def test_an_error_does_not_hold_the_request(self, postbox):
        handler, _ = script(httpx.ReadTimeout)

        with pytest.raises(errors.NoAnswer) as caught:
            postbox(handler).post("/box", {})

        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None

    def test_what_is_said_is_short(self, postbox):
        handler, _ = script(httpx.Response(422, json={"message": "long " * 10_000}))

        with pytest.raises(errors.Refused) as caught:
            postbox(handler).post("/box", {})
        assert len(caught.value.said) == 300
