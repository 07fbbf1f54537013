"""Admin pages that only show: for rows that others write, in tables of any size."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from opsconsole.web import formats, paging


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nothing can be added, changed or deleted, whatever permissions a person has.

    To look takes the model's view permission. Rows are counted up to a limit, since an
    exact count of a million rows takes longer than showing a page of them.
    """

    actions = None
    list_per_page = 50
    ordering = ("pk",)
    paginator = paging.CappedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
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
        response = super().changelist_view(request, extra_context)
        context = (
            response.context_data if isinstance(response, TemplateResponse) else {}
        )
        if context and context["cl"].paginator.is_capped:
            limit = formats.number(paging.CAP)
            context["subtitle"] = f"Only {limit} rows are listed: search for others"
        return response
