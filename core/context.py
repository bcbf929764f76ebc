"""What every template knows about whoever looks at it, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models.people import Role

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
MANAGING = frozenset({Role.OWNER, Role.MANAGER})
READING = MANAGING | {Role.ANALYST}


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the back-office: its first page, and who of the staff may open it."""

    label: str | Promise
    page: str
    icon: str
    roles: frozenset[Role] = READING
    also: tuple[str, ...] = ()  # first pages of what belongs to it and has addresses of its own


AREAS = (
    Area(_("Home"), "office:home", "home"),
    Area(_("Members"), "office:members", "users"),
    Area(_("Approvals"), "office:approvals", "check-badge", MANAGING),
    Area(_("Program"), "office:program", "sparkles"),
    Area(_("Rewards"), "office:rewards", "gift", also=("office:vouchers", "office:draws")),
    Area(_("Gift cards"), "office:gift_cards", "credit-card"),
    Area(_("Stores"), "office:stores", "building-storefront"),
    Area(_("Staff"), "office:staff", "identification", MANAGING),
    Area(_("Imports"), "office:imports", "arrow-up-tray"),
    Area(_("Log"), "office:log", "clipboard-document-list", MANAGING),
)


# What members find in the portal, in the order of a phone's bottom bar.
TABS = (
    (_("Card"), "portal:card", "credit-card"),
    (_("Rewards"), "portal:rewards", "gift"),
    (_("Activity"), "portal:activity", "clock"),
    (_("Me"), "portal:me", "user-circle"),
)
THEME_COLOR = "#0b5a52"  # the hero of tokens.css, for browsers that color their own frame


def appearance(request: HttpRequest) -> dict[str, Any]:
    """Return the theme, and what the door of the page has established."""
    chosen = request.COOKIES.get(THEME_COOKIE)
    known: dict[str, Any] = {"theme": chosen if chosen in THEMES else "auto"}
    surface = getattr(getattr(request.resolver_match, "func", None), "surface", None)
    if surface == "till" and hasattr(request, "staff"):
        known["till"] = request
    if surface == "office" and hasattr(request, "organization"):
        known |= _office(request)
    if surface == "portal" and hasattr(request, "member"):
        known |= _portal(request)
    return known


def _portal(request: Any) -> dict[str, Any]:
    """Return what the frame of the portal shows."""
    slug = request.organization.slug
    tabs = [(label, reverse(page, args=[slug]), icon) for label, page, icon in TABS]
    home = tabs[0][1]
    return {
        "organization": request.organization,
        "member": request.member,
        "theme_color": THEME_COLOR,
        "tabs": [
            {
                "label": label,
                "url": url,
                "icon": icon,
                "current": _is_in(request.path, url, is_home=url == home),
            }
            for label, url, icon in tabs
        ],
    }


def _office(request: Any) -> dict[str, Any]:
    """Return what the frame of the back-office shows."""
    slug = request.organization.slug
    role = Role(request.staff.role)
    areas = [(each, reverse(each.page, args=[slug])) for each in AREAS if role in each.roles]
    return {
        "organization": request.organization,
        "staff": request.staff,
        "navigation": [
            {
                "label": area.label,
                "url": url,
                "icon": area.icon,
                "current": _is_in(request.path, url, is_home=area is AREAS[0])
                or any(request.path.startswith(reverse(one, args=[slug])) for one in area.also),
            }
            for area, url in areas
        ],
    }


def _is_in(path: str, url: str, *, is_home: bool) -> bool:
    """Say whether a page belongs to the area that begins at an address."""
    return path == url if is_home else path.startswith(url)
