"""What people see when a page cannot be shown."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

RETRY_AFTER_SECONDS = 60


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that the request cannot be read, without reading more of it."""
    return HttpResponse(render_to_string("400.html"), status=HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that this person may not be here."""
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that there is nothing here, or nothing for this person."""
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def too_many(request: HttpRequest, *, retry_after: int = RETRY_AFTER_SECONDS) -> HttpResponse:
    """Say that it is time to wait, for so many seconds."""
    context = {"retry_after": retry_after}
    answer = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(retry_after)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say that something broke here, from a template that needs nothing to work."""
    return HttpResponse(render_to_string("500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)
