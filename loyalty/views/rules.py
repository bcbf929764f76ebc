"""The rules of a program: what each says in words, and the editor in which it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import new_key, once_in_office, refuse
from core.models.people import Role
from loyalty.errors import RuleInvalid
from loyalty.forms.rules import StateForm
from loyalty.models import Program, Rule, RuleVersion
from loyalty.queries import rule_versions, rules_of
from loyalty.rule_editor import RuleEditor
from loyalty.rule_list import POINTS_DAYS, by_stage, rule_rows
from loyalty.rule_page import (
    Comparison,
    compared,
    history,
    in_force,
    program_chosen,
    sentence_of,
    standing,
    waiting,
)
from loyalty.services.looking_back import LookBack, look_back
from loyalty.services.rule_editing import (
    RuleWish,
    add_rule,
    change_rule,
    schedule_end,
    set_rule_status,
)
from loyalty.services.trying import rules_at_rest
from loyalty.states import steps_of_rule

SAVE = "save"  # the button that keeps what was written; any other only shows it in words
VERSIONS_SHOWN = 100


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def rules(request: OfficeRequest) -> HttpResponse:
    """List the rules of a program: what each says, whether it acts, and what it gave."""
    program = _program(request)
    rows = rule_rows(request.organization, program, with_advice=True)
    context = {
        "program": program,
        "stages": by_stage(rows),
        "over": [row for row in rows if row.standing.state == "ended"],
        "to_look_at": sum(bool(row.advice) for row in rows),
        "rules": rows,
        "days": POINTS_DAYS,
        "may_manage": _may_manage(request),
    }
    return _page(request, "office/program/rules.html", context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def rule(request: OfficeRequest, rule: UUID) -> HttpResponse:
    """Show one rule in words, what may be done with it, and everything it ever said."""
    found = _rule(request, rule)
    organization = request.organization
    versions = rule_versions([found])[found.pk]
    now = timezone.now()
    later = waiting(versions, now)
    may_manage = _may_manage(request)
    context = {
        "rule": found,
        "standing": standing(found, versions, now),
        "looked_back": _looked_back(request, found, versions),
        "compared": _compared(request, versions),
        "numbers": [version.number for version in reversed(versions)][:VERSIONS_SHOWN],
        "sentence": sentence_of(in_force(versions, now).spec, organization.currency),
        "later": later and sentence_of(later.spec, organization.currency),
        "later_from": later and later.effective_from,
        "history": history(organization, found, versions)[:VERSIONS_SHOWN],
        "steps": steps_of_rule(found, organization.slug) if may_manage else (),
        "may_edit": may_manage and found.status != Rule.Status.ENDED,
        "state_form": StateForm(),
        "request_key": new_key(),
    }
    return _page(request, "office/program/rule.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_rule(request: OfficeRequest) -> HttpResponse:
    """Write a rule and keep it as a draft."""
    return _edit(request, RuleEditor(request.organization, _program(request), None, _sent(request)))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_rule(request: OfficeRequest, rule: UUID) -> HttpResponse:
    """Write what a rule is to say from now, or from a later moment, on."""
    found = _rule(request, rule)
    if found.status == Rule.Status.ENDED:
        return redirect("office:rule", request.organization.slug, rule)
    return _edit(request, RuleEditor(request.organization, found.program, found, _sent(request)))


@office(Role.OWNER, Role.MANAGER)
@require_POST
def rule_words(request: OfficeRequest) -> HttpResponse:
    """Say in words what is being written, and what it would give; nothing is kept."""
    named = request.GET.get("rule")
    found = _rule(request, named) if named else None
    program = found.program if found else _program(request)
    editor = RuleEditor(request.organization, program, found, request.POST)
    return _page(request, "office/program/words.html", _words(editor))


@office(Role.OWNER, Role.MANAGER)
@require_POST
def set_rule_state(request: OfficeRequest, rule: UUID, state: str) -> HttpResponse:
    """Switch a rule on, let it rest, or end it."""
    found = _rule(request, rule)
    if state not in Rule.Status.values:
        raise Http404
    with timezone.override(request.organization.zone):
        form = StateForm(request.POST)
        is_valid = form.is_valid()
    if is_valid:
        _become(request, found, form, Rule.Status(state))
    else:
        messages.error(request, _("Write the moment as a day and a time."))
    return redirect("office:rule", request.organization.slug, rule)


# --- what the views do ------------------------------------------------------------------------


def _edit(request: OfficeRequest, editor: RuleEditor) -> HttpResponse:
    """Show the editor; keep what was written once it is a rule and was read in words."""
    if not editor.form.is_bound or request.POST.get("step") != SAVE:
        return _show(request, editor)
    if editor.spec is None or editor.form.errors:
        return _show(request, editor)
    if editor.is_dated and request.POST.get("read") != editor.fingerprint:
        return _show(request, editor, read=editor.fingerprint)
    saved = _saved(request, editor)
    if saved is None:
        return _show(request, editor)
    if editor.is_dated:
        messages.success(request, _("The new version is saved. What was given stays as it was."))
    else:
        messages.success(
            request, _("The draft is saved. It gives nothing until it is switched on.")
        )
    return redirect("office:rule", request.organization.slug, saved)


def _saved(request: OfficeRequest, editor: RuleEditor) -> str | None:
    """Save once what is wished, or leave on the form why not."""
    wish = editor.wish
    rule_id = editor.rule.public_id if editor.rule else None
    said = {"rule": rule_id, "program": editor.program.slug, **asdict(wish)}
    key = editor.form.cleaned_data["request_key"]
    try:
        act = partial(_save, request, editor, wish)
        answer = once_in_office(request, key, step="save_rule", wish=said, act=act)
    except RuleInvalid as refusal:
        editor.form.show_faults(refusal.data["errors"])
    except Refusal as refusal:
        refuse(editor.form, refusal)
    else:
        return str(answer.body["rule"])
    return None


def _save(request: OfficeRequest, editor: RuleEditor, wish: RuleWish, _request_key: str) -> Answer:
    actor = staff_actor(request.staff.pk)
    if editor.rule is None:
        saved = add_rule(program_id=editor.program.pk, wish=wish, actor=actor)
    else:
        saved = change_rule(rule_id=editor.rule.pk, wish=wish, actor=actor)
    return Answer(HTTPStatus.CREATED, {"rule": saved.public_id})


def _looked_back(
    request: OfficeRequest, found: Rule, versions: Sequence[RuleVersion]
) -> LookBack | None:
    """Reckon what a rule would have given that is not switched on."""
    for tried in rules_at_rest([found], {found.pk: versions}):
        return look_back(
            organization=request.organization,
            program=found.program,
            rule=tried,
            now=timezone.now(),
        )
    return None


def _compared(request: OfficeRequest, versions: Sequence[RuleVersion]) -> Comparison | None:
    """Compare the two versions that the address names, if it names two."""
    named = [request.GET.get(name, "") for name in ("from", "to")]
    if not all(number.isdecimal() and len(number) < 10 for number in named):
        return None
    first, second = map(int, named)
    return compared(request.organization, versions, first, second)


def _become(request: OfficeRequest, found: Rule, form: StateForm, status: Rule.Status) -> None:
    """Bring the rule to a state once, or let it end at a moment, and say what came of it."""
    moments = {name: form.cleaned_data[name] for name in ("counts_from", "ends_at")}
    ends_at = moments["ends_at"] if status == Rule.Status.ENDED else None
    wish = {"rule": found.public_id, "state": status, **moments}

    def act(_request_key: str) -> Answer:
        actor = staff_actor(request.staff.pk)
        if ends_at is not None:
            schedule_end(rule_id=found.pk, ends_at=ends_at, actor=actor)
        else:
            counts_from = moments["counts_from"]
            set_rule_status(rule_id=found.pk, status=status, actor=actor, counts_from=counts_from)
        return Answer(HTTPStatus.OK, {})

    key = form.cleaned_data["request_key"]
    try:
        once_in_office(request, key, step="set_rule_state", wish=wish, act=act)
    except RuleInvalid as refusal:
        messages.error(request, refusal.data["errors"][0]["message"])
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(_ENDS_LATER if ends_at else _DONE[status]))


_ENDS_LATER = gettext_lazy("The rule ends at that moment. Until then it goes on as before.")
_DONE = {
    Rule.Status.DRAFT: "",
    Rule.Status.ACTIVE: gettext_lazy("The rule is switched on."),
    Rule.Status.PAUSED: gettext_lazy("The rule is paused."),
    Rule.Status.ENDED: gettext_lazy("The rule has ended."),
}


# --- what is shown ----------------------------------------------------------------------------


def _show(request: OfficeRequest, editor: RuleEditor, *, read: str = "") -> HttpResponse:
    context = {
        "program": editor.program,
        "rule": editor.rule,
        "form": editor.form,
        "trial_form": editor.trial_form,
        "is_dated": editor.is_dated,
        "kept": editor.kept,
        "read": read,
        **_words(editor),
    }
    return _page(request, "office/program/edit_rule.html", context)


def _words(editor: RuleEditor) -> dict[str, Any]:
    return {
        "sentence": editor.sentence,
        "before": editor.before,
        "counts_from": editor.counts_from,
        "changes": editor.changes,
        "replaced": editor.replaced,
        "is_dated": editor.is_dated,
        "trial": editor.trial(),
    }


def _page(request: OfficeRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Show a page, with times as the organization's clock has them."""
    with timezone.override(request.organization.zone):
        return render(request, template, context)


def _sent(request: OfficeRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _may_manage(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING


def _program(request: OfficeRequest) -> Program:
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        raise Http404
    return program


def _rule(request: OfficeRequest, named: UUID | str) -> Rule:
    try:
        public_id = UUID(str(named))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(rules_of(request.organization), public_id=public_id)
