"""The set-up assistant: a few questions, and a program that runs."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key
from core.models.people import Role
from loyalty.errors import ProgramInvalid
from rewards.services.starting import first_program, set_up
from rewards.starting.answers import STEPS, Answers
from rewards.starting.examples import EXAMPLES
from rewards.starting_forms import FORMS, StepForm
from rewards.starting_page import LOOK, address, in_words, looked_at, step_after, steps_shown

KEPT = "starting"
PAGES = {
    "about": "office/starting/about.html",
    "earning": "office/starting/earning.html",
    "tiers": "office/starting/tiers.html",
    "stamps": "office/starting/stamps.html",
    "reward": "office/starting/reward.html",
}


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: OfficeRequest) -> HttpResponse:
    """Ask what kind of shop it is; every answer is filled in like one of that kind."""
    example = EXAMPLES.get(request.POST.get("kind", ""))
    if example is None:
        context = {"examples": EXAMPLES.values(), "is_under_way": _kept(request) is not None}
        return render(request, "office/starting/begin.html", context)
    answers = example.answers(request.organization.name)
    _keep(request, answers.model_dump(mode="json"))
    return redirect(address(request.organization, next(iter(STEPS))))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: OfficeRequest, step: str) -> HttpResponse:
    """Ask one thing, and say what it means for members."""
    kept = _kept(request)
    if kept is None:
        return redirect("office:start", request.organization.slug)
    if step == LOOK:
        return _look(request, Answers.model_validate(kept))
    form = _form(request, step, kept)
    if form.is_valid():
        _keep(request, {**kept, step: form.part.model_dump(mode="json")})
        return redirect(address(request.organization, step_after(step)))
    return _ask(request, step, form, kept)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def words(request: OfficeRequest, step: str) -> HttpResponse:
    """Say in words what is being answered; nothing is kept."""
    kept = _kept(request)
    if kept is None or step not in FORMS:
        raise Http404
    return render(request, "office/starting/words.html", _words(request, step, kept))


# --- what the views do ------------------------------------------------------------------------


def _form(request: OfficeRequest, step: str, kept: dict[str, Any]) -> StepForm:
    if step not in FORMS:
        raise Http404
    return FORMS[step](_sent(request), answered=kept[step])


def _ask(request: OfficeRequest, step: str, form: StepForm, kept: dict[str, Any]) -> HttpResponse:
    context = {
        "steps": steps_shown(request.organization, step),
        "step": step,
        "form": form,
        **_words(request, step, kept),
    }
    return render(request, PAGES[step], context)


def _words(request: OfficeRequest, step: str, kept: dict[str, Any]) -> dict[str, Any]:
    form = FORMS[step](_sent(request), answered=kept[step])
    told = {**kept, step: form.part.model_dump(mode="json")} if form.is_valid() else kept
    answers = Answers.model_validate(told)
    return {"sentences": in_words(answers, request.organization), "name": answers.about.name}


def _look(request: OfficeRequest, answers: Answers) -> HttpResponse:
    """Show what members will read, and begin when that is what was meant."""
    form = KeyForm(_sent(request), initial={"request_key": new_key()})
    if form.is_valid() and _begun(request, form, answers):
        request.session.pop(KEPT, None)
        return redirect("office:program", request.organization.slug)
    known = first_program(request.organization)
    context = {
        "steps": steps_shown(request.organization, LOOK),
        "form": form,
        "is_live": known is not None and known.status == "live",
    }
    try:
        context |= looked_at(request.organization, answers)
    except ProgramInvalid as refusal:
        context["faults"] = refusal.data["errors"]
    return render(request, "office/starting/look.html", context)


def _begun(request: OfficeRequest, form: KeyForm, answers: Answers) -> bool:
    is_open = request.POST.get("then") != "draft"
    wish = {"answers": answers.model_dump(mode="json"), "is_open": is_open}
    act = partial(_write, request, answers, is_open)
    if answered_once(request, form, step="start", wish=wish, act=act) is None:
        return False
    done = _("Your program runs. Ring up the first purchase at the till.")
    messages.success(request, done if is_open else _("Saved. Open it when you are ready."))
    return True


def _write(request: OfficeRequest, answers: Answers, is_open: bool, _request_key: str) -> Answer:  # noqa: FBT001
    loaded = set_up(
        organization=request.organization,
        answers=answers,
        is_open=is_open,
        actor=staff_actor(request.staff.pk),
    )
    return Answer(HTTPStatus.OK, {"program": loaded.program.slug})


def _sent(request: OfficeRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _kept(request: OfficeRequest) -> dict[str, Any] | None:
    """Return what this session answered for this organization, if it still makes sense."""
    kept = request.session.get(KEPT, {}).get(request.organization.slug)
    try:
        return Answers.model_validate(kept).model_dump(mode="json") if kept else None
    except ValueError:
        return None


def _keep(request: OfficeRequest, answers: dict[str, Any]) -> None:
    others = request.session.get(KEPT, {})
    request.session[KEPT] = {**others, request.organization.slug: answers}
