from django.urls import path

from opsconsole.operations import views

app_name = "operations"
urlpatterns = [
    path("", views.catalog, name="catalog"),
    path("<slug:slug>/plan/", views.plan, name="plan"),
    path("runs/", views.run_list, name="run_list"),
    path("runs/<int:run_id>/", views.run, name="run"),
    path("runs/<int:run_id>/progress/", views.progress, name="progress"),
    path("runs/<int:run_id>/rows/", views.rows, name="rows"),
    path("runs/<int:run_id>/confirm/", views.confirm, name="confirm"),
    path("runs/<int:run_id>/cancel/", views.cancel, name="cancel"),
]
