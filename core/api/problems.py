"""Turns every refusal, and every accident, into one kind of document: RFC 9457 problems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions
from rest_framework.settings import api_settings

from core.api.answers import Told
from core.api.errors import (
    BodyTooLarge,
    HeadersMalformed,
    InternalFault,
    InvalidJSON,
    KeyNeeded,
    MediaTypeNotSupported,
    MethodNotAllowed,
    ProtocolFault,
    ValidationFailed,
    ValueOutOfRange,
)
from core.errors import (
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    Missing,
    Refusal,
    TooMany,
    Unavailable,
)
from core.idempotency import RememberedRefusal
from core.tracing import request_id

PROBLEM = "application/problem+json"
REPLAYED = "Idempotency-Replayed"
STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (IdempotencyKeyReused, 422),
    (InvalidInput, 400),
    (Missing, 404),
    (Forbidden, 403),
    (TooMany, 429),
    (Unavailable, 503),
    (Refusal, 409),
)

_log = structlog.get_logger(__name__)

_MEANINGS: tuple[tuple[tuple[type[Exception], ...], Callable[[], Refusal]], ...] = (
    ((Http404, exceptions.NotFound), Missing),
    ((PermissionDenied, exceptions.PermissionDenied), Forbidden),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), KeyNeeded),
    ((exceptions.MethodNotAllowed,), MethodNotAllowed),
    ((exceptions.UnsupportedMediaType,), MediaTypeNotSupported),
    ((exceptions.ParseError,), InvalidJSON),
    ((RequestDataTooBig,), BodyTooLarge),
    ((SuspiciousOperation, BadRequest, UnreadablePostError), HeadersMalformed),
    ((DataError,), ValueOutOfRange),
    # Lock and statement time-outs, deadlocks and lost connections: all of them may be repeated.
    ((OperationalError, InterfaceError), lambda: Unavailable(retry_after=1)),
)


def answer_problem(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:  # noqa: ARG001 the framework's signature
    """Answer what a view raised; ``None`` leaves a mistake of ours to the log and a plain 500."""
    if isinstance(exc, exceptions.ValidationError):
        return _answer(ValidationFailed(), errors=list(field_errors(exc.detail)))
    refusal = meaning_of(exc)
    if isinstance(exc, DatabaseError):
        # The class says which time-out or fault it was; the message may hold what people typed.
        _log.warning("database_refused", fault=type(exc.__cause__).__name__)
    return None if refusal is None else _answer(refusal)


def problem_response(refusal: Refusal) -> HttpResponse:
    """Answer a refusal where no view was reached."""
    return _answer(refusal)


def meaning_of(exc: Exception) -> Refusal | None:
    """Return the refusal that an exception of the framework or the database amounts to."""
    if isinstance(exc, Refusal):
        return exc
    if isinstance(exc, exceptions.Throttled):
        return TooMany(retry_after=math.ceil(getattr(exc, "wait", None) or 1))
    return next((make() for kinds, make in _MEANINGS if isinstance(exc, kinds)), None)


def refusal_for_status(status: int) -> Refusal:
    """Return the refusal that stands for a bare status code."""
    known: dict[int, type[Refusal]] = {
        403: Forbidden,
        404: Missing,
        405: MethodNotAllowed,
        413: BodyTooLarge,
        415: MediaTypeNotSupported,
        429: TooMany,
        503: Unavailable,
    }
    return known.get(status, InternalFault if status >= 500 else HeadersMalformed)()


def status_of(kind: type[Refusal]) -> int:
    """Return the status code of a family of refusals."""
    if issubclass(kind, ProtocolFault):
        return kind.status
    return next(status for family, status in STATUSES if issubclass(kind, family))


def headers_for(refusal: Refusal, status: int) -> dict[str, str]:
    """Return what the headers must say along with a refusal."""
    headers: dict[str, str] = {}
    if status in {429, 503} or "retry_after" in refusal.data:
        headers["Retry-After"] = str(refusal.data.get("retry_after", 1))
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="regulars"'
    if isinstance(refusal, RememberedRefusal):
        headers[REPLAYED] = "true"
    return headers


def document(refusal: Refusal, errors: list[dict[str, Any]]) -> dict[str, Any]:
    """Compose the problem document; one error gives the whole its name and sentence."""
    only = errors[0] if len(errors) == 1 else None
    code = only["code"] if only else refusal.code
    return {
        "type": f"/api/docs/#{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status_of(type(refusal)),
        "code": code,
        "detail": only["message"] if only else str(refusal.message),
        "request_id": getattr(refusal, "request_id", "") or request_id(),
        "errors": errors,
        "data": refusal.data,
    }


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Yield one error per message, with paths such as ``lines[0].amount``."""
    if isinstance(detail, dict):
        for name, part in detail.items():
            yield from field_errors(part, _path_to(name, path))
    elif isinstance(detail, list):
        for index, part in enumerate(detail):
            inner = f"{path}[{index}]" if isinstance(part, (dict, list)) else path
            yield from field_errors(part, inner)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"field": path or None, "code": code, "message": str(detail)}


def _path_to(name: str | int, path: str) -> str:
    if name == api_settings.NON_FIELD_ERRORS_KEY:
        return path
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name


def _answer(refusal: Refusal, errors: list[dict[str, Any]] | None = None) -> Told:
    shown = _own_errors(refusal) if errors is None else errors
    status = status_of(type(refusal))
    return Told(
        document(refusal, shown),
        status,
        headers=headers_for(refusal, status),
        content_type=PROBLEM,
    )


def _own_errors(refusal: Refusal) -> list[dict[str, Any]]:
    if refusal.field is None:
        return []
    return [{"field": refusal.field, "code": refusal.code, "message": str(refusal.message)}]
