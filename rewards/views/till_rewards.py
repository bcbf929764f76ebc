"""Rewards at the till: handed over in two touches, taken back, or given for a voucher's code."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.doors import TillRequest, till
from core.errors import Refusal, TooMany
from core.idempotency import Answer, answer_once
from core.keyed_forms import KeyForm, new_key
from rewards.errors import VoucherMistyped, VoucherUnknown
from rewards.forms import HandOverForm
from rewards.models import Redemption, Reward
from rewards.queries import redemptions_of, rewards_of, voucher_on
from rewards.services import till_rewards
from rewards.till_page import handed_over, member_panel, voucher_panel
from rewards.views.coming_back import comes_back, to_member, to_redemption, to_voucher
from rewards.views.till_screen import (
    SeeOther,
    at_home,
    at_redemption,
    keyed,
    member_named,
    place_of,
    screen,
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
    points = form.cleaned_data["points"]
    wish = {"member": member.public_id, "reward": reward.public_id, "points": points}
    act = partial(_hand_over, request, reward, member.pk, points)
    try:
        answer = answer_once(keyed(request, form, "hand_over", wish), act)
    except Refusal as refusal:
        messages.error(request, f"{reward.name}: {refusal}")
        return SeeOther(at_home(member=member.public_id))
    return SeeOther(at_redemption(answer.body["redemption"]))


@till
@require_safe
def redemption(request: TillRequest, redemption_id: UUID) -> HttpResponse:
    """Show what was handed over; whoever did it may take it back for a while."""
    found = _found(request, redemption_id)
    member = member_named(request, str(found.member.public_id))
    assert member is not None, "it was asked for by name"
    context: dict[str, Any] = {"given": handed_over(request.organization, found)}
    is_ours = till_rewards.was_handed_over_in(request.register_session, found, now=timezone.now())
    if is_ours and not context["given"].is_taken_back:
        url = reverse("till:take_back", args=[redemption_id])
        context["undo"] = {"url": url, "key": new_key()}
    context |= {
        "member": member_panel(member, currency=request.organization.currency),
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


@comes_back(to_voucher)
@till
@require_POST
def use_voucher(request: TillRequest, redemption_id: UUID) -> HttpResponse:
    """Hand over what a voucher is for, once, and lead to what was given."""
    found = _found(request, redemption_id)
    voucher = voucher_on(found)
    form = KeyForm(request.POST)
    if voucher is None or not form.is_valid():
        return SeeOther(reverse("till:home"))
    try:
        act = partial(_use, request, voucher.pk)
        answer_once(keyed(request, form, "use_voucher", {"redemption": redemption_id}), act)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _voucher_screen(request, found)
    messages.success(request, _("The voucher is used."))
    return SeeOther(at_redemption(redemption_id))


def show_voucher(request: TillRequest, text: str) -> HttpResponse:
    """Show what a voucher's code is good for; a code that is none says so and is counted."""
    try:
        voucher = till_rewards.find_voucher(
            organization=request.organization, place=place_of(request), text=text
        )
    except TooMany as refusal:
        return slow_down(request, refusal)
    except (VoucherMistyped, VoucherUnknown) as refusal:
        return screen(request, query=text, refusal=str(refusal))
    return _voucher_screen(request, _found(request, voucher.redemption.public_id))


def _voucher_screen(request: TillRequest, found: Redemption) -> HttpResponse:
    voucher = get_object_or_404(redemptions_of(request.organization), pk=found.pk).voucher
    panel = voucher_panel(request.organization, voucher, now=timezone.now())
    use = {"url": reverse("till:use_voucher", args=[found.public_id]), "key": new_key()}
    return screen(request, voucher=panel, use=use if panel.can_be_used else None)


def _found(request: TillRequest, redemption_id: UUID) -> Redemption:
    return get_object_or_404(redemptions_of(request.organization), public_id=redemption_id)


def _hand_over(
    request: TillRequest, reward: Reward, member_id: int, points: int, request_key: str
) -> Answer:
    taken = till_rewards.hand_over(
        reward_id=reward.pk,
        member_id=member_id,
        place=place_of(request),
        points=points,
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


def _use(request: TillRequest, voucher_id: int, _request_key: str) -> Answer:
    used = till_rewards.use_here(voucher_id=voucher_id, place=place_of(request))
    return Answer(HTTPStatus.OK, {"voucher": used.pk})
