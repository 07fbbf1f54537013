"""Pages that say what the platform lacks instead of failing.

A view names what it reads. Whether that is there is known from the contract; what goes
wrong in between is caught here and nowhere else.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, ProgrammingError, connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django_htmx.middleware import HtmxDetails
from psycopg.errors import (
    InsufficientPrivilege,
    QueryCanceled,
    UndefinedColumn,
    UndefinedTable,
)

from opsconsole.platform import contract
from opsconsole.platform.router import ALIASES

log = logging.getLogger(__name__)

P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[Concatenate[Request, P], Answer]

GONE = (UndefinedTable, UndefinedColumn, InsufficientPrivilege)


def needs(
    *required: str, feature: str = ""
) -> Callable[[View[Request, P, Answer]], View[Request, P, Answer | HttpResponse]]:
    """Decorator of a view that reads these tables ("table") and columns ("table.column").

    `feature` is what people call the page, and what the contract says is switched off;
    the view's name unless told. It goes below the permission: who may not see the page
    learns nothing of the platform either.
    """

    def decorate(
        view: View[Request, P, Answer],
    ) -> View[Request, P, Answer | HttpResponse]:
        name = feature or view.__name__.replace("_", " ").capitalize()
        contract.register(name, required)

        @wraps(view)
        def guarded(
            request: Request, /, *args: P.args, **kwargs: P.kwargs
        ) -> Answer | HttpResponse:
            return guard(
                request, name, required, lambda: view(request, *args, **kwargs)
            )

        return guarded

    return decorate


def guard(
    request: HttpRequest,
    feature: str,
    required: tuple[str, ...],
    answer: Callable[[], Answer],
) -> Answer | HttpResponse:
    """The answer, or a page that says why there is none."""
    platform = contract.current()
    if not platform.reachable:
        return unavailable(request, feature, contract.SILENT)
    if lacking := platform.lacks(*required):
        return switched_off(request, feature, lacking)
    try:
        return _rendered(answer())
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        if _is_ours():
            raise
        if not isinstance(error, ProgrammingError):
            contract.forget()
            return unavailable(request, feature, _sentence(error), error)
        lacking = _lacking_now(required, error)
        if not lacking:
            raise
        return switched_off(request, feature, lacking)


def unavailable(
    request: HttpRequest, feature: str, sentence: str, error: Exception | None = None
) -> HttpResponse:
    """The platform does not answer: say so, and how to try again."""
    log.warning("%s is unavailable: %s %s", request.path, sentence, error or "")
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


def _rendered(response: Answer) -> Answer:
    """A template response asks its questions only when it is rendered."""
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def _address(request: HttpRequest) -> str:
    """Where to try again; an action's address answers no GET."""
    return request.get_full_path() if request.method == "GET" else "/"


def _is_ours() -> bool:
    """Whether it was the console's own database that failed."""
    return connections["default"].errors_occurred and not any(
        connections[alias].errors_occurred for alias in ALIASES
    )


def _sentence(error: Exception) -> str:
    if isinstance(error.__cause__, QueryCanceled):
        return "The platform's database took too long to answer."
    return contract.SILENT


def _lacking_now(required: tuple[str, ...], error: ProgrammingError) -> list[str]:
    """What disappeared since the contract was read; a view may need more than it named."""
    if not isinstance(error.__cause__, GONE):
        return []
    platform = contract.current(refresh=True)
    return platform.lacks(*required) or platform.explains(str(error))
