"""Addresses of the API."""

from __future__ import annotations

from typing import Any

from django.urls.resolvers import RoutePattern, URLPattern

from core.api.views import TenantAPIView


class SlashOrNot(RoutePattern):
    """A route that is written with a slash at its end, and found without it as well."""

    def match(self, path: str) -> Any:
        """Match the rest of a path."""
        return super().match(path) or (None if path.endswith("/") else super().match(f"{path}/"))


def api_path(route: str, view: type[TenantAPIView], name: str) -> URLPattern:
    """Bind a route to a view of the API."""
    assert route.endswith("/"), "routes are written with a slash at their end"
    return URLPattern(SlashOrNot(route, name=name, is_endpoint=True), view.as_view(), {}, name)
