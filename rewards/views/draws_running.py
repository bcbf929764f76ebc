"""Running a draw in the office: opening, closing, drawing, passing prizes on, tickets by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.actors import Actor, staff_actor
from core.doors import OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once
from core.models.people import Role
from core.templatetags.formats import number
from members.models import Member
from members.queries import named_member
from rewards.draw_forms import HandForm, PublicTextForm, ReasonForm
from rewards.draw_steps import DONE
from rewards.models import Draw
from rewards.services.draw_canceling import cancel_draw
from rewards.services.draw_closing import close_draw
from rewards.services.draw_reading import draws_of, results_of
from rewards.services.draw_settings import open_draw
from rewards.services.draw_winning import draw_winners, pass_on
from rewards.services.draws import HandWish, enter_by_hand
from rewards.views.draws import shown

FORMS: Mapping[str, type[KeyForm]] = {
    "open": KeyForm,
    "close": KeyForm,
    "draw": PublicTextForm,
    "cancel": ReasonForm,
}


@office(Role.OWNER, Role.MANAGER)
@require_POST
def step(request: OfficeRequest, draw: UUID, to: str) -> HttpResponse:
    """Open a draw, close it, draw its winners or cancel it: once."""
    found = _draw(request, draw)
    if to not in FORMS:
        raise Http404
    form = FORMS[to](request.POST)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in form.fields if name != "request_key"}
        wish = {"draw": draw, "to": to, **said}
        act = partial(_take, to, found.pk, said, staff_actor(request.staff.pk))
        if answered_once(request, form, step="draw_step", wish=wish, act=act):
            messages.success(request, str(DONE[to]))
    _tell_errors(request, form)
    return redirect("office:draw", request.organization.slug, found.public_id)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def pass_on_prize(request: OfficeRequest, draw: UUID, rank: int) -> HttpResponse:
    """Give a prize that nobody claims to the next alternate."""
    found = _draw(request, draw)
    result = get_object_or_404(results_of(found), rank=rank)
    form = ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        wish = {"draw": draw, "rank": rank, "reason": reason}
        act = partial(_pass_on, result.pk, reason, staff_actor(request.staff.pk))
        if answered_once(request, form, step="pass_on_prize", wish=wish, act=act):
            messages.success(request, _("The prize was passed on. The next alternate has it now."))
    _tell_errors(request, form)
    return redirect("office:draw", request.organization.slug, found.public_id)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def tickets_by_hand(request: OfficeRequest, draw: UUID) -> HttpResponse:
    """Give a member tickets without a purchase or points."""
    found = _draw(request, draw)
    form = HandForm(request.POST)
    if form.is_valid() and _entered(request, found, form):
        tickets = form.cleaned_data["tickets"]
        done = ngettext("%(n)s ticket was given.", "%(n)s tickets were given.", tickets)
        messages.success(request, done % {"n": number(tickets)})
        return redirect("office:draw", request.organization.slug, found.public_id)
    return render(request, "office/draws/draw.html", shown(request, found, form))


# --- what the views do ------------------------------------------------------------------------


def _take(to: str, draw_id: int, said: Mapping[str, str], actor: Actor, key: str) -> Answer:
    """Take the step; what it needs to know was typed."""
    steps: dict[str, Callable[[], Draw]] = {
        "open": lambda: open_draw(draw_id=draw_id, actor=actor),
        "close": lambda: close_draw(draw_id=draw_id, actor=actor),
        "cancel": lambda: cancel_draw(draw_id=draw_id, reason=said["reason"], actor=actor),
        "draw": lambda: draw_winners(
            draw_id=draw_id, public_text=said["public_text"], actor=actor, request_key=key
        ),
    }
    return Answer(HTTPStatus.OK, {"status": steps[to]().status})


def _pass_on(result_id: int, reason: str, actor: Actor, request_key: str) -> Answer:
    heir = pass_on(result_id=result_id, reason=reason, actor=actor, request_key=request_key)
    return Answer(HTTPStatus.OK, {"rank": heir.rank})


def _entered(request: OfficeRequest, found: Draw, form: HandForm) -> bool:
    typed = form.cleaned_data
    member = _named(request, typed["member"])
    if member is None:
        form.add_error("member", _("Nobody was found."))
        return False
    wish = HandWish(found.pk, member.pk, typed["tickets"], typed["reason"])
    act = partial(_enter, wish, staff_actor(request.staff.pk))
    said = {"draw": found.public_id, **typed}
    said.pop("request_key")
    return bool(answered_once(request, form, step="draw_tickets", wish=said, act=act))


def _named(request: OfficeRequest, text: str) -> Member | None:
    try:
        return named_member(request.organization, text)
    except Refusal:
        return None


def _enter(wish: HandWish, actor: Actor, request_key: str) -> Answer:
    ticket = enter_by_hand(wish=wish, actor=actor, request_key=request_key)
    return Answer(HTTPStatus.CREATED, {"first": ticket.first, "last": ticket.last})


def _tell_errors(request: OfficeRequest, form: KeyForm) -> None:
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))


def _draw(request: OfficeRequest, public_id: UUID) -> Draw:
    return get_object_or_404(draws_of(request.organization), public_id=public_id)
