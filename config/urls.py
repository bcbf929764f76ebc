"""The whole platform as a table of contents: surface first, then app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from core import urls as core
from insights import urls as insights
from loyalty import urls as loyalty
from members import urls as members
from rewards import urls as rewards

office: list[URLPattern | URLResolver] = [
    *core.office,
    *members.office,
    *loyalty.office,
    *rewards.office,
    *insights.office,
]

urlpatterns: list[URLPattern | URLResolver] = [
    *core.health,
    *core.front,
    path("accounts/", include(core.account)),
    path(
        "office/",
        include((office, "office")),
    ),
    path("club/<slug:slug>/", include(([*members.portal, *rewards.portal], "portal"))),
    path("till/", include(([*core.till, *rewards.till], "till"))),
    path("api/", include(core.api_docs)),
    path("api/v1/", include(([*core.api, *loyalty.api, *rewards.api], "api"))),
]

handler400 = "core.views.errors.bad_request"
handler403 = "core.views.errors.forbidden"
handler404 = "core.views.errors.not_found"
handler429 = "core.views.errors.too_many"
handler500 = "core.views.errors.server_error"
