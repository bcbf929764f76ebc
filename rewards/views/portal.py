"""The portal's pages that need points and rewards: the card, what happened, what can be had."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.paging import Page, page_of
from loyalty.models import Entry
from loyalty.queries import entries_held_by
from loyalty.rule_page import program_chosen
from loyalty.services.stamp_reading import past_sheets
from loyalty.services.tier_reading import current_ladder
from loyalty.tiers.words import ladder_words
from members.doors import PortalRequest, portal
from rewards.benefit_page import benefit_sentences
from rewards.challenge_cards import challenges_shown
from rewards.portal_page import (
    activities_of,
    card_of,
    what_matters,
)
from rewards.services.shelf import offers_for
from rewards.stamp_strips import past_rows, strips_of, wording_for
from rewards.tier_page import tier_box, tier_cards, view_of

NEWEST = 5
ROWS = 20
STRIPS_SHOWN = 2
CHALLENGES_SHOWN = 2


@portal
@require_safe
def card(request: PortalRequest) -> HttpResponse:
    """Show the member's card, what matters now, and what happened last."""
    member = request.member
    shown = card_of(member)
    newest = _history(request, size=NEWEST)
    context = {
        "card": shown,
        "tier": tier_box(member),
        "strips": strips_of(member, request.organization)[:STRIPS_SHOWN],
        "challenges": challenges_shown(member, request.organization)[:CHALLENGES_SHOWN],
        "matters": what_matters(member, shown, offers_for(member)),
        "activities": activities_of(member, newest.rows),
        "has_more": bool(newest.next_url),
        "currency": request.organization.currency,
    }
    return render(request, "portal/card.html", context)


@portal
@require_safe
def activity(request: PortalRequest) -> HttpResponse:
    """Show everything that ever changed the balance, each with its reason."""
    page = _history(request, size=ROWS)
    context = {
        "page": page,
        "activities": activities_of(request.member, page.rows),
        "currency": request.organization.currency,
    }
    return render(request, "portal/activity.html", context)


@portal
@require_safe
def stamps(request: PortalRequest) -> HttpResponse:
    """Show every stamp card: those being filled, and what became of the others, newest first."""
    member = request.member
    past = past_sheets(member, timezone.now())
    page = page_of(past, request, by=("-opened_at", "-pk"), size=ROWS)
    context = {
        "strips": strips_of(member, request.organization),
        "page": page,
        "rows": past_rows(page.rows, request.organization),
    }
    return render(request, "portal/stamps.html", context)


@portal
@require_safe
def tiers(request: PortalRequest) -> HttpResponse:
    """Show every tier with what members have of it, and where this one stands."""
    view = view_of(request.member)
    program = view.program if view else program_chosen(request.organization, None)
    ladder = view.ladder if view else current_ladder(program) if program else None
    held = view.projection.tier.code if view and view.projection.tier else ""
    say = wording_for(request.organization, program.pk if program else 0)
    context = {
        "box": tier_box(request.member),
        "tiers": tier_cards(ladder, say, held=held) if ladder else (),
        "words": ladder_words(ladder) if ladder else (),
        "benefits": benefit_sentences(request.organization, timezone.now()),
    }
    return render(request, "portal/tiers.html", context)


def _history(request: PortalRequest, *, size: int) -> Page[Entry]:
    """Return the newest of what happened, by the order of each account's own book."""
    entries = entries_held_by(request.member).prefetch_related("lots")
    return page_of(entries, request, by=("-account_id", "-sequence"), size=size)
