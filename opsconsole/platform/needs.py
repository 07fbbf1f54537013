"""Pages that say what the platform lacks instead of failing.

A view names what it reads. Whether that is there is known from the contract; what goes
wrong in between is caught here and nowhere else.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, ProgrammingError, connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from psycopg.errors import (
    InsufficientPrivilege,
    QueryCanceled,
    UndefinedColumn,
    UndefinedTable,
)

from opsconsole.platform import contract
from opsconsole.platform.deadline import TOO_LATE, deadline
from opsconsole.platform.refusals import switched_off, unavailable
from opsconsole.platform.router import ALIASES

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
        with _patience(request):
            return _rendered(answer())
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        if is_ours():
            raise
        if not isinstance(error, ProgrammingError):
            return unavailable(request, feature, sentence(error), error)
        lacking = _lacking_now(required, error)
        if not lacking:
            raise
        return switched_off(request, feature, lacking)


def _patience(request: HttpRequest) -> AbstractContextManager[None]:
    """Who looks waits no longer than a page may take; an action has its own timeouts."""
    return deadline() if request.method in ("GET", "HEAD") else nullcontext()


def _rendered(response: Answer) -> Answer:
    """A template response asks its questions only when it is rendered."""
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def is_ours() -> bool:
    """Whether it was the console's own database that failed."""
    return connections["default"].errors_occurred and not any(
        connections[alias].errors_occurred for alias in ALIASES
    )


def sentence(error: Exception) -> str:
    """What to tell people about a platform that failed while it was asked."""
    if isinstance(error, ProgrammingError):
        contract.forget()
        return "The platform's tables have changed just now; load the page again."
    if isinstance(error.__cause__, QueryCanceled) or TOO_LATE in str(error):
        return "The platform's database took too long to answer."
    contract.forget()
    return contract.SILENT


def _lacking_now(required: tuple[str, ...], error: ProgrammingError) -> list[str]:
    """What disappeared since the contract was read; a view may need more than it named."""
    if not isinstance(error.__cause__, GONE):
        return []
    platform = contract.current(refresh=True)
    return platform.lacks(*required) or platform.explains(str(error))
