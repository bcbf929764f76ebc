"""The messages of a machine from which nothing is really sent, for whoever tries it out."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.delivery import is_recorded_only
from core.doors import public
from core.queries import newest_messages

SHOWN = 50


@public(reason="exists only where messages go nowhere, so that a trial needs no gateway")
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show what people would have received."""
    if settings.PRODUCTION or not is_recorded_only():
        raise Http404
    return render(request, "outbox.html", {"outgoing": newest_messages(SHOWN)})
