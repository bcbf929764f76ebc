"""Where members come in, and see what the club knows about them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from members.views import entrance
from members.views import portal as portal_views

portal: list[URLPattern | URLResolver] = [
    path("sign-in/", entrance.sign_in, name="sign_in"),
    path("sign-in/code/", entrance.enter_code, name="code"),
    path("sign-in/again/", entrance.ask_again, name="ask_again"),
    path("sign-out/", entrance.sign_out, name="sign_out"),
    path("manifest.webmanifest", entrance.manifest, name="manifest"),
    path("me/", portal_views.me, name="me"),
    path("me/edit/", portal_views.edit, name="edit"),
    path("me/consents/", portal_views.consent, name="consent"),
]
