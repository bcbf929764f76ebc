"""How the office settles a purchase, so that the points that wait for it can be spent."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once
from core.models.people import Role
from core.templatetags.formats import number
from loyalty.models import Purchase
from loyalty.queries import purchases_of
from loyalty.services.settling import settle_purchase


@office(Role.OWNER, Role.MANAGER)
@require_POST
def settle(request: OfficeRequest, purchase: UUID) -> HttpResponse:
    """Settle a purchase, once."""
    found = get_object_or_404(purchases_of(request.organization), public_id=purchase)
    form = KeyForm(request.POST)
    answer = _settled(request, form, found) if form.is_valid() else None
    if answer is not None:
        points: int = answer.body["points"]
        said = ngettext(
            "Settled. %(points)s point can be spent now.",
            "Settled. %(points)s points can be spent now.",
            points,
        )
        messages.success(request, said % {"points": number(points)})
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("office:purchase", request.organization.slug, found.public_id)


def _settled(request: OfficeRequest, form: KeyForm, purchase: Purchase) -> Answer | None:
    def act(_request_key: str) -> Answer:
        actor = staff_actor(request.staff.pk)
        settled = settle_purchase(purchase_id=purchase.pk, actor=actor)
        return Answer(HTTPStatus.OK, {"points": settled.points})

    wish = {"purchase": purchase.public_id}
    return answered_once(request, form, step="settle_purchase", wish=wish, act=act)
