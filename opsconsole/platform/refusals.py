"""The two pages that say why there is no page, each with one line in the log."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

log = logging.getLogger(__name__)


def unavailable(
    request: HttpRequest, feature: str, sentence: str, error: Exception | None = None
) -> HttpResponse:
    """The platform does not answer: say so, and how to try again."""
    detail = " ".join(str(error or "").split())
    log.warning("%s is unavailable: %s %s", request.path, sentence, detail)
    context: dict[str, object] = {"feature": feature, "sentence": sentence}
    return _page(request, "unavailable", context, 503)


def switched_off(
    request: HttpRequest, feature: str, lacking: list[str]
) -> HttpResponse:
    """The platform lacks something: name it. The page works as it should, hence 200."""
    log.warning("%s is switched off: %s", request.path, " ".join(lacking))
    return _page(request, "switched_off", {"feature": feature, "lacking": lacking}, 200)


def _page(
    request: HttpRequest, name: str, context: dict[str, object], status: int
) -> HttpResponse:
    template = f"platform/{name}.html"
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx or htmx.boosted:
        context |= {"layout": "base.html", "retry": _address(request)}
        return render(request, template, context, status=status)
    return _piece(request, template, context, htmx.current_url_abs_path or "/")


def _piece(
    request: HttpRequest, template: str, context: dict[str, object], retry: str
) -> HttpResponse:
    """What takes the place of the part of a page that htmx asked for.

    With status 200: htmx puts nothing in place for 503, and a panel would load for ever.
    """
    context |= {"layout": "platform/piece.html", "piece": True, "retry": retry}
    response = render(request, template, context)
    response["HX-Reselect"] = ".platform-problem"
    return response


def _address(request: HttpRequest) -> str:
    """Where to try again; an action's address answers no GET."""
    return request.get_full_path() if request.method == "GET" else "/"
