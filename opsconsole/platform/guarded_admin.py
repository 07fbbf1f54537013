"""The base of the platform's admin: read-only, and guarded like a page.

A table that this platform does not have says so.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator

from opsconsole.platform import contract
from opsconsole.platform.needs import guard
from opsconsole.web.admin import ReadOnlyAdmin

Extra = dict[str, Any] | None
SHOWN = 2_000  # characters of a text that others wrote


def start_of(name: str, length: int) -> Callable[[Model], str]:
    """A column with the start of a capped text, cut by PostgreSQL."""

    @admin.display(description=name.replace("_", " "), empty_value="-")
    def start(row: Model) -> str:
        return Truncator(getattr(row, f"{name}_start") or "").chars(length)

    start.__name__ = f"{name}_start_{length}"
    return start


class PlatformAdmin(ReadOnlyAdmin):
    """One table of the platform."""

    capped: ClassVar[tuple[str, ...]] = ()  # texts from outside, maybe long
    ids: ClassVar[tuple[str, ...]] = ("pk",)  # what an id typed into the search may be

    def __init__(self, model: type[Model], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        self.feature = f"Admin: {model._meta.verbose_name_plural}"
        self.required = tuple(self._required())
        contract.register(self.feature, self.required)

    def changelist_view(
        self, request: HttpRequest, extra_context: Extra = None
    ) -> HttpResponse:
        view = partial(super().changelist_view, request, extra_context)
        return self._guarded(request, view)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Extra = None,
    ) -> HttpResponse:
        args = (object_id, form_url, extra_context)
        view = partial(super().changeform_view, request, *args)
        return self._guarded(request, view)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Extra = None
    ) -> HttpResponse:
        raise PermissionDenied

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Extra = None
    ) -> HttpResponse:
        view = partial(super().history_view, request, object_id, extra_context)
        return self._guarded(request, view)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        starts = {f"{name}_start": Left(name, SHOWN) for name in self.capped}
        rows: QuerySet[Any] = super().get_queryset(request).annotate(**starts)
        return rows.defer(*self.capped)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """An id is looked up exactly, by its index; other words are searched for."""
        try:
            key = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        which = Q.create([(name, key) for name in self.ids], connector=Q.OR)
        return queryset.filter(which), False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        names = [field.name for field in self.model._meta.fields]
        return [
            start_of(name, SHOWN) if name in self.capped else name for name in names
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[Any]:
        return self.get_fields(request, obj)

    def _guarded(
        self, request: HttpRequest, view: Callable[[], HttpResponse]
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return guard(request, self.feature, self.required, view)

    def _required(self) -> Iterator[str]:
        """Every column of the model, and the tables that the list joins."""
        table = self.model._meta.db_table
        yield from (f"{table}.{field.column}" for field in self.model._meta.fields)
        paths = self.list_select_related
        for path in paths if isinstance(paths, list | tuple) else ():
            model: Any = self.model
            for name in path.split("__"):
                model = model._meta.get_field(name).related_model
                yield model._meta.db_table
