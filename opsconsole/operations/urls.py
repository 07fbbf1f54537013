from django.urls import path

from opsconsole.operations.views import catalog, deciding, planning, runs

app_name = "operations"
urlpatterns = [
    path("", catalog.catalog, name="catalog"),
    path("<slug:slug>/plan/", planning.plan, name="plan"),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/progress/", runs.progress, name="progress"),
    path("runs/<int:run_id>/rows/", runs.rows, name="rows"),
    path("runs/<int:run_id>/confirm/", deciding.confirm, name="confirm"),
    path("runs/<int:run_id>/cancel/", deciding.cancel, name="cancel"),
]
