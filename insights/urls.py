"""Where the back-office begins."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from insights.views import office as office_views

office: list[URLPattern | URLResolver] = [
    path("<slug:slug>/", office_views.home, name="home"),
]
