"""Benefits in the office: the list, one benefit, writing it, and switching it."""

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
from loyalty.rule_page import program_chosen
from rewards.benefit_editor import SAVE, BenefitEditor
from rewards.benefit_page import DONE, LATELY, benefit_rows, steps_of_benefit, version_rows
from rewards.discount_errors import BenefitInvalid
from rewards.discounts.describe import describe
from rewards.models import Benefit
from rewards.services.benefit_editing import (
    BenefitWish,
    add_benefit,
    change_benefit,
    set_benefit_status,
)
from rewards.services.benefit_reading import (
    NOTHING,
    benefit_versions,
    benefits_of,
    said_now,
    taken_off_by,
)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def benefits(request: OfficeRequest) -> HttpResponse:
    """List the benefits: what each takes off, and what it took off lately."""
    page = page_of(benefits_of(request.organization), request, by=("pk",))
    context = {
        "rows": benefit_rows(request.organization, page.rows, timezone.now()),
        "page": page,
        "currency": request.organization.currency,
        "may_manage": _may_manage(request),
    }
    return render(request, "office/benefits/list.html", context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def benefit(request: OfficeRequest, benefit: UUID) -> HttpResponse:
    """Show one benefit in words, what it took off, and everything it ever said."""
    found = _benefit(request, benefit)
    now, currency = timezone.now(), request.organization.currency
    versions = benefit_versions([found])[found.pk]
    may_manage = _may_manage(request)
    context = {
        "benefit": found,
        "sentence": describe(said_now(versions, now), currency),
        "versions": version_rows(versions, currency, now),
        "taken": taken_off_by([found], since=now - LATELY).get(found.pk, NOTHING),
        "currency": currency,
        "steps": steps_of_benefit(found, request.organization.slug) if may_manage else (),
        "may_edit": may_manage and found.status != Benefit.Status.ENDED,
        "request_key": new_key(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/benefits/benefit.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_benefit(request: OfficeRequest) -> HttpResponse:
    """Write a benefit and keep it as a draft."""
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        messages.info(request, _("Benefits belong to a program, and there is none yet."))
        return redirect("office:benefits", request.organization.slug)
    return _edit(request, BenefitEditor(request.organization, program, None, _sent(request)))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_benefit(request: OfficeRequest, benefit: UUID) -> HttpResponse:
    """Write what a benefit is to say from now, or from a later moment, on."""
    found = _benefit(request, benefit)
    if found.status == Benefit.Status.ENDED:
        return redirect("office:benefit", request.organization.slug, benefit)
    editor = BenefitEditor(request.organization, found.program, found, _sent(request))
    return _edit(request, editor)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def benefit_words(request: OfficeRequest) -> HttpResponse:
    """Say in words what is being written and try it on the basket: a part of the page."""
    named = request.GET.get("benefit")
    found = _benefit(request, named) if named else None
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        raise Http404
    of = found.program if found else program
    editor = BenefitEditor(request.organization, of, found, request.POST)
    return render(request, "office/benefits/words.html", editor.words())


@office(Role.OWNER, Role.MANAGER)
@require_POST
def set_state(request: OfficeRequest, benefit: UUID, state: str) -> HttpResponse:
    """Switch a benefit on, let it rest, or end it."""
    found = _benefit(request, benefit)
    if state not in DONE:
        raise Http404
    form = KeyForm(request.POST)
    if form.is_valid():
        wish = {"benefit": found.public_id, "state": state}
        act = partial(_become, request, found, Benefit.Status(state))
        key = form.cleaned_data["request_key"]
        try:
            once_in_office(request, key, step="set_benefit_state", wish=wish, act=act)
        except BenefitInvalid as refusal:
            messages.error(request, refusal.data["errors"][0]["message"])
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(DONE[state]))
    return redirect("office:benefit", request.organization.slug, found.public_id)


# --- what the views do ------------------------------------------------------------------------


def _edit(request: OfficeRequest, editor: BenefitEditor) -> HttpResponse:
    is_sent = editor.form.is_bound and request.POST.get("step") == SAVE
    if not is_sent or editor.spec is None or editor.form.errors:
        return _show(request, editor)
    saved = _saved(request, editor)
    if saved is None:
        return _show(request, editor)
    done = _("The draft is saved. It takes nothing off until it is switched on.")
    if editor.is_dated:
        done = _("The new version is saved. What was taken off stays as it was.")
    messages.success(request, done)
    return redirect("office:benefit", request.organization.slug, saved)


def _saved(request: OfficeRequest, editor: BenefitEditor) -> str | None:
    """Save once what is wished, or leave on the form why not."""
    wish = editor.wish
    said = {"benefit": editor.benefit and editor.benefit.public_id, **asdict(wish)}
    said["program"] = editor.program.slug
    key = editor.form.cleaned_data["request_key"]
    try:
        act = partial(_save, request, editor, wish)
        answer = once_in_office(request, key, step="save_benefit", wish=said, act=act)
    except BenefitInvalid as refusal:
        editor.form.show_faults(refusal.data["errors"])
    except Refusal as refusal:
        refuse(editor.form, refusal)
    else:
        return str(answer.body["benefit"])
    return None


def _save(
    request: OfficeRequest, editor: BenefitEditor, wish: BenefitWish, _request_key: str
) -> Answer:
    actor = staff_actor(request.staff.pk)
    if editor.benefit is None:
        saved = add_benefit(program_id=editor.program.pk, wish=wish, actor=actor)
    else:
        saved = change_benefit(benefit_id=editor.benefit.pk, wish=wish, actor=actor)
    return Answer(HTTPStatus.CREATED, {"benefit": saved.public_id})


def _become(
    request: OfficeRequest, found: Benefit, status: Benefit.Status, _request_key: str
) -> Answer:
    set_benefit_status(benefit_id=found.pk, status=status, actor=staff_actor(request.staff.pk))
    return Answer(HTTPStatus.OK, {})


def _show(request: OfficeRequest, editor: BenefitEditor) -> HttpResponse:
    context: dict[str, Any] = {
        "program": editor.program,
        "benefit": editor.benefit,
        "form": editor.form,
        "basket": editor.basket,
        "is_dated": editor.is_dated,
        **editor.words(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/benefits/edit.html", context)


def _sent(request: OfficeRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING


def _benefit(request: OfficeRequest, named: UUID | str) -> Benefit:
    try:
        public_id = UUID(str(named))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(benefits_of(request.organization), public_id=public_id)
