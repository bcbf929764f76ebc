"""Prize draws as members see them, and the document that lets anybody check one."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.doors import public
from core.paging import page_of
from members.doors import PortalRequest, portal
from members.queries import club_at
from rewards.draw_page import draw_cards, missed_words, odds, pull_rows, range_words
from rewards.drawing.snippet import SNIPPET
from rewards.models import Draw
from rewards.services.draw_reading import (
    Standing,
    document_of,
    draws_shown,
    prize_rewards,
    pseudonyms_of,
    results_of,
    standings,
)

ROWS = 20
PUBLISHED = (Draw.Status.CLOSED, Draw.Status.DRAWN)


@portal
@require_safe
def draws(request: PortalRequest) -> HttpResponse:
    """Show the draws that are open and what the member has in each, and those that are over."""
    shown = draws_shown(request.organization)
    now = timezone.now()
    page = page_of(shown.exclude(status=Draw.Status.OPEN), request, by=("-pk",), size=ROWS)
    open_ = list(shown.filter(status=Draw.Status.OPEN).order_by("closes_at", "pk"))
    context = {
        "open": draw_cards(open_, request.member, now),
        "past": draw_cards(page.rows, request.member, now),
        "page": page,
    }
    return render(request, "portal/draws.html", context)


@portal
@require_safe
def draw(request: PortalRequest, draw: UUID) -> HttpResponse:
    """Show one draw: what the member has in it, its result, and how to check it."""
    found = get_object_or_404(draws_shown(request.organization), public_id=draw)
    [card] = draw_cards([found], request.member, timezone.now())
    mine = pseudonyms_of(request.member, found)
    slug = request.organization.slug
    context = {
        "draw": found,
        "card": card,
        "ranges": range_words(card.mine),
        "missed": missed_words(card.mine),
        "odds": odds(found, standings([found]).get(found.pk, Standing())),
        "pseudonyms": mine,
        "pulls": pull_rows(results_of(found), prize_rewards([found]), mine),
        "is_published": found.status in PUBLISHED,
        "document_url": reverse("portal:draw_document", args=[slug, found.public_id]),
        "snippet": SNIPPET,
    }
    return render(request, "portal/draw.html", context)


@public(reason="anybody may check a draw, also who is no member; the list names nobody")
@require_safe
def document(_request: HttpRequest, slug: str, draw: UUID) -> HttpResponse:
    """Download what was promised, the list of tickets and, after the drawing, seed and result."""
    organization = club_at(slug)
    if organization is None:
        raise Http404
    found = get_object_or_404(draws_shown(organization), public_id=draw)
    answer = JsonResponse(document_of(found), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="draw-{found.code}.json"'
    return answer
