"""Fulfillment in the office: what is to be packed, put aside and sent, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, once_in_office, refuse
from core.models import Store
from core.models.people import Role
from core.paging import page_of
from core.queries import stores_of
from core.templatetags.formats import number
from rewards.fulfillment_forms import (
    CALLED,
    LookForm,
    MoveForm,
    SentForm,
    WhereForm,
    where_again_form,
)
from rewards.fulfillment_page import BULK, NOTHING, rows_of, tabs, view_of
from rewards.fulfillment_queries import counts_by_status, fulfillments_seen_by, sought
from rewards.models import Fulfillment, Reward
from rewards.queries import rewards_of
from rewards.services.fulfillments import ROWS_MAX, advance, correct_parcel, say_where, step_back
from rewards.voucher_codes import grouped

Status = Fulfillment.Status
STEPPED = {
    Status.READY: gettext_lazy("It is ready. You can take this back below."),
    Status.DONE: gettext_lazy("It is done. You can take this back below, for a day."),
    "back": gettext_lazy("The step was taken back."),
    "parcel": gettext_lazy("Carrier and number were corrected."),
}


@office(Role.OWNER, Role.MANAGER)
@require_safe
def fulfillment(request: OfficeRequest) -> HttpResponse:
    """List what is picked up or sent, in one state, oldest first."""
    every = fulfillments_seen_by(request.staff)
    look = _look(request)
    counts = counts_by_status(sought(every, look.sought_in_any_state))
    status = Status(look.sought.status)
    page = page_of(sought(every, look.sought), request, by=("pk",))
    context = {
        "rows": rows_of(page.rows),
        "page": page,
        "tabs": tabs(counts, status, look.told),
        "look": look,
        "address": request.GET.urlencode(),
        "is_empty": not any(counts.values()) and not look.is_narrow,
        "nothing": NOTHING[status],
        "bulk": BULK.get(status),
        "key": new_key(),
    }
    return render(request, "office/fulfillment/list.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def move(request: OfficeRequest) -> HttpResponse:
    """Move the ticked ones on, each answered for itself, and lead back to the list."""
    found, form = picked(request), MoveForm(request.POST)
    if not found:
        messages.warning(request, _("Tick the rows first."))
    elif form.is_valid():
        to = Status(form.cleaned_data["to"])
        wish = {"to": to, "rows": [one.public_id for one in found]}
        act = partial(_advance, request, found, to)
        answer = answered_once(request, form, step="move_fulfillments", wish=wish, act=act)
        if answer is not None:
            _tell(request, answer.body)
    for errors in form.errors.values() if form.is_bound else ():
        messages.error(request, " ".join(map(str, errors)))
    return redirect(back_to_list(request))


@office(Role.OWNER, Role.MANAGER)
@require_safe
def one(request: OfficeRequest, fulfillment: UUID) -> HttpResponse:
    """Show where one of them goes, how far it is, and what comes next."""
    return _shown(request, _found(request, fulfillment))


@office(Role.OWNER, Role.MANAGER)
@require_POST
def step(request: OfficeRequest, fulfillment: UUID, to: str) -> HttpResponse:
    """Move one of them on or a step back, or correct who brings it; each once per form."""
    found = _found(request, fulfillment)
    if to not in STEPPED:
        raise Http404
    form = _step_form(found, to, request.POST)
    if not form.is_valid():
        return _shown(request, found, form)
    wish = {"fulfillment": fulfillment, **_typed(form)}
    act = partial(_act, request, found, to, form)
    if answered_once(request, form, step=f"fulfillment_{to}", wish=wish, act=act) is None:
        return _shown(request, _found(request, fulfillment), form)
    messages.success(request, str(STEPPED[to]))
    return redirect("office:one_fulfillment", request.organization.slug, fulfillment)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: OfficeRequest, fulfillment: UUID) -> HttpResponse:
    """Say for the member where one of them goes."""
    found = _found(request, fulfillment)
    form = where_again_form(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _placed(request, found, form):
        messages.success(request, _("It was noted where it goes."))
        return redirect("office:one_fulfillment", request.organization.slug, fulfillment)
    context = {"one": view_of(found), "form": form}
    return render(request, "office/fulfillment/where.html", context)


# --- what the views do ------------------------------------------------------------------------


def picked(request: OfficeRequest) -> list[Fulfillment]:
    """Return the ticked ones, oldest first; one that nobody here may see does not exist."""
    try:
        wanted = {UUID(each) for each in request.POST.getlist("pick")[: ROWS_MAX + 1]}
    except ValueError:
        raise Http404 from None
    found = list(fulfillments_seen_by(request.staff).filter(public_id__in=wanted))
    if len(found) != len(wanted):
        raise Http404
    return found


def back_to_list(request: OfficeRequest) -> str:
    """Return the address of the list as it was looked through."""
    asked = QueryDict(request.POST.get("back", ""), mutable=True)
    asked.pop("after", None)
    url = reverse("office:fulfillment", args=[request.organization.slug])
    return f"{url}?{asked.urlencode()}" if asked else url


def _look(request: OfficeRequest) -> LookForm:
    delivered = rewards_of(request.organization).exclude(delivery="")
    named = [
        (str(public_id), name) for public_id, name in delivered.values_list("public_id", "name")
    ]
    stores = _stores(request).values_list("code", "name")
    return LookForm(request.GET, stores=list(stores), rewards=named)


def _stores(request: OfficeRequest) -> QuerySet[Store]:
    """Return the stores that somebody has to do with."""
    tied_to = request.staff.stores.all()
    return tied_to or stores_of(request.organization)


def _found(request: OfficeRequest, public_id: UUID) -> Fulfillment:
    return get_object_or_404(fulfillments_seen_by(request.staff), public_id=public_id)


def _shown(
    request: OfficeRequest, found: Fulfillment, tried: KeyForm | None = None
) -> HttpResponse:
    view = view_of(found)
    form = tried or _step_form(found, view.step.to if view.step else "")
    return render(request, "office/fulfillment/one.html", {"one": view, "form": form})


def _step_form(found: Fulfillment, to: str, sent: QueryDict | None = None) -> KeyForm:
    """Return the form of a step; what is sent has a carrier and a number."""
    first = {"request_key": new_key()}
    asks = to == "parcel" or (to == Status.DONE and found.method == Reward.Delivery.SHIPPING)
    if not asks:
        return KeyForm(sent, initial=first)
    known = {"carrier": found.carrier, "tracking": found.tracking}
    return SentForm(sent, initial=first | known)


def _typed(form: KeyForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "request_key"}


def _act(
    request: OfficeRequest, found: Fulfillment, to: str, form: KeyForm, request_key: str
) -> Answer:
    actor = staff_actor(request.staff.pk)
    parcel = form.parcel if isinstance(form, SentForm) else None
    if to == "back":
        step_back(fulfillment_id=found.pk, actor=actor)
    elif to == "parcel":
        assert parcel is not None, "the form of a parcel says who brings it"
        correct_parcel(fulfillment_id=found.pk, parcel=parcel, actor=actor)
    else:
        [taken] = advance(
            fulfillment_ids=[found.pk],
            to=Status(to),
            actor=actor,
            request_key=request_key,
            parcels={found.pk: parcel} if parcel else {},
        )
        if taken.refusal is not None:
            raise taken.refusal
    return Answer(HTTPStatus.OK, {"fulfillment": found.public_id})


def _advance(
    request: OfficeRequest, found: Sequence[Fulfillment], to: Fulfillment.Status, request_key: str
) -> Answer:
    """Move them on, and answer row by row: by its code, whether it moved, and why not."""
    named = {each.pk: each for each in found}
    steps = advance(
        fulfillment_ids=[each.pk for each in found],
        to=to,
        actor=staff_actor(request.staff.pk),
        request_key=request_key,
    )
    rows = [
        {
            "name": _name(named[taken.fulfillment.pk]),
            "is_moved": taken.is_moved,
            "refusal": str(taken.refusal or ""),
        }
        for taken in steps
    ]
    return Answer(HTTPStatus.OK, {"rows": rows})


def _name(found: Fulfillment) -> str:
    return f"{found.redemption.name}, {grouped(found.redemption.voucher.code)}"


def _tell(request: OfficeRequest, told: dict[str, Any]) -> None:
    """Say how many were moved, and of each of the others why not."""
    rows = told["rows"]
    moved = sum(row["is_moved"] for row in rows)
    same = sum(not row["is_moved"] and not row["refusal"] for row in rows)
    if moved:
        words = ngettext(
            "%(count)s was moved on. Open it to take that back.",
            "%(count)s were moved on. Open one to take that back.",
            moved,
        )
        messages.success(request, words % {"count": number(moved)})
    if same:
        words = ngettext("%(count)s was there already.", "%(count)s were there already.", same)
        messages.info(request, words % {"count": number(same)})
    for row in rows:
        if row["refusal"]:
            messages.error(request, f"{row['name']}: {row['refusal']}")


def _placed(request: OfficeRequest, found: Fulfillment, form: WhereForm) -> bool:
    """Say where it goes, once; or leave on the form why not."""

    def act(_request_key: str) -> Answer:
        actor = staff_actor(request.staff.pk)
        placed = say_where(fulfillment_id=found.pk, where=form.where, actor=actor)
        return Answer(HTTPStatus.OK, {"fulfillment": placed.public_id})

    wish = {"fulfillment": found.public_id, **form.wish}
    try:
        once_in_office(
            request, form.cleaned_data["request_key"], step="say_where", wish=wish, act=act
        )
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return False
    return True
