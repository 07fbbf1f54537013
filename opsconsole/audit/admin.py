"""The log in the admin, for the last resort: nothing can be changed there either."""

from django.contrib import admin

from opsconsole.audit.models import Entry
from opsconsole.web.admin import ReadOnlyAdmin


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Entries, the newest first; the audit page searches them."""

    list_display = ("at", "actor_name", "action", "subject", "run_id")
    ordering = ("-pk",)
