from django.urls import path

from opsconsole.workspaces import views

app_name = "workspaces"
urlpatterns = [
    path("", views.workspace_list, name="list"),
    path("health/", views.sync_health, name="sync_health"),
    path("health/count/", views.count_now, name="count_now"),
    path("health/errors/", views.errors, name="errors"),
    path("health/errors/<slug:fingerprint>/", views.error, name="error"),
    path("health/unsynced/", views.unsynced, name="unsynced"),
    path("repositories/<uuid:pk>/", views.repository, name="repository"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/history/", views.history, name="history"),
]
