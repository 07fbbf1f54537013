from django.urls import path

from opsconsole.platform import views

app_name = "platform"
urlpatterns = [
    path("", views.show, name="contract"),
    path("recheck/", views.recheck, name="recheck"),
]
