"""What happens around every request: names, measures, headers, and the refusal of nonsense."""

from __future__ import annotations

import io
import logging
import re
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import uuid4

import structlog
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.urls import Resolver404, ResolverMatch, get_urlconf, resolve
from django.utils import translation
from django_structlog.app_settings import app_settings
from django_structlog.middlewares import RequestMiddleware
from django_structlog.signals import (
    bind_extra_request_failed_metadata,
    bind_extra_request_finished_metadata,
)
from structlog.contextvars import bind_contextvars, clear_contextvars

from core.api.errors import (
    BodyTooLarge,
    HeadersMalformed,
    LengthRequired,
    MediaTypeNotSupported,
    MethodNotAllowed,
    ProtocolFault,
    UrlMalformed,
)
from core.api.parsing import BODY_BYTES_MAX, is_utf_8
from core.api.problems import PROBLEM, problem_response, refusal_for_status
from core.api.views import TenantAPIView
from core.errors import Refusal, Unavailable
from core.headers import harden, is_api
from core.metrics import REQUEST_SECONDS, REQUESTS
from core.tracing import request_id

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE")
PORT_MAX = 65_535

_LENGTH = re.compile(r"[0-9]{1,15}")
_PORT = re.compile(r":([0-9]{1,19})$")

_log = structlog.get_logger(__name__)
_stdlib_log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def route_name(request: HttpRequest) -> str:
    """Return the name of the route, which unlike the path never holds what a person typed."""
    match = request.resolver_match
    return (match.view_name or match.route) if match else "none"


@receiver([bind_extra_request_finished_metadata, bind_extra_request_failed_metadata])
def name_route(request: HttpRequest, log_kwargs: dict[str, Any], **_signal: Any) -> None:
    """Say in the log which route was asked for; the address itself stays out."""
    log_kwargs["route"] = route_name(request)
    log_kwargs["method"] = request.method if request.method in METHODS else "other"


@receiver(got_request_exception)
def remember_failure(request: HttpRequest, **_signal: Any) -> None:
    """Note that the database was the reason, while the exception is still at hand."""
    fault = sys.exc_info()[1]
    request.database_failed = isinstance(fault, (OperationalError, InterfaceError))  # type: ignore[attr-defined]


class LogRequests(RequestMiddleware):
    """Gives every request its id, and tells of each in one line of the log when it is answered.

    Unlike its parent it puts nothing together that no line will hold: neither the beginning of a
    request, unless somebody wants to read of it, nor its address, which the log leaves out.
    """

    def prepare(self, request: HttpRequest) -> None:
        """Begin."""
        if _stdlib_log.isEnabledFor(app_settings.STATUS_START_LOG_LEVEL):
            super().prepare(request)
        else:
            bind_contextvars(request_id=str(uuid4()))

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """End; of a request that failed there is a line already."""
        if response.streaming or hasattr(request, "_raised_exception"):
            super().handle_response(request, response)
            return
        line: dict[str, Any] = {"code": response.status_code}
        name_route(request, line)
        _log.log(self._log_level_for_status_code(response.status_code), "request_finished", **line)
        clear_contextvars()


class HardenResponses:
    """Gives every answer its id and the headers that keep browsers from being talked into harm."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, hardened."""
        response = self.get_response(request)
        harden(request, response)
        response.headers["X-Request-ID"] = request_id()
        return response


class MeasureRequests:
    """Counts requests and their time by route name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, measured."""
        started = time.monotonic()
        response = self.get_response(request)
        route = route_name(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        REQUEST_SECONDS.labels(route).observe(time.monotonic() - started)
        return response


class AnswerProblems:
    """Answers programs in their own words where no view did, and everyone when the database is out.

    A page of HTML is no answer to a till's receipt printer.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with refusals as problem documents under ``/api/``."""
        response = self.get_response(request)
        if getattr(request, "database_failed", False):
            return _busy(request)
        told = response.headers.get("Content-Type", "").startswith(PROBLEM)
        if response.status_code < 400 or told or not is_api(request):
            return response
        answer = problem_response(refusal_for_status(response.status_code))
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer


class RefuseMalformedRequests:
    """Turns away what two readers could understand differently, before anything reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse without looking further."""
        try:
            _refuse_method(request)
            _refuse_address(request)
            _refuse_headers(request)
            _delimit_body(request)
        except ProtocolFault as fault:
            # Nobody has found out the visitor's language yet.
            with translation.override(settings.LANGUAGE_CODE):
                return _turn_away(request, fault)
        return self.get_response(request)


class AnswerPrograms:
    """Takes a call of the API straight to its view: what comes after this is for browsers.

    Sessions, forms and messages mean nothing to a program, whose key is all that proves it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a program in the language it asks for, and leave everybody else to the rest."""
        match = _api_call(request)
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        request.get_host()  # refuses a host that is none of ours
        language = translation.get_language_from_request(request)
        translation.activate(language)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        response.headers["Vary"] = "Accept-Language, Authorization"
        response.headers["Content-Language"] = language
        return response


class RequireSignIn(LoginRequiredMiddleware):
    """Keeps views shut to strangers unless their door says otherwise.

    Unlike its parent it asks the door first, so that keys, tills and probes never touch sessions.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Send strangers to the sign-in page."""
        if not getattr(view, "login_required", True):
            return None
        answer: HttpResponseBase | None = super().process_view(request, view, args, kwargs)
        return answer


def _api_call(request: HttpRequest) -> ResolverMatch | None:
    """Return the call if there is a view of the API at this address."""
    return _api_view_at(request.path_info, get_urlconf()) if is_api(request) else None


@lru_cache(maxsize=256)
def _api_view_at(path: str, urlconf: str | None) -> ResolverMatch | None:
    try:
        match = resolve(path, urlconf)
    except Resolver404:
        return None
    view = getattr(match.func, "cls", None)
    return match if getattr(view, "surface", None) == TenantAPIView.surface else None


def _turn_away(request: HttpRequest, fault: ProtocolFault) -> HttpResponse:
    if is_api(request):
        response = problem_response(fault)
    else:
        response = HttpResponse(str(fault), status=fault.status, content_type="text/plain")
    if isinstance(fault, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(METHODS)
    return response


def _busy(request: HttpRequest) -> HttpResponse:
    refusal: Refusal = Unavailable(retry_after=1)
    if is_api(request):
        return problem_response(refusal)
    # Without the request: its session and user live in the database that is out of reach.
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": "1"})


def _refuse_method(request: HttpRequest) -> None:
    if request.method not in METHODS:
        raise MethodNotAllowed


def _refuse_address(request: HttpRequest) -> None:
    """Refuse NUL, broken UTF-8, and an address that names a host of its own."""
    target = request.META.get("RAW_URI", "/")
    query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
    if not target.startswith("/") or "\0" in request.path_info or b"\0" in query:
        raise UrlMalformed
    try:
        query.decode()
    except UnicodeDecodeError:
        raise UrlMalformed from None


def _refuse_headers(request: HttpRequest) -> None:
    """Refuse an impossible port, a length that is no number, and text in exotic encodings."""
    port = _PORT.search(request.META.get("HTTP_HOST", ""))
    if port and int(port[1]) > PORT_MAX:
        raise HeadersMalformed
    if not _LENGTH.fullmatch(request.META.get("CONTENT_LENGTH") or "0"):
        raise HeadersMalformed
    if not is_utf_8(request):
        raise MediaTypeNotSupported


def _delimit_body(request: HttpRequest) -> None:
    """Read a chunked body as if its length had been sent, which is all the framework understands.

    The web server has to take the chunks apart, and says so; otherwise nobody knows where the
    body ends. Two answers to that question are an attack on whoever stands in front of us.
    """
    coding = request.META.get("HTTP_TRANSFER_ENCODING")
    if coding is None:
        return
    if coding.strip().lower() != "chunked" or request.META.get("CONTENT_LENGTH"):
        raise HeadersMalformed
    if not request.META.get("wsgi.input_terminated"):
        raise LengthRequired
    body = _read_chunks(request)
    if len(body) > BODY_BYTES_MAX:
        raise BodyTooLarge(limit=BODY_BYTES_MAX)
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = io.BytesIO(body)  # noqa: SLF001 there is no public way


def _read_chunks(request: HttpRequest) -> bytes:
    try:
        body: bytes = request.META["wsgi.input"].read(BODY_BYTES_MAX + 1)
    except Exception:  # noqa: BLE001 every web server has its own word for a broken chunk
        raise HeadersMalformed from None
    return body
