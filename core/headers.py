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


def harden(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add what an answer lacks; a view that knows better has set it already."""
    for name, value in EVERYWHERE.items():
        response.headers.setdefault(name, value)
    camera = CAMERA_HERE if request.path_info.startswith(SCANNING) else CAMERA_NOWHERE
    response.headers.setdefault("Permissions-Policy", PERMISSIONS.format(camera=camera))
    if "json" in response.headers.get("Content-Type", ""):
        response.headers[CONTENT_SECURITY_POLICY] = DATA_POLICY
    else:
        response.headers.setdefault(CONTENT_SECURITY_POLICY, build_policy())
    if is_api(request):
        patch_vary_headers(response, ["Authorization"])
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))


def is_api(request: HttpRequest) -> bool:
    """Say whether the caller is a program and expects problem documents."""
    return request.path_info.startswith(API)
