"""The front page, and the sign of life that needs no sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and the supervisor: this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def overview(request: HttpRequest) -> HttpResponse:
    """What needs attention now."""
    return render(request, "overview.html")
