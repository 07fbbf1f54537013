from django.urls import path

from opsconsole.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.entry_list, name="list"),
    path("<int:pk>/", views.entry, name="entry"),
]
