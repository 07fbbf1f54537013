"""One include per room, and the front page."""

from django.contrib import admin
from django.urls import include, path

from opsconsole import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("healthz", views.healthz, name="healthz"),
    path("workspaces/", include("opsconsole.workspaces.urls")),
    path("operations/", include("opsconsole.operations.urls")),
    path("audit/", include("opsconsole.audit.urls")),
    path("contract/", include("opsconsole.platform.urls")),
    path("accounts/", include("opsconsole.accounts.urls")),
    path("accounts/", include("opsconsole.accounts.sign_in")),
    path("admin/", admin.site.urls),
]
