"""Tiers in the office: the ladder with who stands where, writing it, and one member's tier."""

from __future__ import annotations

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
from core.errors import Missing, Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, once_in_office, refuse
from core.models.people import Role
from loyalty.errors import LadderInvalid
from loyalty.member_page import who_with_card
from loyalty.models import Program
from loyalty.rule_page import program_chosen
from loyalty.services.ladder import LadderWish, change_ladder
from loyalty.services.tier_crowds import crowds
from loyalty.services.tier_grants import TierGift, end_tier, give_tier
from loyalty.services.tier_reading import (
    accounts_with_tiers,
    current_ladder,
    grants_in,
    steps_of,
)
from loyalty.tiers.spec import dump_ladder
from loyalty.tiers.words import ladder_words
from members.models import Member
from members.queries import get_member
from rewards.stamp_strips import wording_for
from rewards.tier_editor import SAVE, LadderEditor
from rewards.tier_forms import EndTierForm, GiveTierForm, can_show
from rewards.tier_page import (
    HISTORY_SHOWN,
    given_rows,
    step_rows,
    tier_box,
    tier_cards,
    version_rows,
)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def tiers(request: OfficeRequest) -> HttpResponse:
    """Show the ladder as cards, how many stand on each, and everything it ever said."""
    program = _program(request)
    now = timezone.now()
    ladder = current_ladder(program, now) if program else None
    context: dict[str, Any] = {
        "program": program,
        "may_manage": request.staff.role in MANAGING,
        "versions": version_rows(program, now) if program else (),
        "request_key": new_key(),
    }
    if program is not None and ladder is not None:
        standing = crowds(program.pk, ladder, now)
        say = wording_for(request.organization, program.pk)
        context["cards"] = tier_cards(ladder, say, crowds=standing)
        context["below"] = standing[""]
        context["words"] = ladder_words(ladder)
    with timezone.override(request.organization.zone):
        return render(request, "office/program/tiers.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_tiers(request: OfficeRequest) -> HttpResponse:
    """Write what the tiers are to be from now, or from a later moment, on."""
    program = _program(request)
    if program is None:
        messages.info(request, _("Tiers belong to a program, and there is none yet."))
        return redirect("office:tiers", request.organization.slug)
    sent = request.POST if request.method == "POST" else None
    editor = LadderEditor(request.organization, program, sent)
    if editor.newest is not None and not can_show(editor.newest.spec):
        messages.info(
            request,
            _("This form cannot show all that a tier gives; a program file can change it."),
        )
        return redirect("office:tiers", request.organization.slug)
    if sent is None or sent.get("step") != SAVE or editor.form.errors:
        return _show(request, editor)
    if not _saved(request, editor):
        return _show(request, editor)
    messages.success(request, _("The tiers are saved. Whoever qualifies is lifted within minutes."))
    return redirect("office:tiers", request.organization.slug)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def tiers_preview(request: OfficeRequest) -> HttpResponse:
    """Show what is being written in words, and what it would do: a part of the page."""
    program = _program(request)
    if program is None:
        raise Http404
    editor = LadderEditor(request.organization, program, request.POST)
    return render(request, "office/program/tiers_preview.html", editor.preview())


@office(Role.OWNER, Role.MANAGER)
@require_POST
def put_tiers_away(request: OfficeRequest) -> HttpResponse:
    """Let a program have no tiers from now on; what members earned is kept for another time."""
    program = _program(request)
    ladder = current_ladder(program) if program else None
    form = KeyForm(request.POST)
    if program is not None and ladder is not None and form.is_valid():
        empty = dump_ladder(ladder.model_copy(update={"tiers": ()}))
        wish = LadderWish(spec=empty, seen=version_rows(program, timezone.now())[0].number)
        act = partial(_change, request, program, wish)
        key = form.cleaned_data["request_key"]
        said = {"program": program.slug, "seen": wish.seen}
        try:
            once_in_office(request, key, step="put_tiers_away", wish=said, act=act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("There are no tiers from now on."))
    return redirect("office:tiers", request.organization.slug)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def member_tier(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Show a member's tier, how they came to it, and give them one with a reason."""
    found = _member(request, member)
    program = _program(request)
    ladder = current_ladder(program) if program else None
    today = timezone.localdate(timezone=request.organization.zone)
    form = GiveTierForm(
        request.POST or None,
        tiers=[(one.code, one.name) for one in ladder.tiers] if ladder else (),
        today=today,
        initial={"request_key": new_key()},
    )
    is_sent = request.method == "POST" and program is not None and form.is_valid()
    if is_sent and program is not None and _given(request, form, found, program):
        messages.success(request, _("The tier is given."))
        return redirect("office:member_tier", request.organization.slug, found.public_id)
    accounts = accounts_with_tiers(found)
    now = timezone.now()
    context = {
        "member": who_with_card(found, is_masked=False),
        "box": tier_box(found, for_cashier=True),
        "steps": step_rows(request.organization, steps_of(accounts)[:HISTORY_SHOWN]),
        "given": given_rows(grants_in(accounts, now), ladder) if ladder else (),
        "form": form if ladder else None,
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/member_tier.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def end_member_tier(request: OfficeRequest, member: UUID, given: int) -> HttpResponse:
    """End a tier that a member was given, with a reason."""
    found = _member(request, member)
    grant = get_object_or_404(grants_in(accounts_with_tiers(found), timezone.now()), pk=given)
    form = EndTierForm(request.POST or None, initial={"request_key": new_key()})
    if request.method == "POST" and form.is_valid():
        said = {"given": given, "reason": form.cleaned_data["reason"]}
        act = partial(_end, request, grant.pk, form.cleaned_data["reason"])
        if answered_once(request, form, step="end_tier", wish=said, act=act):
            messages.success(request, _("The tier has ended."))
            return redirect("office:member_tier", request.organization.slug, found.public_id)
    ladder = current_ladder(grant.account.program)
    tier = ladder.tier(grant.tier) if ladder else None
    context = {
        "member": who_with_card(found, is_masked=False),
        "tier": tier.name if tier else grant.tier,
        "form": form,
    }
    return render(request, "office/member_tier_end.html", context)


# --- what the views do ------------------------------------------------------------------------


def _show(request: OfficeRequest, editor: LadderEditor) -> HttpResponse:
    context = {
        "program": editor.program,
        "form": editor.form,
        "is_new": editor.newest is None,
        **editor.preview(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/program/edit_tiers.html", context)


def _saved(request: OfficeRequest, editor: LadderEditor) -> bool:
    """Save once what is wished, or leave on the form why not."""
    wish = editor.wish
    said = {"program": editor.program.slug, "spec": wish.spec, "seen": wish.seen}
    said["counts_from"] = wish.counts_from.isoformat() if wish.counts_from else None
    act = partial(_change, request, editor.program, wish)
    key = editor.form.cleaned_data["request_key"]
    try:
        once_in_office(request, key, step="save_tiers", wish=said, act=act)
    except LadderInvalid as refusal:
        editor.form.show_faults(refusal.data["errors"])
    except Refusal as refusal:
        refuse(editor.form, refusal)
    else:
        return True
    return False


def _change(
    request: OfficeRequest, program: Program, wish: LadderWish, _request_key: str
) -> Answer:
    actor = staff_actor(request.staff.pk)
    version = change_ladder(program_id=program.pk, wish=wish, actor=actor)
    return Answer(HTTPStatus.CREATED, {"number": version.number})


def _given(
    request: OfficeRequest, form: GiveTierForm, member: Member, program: Program
) -> Answer | None:
    typed = form.cleaned_data
    gift = TierGift(
        program_id=program.pk,
        member_id=member.pk,
        tier=typed["tier"],
        until=form.ends_at(request.organization.zone),
        reason=typed["reason"],
    )
    said = {"member": member.public_id, "tier": gift.tier, "reason": gift.reason}
    said["until"] = typed["until"].isoformat() if typed["until"] else None
    act = partial(_give, request, gift)
    return answered_once(request, form, step="give_tier", wish=said, act=act)


def _give(request: OfficeRequest, gift: TierGift, request_key: str) -> Answer:
    actor = staff_actor(request.staff.pk)
    grant = give_tier(gift=gift, actor=actor, request_key=request_key)
    return Answer(HTTPStatus.CREATED, {"grant": grant.pk})


def _end(request: OfficeRequest, grant_id: int, reason: str, _request_key: str) -> Answer:
    end_tier(grant_id=grant_id, reason=reason, actor=staff_actor(request.staff.pk))
    return Answer(HTTPStatus.OK, {})


def _program(request: OfficeRequest) -> Program | None:
    return program_chosen(request.organization, request.GET.get("program"))


def _member(request: OfficeRequest, public_id: UUID) -> Member:
    try:
        return get_member(request.organization, public_id)
    except Missing:
        raise Http404 from None
