from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest

from opsconsole.accounts.models import User
from opsconsole.audit import log

KINDS: dict[type[Model], str] = {
    User: "account",
    Group: "role",
    Authenticator: "second factor",
}
admin.site.unregister(Authenticator)
admin.site.unregister(EmailAddress)  # a person's address is a field of the account
admin.site.unregister(Group)


class Audited(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may do what is part of the audit: each change leaves an entry there too.

    The admin's own log names fields, never their values, so no password gets here.
    """

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        _record(request, obj, "added", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        _record(request, obj, "changed", message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            _record(request, obj, "deleted", [])
        return super().log_deletions(request, queryset)


@admin.register(User)
class PersonAdmin(Audited, UserAdmin):  # type: ignore[type-arg]
    """People and their roles."""

    list_display = ("username", "email", "roles", "is_active", "last_login")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Console", {"fields": ("time_zone",)}))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a superuser makes superusers or hands out single permissions."""
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        return (*fields, "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description="Roles")
    def roles(self, person: User) -> str:
        return ", ".join(person.groups.values_list("name", flat=True)) or "none"


@admin.register(Group)
class RoleAdmin(Audited, GroupAdmin):
    """Roles and what they may do."""


@admin.register(Authenticator)
class SecondFactorAdmin(Audited):
    """Second factors, to take away a lost one; their secrets are nobody's to see."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    exclude = ("data",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _record(request: HttpRequest, obj: Model, deed: str, message: Any) -> None:
    kind = KINDS[type(obj)]
    details: dict[str, Any] = {"changes": message}
    if isinstance(obj, User):
        details["roles"] = list(obj.groups.values_list("name", flat=True))
        details["staff"], details["superuser"] = obj.is_staff, obj.is_superuser
    log.record(
        action=f"accounts.{kind.replace(' ', '_')}.{deed}",
        subject=f"{kind} {obj}",
        actor=request.user if isinstance(request.user, User) else None,
        details=details,
    )
