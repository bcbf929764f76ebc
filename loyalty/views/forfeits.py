"""Points that a member gives up, seen to by the office."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models.people import Role
from loyalty.forms.joining import ForfeitForm
from loyalty.member_page import who_with_card
from loyalty.queries import balances_held_by
from loyalty.services.forfeits import forfeit_points
from loyalty.views.member import member_in
from members.models import Member


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def forfeit_member(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Give up all points of a member, for a reason; say first how many those are."""
    found = member_in(request, member)
    form = ForfeitForm(request.POST or None, initial={"request_key": new_key()})
    if form.is_valid() and _given_up(request, form, found):
        messages.success(request, _("The points were given up."))
        return redirect("office:member", request.organization.slug, found.public_id)
    held = balances_held_by(found)
    context = {
        "member": who_with_card(found, is_masked=False),
        "form": form,
        "points": sum(one.balance.balance + one.balance.debt for one in held),
        "pending": sum(one.balance.pending for one in held),
    }
    return render(request, "office/member_forfeit.html", context)


def _given_up(request: OfficeRequest, form: ForfeitForm, member: Member) -> Answer | None:
    reason = form.cleaned_data["reason"]

    def act(request_key: str) -> Answer:
        entries = forfeit_points(
            member_id=member.pk,
            reason=reason,
            actor=staff_actor(request.staff.pk),
            request_key=request_key,
        )
        return Answer(HTTPStatus.CREATED, {"points": -sum(entry.points for entry in entries)})

    wish = {"member": member.public_id, "reason": reason}
    return answered_once(request, form, step="forfeit", wish=wish, act=act)
