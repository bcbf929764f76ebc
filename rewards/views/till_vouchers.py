"""Vouchers at the till: shown for their code, used once, and let go of by who used them."""

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
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.doors import TillRequest, till
from core.errors import InvalidInput, Refusal, TooMany
from core.idempotency import Answer, answer_once
from core.keyed_forms import KeyForm, new_key
from members.models import Member
from members.queries import MaskedMember, survivor
from rewards.errors import VoucherMistyped, VoucherUnknown
from rewards.models import Voucher, VoucherUse
from rewards.queries import vouchers_of
from rewards.services import look_ups, till_rewards
from rewards.services.voucher_finding import find_voucher
from rewards.services.voucher_reading import uses_of
from rewards.services.voucher_undoing import release_here, was_used_in
from rewards.till_page import dotted, member_panel
from rewards.till_vouchers import joins_ring_up, used_panel, voucher_panel
from rewards.views.coming_back import comes_back, to_use, to_voucher
from rewards.views.till_screen import (
    SeeOther,
    at_home,
    at_home_with,
    keyed,
    member_named,
    place_of,
    screen,
    slow_down,
    voucher_asker,
)
from rewards.voucher_codes import clean, clean_word


def show_voucher(request: TillRequest, text: str) -> HttpResponse | None:
    """Lead to the voucher of a code; a wrong one is told and counted. What is no code is nothing.

    A word without a digit that is no shared code may be a name, and is not counted.
    """
    is_unique = bool(clean(text))
    if not (is_unique or clean_word(text)):
        return None
    is_a_guess = is_unique or any(char.isdigit() for char in text)
    try:
        voucher = find_voucher(asker=voucher_asker(request), text=text, counts=is_a_guess)
    except TooMany as refusal:
        return slow_down(request, refusal)
    except (VoucherMistyped, VoucherUnknown) as refusal:
        return screen(request, query=text, refusal=str(refusal)) if is_unique else None
    if joins_ring_up(voucher, now=timezone.now()):
        owner = survivor(voucher.redemption.member).public_id if voucher.redemption else None
        return SeeOther(at_home_with(voucher.code, member=owner))
    return SeeOther(reverse("till:voucher", args=[voucher.public_id]))


@till
@require_safe
def voucher(request: TillRequest, voucher_id: UUID) -> HttpResponse:
    """Show what a voucher is good for; one that each member has once asks for the member first."""
    found = _found(request, voucher_id)
    typed = request.GET.get("who", "").strip()
    try:
        if typed:
            return _look_for(request, found, typed)
        member = _member(request, found, request.GET.get("member"))
        if member is not None:
            look_ups.open_member(place=place_of(request), member=member)
    except TooMany as refusal:
        return slow_down(request, refusal)
    return _show(request, found, member)


@comes_back(to_voucher)
@till
@require_POST
def use_voucher(request: TillRequest, voucher_id: UUID) -> HttpResponse:
    """Hand over what a voucher is for, once, and lead to what was given."""
    found = _found(request, voucher_id)
    member = _member(request, found, request.POST.get("member"))
    form = KeyForm(request.POST)
    if not form.is_valid():
        return SeeOther(_at(found))
    wish = {"voucher": voucher_id, "member": member and member.public_id}
    try:
        act = partial(_use, request, found.pk, member.pk if member else None)
        answer = answer_once(keyed(request, form, "use_voucher", wish), act)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _show(request, _found(request, voucher_id), member)
    messages.success(request, _("The voucher is used."))
    return SeeOther(reverse("till:voucher_used", args=[voucher_id, answer.body["use"]]))


@till
@require_safe
def voucher_used(request: TillRequest, voucher_id: UUID, use: int) -> HttpResponse:
    """Show what was handed over for a voucher; whoever did it may undo it for a while.

    Only they, while they may, are shown for whom it was.
    """
    found = _found(request, voucher_id)
    made = _use_of(request, found, use)
    context: dict[str, Any] = {"used": used_panel(request.organization, found, made)}
    is_ours = was_used_in(request.register_session, made, now=timezone.now())
    if is_ours and not context["used"].is_taken_back:
        url = reverse("till:release_voucher", args=[voucher_id, use])
        context["undo"] = {"url": url, "key": new_key()}
    member = survivor(made.member) if is_ours and made.member else None
    if member is not None and member.is_open:
        context["member"] = member_panel(member, currency=request.organization.currency)
        context["again_url"] = at_home(member=member.public_id)
    return screen(request, **context)


@comes_back(to_use)
@till
@require_POST
def release_voucher(request: TillRequest, voucher_id: UUID, use: int) -> HttpResponse:
    """Let go of a use that was made by mistake, once: the voucher is good again."""
    made = _use_of(request, _found(request, voucher_id), use)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            act = partial(_release, request, made.pk)
            wish = {"voucher": voucher_id, "use": use}
            answer_once(keyed(request, form, "release_voucher", wish), act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
    return SeeOther(reverse("till:voucher_used", args=[voucher_id, use]))


# --- what the views do ------------------------------------------------------------------------


def _look_for(request: TillRequest, found: Voucher, typed: str) -> HttpResponse:
    """Lead on to the member who is to use the voucher, ask which, or say that it is nobody."""
    place = place_of(request)
    try:
        matches = look_ups.search(organization=request.organization, place=place, text=typed)
    except InvalidInput as refusal:
        return _show(request, found, None, who=typed, unknown=str(refusal))
    if not matches:
        return _show(request, found, None, who=typed, unknown=_("Nobody was found."))
    if len(matches) == 1:
        return SeeOther(_at(found, member=matches[0].public_id))
    return screen(request, choices=[_choice(found, one) for one in matches])


def _choice(found: Voucher, member: MaskedMember) -> dict[str, str]:
    return {
        "url": _at(found, member=member.public_id),
        "name": member.name,
        "phone": member.phone,
        "card": dotted(member.card),
    }


def _show(
    request: TillRequest,
    found: Voucher,
    member: Member | None,
    *,
    who: str = "",
    unknown: str = "",
) -> HttpResponse:
    panel = voucher_panel(request.organization, found, now=timezone.now(), member=member)
    use = {
        "url": reverse("till:use_voucher", args=[found.public_id]),
        "key": new_key(),
        "member": member.public_id if member else "",
    }
    ask = {"url": _at(found), "typed": who, "refusal": unknown}
    asks = panel.asks_member and panel.member is None and panel.state == Voucher.Status.ISSUED
    return screen(
        request,
        voucher=panel,
        use=use if panel.can_be_used else None,
        ask=ask if asks else None,
    )


def _member(request: TillRequest, found: Voucher, named: str | None) -> Member | None:
    """Return who uses a voucher that belongs to nobody; whose another is, its code says."""
    if found.redemption_id is not None:
        return None
    return member_named(request, named)


def _found(request: TillRequest, voucher_id: UUID) -> Voucher:
    return get_object_or_404(vouchers_of(request.organization), public_id=voucher_id)


def _use_of(request: TillRequest, found: Voucher, use: int) -> VoucherUse:
    return get_object_or_404(uses_of(found), pk=use, store=request.store)


def _at(found: Voucher, **asked: UUID) -> str:
    query = f"?{urlencode({name: str(value) for name, value in asked.items()})}" if asked else ""
    return f"{reverse('till:voucher', args=[found.public_id])}{query}"


def _use(request: TillRequest, voucher_id: int, member_id: int | None, request_key: str) -> Answer:
    use = till_rewards.use_here(
        voucher_id=voucher_id,
        member_id=member_id,
        place=place_of(request),
        request_key=request_key,
    )
    return Answer(HTTPStatus.OK, {"use": use.pk})


def _release(request: TillRequest, use_id: int, _request_key: str) -> Answer:
    freed = release_here(use_id=use_id, session_id=request.register_session.pk)
    return Answer(HTTPStatus.OK, {"voucher": freed.public_id})
