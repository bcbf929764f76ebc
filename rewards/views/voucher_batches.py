"""Batches of vouchers in the office: the list, ordering one, its page and codes, stopping it."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.csv_text import csv_lines
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, once_in_office
from core.models.people import Role
from core.paging import page_of
from rewards.batch_forms import BatchForm, PrintForm, in_words
from rewards.batch_page import batch_row, voucher_rows
from rewards.batch_queries import batches_of
from rewards.models import VoucherBatch
from rewards.queries import rewards_of
from rewards.services.voucher_batches import NewBatch, create_batch, note_export, stop_batch
from rewards.services.voucher_reading import (
    codes_ending_in,
    every_code_of,
    live_uses_of,
    rewards_for_vouchers,
    unused_in,
)
from rewards.voucher_codes import grouped

HEAD = ("code", "scan", "status", "valid_until", "used_at", "store")


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def vouchers(request: OfficeRequest) -> HttpResponse:
    """List the batches, newest first, with how many of their codes are made and used."""
    page = page_of(batches_of(request.organization), request, by=("-pk",))
    context = {
        "rows": [batch_row(one) for one in page.rows],
        "page": page,
        "may_manage": _may_manage(request),
    }
    return render(request, "office/vouchers/batches.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_batch(request: OfficeRequest) -> HttpResponse:
    """Order codes, or say beside its field what is wrong."""
    rewards = list(rewards_for_vouchers(request.organization))
    if not rewards:
        messages.info(request, _("Vouchers are for a reward, and there is none yet."))
        return redirect("office:vouchers", request.organization.slug)
    initial = {"request_key": new_key(), "reward": request.GET.get("reward", "")}
    form = BatchForm(request.POST or None, rewards=rewards, initial=initial)
    answer = _created(request, form) if form.is_valid() else None
    if answer is None:
        return render(request, "office/vouchers/new_batch.html", {"form": form})
    return redirect("office:voucher_batch", request.organization.slug, answer.body["batch"])


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def voucher_batch(request: OfficeRequest, batch: UUID) -> HttpResponse:
    """Show how far a batch is, what can be done with it, and codes that end as was typed."""
    found = _batch(request, batch)
    may_manage = _may_manage(request)
    typed = request.GET.get("ending", "").strip()
    matches = codes_ending_in(found, typed) if typed and may_manage else []
    context: dict[str, Any] = {
        "batch": found,
        "row": batch_row(found),
        "strength": in_words(found.random_chars, codes=found.wanted, prefix=found.prefix),
        "is_working": found.status == VoucherBatch.Status.MAKING,
        "is_stopped": found.status == VoucherBatch.Status.STOPPED,
        "unused": unused_in(found) if may_manage else 0,
        "print_form": PrintForm(),
        "typed": typed,
        "matches": voucher_rows(matches, live_uses_of(matches)),
        "may_manage": may_manage,
        "request_key": new_key(),
    }
    is_asked_again = request.headers.get("HX-Request") == "true"
    name = "batch_state" if is_asked_again else "batch"
    with timezone.override(request.organization.zone):
        return render(request, TEMPLATES[name], context)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def stop_voucher_batch(request: OfficeRequest, batch: UUID) -> HttpResponse:
    """Make the unused codes of a batch worthless."""
    found = _batch(request, batch)
    form = KeyForm(request.POST)
    if form.is_valid():
        key = form.cleaned_data["request_key"]
        wish, act = {"batch": batch}, partial(_stop, request, found.pk)
        try:
            once_in_office(request, key, step="stop_voucher_batch", wish=wish, act=act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Stopped. Its unused codes are worth nothing."))
    return redirect("office:voucher_batch", request.organization.slug, batch)


@office(Role.OWNER, Role.MANAGER)
@require_safe
def voucher_codes(request: OfficeRequest, batch: UUID) -> HttpResponseBase:
    """Give every code of a batch as a table, line by line, and note who took it."""
    found = _batch(request, batch)
    if request.method == "GET":
        note_export(batch_id=found.pk, actor=staff_actor(request.staff.pk))
    rows = (
        (grouped(code), code, status, _moment(until), _moment(used_at), store or "")
        for code, status, until, used_at, store in every_code_of(found)
    )
    answer = StreamingHttpResponse(csv_lines(HEAD, rows), content_type="text/csv; charset=utf-8")
    name = slugify(found.name)[:40] or "vouchers"
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


# --- what the views do ------------------------------------------------------------------------

TEMPLATES = {
    "batch": "office/vouchers/batch.html",
    "batch_state": "office/vouchers/batch_state.html",
}


def _created(request: OfficeRequest, form: BatchForm) -> Answer | None:
    typed = form.cleaned_data
    reward = get_object_or_404(rewards_of(request.organization), public_id=typed["reward"])
    asked = {name: typed[name] for name in NewBatch.__dataclass_fields__}

    def act(_request_key: str) -> Answer:
        batch = create_batch(
            reward_id=reward.pk, new=NewBatch(**asked), actor=staff_actor(request.staff.pk)
        )
        return Answer(HTTPStatus.CREATED, {"batch": batch.public_id})

    wish = {name: value and str(value) for name, value in typed.items() if name != "request_key"}
    return answered_once(request, form, step="new_voucher_batch", wish=wish, act=act)


def _stop(request: OfficeRequest, batch_id: int, _request_key: str) -> Answer:
    stop_batch(batch_id=batch_id, actor=staff_actor(request.staff.pk))
    return Answer(HTTPStatus.OK, {})


def _batch(request: OfficeRequest, public_id: UUID) -> VoucherBatch:
    return get_object_or_404(batches_of(request.organization), public_id=public_id)


def _moment(at: Any) -> str:
    return at.isoformat() if at else ""


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING
