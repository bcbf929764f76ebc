"""Rewards in the office: the catalog, one reward with who took it, and switching it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
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
from core.errors import Missing, Refusal
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models.people import Role
from core.paging import page_of
from core.pictures import digest_of
from loyalty.queries import programs_of
from members.queries import get_member
from rewards.catalog_forms import CancelForm, RewardForm
from rewards.catalog_page import looks, redemption_rows, reward_rows, stock_left
from rewards.catalog_sheet import facts_of, known_of, named_in, preview_of
from rewards.models import Reward
from rewards.queries import (
    catalog_of,
    categories_of,
    redemptions_by,
    redemptions_for,
    redemptions_of,
    rewards_of,
    worth,
)
from rewards.services.catalog import NEXT, save_reward, set_reward_status
from rewards.services.popularity import taken_since
from rewards.services.redemptions import cancel_redemption

LATELY = timedelta(days=30)
ROWS_ON_A_PROFILE = 20
CODE_LENGTH_MAX = 50

SWITCHED = {
    Reward.Status.ACTIVE: gettext_lazy("The reward is offered now."),
    Reward.Status.PAUSED: gettext_lazy("The reward is paused. What was taken stays."),
    Reward.Status.ENDED: gettext_lazy("The reward has ended. What was taken stays."),
}


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def rewards(request: OfficeRequest) -> HttpResponse:
    """List the rewards, cheapest first, with what is left and how many were taken lately."""
    told = request.GET.dict()
    state = told.get("state", "")
    catalog = catalog_of(
        request.organization,
        state=state if state in Reward.Status.values else "",
        category=told.get("category", "")[:CODE_LENGTH_MAX],
    )
    page = page_of(catalog, request, by=("points", "pk"))
    taken = taken_since(request.organization, timezone.now() - LATELY)
    shelves = list(categories_of(request.organization).values_list("code", "name"))
    context = {
        "rows": reward_rows(request.organization, page.rows, taken),
        "page": page,
        "looks": looks(told, shelves),
        "is_narrow": bool(state or told.get("category")),
        "currency": request.organization.currency,
        "may_manage": _may_manage(request),
    }
    return render(request, "office/rewards.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_reward(request: OfficeRequest) -> HttpResponse:
    """Add a reward; it is a draft until somebody offers it."""
    programs = programs_of(request.organization)
    first = programs.first()
    if first is None:
        messages.info(request, _("Rewards belong to a program, and there is none yet."))
        return redirect("office:rewards", request.organization.slug)
    options: dict[str, Any] = {
        "currency": request.organization.currency,
        "programs": programs,
        "named": named_in(request.organization),
    }
    if request.method != "POST":
        blank = {
            "request_key": new_key(),
            "kind": Reward.Kind.FREE_PRODUCT,
            "program": first.public_id,
        }
        return _form(request, RewardForm(initial=blank, **options))
    form = RewardForm(request.POST, request.FILES, **options)
    answer = _saved(request, form, None) if form.is_valid() else None
    if answer is None:
        return _form(request, form)
    messages.success(request, _("The reward was added as a draft. Look at it, then offer it."))
    return redirect("office:reward", request.organization.slug, answer.body["reward"])


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def reward(request: OfficeRequest, reward: UUID) -> HttpResponse:
    """Show a reward as members see it, its figures, and who took it, newest first."""
    found = _reward(request, reward)
    page = page_of(redemptions_for(found), request, by=("-created_at", "-pk"))
    manages = _may_manage(request)
    context = {
        "reward": found,
        "view": preview_of(found),
        "currency": request.organization.currency,
        "worth": worth(found, request.organization.currency),
        "facts": facts_of(found),
        "taken": taken_since(request.organization, timezone.now() - LATELY).get(found.pk),
        "stock": stock_left(found),
        "steps": NEXT[Reward.Status(found.status)] if manages else (),
        "rows": redemption_rows(page.rows, sees_names=manages, may_manage=manages),
        "page": page,
        "may_manage": manages,
    }
    return render(request, "office/reward.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_reward(request: OfficeRequest, reward: UUID) -> HttpResponse:
    """Change a reward; what was taken stays as it was."""
    found = _reward(request, reward)
    options: dict[str, Any] = {
        "currency": request.organization.currency,
        "named": named_in(request.organization, found),
        "has_picture": found.picture_id is not None,
    }
    if request.method != "POST":
        known = known_of(found) | {"request_key": new_key()}
        return _form(request, RewardForm(initial=known, **options), found)
    form = RewardForm(request.POST, request.FILES, **options)
    if not form.is_valid() or _saved(request, form, found) is None:
        return _form(request, form, found)
    messages.success(request, _("The reward was changed. What was taken stays as it was."))
    return redirect("office:reward", request.organization.slug, found.public_id)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def set_status(request: OfficeRequest, reward: UUID, status: str) -> HttpResponse:
    """Offer, pause or end a reward."""
    found = _reward(request, reward)
    if status not in SWITCHED:
        raise Http404
    chosen = Reward.Status(status)
    try:
        set_reward_status(reward_id=found.pk, status=chosen, actor=staff_actor(request.staff.pk))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(SWITCHED[chosen]))
    return redirect("office:reward", request.organization.slug, found.public_id)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def cancel(request: OfficeRequest, redemption: UUID) -> HttpResponse:
    """Undo a redemption whose voucher was not used: points and stock go back."""
    found = get_object_or_404(redemptions_of(request.organization), public_id=redemption)
    form = CancelForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        wish = {"redemption": redemption, "reason": reason}
        act = partial(_cancel, request, found.pk, reason)
        if answered_once(request, form, step="cancel_redemption", wish=wish, act=act):
            messages.success(request, _("The points went back, and the voucher is worth nothing."))
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("office:reward", request.organization.slug, found.reward.public_id)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def member_rewards(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Show what a member took, newest first: a part of their page."""
    try:
        found = get_member(request.organization, member)
    except Missing:
        raise Http404 from None
    newest = redemptions_by(found).order_by("-created_at", "-pk")[:ROWS_ON_A_PROFILE]
    rows = redemption_rows(newest, sees_names=_may_manage(request), may_manage=False)
    return render(request, "office/parts/member_rewards.html", {"rows": rows})


# --- what the views do ------------------------------------------------------------------------


def _saved(request: OfficeRequest, form: RewardForm, known: Reward | None) -> Answer | None:
    """Save what was typed, once; or leave on the form why not."""
    program_id = known.program_id if known else form.cleaned_data["program"].pk
    reward_id = known.pk if known else None
    drops = bool(form.cleaned_data.get("drops_picture"))
    wish = form.part.model_dump(mode="json") | {"program": program_id, "reward": reward_id}
    if form.drawn is not None or drops:
        wish["picture"] = digest_of(program_id, form.drawn) if form.drawn else None

    def act(_request_key: str) -> Answer:
        saved = save_reward(
            program_id=program_id,
            part=form.part,
            actor=staff_actor(request.staff.pk),
            reward_id=reward_id,
            picture=form.drawn,
            drops_picture=drops,
        )
        return Answer(HTTPStatus.OK, {"reward": saved.public_id})

    return answered_once(request, form, step="save_reward", wish=wish, act=act)


def _cancel(request: OfficeRequest, redemption_id: int, reason: str, request_key: str) -> Answer:
    canceled = cancel_redemption(
        redemption_id=redemption_id,
        reason=reason,
        actor=staff_actor(request.staff.pk),
        request_key=request_key,
    )
    return Answer(HTTPStatus.OK, {"redemption": canceled.public_id})


def _form(request: OfficeRequest, form: RewardForm, known: Reward | None = None) -> HttpResponse:
    return render(request, "office/reward_form.html", {"form": form, "reward": known})


def _reward(request: OfficeRequest, public_id: UUID) -> Reward:
    return get_object_or_404(rewards_of(request.organization), public_id=public_id)


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING
