"""Households in the office: who shares points with whom, and what each may spend."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actors import Actor, staff_actor
from core.doors import OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, refuse
from core.models.people import Role
from loyalty.forms.joining import HouseholdForm, JoinForm, LeaveForm, MostForm
from loyalty.member_page import who_with_card
from loyalty.queries import balances_held_by
from loyalty.services.households import brought_along, join_household, leave_household
from loyalty.together_page import called, given_back_in_all, household_view, merged_rows
from loyalty.views.member import member_in
from loyalty.views.merging import CALLED, found_by
from members.models import HouseholdMember, Member
from members.queries import merges_into, place_in_household
from members.services.households import limit_spending, open_household, refuse_joining


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def member_together(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Show a member's household and who was merged into them; make a household."""
    found = member_in(request, member)
    form = HouseholdForm(request.POST or None, initial={"request_key": new_key()})
    if form.is_valid() and _opened(request, form, found):
        messages.success(request, _("The household was made. Add who belongs to it."))
        return _to_household(request, found)
    place = place_in_household(found)
    context = {
        "household": household_view(place, now=timezone.now()) if place else None,
        "merges": merged_rows(list(merges_into(found))),
        "form": form,
        "member": who_with_card(found, is_masked=False),
        "may_manage": True,
    }
    return render(request, "office/member_together.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def join_household_of(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Add somebody to the household of a member: show what they bring first."""
    found = member_in(request, member)
    place = _place(found)
    form = JoinForm(request.POST or None, initial={"request_key": new_key()})
    other = found_by(request, form) if form.is_valid() else None
    if other is not None and form.cleaned_data["other"] == other.public_id:
        if _joined(request, form, place, other):
            messages.success(request, _("They share the points of the household now."))
            return _to_household(request, found)
        other = None
    context: dict[str, Any] = {"form": form, "household": place.household.name}
    if other is not None and _may_join(form, other):
        brings = sum(held.balance.balance for held in balances_held_by(other))
        shown = who_with_card(other, is_masked=False)
        context |= {"other": shown, "brings": brings, "typed": form.cleaned_data}
    return _show(request, "office/household_join.html", found, **context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def limit_member(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Say how many points of their household a member may spend in a month."""
    found = member_in(request, member)
    place = _place(found)
    known = {"request_key": new_key(), "most": place.points_a_month_max}
    form = MostForm(request.POST or None, initial=known)
    if form.is_valid() and _limited(request, form, place):
        messages.success(request, _("What they may spend was changed."))
        return _to_household(request, found)
    return _show(request, "office/household_limit.html", found, form=form, called=called(found))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def leave_household_of(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Take a member out of their household: say what becomes of the points first."""
    found = member_in(request, member)
    place = _place(found)
    is_head = place.member_id == place.household.head_id
    form = (KeyForm if is_head else LeaveForm)(
        request.POST or None, initial={"request_key": new_key()}
    )
    if form.is_valid() and _left(request, form, place):
        messages.success(request, _("They are no longer in the household."))
        return _to_household(request, found)
    brought, left, gone = given_back_in_all(brought_along(place))
    told = {"brought": brought, "left": left, "gone": gone, "is_head": is_head}
    household = place.household.name
    return _show(
        request, "office/household_leave.html", found, form=form, household=household, **told
    )


# --- what the views do ------------------------------------------------------------------------


def _place(member: Member) -> HouseholdMember:
    place = place_in_household(member)
    if place is None:
        raise Http404
    return place


def _may_join(form: JoinForm, other: Member) -> bool:
    """Say whether somebody could join, or leave on the form why not."""
    try:
        refuse_joining(other)
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return False
    return True


def _opened(request: OfficeRequest, form: HouseholdForm, head: Member) -> Answer | None:
    name = form.cleaned_data["name"]

    def act(request_key: str) -> Answer:
        made = open_household(
            head_id=head.pk, name=name, actor=_actor(request), request_key=request_key
        )
        return Answer(HTTPStatus.CREATED, {"household": made.public_id})

    wish = {"head": head.public_id, "name": name}
    return answered_once(request, form, step="open_household", wish=wish, act=act)


def _joined(
    request: OfficeRequest, form: JoinForm, place: HouseholdMember, other: Member
) -> Answer | None:
    most = form.cleaned_data["most"]

    def act(request_key: str) -> Answer:
        join_household(
            household_id=place.household_id,
            member_id=other.pk,
            most=most,
            actor=_actor(request),
            request_key=request_key,
        )
        return Answer(HTTPStatus.CREATED, {})

    wish = {"household": place.household.public_id, "member": other.public_id, "most": most}
    return answered_once(request, form, step="join_household", wish=wish, act=act)


def _limited(request: OfficeRequest, form: MostForm, place: HouseholdMember) -> Answer | None:
    most = form.cleaned_data["most"]

    def act(_request_key: str) -> Answer:
        limit_spending(place_id=place.pk, most=most, actor=_actor(request))
        return Answer(HTTPStatus.OK, {})

    wish = {"member": place.member.public_id, "most": most}
    return answered_once(request, form, step="limit_member", wish=wish, act=act)


def _left(request: OfficeRequest, form: KeyForm, place: HouseholdMember) -> Answer | None:
    with_points = form.cleaned_data.get("points") == "back"

    def act(request_key: str) -> Answer:
        leave_household(
            place_id=place.pk,
            with_points=with_points,
            actor=_actor(request),
            request_key=request_key,
        )
        return Answer(HTTPStatus.OK, {})

    wish = {"member": place.member.public_id, "with_points": with_points}
    return answered_once(request, form, step="leave_household", wish=wish, act=act)


def _actor(request: OfficeRequest) -> Actor:
    return staff_actor(request.staff.pk)


def _show(request: OfficeRequest, template: str, member: Member, **context: Any) -> HttpResponse:
    return render(request, template, {"member": who_with_card(member, is_masked=False), **context})


def _to_household(request: OfficeRequest, member: Member) -> HttpResponse:
    return redirect("office:member_together", request.organization.slug, member.public_id)
