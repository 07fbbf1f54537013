from django.urls import path

from opsconsole.workspaces import views

app_name = "workspaces"
urlpatterns = [
    path("", views.workspace_list, name="list"),
    path("health/", views.sync_health, name="sync_health"),
    path("health/unsynced/", views.unsynced, name="unsynced"),
    path("<uuid:pk>/", views.detail, name="detail"),
]
