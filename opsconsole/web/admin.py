"""Admin pages that only show: for rows that others write, in tables of any size."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from opsconsole.web import formats
from opsconsole.web.paging import CAP, CappedPaginator


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nothing can be added, changed or deleted, whatever permissions a person has.

    To look takes the model's view permission. Rows are counted up to a limit, since an
    exact count of a million rows takes longer than showing a page of them.
    """

    actions = None
    list_per_page = 50
    ordering = ("pk",)
    paginator = CappedPaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        limit = f"Read only; counts and lists the first {formats.number(CAP)} rows."
        return super().changelist_view(
            request, {"subtitle": limit, **(extra_context or {})}
        )
