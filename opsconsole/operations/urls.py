from django.urls import path

from opsconsole.operations.views import (
    approvals,
    catalog,
    code,
    deciding,
    live,
    planning,
    queue,
    rows,
    runs,
)

app_name = "operations"
urlpatterns = [
    path("", catalog.catalog, name="catalog"),
    path("approvals/", approvals.overview, name="approvals"),
    path("<slug:slug>/size/", catalog.size, name="size"),
    path("<slug:slug>/plan/", planning.plan, name="plan"),
    path("queue/", queue.queue_page, name="queue"),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/progress/", live.renew, name="progress"),
    path("runs/<int:run_id>/advance/", live.advance, name="advance"),
    path("runs/<int:run_id>/undo/", runs.take_back, name="undo"),
    path("runs/<int:run_id>/code/", code.code, name="code"),
    path("runs/<int:run_id>/rows/", rows.rows, name="rows"),
    path("runs/<int:run_id>/rows.csv", rows.rows_csv, name="rows_csv"),
    path("runs/<int:run_id>/confirm/", deciding.confirm, name="confirm"),
    path("runs/<int:run_id>/cancel/", deciding.cancel, name="cancel"),
    path("runs/<int:run_id>/pause/", deciding.pause, name="pause"),
    path("runs/<int:run_id>/go-on/", deciding.go_on, name="go_on"),
    path("runs/<int:run_id>/approve/", approvals.approve, name="approve"),
    path("runs/<int:run_id>/reject/", approvals.reject, name="reject"),
    path("runs/<int:run_id>/review/", approvals.review, name="review"),
]
