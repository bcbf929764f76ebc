"""Where members come in, and see what the club knows about them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from members.views import attributes as attribute_views
from members.views import entrance
from members.views import groups as group_views
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

office: list[URLPattern | URLResolver] = [
    path("<slug:slug>/members/attributes/", attribute_views.attributes, name="attributes"),
    path(
        "<slug:slug>/members/attributes/add/", attribute_views.add_attribute, name="add_attribute"
    ),
    path(
        "<slug:slug>/members/attributes/<slug:name>/edit/",
        attribute_views.edit_attribute,
        name="edit_attribute",
    ),
    path("<slug:slug>/members/groups/", group_views.groups, name="groups"),
    path("<slug:slug>/members/groups/add/", group_views.add_group, name="add_group"),
    path("<slug:slug>/members/groups/<uuid:group>/", group_views.group, name="group"),
    path(
        "<slug:slug>/members/groups/<uuid:group>/edit/", group_views.edit_group, name="edit_group"
    ),
    path("<slug:slug>/members/groups/<uuid:group>/join/", group_views.join, name="join_group"),
    path("<slug:slug>/members/groups/<uuid:group>/file/", group_views.fill, name="fill_group"),
    path(
        "<slug:slug>/members/groups/<uuid:group>/leave/<uuid:member>/",
        group_views.leave,
        name="leave_group",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/groups/", group_views.put_in_group, name="put_in_group"
    ),
]
