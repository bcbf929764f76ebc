"""Stamps of one member that the office gives or takes by hand."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.errors import Missing
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models.people import Role
from loyalty.member_page import who_with_card
from loyalty.services.stamp_reading import cards_held_by
from loyalty.services.stamps_by_hand import StampWish, move_stamps
from members.models import Member
from members.queries import get_member
from rewards.stamp_forms import StampsByHandForm
from rewards.stamp_strips import strips_of


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def member_stamps(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Show the stamp cards of a member, and give or take stamps with a reason."""
    found = _member(request, member)
    held = [card for card in cards_held_by(found, timezone.now()) if not card.is_resting]
    known = {card.public_id: card.card_id for card in held}
    form = StampsByHandForm(
        request.POST or None,
        cards=[(card.public_id, card.name) for card in held],
        initial={"request_key": new_key(), "stamps": 1},
    )
    if request.method == "POST" and form.is_valid() and _moved(request, form, found, known):
        messages.success(request, _("The stamps are on the card."))
        return redirect("office:member_stamps", request.organization.slug, found.public_id)
    context = {
        "member": who_with_card(found, is_masked=False),
        "strips": strips_of(found, request.organization),
        "form": form if held else None,
    }
    return render(request, "office/member_stamps.html", context)


def _moved(
    request: OfficeRequest, form: StampsByHandForm, member: Member, known: dict[str, int]
) -> Answer | None:
    typed = form.cleaned_data
    wish = StampWish(
        card_id=known[typed["card"]],
        member_id=member.pk,
        stamps=typed["stamps"],
        reason=typed["reason"],
    )
    sent = {name: typed[name] for name in ("card", "stamps", "reason")}
    act = partial(_move, request, wish)
    said = {"member": member.public_id, **sent}
    return answered_once(request, form, step="move_stamps", wish=said, act=act)


def _move(request: OfficeRequest, wish: StampWish, request_key: str) -> Answer:
    actor = staff_actor(request.staff.pk)
    moved = move_stamps(wish=wish, actor=actor, request_key=request_key)
    return Answer(HTTPStatus.CREATED, {"balance": moved.balance_after})


def _member(request: OfficeRequest, public_id: UUID) -> Member:
    try:
        return get_member(request.organization, public_id)
    except Missing:
        raise Http404 from None
