"""The portal's pages that need points and rewards: the card, what happened, what can be had."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.actors import member_actor
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm
from core.paging import Page, page_of
from loyalty.models import Entry
from loyalty.queries import entries_held_by
from members.doors import PortalRequest, portal
from members.models import Member
from members.portal_forms import once_in_portal
from rewards.models import Reward
from rewards.portal_page import (
    activities_of,
    card_of,
    offers_shown,
    voucher_view,
    what_matters,
)
from rewards.queries import offers_for, rewards_of, spendable_by, vouchers_held_by
from rewards.services.redemptions import redeem

NEWEST = 5
ROWS = 20
VOUCHERS_SHOWN = 20


@portal
@require_safe
def card(request: PortalRequest) -> HttpResponse:
    """Show the member's card, what matters now, and what happened last."""
    member = request.member
    shown = card_of(member)
    newest = _history(request, size=NEWEST)
    context = {
        "card": shown,
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
def rewards(request: PortalRequest) -> HttpResponse:
    """Show what can be had now, what is near, and the vouchers that wait to be used."""
    member = request.member
    held = vouchers_held_by(member)[:VOUCHERS_SHOWN]
    vouchers = [voucher_view(one, request.organization.slug) for one in held]
    context = {
        "offers": offers_shown(offers_for(member)),
        "vouchers": [one for one in vouchers if one.is_open],
        "past": [one for one in vouchers if not one.is_open],
        "balance": spendable_by(member),
        "currency": request.organization.currency,
    }
    return render(request, "portal/rewards.html", context)


@portal
@require_POST
def get_reward(request: PortalRequest, reward_id: UUID) -> HttpResponse:
    """Take a reward for its points, once, and lead to the voucher that shows it."""
    reward = get_object_or_404(rewards_of(request.organization), public_id=reward_id)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            answer = once_in_portal(
                request,
                form.cleaned_data["request_key"],
                step="get_reward",
                wish={"reward": reward_id},
                act=partial(_redeem, request.member, reward),
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            slug = request.organization.slug
            return redirect("portal:voucher", slug, answer.body["redemption"])
    return redirect("portal:rewards", request.organization.slug)


@portal
@require_safe
def voucher(request: PortalRequest, redemption_id: UUID) -> HttpResponse:
    """Show a voucher of the member's own, to be held up at the till."""
    held = vouchers_held_by(request.member)
    found = get_object_or_404(held, redemption__public_id=redemption_id)
    shown = voucher_view(found, request.organization.slug, with_image=True)
    return render(request, "portal/voucher.html", {"voucher": shown})


def _redeem(member: Member, reward: Reward, request_key: str) -> Answer:
    taken = redeem(
        reward_id=reward.pk,
        member_id=member.pk,
        actor=member_actor(member.pk),
        request_key=request_key,
    )
    return Answer(HTTPStatus.CREATED, {"redemption": taken.public_id})


def _history(request: PortalRequest, *, size: int) -> Page[Entry]:
    """Return the newest of what happened, by the order of each account's own book."""
    entries = entries_held_by(request.member).prefetch_related("lots")
    return page_of(entries, request, by=("-account_id", "-sequence"), size=size)
