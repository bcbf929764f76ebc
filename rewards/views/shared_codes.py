"""Shared codes in the office: the list, adding one, its page, and letting go of uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, once_in_office
from core.models.people import Role
from core.paging import page_of
from rewards.batch_forms import ReleaseForm, SharedCodeForm
from rewards.batch_page import code_row, day_bars, since_shown, use_rows
from rewards.batch_queries import shared_codes_of
from rewards.models import Voucher
from rewards.queries import rewards_of
from rewards.services.shared_codes import (
    NewSharedCode,
    cancel_shared_code,
    create_shared_code,
    pause_shared_code,
    resume_shared_code,
)
from rewards.services.voucher_reading import (
    rewards_for_vouchers,
    use_in,
    uses_by_day,
    uses_of,
)
from rewards.services.voucher_undoing import release_by_manager

STATES: dict[str, tuple[Callable[..., Voucher], object]] = {
    "pause": (pause_shared_code, gettext_lazy("The code is paused.")),
    "resume": (resume_shared_code, gettext_lazy("The code can be used again.")),
    "cancel": (cancel_shared_code, gettext_lazy("The code has ended. What it was used for stays.")),
}


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def shared_codes(request: OfficeRequest) -> HttpResponse:
    """List the shared codes, newest first, with how often they were used."""
    page = page_of(shared_codes_of(request.organization), request, by=("-pk",))
    now = timezone.now()
    context = {
        "rows": [code_row(request.organization, one, now=now) for one in page.rows],
        "page": page,
        "may_manage": request.staff.role in MANAGING,
    }
    return render(request, "office/vouchers/codes.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_shared_code(request: OfficeRequest) -> HttpResponse:
    """Let a word be good for a reward, or say beside its field what is wrong."""
    rewards = list(rewards_for_vouchers(request.organization))
    if not rewards:
        messages.info(request, _("Vouchers are for a reward, and there is none yet."))
        return redirect("office:shared_codes", request.organization.slug)
    initial = {"request_key": new_key(), "reward": request.GET.get("reward", "")}
    form = SharedCodeForm(request.POST or None, rewards=rewards, initial=initial)
    answer = _created(request, form) if form.is_valid() else None
    if answer is None:
        return render(request, "office/vouchers/new_code.html", {"form": form})
    messages.success(request, _("The code can be used now."))
    return redirect("office:shared_code", request.organization.slug, answer.body["voucher"])


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def shared_code(request: OfficeRequest, code: UUID) -> HttpResponse:
    """Show a shared code, how often it was used day by day, and by whom, newest first."""
    found = _code(request, code)
    now = timezone.now()
    page = page_of(uses_of(found), request, by=("-used_at", "-pk"))
    manages = request.staff.role in MANAGING
    context = {
        "row": code_row(request.organization, found, now=now),
        "days": day_bars(uses_by_day(request.organization, found, since=since_shown(now))),
        "uses": use_rows(page.rows, sees_names=manages),
        "page": page,
        "may_manage": manages,
        "request_key": new_key(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/vouchers/code.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def set_shared_code(request: OfficeRequest, code: UUID, step: str) -> HttpResponse:
    """Pause a shared code, let it count again, or end it."""
    found = _code(request, code)
    form = KeyForm(request.POST)
    if step not in STATES:
        raise Http404
    if form.is_valid():
        service, done = STATES[step]
        key = form.cleaned_data["request_key"]
        act = partial(_set, request, found.pk, service)
        try:
            once_in_office(request, key, step=f"{step}_code", wish={"code": code}, act=act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(done))
    return redirect("office:shared_code", request.organization.slug, code)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def release_use(request: OfficeRequest, use: int) -> HttpResponse:
    """Let go of a use that was made by mistake, and say why."""
    found = use_in(request.organization, use)
    if found is None:
        raise Http404
    form = ReleaseForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        wish = {"use": use, "reason": reason}
        act = partial(_release, request, use, reason)
        if answered_once(request, form, step="release_voucher", wish=wish, act=act):
            messages.success(request, _("The voucher can be used again."))
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    slug, voucher = request.organization.slug, found.voucher
    if voucher.is_shared:
        return redirect("office:shared_code", slug, voucher.public_id)
    if voucher.batch is not None:
        return redirect("office:voucher_batch", slug, voucher.batch.public_id)
    return redirect("office:vouchers", slug)


# --- what the views do ------------------------------------------------------------------------


def _created(request: OfficeRequest, form: SharedCodeForm) -> Answer | None:
    typed = form.cleaned_data
    reward = get_object_or_404(rewards_of(request.organization), public_id=typed["reward"])
    asked = {name: typed[name] for name in NewSharedCode.__dataclass_fields__}

    def act(_request_key: str) -> Answer:
        voucher = create_shared_code(
            reward_id=reward.pk, new=NewSharedCode(**asked), actor=staff_actor(request.staff.pk)
        )
        return Answer(HTTPStatus.CREATED, {"voucher": voucher.public_id})

    wish = {name: value and str(value) for name, value in typed.items() if name != "request_key"}
    return answered_once(request, form, step="new_shared_code", wish=wish, act=act)


def _set(
    request: OfficeRequest, voucher_id: int, service: Callable[..., Voucher], _request_key: str
) -> Answer:
    service(voucher_id=voucher_id, actor=staff_actor(request.staff.pk))
    return Answer(HTTPStatus.OK, {})


def _release(request: OfficeRequest, use_id: int, reason: str, _request_key: str) -> Answer:
    release_by_manager(use_id=use_id, actor=staff_actor(request.staff.pk), reason=reason)
    return Answer(HTTPStatus.OK, {})


def _code(request: OfficeRequest, public_id: UUID) -> Voucher:
    return get_object_or_404(shared_codes_of(request.organization), public_id=public_id)
