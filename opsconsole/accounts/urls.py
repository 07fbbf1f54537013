from django.urls import path

from opsconsole.accounts import views

app_name = "people"
urlpatterns = [path("me/", views.preferences, name="preferences")]
