"""The platform's tables as they are: read-only lists for the last resort.

Each list and each row is guarded like a page: a table that this platform does not have
says so.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Field, QuerySet, TextField
from django.db.models.functions import Left
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from opsconsole.platform import models
from opsconsole.platform.contract.expectation import expected_tables
from opsconsole.platform.needs import guard
from opsconsole.web.admin import ReadOnlyAdmin

LISTED, SHOWN = 80, 2_000  # characters of a text that others wrote


class PlatformAdmin(ReadOnlyAdmin):
    """A table of the platform. Names what it reads: all columns of its model.

    Texts in `capped` come from outside and may be long; PostgreSQL cuts them.
    """

    capped: ClassVar[tuple[str, ...]] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        view = super().changelist_view
        return self._guarded(request, lambda: view(request, extra_context))
