from django.urls import path

from opsconsole.emergency.views import acting, panel, parts

app_name = "emergency"
urlpatterns = [
    path("", panel.panel, name="panel"),
    path("holds/", panel.holds, name="holds"),
    path("rows/", parts.rows_in_the_sync, name="rows"),
    path("rate-limit/", parts.rate_limit, name="rate_limit"),
    path("gap/", parts.gap, name="gap"),
    path("check/", acting.check_now, name="check"),
    path("resume/<int:run_id>/", acting.resume, name="resume"),
    path("<slug:slug>/touches/", parts.touches, name="touches"),
    path("<slug:slug>/plan/", acting.begin, name="begin"),
]
