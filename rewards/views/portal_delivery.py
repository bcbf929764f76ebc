"""Where a reward goes that a member has: said in the portal, and said anew until it is packed."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actors import member_actor
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import refuse
from members.doors import PortalRequest, portal
from members.portal_forms import once_in_portal
from rewards.delivery_page import delivery_view
from rewards.fulfillment_forms import CALLED, WhereForm, where_again_form
from rewards.fulfillment_queries import fulfillments_with
from rewards.models import Fulfillment
from rewards.services.fulfillments import say_where


@portal
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: PortalRequest, redemption_id: UUID) -> HttpResponse:
    """Say where a reward goes, or say it anew while nobody has packed it."""
    mine = fulfillments_with(request.member)
    found = get_object_or_404(mine, redemption__public_id=redemption_id)
    slug = request.organization.slug
    shown = delivery_view(found, slug)
    if not shown.where_url:
        messages.info(request, _("Where it goes can no longer be changed."))
        return redirect("portal:voucher", slug, redemption_id)
    form = where_again_form(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _placed(request, found, form):
        messages.success(request, _("Thank you. We begin to pack."))
        return redirect("portal:voucher", slug, redemption_id)
    return render(request, "portal/where.html", {"form": form, "delivery": shown, "taken": found})


def _placed(request: PortalRequest, found: Fulfillment, form: WhereForm) -> bool:
    """Say where it goes, once; or leave on the form why not."""

    def act(_request_key: str) -> Answer:
        actor = member_actor(request.member.pk)
        placed = say_where(fulfillment_id=found.pk, where=form.where, actor=actor)
        return Answer(HTTPStatus.OK, {"fulfillment": placed.public_id})

    wish = {"fulfillment": found.public_id, **form.wish}
    try:
        once_in_portal(
            request, form.cleaned_data["request_key"], step="say_where", wish=wish, act=act
        )
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return False
    return True
