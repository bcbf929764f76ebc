"""Rewards in the portal: the catalog, one reward, taking it, and the voucher that shows it."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.actors import member_actor
from core.errors import Refusal
from core.idempotency import Answer
from core.queries import stores_of
from members.doors import PortalRequest, portal
from members.models import Member
from members.portal_forms import once_in_portal
from rewards.forms import GetForm
from rewards.models import Reward
from rewards.portal_catalog import Look, filters, offer_views, offers_shown, reward_page
from rewards.portal_page import voucher_view
from rewards.queries import rewards_of, spendable_by, vouchers_held_by
from rewards.services.redemptions import redeem
from rewards.services.shelf import Offer, offer_of, offers_for

VOUCHERS_SHOWN = 20


@portal
@require_safe
def rewards(request: PortalRequest) -> HttpResponse:
    """Show what can be had now, what is near, and the vouchers that wait to be used."""
    member = request.member
    held = vouchers_held_by(member)[:VOUCHERS_SHOWN]
    vouchers = [voucher_view(one, request.organization.slug) for one in held]
    views = offer_views(member, offers_for(member))
    look = Look.of(request.GET.dict())
    context = {
        "offers": offers_shown(view for view in views if look.keeps(view)),
        "filters": filters(views, look) if views else {},
        "look": look,
        "vouchers": [one for one in vouchers if one.is_open],
        "past": [one for one in vouchers if not one.is_open],
        "balance": spendable_by(member),
        "currency": request.organization.currency,
    }
    return render(request, "portal/rewards.html", context)


@portal
@require_safe
def reward(request: PortalRequest, reward_id: UUID) -> HttpResponse:
    """Show one reward with all there is to know of it, and the way to take it."""
    offer = _offer(request, reward_id)
    named = dict(stores_of(request.organization).values_list("code", "name"))
    context = {
        "page": reward_page(request.member, offer),
        "stores": [named[code] for code in offer.reward.stores if code in named],
        "balance": spendable_by(request.member),
        "currency": request.organization.currency,
    }
    return render(request, "portal/reward.html", context)


@portal
@require_POST
def get_reward(request: PortalRequest, reward_id: UUID) -> HttpResponse:
    """Take a reward for its points, once, and lead to the voucher that shows it."""
    found = get_object_or_404(rewards_of(request.organization), public_id=reward_id)
    form = GetForm(request.POST)
    if form.is_valid():
        choice = form.cleaned_data["choice"]
        try:
            answer = once_in_portal(
                request,
                form.cleaned_data["request_key"],
                step="get_reward",
                wish={"reward": reward_id, **({"choice": choice} if choice else {})},
                act=partial(_redeem, request.member, found, choice),
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
    context = {"voucher": shown, "currency": request.organization.currency}
    return render(request, "portal/voucher.html", context)


def _offer(request: PortalRequest, reward_id: UUID) -> Offer:
    """Return a reward that the member may know of; any other one does not exist."""
    found = get_object_or_404(rewards_of(request.organization), public_id=reward_id)
    offer = offer_of(request.member, found)
    if offer is None:
        raise Http404
    return offer


def _redeem(member: Member, reward: Reward, choice: UUID | None, request_key: str) -> Answer:
    taken = redeem(
        reward_id=reward.pk,
        member_id=member.pk,
        actor=member_actor(member.pk),
        request_key=request_key,
        choice=choice,
    )
    return Answer(HTTPStatus.CREATED, {"redemption": taken.public_id})
