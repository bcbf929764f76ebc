"""Challenges in the office: the list, one of them, writing it, switching it, and the levels."""

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
from core.keyed_forms import new_key, once_in_office, refuse
from core.models.people import Role
from core.paging import page_of
from loyalty.errors import ChallengeInvalid, ProgramInvalid
from loyalty.forms.rules import StateForm
from loyalty.models import Challenge, Program
from loyalty.program_document import FORMAT
from loyalty.rule_page import program_chosen
from loyalty.services.challenge_reading import (
    challenge_figures,
    challenge_versions,
    challenges_of,
)
from loyalty.services.challenge_settings import (
    ChallengeWish,
    add_challenge,
    change_challenge,
    set_challenge_status,
)
from loyalty.services.programs import load_program
from rewards.challenge_cards import example_of
from rewards.challenge_editor import SAVE, ChallengeEditor
from rewards.challenge_forms import LevelsForm, shows_all
from rewards.challenge_page import (
    DONE,
    NOTHING,
    challenge_rows,
    said_now,
    steps_of_challenge,
    version_rows,
)
from rewards.stamp_strips import wording_for

CALLED = {"reward": "rewards"}


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def challenges(request: OfficeRequest) -> HttpResponse:
    """List the challenges: what each asks for and gives, and how many came to its end."""
    page = page_of(challenges_of(request.organization), request, by=("pk",))
    context = {
        "rows": challenge_rows(request.organization, page.rows, timezone.now()),
        "page": page,
        "may_manage": _may_manage(request),
    }
    return render(request, "office/program/challenges.html", context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def challenge(request: OfficeRequest, challenge: UUID) -> HttpResponse:
    """Show one challenge as members see it, its figures, and everything it ever said."""
    found = _challenge(request, challenge)
    now = timezone.now()
    versions = challenge_versions([found])[found.pk]
    say = wording_for(request.organization, found.program_id)
    figures = challenge_figures([found]).get(found.pk, NOTHING)
    may_manage = _may_manage(request)
    slug = request.organization.slug
    context = {
        "challenge": found,
        "one": example_of(found.name, said_now(versions, now), say),
        "versions": version_rows(versions, say, now),
        "figures": figures,
        "steps": steps_of_challenge(found, slug, figures) if may_manage else (),
        "state_form": StateForm(),
        "may_edit": may_manage and found.status != Challenge.Status.ENDED,
        "request_key": new_key(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/program/challenge.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_challenge(request: OfficeRequest) -> HttpResponse:
    """Write a challenge and keep it as a draft."""
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        messages.info(request, _("Challenges belong to a program, and there is none yet."))
        return redirect("office:challenges", request.organization.slug)
    return _edit(request, ChallengeEditor(request.organization, program, None, _sent(request)))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_challenge(request: OfficeRequest, challenge: UUID) -> HttpResponse:
    """Write what a challenge is to ask for and give from now, or from a later moment, on."""
    found = _challenge(request, challenge)
    if found.status == Challenge.Status.ENDED:
        return redirect("office:challenge", request.organization.slug, challenge)
    editor = ChallengeEditor(request.organization, found.program, found, _sent(request))
    if editor.newest is not None and not shows_all(editor.newest.spec):
        messages.info(
            request,
            _("This form cannot show all that the challenge gives; a program file can change it."),
        )
        return redirect("office:challenge", request.organization.slug, challenge)
    return _edit(request, editor)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def challenge_preview(request: OfficeRequest) -> HttpResponse:
    """Show the challenge that is being written as members would see it: a part of the page."""
    named = request.GET.get("challenge")
    found = _challenge(request, named) if named else None
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        raise Http404
    editor = ChallengeEditor(
        request.organization, found.program if found else program, found, request.POST
    )
    return render(request, "office/program/challenge_preview.html", editor.preview())


@office(Role.OWNER, Role.MANAGER)
@require_POST
def set_state(request: OfficeRequest, challenge: UUID, state: str) -> HttpResponse:
    """Start a challenge, let it rest, let it go on, or end it."""
    found = _challenge(request, challenge)
    if state not in DONE:
        raise Http404
    with timezone.override(request.organization.zone):
        form = StateForm(request.POST)
        is_valid = form.is_valid()
    if is_valid:
        _become(request, found, form, Challenge.Status(state))
    else:
        messages.error(request, _("Write the moment as a day and a time."))
    return redirect("office:challenge", request.organization.slug, found.public_id)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def levels(request: OfficeRequest) -> HttpResponse:
    """Name the levels that members reach by challenges or badges."""
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        raise Http404
    known = program.terms.levels
    form = LevelsForm(
        _sent(request),
        levels=known.model_dump(mode="json") if known else None,
        initial={"request_key": new_key()},
    )
    if request.method == "POST" and form.is_valid() and _levels_saved(request, program, form):
        messages.success(request, _("The levels are saved."))
        return redirect("office:challenges", request.organization.slug)
    context = {"program": program, "form": form}
    return render(request, "office/program/levels.html", context)


# --- what the views do ------------------------------------------------------------------------


def _edit(request: OfficeRequest, editor: ChallengeEditor) -> HttpResponse:
    is_sent = editor.form.is_bound and request.POST.get("step") == SAVE
    if not is_sent or editor.form.errors:
        return _show(request, editor)
    saved = _saved(request, editor)
    if saved is None:
        return _show(request, editor)
    if editor.is_dated:
        done = _("The new version is saved. Who has begun goes on by the old one.")
    else:
        done = _("The draft is saved. Nothing counts until it is started.")
    messages.success(request, done)
    return redirect("office:challenge", request.organization.slug, saved)


def _saved(request: OfficeRequest, editor: ChallengeEditor) -> str | None:
    """Save once what is wished, or leave on the form why not."""
    wish = editor.wish
    named = editor.challenge and editor.challenge.public_id
    said = {"challenge": named, "program": editor.program.slug, **asdict(wish)}
    key = editor.form.cleaned_data["request_key"]
    try:
        act = partial(_save, request, editor, wish)
        answer = once_in_office(request, key, step="save_challenge", wish=said, act=act)
    except ChallengeInvalid as refusal:
        editor.form.show_faults(refusal.data["errors"])
    except Refusal as refusal:
        refuse(editor.form, refusal, called=CALLED)
    else:
        return str(answer.body["challenge"])
    return None


def _save(
    request: OfficeRequest, editor: ChallengeEditor, wish: ChallengeWish, _request_key: str
) -> Answer:
    actor = staff_actor(request.staff.pk)
    if editor.challenge is None:
        saved = add_challenge(program_id=editor.program.pk, wish=wish, actor=actor)
    else:
        saved = change_challenge(challenge_id=editor.challenge.pk, wish=wish, actor=actor)
    return Answer(HTTPStatus.CREATED, {"challenge": saved.public_id})


def _become(
    request: OfficeRequest, found: Challenge, form: StateForm, status: Challenge.Status
) -> None:
    """Bring the challenge to a state once, and say what came of it."""
    counts_from = form.cleaned_data["counts_from"]
    wish = {"challenge": found.public_id, "state": status, "counts_from": counts_from}

    def act(_request_key: str) -> Answer:
        actor = staff_actor(request.staff.pk)
        set_challenge_status(
            challenge_id=found.pk, status=status, actor=actor, counts_from=counts_from
        )
        return Answer(HTTPStatus.OK, {})

    key = form.cleaned_data["request_key"]
    try:
        once_in_office(request, key, step="set_challenge_state", wish=wish, act=act)
    except ChallengeInvalid as refusal:
        messages.error(request, refusal.data["errors"][0]["message"])
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(DONE[status]))


def _levels_saved(request: OfficeRequest, program: Program, form: LevelsForm) -> bool:
    """Save the levels once, as a program file would; or leave on the form why not."""
    said = {"slug": program.slug, "name": program.name, "settings": {"levels": form.levels()}}
    document = {"format": FORMAT, "program": said}

    def act(_request_key: str) -> Answer:
        load_program(
            organization_id=request.organization.pk,
            document=document,
            actor=staff_actor(request.staff.pk),
        )
        return Answer(HTTPStatus.OK, {})

    key = form.cleaned_data["request_key"]
    try:
        once_in_office(request, key, step="save_levels", wish=document, act=act)
    except ProgramInvalid as refusal:
        form.show_faults(refusal.data["errors"])
        return False
    except Refusal as refusal:
        refuse(form, refusal)
        return False
    return True


def _show(request: OfficeRequest, editor: ChallengeEditor) -> HttpResponse:
    context: dict[str, Any] = {
        "program": editor.program,
        "challenge": editor.challenge,
        "form": editor.form,
        "is_dated": editor.is_dated,
        **editor.preview(),
    }
    with timezone.override(request.organization.zone):
        return render(request, "office/program/edit_challenge.html", context)


def _sent(request: OfficeRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING


def _challenge(request: OfficeRequest, named: UUID | str) -> Challenge:
    try:
        public_id = UUID(str(named))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(challenges_of(request.organization), public_id=public_id)
