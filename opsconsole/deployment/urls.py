from django.urls import path

from opsconsole.deployment import views

app_name = "deployment"
urlpatterns = [
    path("", views.page, name="page"),
    path("<slug:slug>/", views.piece, name="check"),
]
