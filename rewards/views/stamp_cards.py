"""Stamp cards in the office: the list, one card, writing it, and switching it."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, new_key, once_in_office, refuse
from core.models.people import Role
from core.paging import page_of
from loyalty.errors import StampCardInvalid
from loyalty.models import StampCard
from loyalty.rule_page import program_chosen
from loyalty.services.stamp_card_editing import (
    CardWish,
    add_card,
    change_card,
    rules_of_card,
    set_card_status,
)
from loyalty.services.stamp_reading import card_figures, card_versions, cards_of
from rewards.services.card_figures import used_by_cards
from rewards.stamp_editor import SAVE, CardEditor
from rewards.stamp_forms import can_show
from rewards.stamp_page import (
    DONE,
    NOTHING,
    card_rows,
    example_strip,
    said_now,
    steps_of_card,
    version_rows,
)
from rewards.stamp_strips import wording_for


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def cards(request: OfficeRequest) -> HttpResponse:
    """List the stamp cards: what each asks for and gives, and how many members fill it."""
    page = page_of(cards_of(request.organization), request, by=("pk",))
    context = {
        "rows": card_rows(request.organization, page.rows, timezone.now()),
        "page": page,
        "may_manage": _may_manage(request),
    }
    return render(request, "office/program/stamp_cards.html", context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def card(request: OfficeRequest, card: UUID) -> HttpResponse:
    """Show one card as members see it, its figures, its rules, and everything it ever said."""
    found = _card(request, card)
    now = timezone.now()
    versions = card_versions([found])[found.pk]
    spec, say = said_now(versions, now), wording_for(request.organization, found.program_id)
    figures = card_figures([found], now).get(found.pk, NOTHING)
    rules = list(rules_of_card(found))
    waiting = sum(rule.status == rule.Status.DRAFT for rule in rules)
    may_manage = _may_manage(request)
    slug = request.organization.slug
    context = {
        "card": found,
        "strip": example_strip(found.name, spec, say),
        "versions": version_rows(versions, say, now),
        "figures": figures,
        "used": used_by_cards([found]).get(found.pk, 0),
        "rules": rules,
        "steps": steps_of_card(found, slug, figures, waiting) if may_manage else (),
        "may_edit": may_manage and found.status != StampCard.Status.ENDED,
        "request_key": new_key(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/program/stamp_card.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_card(request: OfficeRequest) -> HttpResponse:
    """Write a stamp card and the rule that gives its stamps, and keep both as drafts."""
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        messages.info(request, _("Stamp cards belong to a program, and there is none yet."))
        return redirect("office:stamp_cards", request.organization.slug)
    return _edit(request, CardEditor(request.organization, program, None, _sent(request)))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_card(request: OfficeRequest, card: UUID) -> HttpResponse:
    """Write what a card is to ask for and give from now, or from a later moment, on."""
    found = _card(request, card)
    if found.status == StampCard.Status.ENDED:
        return redirect("office:stamp_card", request.organization.slug, card)
    editor = CardEditor(request.organization, found.program, found, _sent(request))
    if editor.newest is not None and not can_show(editor.newest.spec):
        messages.info(
            request,
            _("This form cannot show all that the card gives; a program file can change it."),
        )
        return redirect("office:stamp_card", request.organization.slug, card)
    return _edit(request, editor)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def card_preview(request: OfficeRequest) -> HttpResponse:
    """Show the card that is being written as members would see it: a part of the page."""
    named = request.GET.get("card")
    found = _card(request, named) if named else None
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        raise Http404
    editor = CardEditor(
        request.organization, found.program if found else program, found, request.POST
    )
    return render(request, "office/program/stamp_card_preview.html", editor.preview())


@office(Role.OWNER, Role.MANAGER)
@require_POST
def set_state(request: OfficeRequest, card: UUID, state: str) -> HttpResponse:
    """Switch a card on, let it rest, or end it."""
    found = _card(request, card)
    if state not in DONE:
        raise Http404
    form = KeyForm(request.POST)
    if form.is_valid():
        status = StampCard.Status(state)
        wish = {"card": found.public_id, "state": state}
        key = form.cleaned_data["request_key"]
        act = partial(_become, request, found, status)
        try:
            once_in_office(request, key, step="set_stamp_card_state", wish=wish, act=act)
        except StampCardInvalid as refusal:
            messages.error(request, refusal.data["errors"][0]["message"])
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(DONE[status]))
    return redirect("office:stamp_card", request.organization.slug, found.public_id)


# --- what the views do ------------------------------------------------------------------------


def _edit(request: OfficeRequest, editor: CardEditor) -> HttpResponse:
    is_sent = editor.form.is_bound and request.POST.get("step") == SAVE
    if not is_sent or editor.form.errors:
        return _show(request, editor)
    saved = _saved(request, editor)
    if saved is None:
        return _show(request, editor)
    if editor.is_dated:
        done = _("The new version is saved. Cards that were begun before stay as they were.")
    else:
        done = _("The draft is saved. It takes no stamps until it is switched on.")
    messages.success(request, done)
    return redirect("office:stamp_card", request.organization.slug, saved)


def _saved(request: OfficeRequest, editor: CardEditor) -> str | None:
    """Save once what is wished, or leave on the form why not."""
    wish = editor.wish
    said = {"card": editor.card and editor.card.public_id, **asdict(wish)}
    said["program"] = editor.program.slug
    key = editor.form.cleaned_data["request_key"]
    try:
        act = partial(_save, request, editor, wish)
        answer = once_in_office(request, key, step="save_stamp_card", wish=said, act=act)
    except StampCardInvalid as refusal:
        editor.form.show_faults(refusal.data["errors"])
    except Refusal as refusal:
        refuse(editor.form, refusal)
    else:
        return str(answer.body["card"])
    return None


def _save(request: OfficeRequest, editor: CardEditor, wish: CardWish, _request_key: str) -> Answer:
    actor = staff_actor(request.staff.pk)
    if editor.card is None:
        saved = add_card(program_id=editor.program.pk, wish=wish, actor=actor)
    else:
        saved = change_card(card_id=editor.card.pk, wish=wish, actor=actor)
    return Answer(HTTPStatus.CREATED, {"card": saved.public_id})


def _become(
    request: OfficeRequest, found: StampCard, status: StampCard.Status, _request_key: str
) -> Answer:
    set_card_status(card_id=found.pk, status=status, actor=staff_actor(request.staff.pk))
    return Answer(HTTPStatus.OK, {})


def _show(request: OfficeRequest, editor: CardEditor) -> HttpResponse:
    context: dict[str, Any] = {
        "program": editor.program,
        "card": editor.card,
        "form": editor.form,
        "is_dated": editor.is_dated,
        **editor.preview(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/program/edit_stamp_card.html", context)


def _sent(request: OfficeRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING


def _card(request: OfficeRequest, named: UUID | str) -> StampCard:
    try:
        public_id = UUID(str(named))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(cards_of(request.organization), public_id=public_id)
