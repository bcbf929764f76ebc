"""Vouchers for the printer: codes of a batch, a shared code for a table, a member's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.errors import Refusal, TooMany
from core.models import Organization
from core.models.people import Role
from core.services.windows import Window, count_use
from core.views.errors import too_many
from members.doors import PortalRequest, portal
from rewards.batch_forms import PrintForm
from rewards.batch_queries import batches_of, shared_codes_of
from rewards.models import Voucher
from rewards.paper import FORMS, SHEET, SIGN, Form, NoPango, page_context, pdf_of, slip_of
from rewards.queries import vouchers_held_by
from rewards.services.voucher_batches import note_print
from rewards.services.voucher_reading import codes_in_range

PER_MEMBER = (10, timedelta(hours=1))


@office(Role.OWNER, Role.MANAGER)
@require_safe
def print_batch(request: OfficeRequest, batch: UUID) -> HttpResponseBase:
    """Give some codes of a batch as a PDF, or as a page where no PDF can be made."""
    found = get_object_or_404(batches_of(request.organization), public_id=batch)
    back = reverse("office:voucher_batch", args=[request.organization.slug, batch])
    asked = PrintForm(request.GET)
    if not asked.is_valid():
        for errors in asked.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect(back)
    first, wanted = asked.cleaned_data["first"], asked.cleaned_data["count"]
    last = min(first + wanted - 1, max(found.made, first))
    try:
        if request.method == "GET":
            actor = staff_actor(request.staff.pk)
            note_print(batch_id=found.pk, first=first, last=last, actor=actor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    vouchers = codes_in_range(found, first, last - first + 1)
    form = FORMS[asked.cleaned_data["form"]]
    return _paper(request, request.organization, vouchers, form, back=back, first=first)


@office(Role.OWNER, Role.MANAGER)
@require_safe
def print_shared_code(request: OfficeRequest, code: UUID) -> HttpResponseBase:
    """Give a shared code as a sign for a table."""
    found = get_object_or_404(shared_codes_of(request.organization), public_id=code)
    back = reverse("office:shared_code", args=[request.organization.slug, code])
    return _paper(request, request.organization, [found], SIGN, back=back)


@portal
@require_safe
def print_voucher(request: PortalRequest, redemption_id: UUID) -> HttpResponseBase:
    """Give a voucher of the member's own as a sheet to print at home, now and then."""
    held = vouchers_held_by(request.member)
    found = get_object_or_404(held, redemption__public_id=redemption_id)
    if found.status != Voucher.Status.ISSUED:
        raise Http404
    try:
        count_use(Window(f"voucher_print:{request.member.pk}", *PER_MEMBER))
    except TooMany as refusal:
        return too_many(request, retry_after=refusal.data["retry_after"])
    back = reverse("portal:voucher", args=[request.organization.slug, redemption_id])
    return _paper(request, request.organization, [found], SHEET, back=back)


def _paper(
    request: HttpRequest,
    organization: Organization,
    vouchers: Sequence[Voucher],
    form: Form,
    *,
    back: str,
    first: int = 1,
) -> HttpResponseBase:
    slips = [slip_of(one, organization) for one in vouchers]
    title = _("Vouchers") if len(slips) != 1 else slips[0].reward
    try:
        pdf = pdf_of(form, slips, title=title, first=first)
    except NoPango:
        context = page_context(form, slips, title=title, first=first) | {"back_url": back}
        return render(request, "paper/screen.html", context)
    name = f"vouchers-{first}-{first + len(slips) - 1}.pdf" if len(slips) != 1 else "voucher.pdf"
    if request.method == "HEAD":
        return HttpResponse(status=HTTPStatus.OK, content_type="application/pdf")
    return FileResponse(BytesIO(pdf), filename=name, content_type="application/pdf")
