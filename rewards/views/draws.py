"""Prize draws in the office: the list, one of them, and writing it."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models.people import Role
from core.paging import page_of
from loyalty.models import Program
from loyalty.queries import programs_of
from members.queries import groups_of
from rewards.draw_forms import DrawForm, HandForm, PublicTextForm, ReasonForm, new_form_of
from rewards.draw_page import day_bars, draw_rows, odds, prize_rows, result_rows
from rewards.draw_steps import steps_of_draw
from rewards.drawing.document import DrawPart
from rewards.models import Draw
from rewards.queries import rewards_of, rewards_to_give
from rewards.services.draw_reading import (
    Standing,
    document_of,
    draws_of,
    missed_by_reason,
    prize_rewards,
    results_of,
    standings,
    tickets_by_day,
)
from rewards.services.draw_settings import save_draw

CODE_STEM_MAX = 40


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def draws(request: OfficeRequest) -> HttpResponse:
    """List the draws, newest first, with how many tickets are in each."""
    page = page_of(draws_of(request.organization), request, by=("-pk",))
    context = {
        "rows": draw_rows(page.rows),
        "page": page,
        "may_manage": _may_manage(request),
    }
    return render(request, "office/draws/list.html", context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def draw(request: OfficeRequest, draw: UUID) -> HttpResponse:
    """Show one draw: its prizes, its tickets over time, and who won."""
    found = _draw(request, draw)
    return render(request, "office/draws/draw.html", shown(request, found))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_draw(request: OfficeRequest) -> HttpResponse:
    """Write a draw; it is a draft until somebody opens it."""
    programs = programs_of(request.organization)
    first = programs.first()
    if first is None:
        messages.info(request, _("Draws belong to a program, and there is none yet."))
        return redirect("office:draws", request.organization.slug)
    options = _options(request, first) | {"programs": programs}
    if request.method != "POST":
        blank = {"request_key": new_key(), "program": first.public_id}
        return _form(request, DrawForm(initial=blank, **options))
    form = DrawForm(request.POST, **options)
    answer = _saved(request, form, None) if form.is_valid() else None
    if answer is None:
        return _form(request, form)
    messages.success(request, _("The draw was added as a draft. Look at it, then open it."))
    return redirect("office:draw", request.organization.slug, answer.body["draw"])


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_draw(request: OfficeRequest, draw: UUID) -> HttpResponse:
    """Change a draft; an opened draw promises what it promises."""
    found = _draw(request, draw)
    if found.status != Draw.Status.DRAFT:
        messages.info(request, _("This draw was opened. What it promises stays."))
        return redirect("office:draw", request.organization.slug, found.public_id)
    options = _options(request, found.program) | {"prizes": found.prizes}
    if request.method != "POST":
        known = new_form_of(found) | {"request_key": new_key()}
        return _form(request, DrawForm(initial=known, **options), found)
    form = DrawForm(request.POST, **options)
    if not form.is_valid() or _saved(request, form, found) is None:
        return _form(request, form, found)
    messages.success(request, _("The draw was changed."))
    return redirect("office:draw", request.organization.slug, found.public_id)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def draw_document(request: OfficeRequest, draw: UUID) -> HttpResponse:
    """Download the document with which everybody can check the draw."""
    found = _draw(request, draw)
    answer = JsonResponse(document_of(found), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="draw-{found.code}.json"'
    return answer


def shown(request: OfficeRequest, found: Draw, hand: HandForm | None = None) -> dict[str, Any]:
    """Return what the page of a draw shows; ``hand`` is a form that was sent and is not done."""
    manages, slug = _may_manage(request), request.organization.slug
    standing = standings([found]).get(found.pk, Standing())
    return {
        "draw": found,
        "prizes": prize_rows(found, prize_rewards([found])),
        "standing": standing,
        "odds": odds(found, standing),
        "days": day_bars(tickets_by_day(found, request.organization)),
        "missed": missed_by_reason(found),
        "steps": steps_of_draw(found, slug, standing) if manages else (),
        "text_form": PublicTextForm(auto_id="draw-%s"),
        "reason_form": ReasonForm(auto_id="cancel-%s"),
        "hand_form": hand or HandForm(initial={"request_key": new_key()}),
        "results": result_rows(
            found, list(results_of(found)), slug=slug, sees_names=manages, may_manage=manages
        ),
        "may_manage": manages,
        "may_edit": manages and found.status == Draw.Status.DRAFT,
        "takes_tickets": manages and found.status == Draw.Status.OPEN,
        "is_published": found.status in (Draw.Status.CLOSED, Draw.Status.DRAWN),
        "request_key": new_key(),
    }


# --- what the views do ------------------------------------------------------------------------


def _options(request: OfficeRequest, program: Program) -> dict[str, Any]:
    rewards = rewards_to_give(program).values_list("code", "name")
    groups = groups_of(request.organization).values_list("code", "name")
    return {"rewards": list(rewards), "groups": list(groups)}


def _saved(request: OfficeRequest, form: DrawForm, known: Draw | None) -> Answer | None:
    """Save what was typed, once; or leave on the form why not."""
    program = known.program if known else form.cleaned_data["program"]
    part = form.part.model_copy(update={"code": known.code if known else _code(request, form.part)})
    wish = form.part.model_dump(mode="json") | {
        "program": program.pk,
        "draw": known.pk if known else None,
    }
    act = partial(_save, request, program.pk, part, known)
    return answered_once(request, form, step="save_draw", wish=wish, act=act)


def _save(
    request: OfficeRequest, program_id: int, part: DrawPart, known: Draw | None, _key: str
) -> Answer:
    saved = save_draw(
        program_id=program_id,
        part=part,
        actor=staff_actor(request.staff.pk),
        draw_id=known.pk if known else None,
    )
    return Answer(HTTPStatus.OK, {"draw": saved.public_id})


def _code(request: OfficeRequest, part: DrawPart) -> str:
    """Return a code that tells of the name and is no other draw's."""
    stem = slugify(part.name)[:CODE_STEM_MAX].strip("-_") or "draw"
    taken = set(draws_of(request.organization).values_list("code", flat=True))
    tried = (stem if serial == 1 else f"{stem}-{serial}" for serial in count(1))
    return next(code for code in tried if code not in taken)


def _form(request: OfficeRequest, form: DrawForm, known: Draw | None = None) -> HttpResponse:
    has_rewards = rewards_of(request.organization).exists()
    context = {"form": form, "draw": known, "has_rewards": has_rewards}
    return render(request, "office/draws/form.html", context)


def _draw(request: OfficeRequest, public_id: UUID) -> Draw:
    return get_object_or_404(draws_of(request.organization), public_id=public_id)


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING
