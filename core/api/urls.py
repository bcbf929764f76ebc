"""Addresses of the API."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import Resolver404, ResolverMatch, get_urlconf, resolve
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


def call_at(path: str) -> ResolverMatch | None:
    """Return the call if there is a view of the API at this address."""
    return _api_view_at(path, get_urlconf())


@lru_cache(maxsize=256)
def _api_view_at(path: str, urlconf: str | None) -> ResolverMatch | None:
    try:
        match = resolve(path, urlconf)
    except Resolver404:
        return None
    view = getattr(match.func, "cls", None)
    return match if getattr(view, "surface", None) == TenantAPIView.surface else None
