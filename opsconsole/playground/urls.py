from django.urls import path

from opsconsole.playground import views

app_name = "playground"
urlpatterns = [
    path("", views.page, name="page"),
    path("press/<slug:slug>/", views.press, name="press"),
    path("repository/", views.repository, name="repository"),
    path("quota/", views.quota, name="quota"),
    path("clear/", views.clear, name="clear"),
]
