"""The categories of rewards, in the office."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key
from core.models.people import Role
from loyalty.queries import programs_of
from rewards.catalog_forms import CategoryForm
from rewards.catalog_sheet import category_rows
from rewards.models import RewardCategory
from rewards.queries import categories_of, categories_with_size
from rewards.services.categories import (
    add_category,
    move_category,
    remove_category,
    rename_category,
)

STEPS = {"up": -1, "down": 1}


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def categories(request: OfficeRequest) -> HttpResponse:
    """List the categories in their order, and add one."""
    program = programs_of(request.organization).first()
    if program is None:
        messages.info(request, _("Rewards belong to a program, and there is none yet."))
        return redirect("office:rewards", request.organization.slug)
    form = CategoryForm(request.POST or None, initial={"request_key": new_key()})
    if form.is_valid():
        name = form.cleaned_data["name"]
        act = partial(add_category, program_id=program.pk, name=name, actor=_actor(request))
        if _done(request, form, "add_category", {"program": program.pk, "name": name}, act):
            messages.success(request, _("The category was added."))
            return _back(request)
    rows = category_rows(categories_with_size(request.organization))
    return render(request, "office/reward_categories.html", {"rows": rows, "form": form})


@office(Role.OWNER, Role.MANAGER)
@require_POST
def rename(request: OfficeRequest, category: UUID) -> HttpResponse:
    """Call a category something else."""
    found = _category(request, category)
    form = CategoryForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        act = partial(rename_category, category_id=found.pk, name=name, actor=_actor(request))
        if _done(request, form, "rename_category", {"category": category, "name": name}, act):
            messages.success(request, _("The category was renamed."))
    return _back(request, form)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def move(request: OfficeRequest, category: UUID, way: str) -> HttpResponse:
    """Move a category one place toward the front or the end."""
    found = _category(request, category)
    if way not in STEPS:
        raise Http404
    form = KeyForm(request.POST)
    if form.is_valid():
        act = partial(move_category, category_id=found.pk, steps=STEPS[way], actor=_actor(request))
        _done(request, form, "move_category", {"category": category, "way": way}, act)
    return _back(request, form)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def remove(request: OfficeRequest, category: UUID) -> HttpResponse:
    """Take a category away; its rewards stay."""
    found = _category(request, category)
    form = KeyForm(request.POST)
    if form.is_valid():
        act = partial(remove_category, category_id=found.pk, actor=_actor(request))
        if _done(request, form, "remove_category", {"category": category}, act):
            messages.success(request, _("The category is gone; its rewards stay."))
    return _back(request, form)


def _done(
    request: OfficeRequest, form: KeyForm, step: str, wish: Any, write: Callable[[], Any]
) -> bool:
    """Write once what a form wishes; say whether it is done."""

    def act(_request_key: str) -> Answer:
        write()
        return Answer(HTTPStatus.OK, {})

    return answered_once(request, form, step=step, wish=wish, act=act) is not None


def _back(request: OfficeRequest, form: KeyForm | None = None) -> HttpResponse:
    for errors in form.errors.values() if form else ():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("office:reward_categories", request.organization.slug)


def _category(request: OfficeRequest, public_id: UUID) -> RewardCategory:
    return get_object_or_404(categories_of(request.organization), public_id=public_id)


def _actor(request: OfficeRequest) -> Any:
    return staff_actor(request.staff.pk)
