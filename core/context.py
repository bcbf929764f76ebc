"""What every template knows about whoever looks at it, and where they stand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
NAVIGATION = ((_("Home"), "office:home", "home"),)  # label, name of the page, icon


def appearance(request: HttpRequest) -> dict[str, Any]:
    """Return the theme, and what the door of the page has established."""
    chosen = request.COOKIES.get(THEME_COOKIE)
    known: dict[str, Any] = {"theme": chosen if chosen in THEMES else "auto"}
    surface = getattr(getattr(request.resolver_match, "func", None), "surface", None)
    if surface == "till" and hasattr(request, "staff"):
        known["till"] = request
    if surface == "office" and hasattr(request, "organization"):
        known |= _office(request)
    return known


def _office(request: Any) -> dict[str, Any]:
    """Return what the frame of the back-office shows."""
    slug = request.organization.slug
    places = [(label, reverse(name, args=[slug]), icon) for label, name, icon in NAVIGATION]
    navigation = [
        {"label": label, "url": url, "icon": icon, "current": url == request.path}
        for label, url, icon in places
    ]
    return {
        "organization": request.organization,
        "staff": request.staff,
        "navigation": navigation,
    }
