"""Bringing receipts in: the files, what an import would do, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, once_in_office
from core.models.people import Role
from core.paging import page_of
from core.queries import stores_of
from loyalty.forms.imports import BalancesForm, ImportForm
from loyalty.import_page import (
    balance_rows,
    import_row,
    more_refused,
    progress_of,
    refusals_as_csv,
    report_rows,
    state_of,
    upload_row,
)
from loyalty.models import FileKind, Program, ReceiptImport, ReceiptUpload
from loyalty.queries import imports_of, programs_of, refusals_of, uploads_of
from loyalty.services.balance_files import BalanceSettings
from loyalty.services.imports import REFUSALS_KEPT
from loyalty.services.uploads import (
    Sent,
    check_upload,
    import_upload,
    keep_balances,
    keep_upload,
    remove_upload,
)

Status = ReceiptUpload.Status
OVER = (Status.FINISHED, Status.REMOVED)
WORKING = (Status.CHECKING, Status.IMPORTING)
ACTIONS = {
    "check": (check_upload, _("The file is being checked.")),
    "import": (import_upload, _("The import has begun. You may leave this page.")),
    "remove": (remove_upload, _("The file is deleted.")),
}
UPLOADS_SHOWN = 50


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def imports(request: OfficeRequest) -> HttpResponse:
    """List the files that wait, and everything that was imported."""
    organization = request.organization
    waiting = uploads_of(organization).exclude(status__in=OVER)[:UPLOADS_SHOWN]
    page = page_of(imports_of(organization), request, by=("-started_at", "-pk"))
    context = {
        "uploads": [upload_row(organization, one) for one in waiting],
        "imports": [import_row(organization, one) for one in page.rows],
        "page": page,
        "may_manage": _may_manage(request),
    }
    return _page(request, "office/imports/imports.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: OfficeRequest) -> HttpResponse:
    """Take a file of receipts in, or say beside its field what is wrong with it."""
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        stores=tuple(stores_of(request.organization).values_list("code", "name")),
        initial={"request_key": new_key()},
    )
    answer = _kept(request, form) if form.is_valid() else None
    if answer is None:
        return _page(request, "office/imports/new.html", {"form": form})
    return redirect("office:upload", request.organization.slug, answer.body["upload"])


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_balances(request: OfficeRequest) -> HttpResponse:
    """Take a file of balances in, or say beside its field what is wrong with it."""
    programs = programs_of(request.organization).exclude(status=Program.Status.ENDED)
    form = BalancesForm(
        request.POST or None,
        request.FILES or None,
        programs=tuple(programs.values_list("slug", "name")),
        initial={"request_key": new_key()},
    )
    answer = _kept_balances(request, form) if form.is_valid() else None
    if answer is None:
        return _page(request, "office/imports/new_balances.html", {"form": form})
    return redirect("office:upload", request.organization.slug, answer.body["upload"])


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def upload(request: OfficeRequest, upload: UUID) -> HttpResponse:
    """Show what a file would do or does; a page that is watched asks again by itself."""
    found = get_object_or_404(uploads_of(request.organization), public_id=upload)
    trial = found.trial or {}
    context = {
        "upload": found,
        "state": state_of(found),
        "is_working": found.status in WORKING,
        "is_resting": found.status in (Status.READY, Status.CHECKED),
        "progress": progress_of(found),
        "report": trial and _report(request, found.kind, trial["report"]),
        "refusals": trial.get("refusals", ()),
        "more": trial and more_refused(trial["report"], len(trial["refusals"])),
        "names_receipts": found.kind == FileKind.RECEIPTS,
        "is_whole": trial.get("is_whole", True),
        "may_manage": _may_manage(request),
        "request_key": new_key(),
    }
    is_asked_again = request.headers.get("HX-Request") == "true"
    name = "office/imports/upload_state.html" if is_asked_again else "office/imports/upload.html"
    return _page(request, name, context)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def act_on_upload(request: OfficeRequest, upload: UUID, action: str) -> HttpResponse:
    """Let a file be checked, imported, or deleted."""
    found = get_object_or_404(uploads_of(request.organization), public_id=upload)
    form = KeyForm(request.POST)
    if action not in ACTIONS or not form.is_valid():
        raise Http404
    _service, done = ACTIONS[action]
    act = partial(_act, request, found, action)
    wish = {"upload": found.public_id}
    try:
        once_in_office(
            request, form.cleaned_data["request_key"], step=f"upload_{action}", wish=wish, act=act
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(done))
    if action == "remove":
        return redirect("office:imports", request.organization.slug)
    return redirect("office:upload", request.organization.slug, upload)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def receipt_import(request: OfficeRequest, receipt_import: UUID) -> HttpResponse:
    """Show what came of a file, and the rows that were not taken."""
    found = _import(request, receipt_import)
    page = page_of(refusals_of(found), request, by=("row", "pk"))
    context = {
        "job": found,
        "report": _report(request, found.kind, found.report),
        "names_receipts": found.kind == FileKind.RECEIPTS,
        "refusals": page.rows,
        "page": page,
        "more": more_refused(found.report, REFUSALS_KEPT),
        "is_working": found.status == ReceiptImport.Status.RUNNING,
    }
    return _page(request, "office/imports/import.html", context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def refused_rows(request: OfficeRequest, receipt_import: UUID) -> HttpResponse:
    """Give the refused rows as a table."""
    found = _import(request, receipt_import)
    text = refusals_as_csv(refusals_of(found).order_by("row", "pk"))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    return answer


# --- what the views do ------------------------------------------------------------------------


def _kept(request: OfficeRequest, form: ImportForm) -> Answer | None:
    """Keep the file once, or leave on the form why not."""
    typed = form.cleaned_data
    wish = {name: typed[name] and str(typed[name]) for name in ("file", "mapping", "store")}
    wish["size"] = typed["file"].size
    act = partial(_keep, request, form)
    return answered_once(request, form, step="new_import", wish=wish, act=act)


def _keep(request: OfficeRequest, form: ImportForm, _request_key: str) -> Answer:
    typed = form.cleaned_data
    kept = keep_upload(
        organization_id=request.organization.pk,
        file=_sent(typed["file"]),
        mapping=typed["read_mapping"],
        store_code=typed["store"],
        actor=staff_actor(request.staff.pk),
        products=_sent(typed["products"]) if typed["products"] else None,
    )
    return Answer(HTTPStatus.CREATED, {"upload": kept.public_id})


def _kept_balances(request: OfficeRequest, form: BalancesForm) -> Answer | None:
    """Keep the file once, or leave on the form why not."""
    typed = form.cleaned_data
    file: UploadedFile[Any] = typed["file"]
    settings = BalanceSettings(program=typed["program"], enroll=typed["unknown"] == "enroll")
    wish = {"file": str(file), "size": file.size, **settings.as_data()}

    def act(_request_key: str) -> Answer:
        kept = keep_balances(
            organization_id=request.organization.pk,
            file=_sent(file),
            settings=settings,
            actor=staff_actor(request.staff.pk),
        )
        return Answer(HTTPStatus.CREATED, {"upload": kept.public_id})

    return answered_once(request, form, step="new_balances", wish=wish, act=act)


def _report(request: OfficeRequest, kind: str, report: Mapping[str, Any]) -> list[tuple[str, str]]:
    if kind == FileKind.BALANCES:
        return balance_rows(report)
    return report_rows(report, request.organization.currency)


def _sent(file: UploadedFile[Any]) -> Sent:
    return Sent(file.name or "", file.chunks())


def _act(request: OfficeRequest, found: ReceiptUpload, action: str, _request_key: str) -> Answer:
    service, _done = ACTIONS[action]
    service(upload_id=found.pk, actor=staff_actor(request.staff.pk))
    return Answer(HTTPStatus.OK, {})


def _import(request: OfficeRequest, public_id: UUID) -> ReceiptImport:
    return get_object_or_404(imports_of(request.organization), public_id=public_id)


def _page(request: OfficeRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Show a page, with times as the organization's clock has them."""
    with timezone.override(request.organization.zone):
        return render(request, template, context)


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING
