"""The headers that every answer carries; docs/http.md lists them."""

from __future__ import annotations

from csp.constants import HEADER as CONTENT_SECURITY_POLICY
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
CAMERA_NOWHERE = "()"
CAMERA_HERE = "(self)"
PERMISSIONS = (
    "camera={camera}, geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
SCANNING = "/till/"
API = "/api/"


def _stored(name: str, value: str) -> tuple[str, tuple[str, str]]:
    """Return a header as a response keeps it."""
    return name.lower(), (name, value)


_FOR_ALL, _FOR_SCANNING = (
    [
        *(_stored(name, value) for name, value in EVERYWHERE.items()),
        _stored("Permissions-Policy", PERMISSIONS.format(camera=camera)),
    ]
    for camera in (CAMERA_NOWHERE, CAMERA_HERE)
)
_POLICY = _stored(CONTENT_SECURITY_POLICY, DATA_POLICY)


def harden(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add what an answer lacks; a view that knows better has set it already."""
    headers = response.headers
    # Past the check for line breaks, which takes longer than all else here and finds none of ours.
    kept = headers._store  # noqa: SLF001
    for name, pair in _FOR_SCANNING if request.path_info.startswith(SCANNING) else _FOR_ALL:
        kept.setdefault(name, pair)
    if "json" in headers.get("Content-Type", ""):
        kept[_POLICY[0]] = _POLICY[1]
    else:
        headers.setdefault(CONTENT_SECURITY_POLICY, build_policy())
    if is_api(request) and "Authorization" not in headers.get("Vary", ""):
        patch_vary_headers(response, ["Authorization"])
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))


def is_api(request: HttpRequest) -> bool:
    """Say whether the caller is a program and expects problem documents."""
    return request.path_info.startswith(API)
