"""The ground floor's pages, by surface."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, include, path, re_path

from core import health as health_views
from core.api import pages as api_pages
from core.api.ping import PingView
from core.api.urls import api_path
from core.views import account as account_views
from core.views import log as log_views
from core.views import office as office_views
from core.views import outbox as outbox_views
from core.views import pictures as pictures_views
from core.views import regions as regions_views
from core.views import staff as staff_views
from core.views import stores as stores_views
from core.views import till as till_views
from core.views.components import components

Routes = list[URLPattern | URLResolver]

health: Routes = [
    path("livez", health_views.livez, name="livez"),
    path("readyz", health_views.readyz, name="readyz"),
    path("metrics", health_views.metrics, name="metrics"),
]

api: Routes = [
    api_path("ping/", PingView, name="ping"),
    path("schema/", api_pages.schema, name="schema"),
]

api_docs: Routes = [
    path("docs/", api_pages.docs, name="api_docs"),
]

front: Routes = [
    path("", account_views.front, name="front"),
    path("outbox/", outbox_views.outbox, name="outbox"),
    re_path(r"^media/(?P<digest>[0-9a-f]{64})\.webp$", pictures_views.picture, name="picture"),
    re_path(
        r"^media/(?P<digest>[0-9a-f]{64})-small\.webp$",
        pictures_views.picture,
        {"is_small": True},
        name="small_picture",
    ),
    path("appearance/theme/", account_views.set_theme, name="set_theme"),
    path("appearance/language/", account_views.set_language, name="set_language"),
]

account: Routes = [
    path("login/", account_views.sign_in, name="account_login"),
    path("logout/", account_views.sign_out, name="account_logout"),
    path("link/<str:token>/", account_views.link, name="account_link"),
    path("password/reset/", account_views.password_help, name="account_reset_password"),
    path("password/set/", account_views.password_help, name="account_set_password"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("2fa/", include("allauth.mfa.urls")),
]

office: Routes = [
    path("", office_views.choose, name="choose"),
    path("components/", components, name="components"),
    path("<slug:slug>/stores/", stores_views.stores, name="stores"),
    path("<slug:slug>/stores/add/", stores_views.add_store, name="add_store"),
    path("<slug:slug>/stores/<str:code>/edit/", stores_views.edit_store, name="edit_store"),
    path(
        "<slug:slug>/stores/<str:code>/registers/", stores_views.add_register, name="add_register"
    ),
    path("<slug:slug>/stores/regions/", regions_views.regions, name="regions"),
    path("<slug:slug>/stores/regions/add/", regions_views.add_region, name="add_region"),
    path(
        "<slug:slug>/stores/regions/<slug:code>/edit/",
        regions_views.edit_region,
        name="edit_region",
    ),
    path("<slug:slug>/registers/enroll/", office_views.enroll, name="enroll"),
    path("<slug:slug>/registers/<uuid:register>/release/", office_views.release, name="release"),
    path("<slug:slug>/registers/<uuid:register>/retire/", stores_views.retire, name="retire"),
    path("<slug:slug>/staff/", staff_views.staff, name="staff"),
    path("<slug:slug>/staff/add/", staff_views.add_staff, name="add_staff"),
    path("<slug:slug>/staff/<uuid:person>/", staff_views.staff_member, name="staff_member"),
    path("<slug:slug>/staff/<uuid:person>/pin/", staff_views.staff_pin, name="staff_pin"),
    path("<slug:slug>/staff/<uuid:person>/link/", staff_views.staff_link, name="staff_link"),
    path("<slug:slug>/staff/<uuid:person>/end/", staff_views.deactivate, name="deactivate_staff"),
    path("<slug:slug>/staff/<uuid:person>/back/", staff_views.reactivate, name="reactivate_staff"),
    path("<slug:slug>/log/", log_views.log, name="log"),
]

till: Routes = [
    path("set-up/", till_views.set_up, name="set_up"),
    path("enroll/", till_views.enroll, name="enroll"),
    path("sign-in/", till_views.sign_in, name="sign_in"),
    path("sign-out/", till_views.sign_out, name="sign_out"),
]
