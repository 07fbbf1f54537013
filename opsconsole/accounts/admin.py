from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from opsconsole.accounts.models import User

admin.site.unregister(EmailAddress)  # a person's address is a field of the account


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """People and their roles."""

    list_display = ("username", "email", "roles", "is_active", "last_login")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Console", {"fields": ("time_zone",)}))

    @admin.display(description="Roles")
    def roles(self, person: User) -> str:
        return ", ".join(person.groups.values_list("name", flat=True)) or "none"
