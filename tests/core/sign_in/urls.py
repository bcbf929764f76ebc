"""The real addresses, and a page behind each kind of door to knock at."""

from django.http import HttpResponse
from django.urls import include, path

from config import urls as real
from core import urls as core
from core.doors import office, till
from core.models.people import Role


def probe(request):
    return HttpResponse("inside")


def whoami(request):
    return HttpResponse(f"{request.staff.name} at {request.store.name}/{request.register.code}")


PROBES = [
    path("<slug:slug>/probe/owner/", office(Role.OWNER)(probe)),
    path("<slug:slug>/probe/manager/", office(Role.OWNER, Role.MANAGER)(probe)),
    path("<slug:slug>/probe/analyst/", office(Role.OWNER, Role.MANAGER, Role.ANALYST)(probe)),
    path("<slug:slug>/probe/everyone/", office(*Role)(probe)),
]

urlpatterns = [
    path("till/", include(([*core.till, path("", till(whoami), name="home")], "till"))),
    path("office/", include(PROBES)),
    *real.urlpatterns,
]

handler400 = real.handler400
handler403 = real.handler403
handler404 = real.handler404
handler429 = real.handler429
handler500 = real.handler500
