from django.urls import path

from opsconsole.accounts import saved_views, views

app_name = "people"
urlpatterns = [
    path("me/", views.preferences, name="preferences"),
    path("views/", saved_views.save, name="save_view"),
    path("views/<int:pk>/delete/", saved_views.delete, name="delete_view"),
]
