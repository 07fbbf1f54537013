"""One include per room, and the front page."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from opsconsole import views

# One door: the admin's own sign-in knows neither second factors nor the lock-out.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", views.overview, name="overview"),
    path("healthz", views.healthz, name="healthz"),
    path("search/", include("opsconsole.search.urls")),
    path("workspaces/", include("opsconsole.workspaces.urls")),
    path("emergency/", include("opsconsole.emergency.urls")),
    path("operations/", include("opsconsole.operations.urls")),
    path("audit/", include("opsconsole.audit.urls")),
    path("contract/", include("opsconsole.platform.urls")),
    path("deployment/", include("opsconsole.deployment.urls")),
    path("accounts/", include("opsconsole.accounts.urls")),
    path("accounts/", include("opsconsole.accounts.sign_in")),
    path("admin/", admin.site.urls),
]
if settings.STANDIN_URL:  # else there is nothing to play with
    urlpatterns.append(path("sandbox/", include("opsconsole.playground.urls")))
