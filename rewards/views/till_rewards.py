"""Rewards at the till: handed over in two touches, and taken back."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.doors import TillRequest, till
from core.errors import Refusal, TooMany
from core.idempotency import Answer, answer_once
from core.keyed_forms import KeyForm, new_key
from rewards.errors import ProofNeeded
from rewards.forms import HandOverForm
from rewards.models import Redemption, Reward
from rewards.queries import redemptions_of, rewards_of
from rewards.services import look_ups, till_rewards
from rewards.services.till_rewards import Agreed
from rewards.till_page import handed_over
from rewards.views.coming_back import comes_back, to_member, to_redemption
from rewards.views.till_screen import (
    SeeOther,
    at_home,
    at_proof,
    at_redemption,
    keyed,
    member_named,
    place_of,
    screen,
    shown_here,
    slow_down,
)


@comes_back(to_member)
@till
@require_POST
def hand_over(request: TillRequest) -> HttpResponse:
    """Give the member a reward for their points, once, and lead to what was given."""
    member = member_named(request, request.POST.get("member") or " ")
    assert member is not None, "a name that is none was answered with 404"
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return SeeOther(at_home(member=member.public_id))
    reward = get_object_or_404(
        rewards_of(request.organization), public_id=form.cleaned_data["reward"]
    )
    agreed = Agreed(
        points=form.cleaned_data["points"],
        price_money=form.cleaned_data["price_money"],
        choice=form.cleaned_data["choice"],
    )
    wish = {"member": member.public_id, "reward": reward.public_id, **_said(agreed)}
    act = partial(_hand_over, request, reward, member.pk, agreed)
    try:
        answer = answer_once(keyed(request, form, "hand_over", wish), act)
    except ProofNeeded as refusal:
        messages.warning(request, f"{reward.name}: {refusal}")
        return SeeOther(at_proof(member.public_id))
    except Refusal as refusal:
        messages.error(request, f"{reward.name}: {refusal}")
        return SeeOther(at_home(member=member.public_id))
    return SeeOther(at_redemption(answer.body["redemption"]))


@till
@require_safe
def redemption(request: TillRequest, redemption_id: UUID) -> HttpResponse:
    """Show what was handed over; whoever did it may take it back for a while.

    They looked the member up to do it; anybody else does so by opening it.
    """
    found = _found(request, redemption_id)
    member = member_named(request, str(found.member.public_id))
    assert member is not None, "it was asked for by name"
    is_ours = till_rewards.was_handed_over_in(request.register_session, found, now=timezone.now())
    if not is_ours:
        try:
            look_ups.open_member(place=place_of(request), member=member)
        except TooMany as refusal:
            return slow_down(request, refusal)
    context: dict[str, Any] = {"given": handed_over(request.organization, found)}
    if is_ours and not context["given"].is_taken_back:
        url = reverse("till:take_back", args=[redemption_id])
        context["undo"] = {"url": url, "key": new_key()}
    context |= {
        "member": shown_here(request, member),
        "again_url": at_home(member=member.public_id),
    }
    return screen(request, **context)


@comes_back(to_redemption)
@till
@require_POST
def take_back(request: TillRequest, redemption_id: UUID) -> HttpResponse:
    """Take back what was handed over by mistake, once."""
    found = _found(request, redemption_id)
    form = KeyForm(request.POST)
    if form.is_valid():
        wish = {"redemption": redemption_id}
        try:
            act = partial(_take_back, request, found.pk)
            answer_once(keyed(request, form, "take_back", wish), act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
    return SeeOther(at_redemption(redemption_id))


def _found(request: TillRequest, redemption_id: UUID) -> Redemption:
    return get_object_or_404(redemptions_of(request.organization), public_id=redemption_id)


def _said(agreed: Agreed) -> dict[str, Any]:
    """Return what was agreed to, without what was not spoken of."""
    return {name: value for name, value in asdict(agreed).items() if value is not None}


def _hand_over(
    request: TillRequest, reward: Reward, member_id: int, agreed: Agreed, request_key: str
) -> Answer:
    taken = till_rewards.hand_over(
        reward_id=reward.pk,
        member_id=member_id,
        place=place_of(request),
        agreed=agreed,
        request_key=request_key,
    )
    return Answer(HTTPStatus.CREATED, {"redemption": taken.public_id})


def _take_back(request: TillRequest, redemption_id: int, request_key: str) -> Answer:
    taken = till_rewards.take_back(
        redemption_id=redemption_id,
        session_id=request.register_session.pk,
        request_key=request_key,
    )
    return Answer(HTTPStatus.OK, {"redemption": taken.public_id})
