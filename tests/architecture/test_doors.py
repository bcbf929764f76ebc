"""Every view of the URL map stands behind a door, or on the list of foreign ones with a reason."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver

from core.models.access import Scope
from core.models.people import Role

SURFACES_PAGE = Path(settings.BASE_DIR, "docs", "surfaces.md").read_text()

SURFACES = {"office", "till", "portal", "public", "api"}

# Views of other packages cannot carry our doors; each is here with the check it has of its own.
FOREIGN = {
    "account_change_password": "needs a session, and asks for the old password",
    "account_inactive": "one sentence for people whose access was ended",
    "account_reauthenticate": "needs a session, and asks for the password",
    "mfa_activate_totp": "needs a session, and the password a moment ago",
    "mfa_add_webauthn": "needs a session, and the password a moment ago",
    "mfa_authenticate": "a step of sign-in, after the password",
    "mfa_deactivate_totp": "needs a session, and the password a moment ago",
    "mfa_download_recovery_codes": "needs a session, and the password a moment ago",
    "mfa_edit_webauthn": "needs a session, and the password a moment ago",
    "mfa_generate_recovery_codes": "needs a session, and the password a moment ago",
    "mfa_index": "needs a session",
    "mfa_list_webauthn": "needs a session, and the password a moment ago",
    "mfa_login_webauthn": "sign-in by passkey",
    "mfa_reauthenticate": "needs a session, and asks for the second factor",
    "mfa_reauthenticate_webauthn": "needs a session, and asks for the security key",
    "mfa_remove_webauthn": "needs a session, and the password a moment ago",
    "mfa_view_recovery_codes": "needs a session, and the password a moment ago",
}
OPEN_TO_ALL = {"account_inactive", "mfa_authenticate", "mfa_login_webauthn"}


def routes(patterns, route="", names=()):
    """Yield every view with its route and full name."""
    for pattern in patterns:
        here = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inside = (*names, pattern.namespace) if pattern.namespace else names
            yield from routes(pattern.url_patterns, here, inside)
        else:
            yield here, ":".join([*names, pattern.name or ""]), pattern.callback


ROUTES = list(routes(get_resolver().url_patterns))
OURS = [(route, view) for route, name, view in ROUTES if name not in FOREIGN]


def door(view):
    return view if hasattr(view, "surface") else getattr(view, "cls", view)


@pytest.mark.proves("X7")
@pytest.mark.parametrize(("route", "view"), OURS, ids=[route for route, _view in OURS])
def test_every_view_has_a_door(route, view):
    assert getattr(door(view), "surface", None) in SURFACES, f"{route} has no door"


@pytest.mark.parametrize(("route", "view"), OURS, ids=[route for route, _view in OURS])
def test_every_door_does_its_own_checking(route, view):
    assert getattr(view, "login_required", True) is False, f"{route} is left to the general check"


@pytest.mark.parametrize(("route", "view"), OURS, ids=[route for route, _view in OURS])
def test_an_open_door_says_why(route, view):
    surface = getattr(door(view), "surface", None)

    assert (surface == "public") == bool(getattr(door(view), "reason", ""))


@pytest.mark.parametrize(("route", "view"), OURS, ids=[route for route, _view in OURS])
def test_a_surface_is_where_its_address_says(route, view):
    surface = door(view).surface
    place = route.split("/")[0]

    if place in {"office", "till"} and surface != "public":
        assert surface in {"office", "till"}
    if surface == "api":
        assert place == "api"
    if place == "club" and surface != "public":
        assert surface == "portal"
    if surface == "portal":
        assert place == "club"
        assert "<slug:slug>" in route
    if "<slug:slug>" in route and place == "office":
        assert door(view).roles


def test_the_list_of_foreign_views_holds_only_views_there_are():
    named = {name for _route, name, _view in ROUTES}

    assert [name for name in FOREIGN if name not in named] == []


def test_a_foreign_view_needs_a_session_unless_it_is_a_step_of_sign_in():
    open_views = {
        name
        for _route, name, view in ROUTES
        if name in FOREIGN and getattr(view, "login_required", True) is False
    }

    assert open_views == OPEN_TO_ALL & {name for _route, name, _view in ROUTES}


def test_the_page_on_surfaces_tells_the_roles_of_every_office_page():
    written = {
        row[0].strip("`"): [role for role, cell in zip(Role, row[1:], strict=True) if cell == "yes"]
        for row in rows_of("office:")
    }

    assert written == {
        name: [role for role in Role if role in view.roles]
        for _route, name, view in ROUTES
        if hasattr(view, "roles")
    }


def test_the_page_on_surfaces_tells_every_scope():
    labels = {value: str(label) for value, label in Scope.choices}
    written = {row[0].strip("`"): row[1] for row in rows_of("") if row[0].strip("`") in labels}

    assert written == labels


def rows_of(first):
    """Return the cells of the table rows whose first cell is code that begins like this."""
    lines = re.findall(rf"^\| `{first}[^`]*`.*\|$", SURFACES_PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
