"""The program: what it says in words, its terms, its state, and the file that holds it."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, new_key, once_in_office, refuse
from core.models.people import Role
from loyalty.errors import ProgramInvalid
from loyalty.forms.program import FileForm, LoadForm, TermsForm
from loyalty.models import Program
from loyalty.program_document import FORMAT
from loyalty.program_page import change_words, program_rows, terms_in_words
from loyalty.queries import programs_of
from loyalty.rule_list import rule_rows
from loyalty.rule_page import program_chosen
from loyalty.services.programs import (
    dump_program,
    load_program,
    set_program_status,
    trial_load,
)
from loyalty.states import steps_of_program


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def program(request: OfficeRequest) -> HttpResponse:
    """Show what a program promises; where there are several, first ask which."""
    organization = request.organization
    rows = program_rows(organization)
    named = request.GET.get("program")
    if len(rows) != 1 and not named:
        context = {"programs": rows, "may_manage": _may_manage(request)}
        return _page(request, "office/program/programs.html", context)
    found = _program(request, named)
    rules = rule_rows(organization, found)
    context = {
        "program": found,
        "rules": [row for row in rules if row.is_acting],
        "others": sum(not row.is_acting for row in rules),
        "terms": terms_in_words(found.terms, organization.currency),
        "steps": steps_of_program(found, organization.slug) if _may_manage(request) else (),
        "may_manage": _may_manage(request),
        "request_key": new_key(),
    }
    return _page(request, "office/program/program.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def program_terms(request: OfficeRequest) -> HttpResponse:
    """Change what a program is called and promises."""
    found = _program(request, request.GET.get("program"))
    form = TermsForm(request.POST or None, program=found, initial={"request_key": new_key()})
    if form.is_valid() and _terms_saved(request, found, form):
        messages.success(request, _("Saved. It holds for what happens from now on."))
        return redirect(_at(request, found))
    return _page(request, "office/program/terms.html", {"program": found, "form": form})


@office(Role.OWNER, Role.MANAGER)
@require_POST
def set_program_state(request: OfficeRequest, program: str, state: str) -> HttpResponse:
    """Open a program, let it rest, or end it."""
    found = _program(request, program)
    form = KeyForm(request.POST)
    if state not in Program.Status.values or not form.is_valid():
        raise Http404
    act = partial(_become, request, found, Program.Status(state))
    wish = {"program": found.slug, "state": state}
    try:
        key = form.cleaned_data["request_key"]
        once_in_office(request, key, step="set_program_state", wish=wish, act=act)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Done. The program is in its new state."))
    return redirect(_at(request, found))


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def program_file(request: OfficeRequest) -> HttpResponse:
    """Give the program as a file that any installation can load."""
    found = _program(request, request.GET.get("program"))
    document = dump_program(organization_id=request.organization.pk, slug=found.slug)
    answer = JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="{found.slug}.json"'
    return answer


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def load_file(request: OfficeRequest) -> HttpResponse:
    """Say what a program file would change, and load it when that is what was meant."""
    if "document" in request.POST:
        return _load(request, LoadForm(request.POST))
    form = FileForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(request, "office/program/load.html", {"form": form})
    return _looked_at(request, form.cleaned_data["file"])


# --- what the views do ------------------------------------------------------------------------


def _terms_saved(request: OfficeRequest, found: Program, form: TermsForm) -> bool:
    said = {
        "slug": found.slug,
        "name": form.cleaned_data["name"],
        "is_open": form.cleaned_data["is_open"],
        "settings": form.settings(),
    }
    document = {"format": FORMAT, "program": said}
    try:
        _load_once(request, form, document)
    except ProgramInvalid as refusal:
        form.show_faults(refusal.data["errors"])
    except Refusal as refusal:
        refuse(form, refusal)
    return not form.errors


def _load_once(request: OfficeRequest, form: KeyForm, document: Any) -> Answer:
    key = form.cleaned_data["request_key"]
    act = partial(_put, request, document)
    return once_in_office(request, key, step="load_program", wish=document, act=act)


def _put(request: OfficeRequest, document: Any, _request_key: str) -> Answer:
    loaded = load_program(
        organization_id=request.organization.pk,
        document=document,
        actor=staff_actor(request.staff.pk),
    )
    return Answer(HTTPStatus.OK, {"program": loaded.program.slug, "changes": loaded.changes})


def _become(
    request: OfficeRequest, found: Program, status: Program.Status, _request_key: str
) -> Answer:
    actor = staff_actor(request.staff.pk)
    set_program_status(program_id=found.pk, status=status, actor=actor)
    return Answer(HTTPStatus.OK, {})


def _looked_at(request: OfficeRequest, document: Any) -> HttpResponse:
    """Show what a file would change, with the button that loads it."""
    try:
        loaded = trial_load(organization_id=request.organization.pk, document=document)
    except Refusal as refusal:
        return _file_refused(request, refusal)
    context = {
        "form": FileForm(),
        "is_looked_at": True,
        "changes": change_words(document, loaded.changes),
        "document": json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        "request_key": new_key(),
    }
    return _page(request, "office/program/load.html", context)


def _load(request: OfficeRequest, form: LoadForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, "office/program/load.html", {"form": FileForm()})
    try:
        answer = _load_once(request, form, form.cleaned_data["document"])
    except Refusal as refusal:
        return _file_refused(request, refusal)
    messages.success(request, _("The file is loaded."))
    url = reverse("office:program", args=[request.organization.slug])
    return redirect(f"{url}?program={answer.body['program']}")


def _file_refused(request: OfficeRequest, refusal: Refusal) -> HttpResponse:
    """Show what is wrong with a file, field by field."""
    context = {
        "form": FileForm(),
        "refusal": str(refusal),
        "faults": refusal.data.get("errors", ()),
    }
    return _page(request, "office/program/load.html", context)


def _page(request: OfficeRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Show a page, with times as the organization's clock has them."""
    with timezone.override(request.organization.zone):
        return render(request, template, context)


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING


def _program(request: OfficeRequest, slug: str | None) -> Program:
    if slug:
        return get_object_or_404(programs_of(request.organization), slug=slug)
    found = program_chosen(request.organization, None)
    if found is None:
        raise Http404
    return found


def _at(request: OfficeRequest, found: Program) -> str:
    url = reverse("office:program", args=[request.organization.slug])
    return f"{url}?program={found.slug}"
