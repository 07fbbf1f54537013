"""Pages that say what the platform lacks instead of failing.

A view names what it reads. Whether that is there is known from the contract; what goes
wrong in between is caught here and nowhere else.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, ProgrammingError, connections
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
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
View = Callable[Concatenate[Request, P], HttpResponseBase]

GONE = (UndefinedTable, UndefinedColumn, InsufficientPrivilege)


def needs(
    *required: str, feature: str = ""
) -> Callable[[View[Request, P]], View[Request, P]]:
    """Decorator of a view that reads these tables ("table") and columns ("table.column").

    `feature` is what people call the page, and what the contract says is switched off;
    the view's name unless told. It goes below the permission: who may not see the page
    learns nothing of the platform either.
    """

    def decorate(view: View[Request, P]) -> View[Request, P]:
        name = feature or view.__name__.replace("_", " ").capitalize()
        contract.register(name, required)

        @wraps(view)
        def guarded(
            request: Request, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            return guard(
                request, name, required, lambda: view(request, *args, **kwargs)
            )

        return guarded

    return decorate


def guard(
    request: HttpRequest,
    feature: str,
    required: tuple[str, ...],
    answer: Callable[[], HttpResponseBase],
) -> HttpResponseBase:
    """The answer, or a page that says why there is none."""
    platform = contract.current()
    if not platform.reachable:
        return unavailable(request, feature, platform.problem)
    if lacking := platform.lacks(*required):
        return switched_off(request, feature, lacking)
    try:
        response = answer()
        if isinstance(response, SimpleTemplateResponse):
            response.render()  # its queries run only now
        return response
    except (OperationalError, InterfaceError) as error:
        if _is_ours():
            raise
        contract.forget()
        return unavailable(request, feature, _reason(error))
    except ProgrammingError as error:
        if _is_ours() or not isinstance(error.__cause__, GONE):
            raise
        lacking = _lacking_now(required, str(error))
        if not lacking:
            raise
        return switched_off(request, feature, lacking)


def unavailable(request: HttpRequest, feature: str, reason: str) -> HttpResponse:
    """The platform does not answer: say so, and how to try again."""
    log.warning("%s is unavailable: %s", request.path, reason)
    return _page(request, "unavailable", {"feature": feature, "reason": reason}, 503)


def switched_off(
    request: HttpRequest, feature: str, lacking: list[str]
) -> HttpResponse:
    """The platform lacks something: name it. The page works as it should, hence 200."""
    log.warning("%s is switched off: %s", request.path, " ".join(lacking))
    return _page(request, "switched_off", {"feature": feature, "lacking": lacking}, 200)


def _page(
    request: HttpRequest, name: str, context: dict[str, object], status: int
) -> HttpResponse:
    """A whole page, or for htmx a piece that takes the place of what it asked for.

    htmx puts nothing in place for 503, and a panel would seem to load for ever.
    """
    htmx = getattr(request, "htmx", None)
    piece = bool(htmx) and not htmx.boosted
    context |= {
        "piece": piece,
        "layout": "platform/piece.html" if piece else "base.html",
        "retry": (piece and htmx.current_url_abs_path) or _address(request),
    }
    response = render(
        request, f"platform/{name}.html", context, status=200 if piece else status
    )
    if piece:
        response["HX-Reselect"] = ".platform-problem"
    return response


def _address(request: HttpRequest) -> str:
    """Where to try again; an action's address answers no GET."""
    return request.get_full_path() if request.method == "GET" else "/"


def _is_ours() -> bool:
    """Whether it was the console's own database that failed."""
    return connections["default"].errors_occurred and not any(
        connections[alias].errors_occurred for alias in ALIASES
    )


def _reason(error: Exception) -> str:
    if isinstance(error.__cause__, QueryCanceled):
        return "The platform's database took too long to answer."
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"The platform's database does not answer: {first}."


def _lacking_now(required: tuple[str, ...], error: str) -> list[str]:
    """What disappeared since the contract was read; a view may need more than it named."""
    platform = contract.current(refresh=True)
    return platform.lacks(*required) or platform.explains(error)
