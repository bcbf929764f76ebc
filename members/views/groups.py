"""Groups of members in the office: made, filled one by one or from a file, and emptied again."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Missing, Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, refuse
from core.models.people import Role
from core.paging import page_of
from members.errors import MemberUnknown
from members.group_files import read_signs
from members.group_forms import (
    GroupFileForm,
    GroupForm,
    JoinGroupForm,
    NewGroupForm,
    PutInGroupForm,
)
from members.models import Group, Member
from members.names import masked_name
from members.phones import international, mask_phone
from members.queries import get_member, groups_of, groups_with_size, named_member, people_in
from members.services.groups import (
    Recognized,
    create_group,
    join_group,
    leave_group,
    recognize,
    rename_group,
)

CALLED = dict.fromkeys(("card", "email", "member", "phone"), "find")


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def groups(request: OfficeRequest) -> HttpResponse:
    """List the groups with how many are in each."""
    context = {
        "groups": groups_with_size(request.organization),
        "may_manage": request.staff.role in MANAGING,
    }
    return render(request, "office/groups.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_group(request: OfficeRequest) -> HttpResponse:
    """Make one more group."""
    form = NewGroupForm(request.POST or None, initial={"request_key": new_key()})
    if form.is_valid():
        wish = {"name": form.cleaned_data["name"], "code": form.cleaned_data["code"]}

        def act(_request_key: str) -> Answer:
            made = create_group(
                organization_id=request.organization.pk,
                actor=staff_actor(request.staff.pk),
                **wish,
            )
            return Answer(HTTPStatus.CREATED, {"group": made.public_id})

        if answer := answered_once(request, form, step="add_group", wish=wish, act=act):
            messages.success(request, _("The group was made. Now put members into it."))
            return redirect("office:group", request.organization.slug, answer.body["group"])
    return render(request, "office/group_form.html", {"form": form})


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def group(request: OfficeRequest, group: UUID) -> HttpResponse:
    """Show who is in a group, and what may be done with it."""
    return _show(request, _group(request, group))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_group(request: OfficeRequest, group: UUID) -> HttpResponse:
    """Change what a group is called."""
    found = _group(request, group)
    known = {"name": found.name, "request_key": new_key()}
    form = GroupForm(request.POST or None, initial=known)
    if form.is_valid():
        wish = {"group": found.code, "name": form.cleaned_data["name"]}

        def act(_request_key: str) -> Answer:
            actor = staff_actor(request.staff.pk)
            rename_group(group_id=found.pk, name=wish["name"], actor=actor)
            return Answer(HTTPStatus.OK, {})

        if answered_once(request, form, step="edit_group", wish=wish, act=act):
            messages.success(request, _("The group was renamed."))
            return _to_group(request, found)
    return render(request, "office/group_form.html", {"form": form, "group": found})


@office(Role.OWNER, Role.MANAGER)
@require_POST
def join(request: OfficeRequest, group: UUID) -> HttpResponse:
    """Put one member into a group."""
    found = _group(request, group)
    form = JoinGroupForm(request.POST)
    member = _named(request, form) if form.is_valid() else None
    if member is None:
        return _show(request, found, join_form=form)
    joined = _joined(request, form, found, [member.pk], step="join_group")
    if joined is None:
        return _show(request, found, join_form=form)
    _say_joined(request, joined)
    return _to_group(request, found)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def fill(request: OfficeRequest, group: UUID) -> HttpResponse:
    """Put the members of a list into a group, and name every row that means nobody."""
    found = _group(request, group)
    form = GroupFileForm(request.POST, request.FILES)
    read = _recognized(request, form) if form.is_valid() else None
    if read is None:
        return _show(request, found, file_form=form)
    joined = _joined(request, form, found, read.members, step="fill_group")
    if joined is None:
        return _show(request, found, file_form=form)
    _say_joined(request, joined)
    return _show(request, found, bad=read.bad) if read.bad else _to_group(request, found)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def leave(request: OfficeRequest, group: UUID, member: UUID) -> HttpResponse:
    """Take a member out of a group; doing so twice changes nothing."""
    found, person = _group(request, group), _member(request, member)
    actor = staff_actor(request.staff.pk)
    leave_group(group_id=found.pk, member_ids=[person.pk], actor=actor)
    messages.success(request, _("They are not in the group any more."))
    if request.POST.get("back") == "member":
        return _to_member(request, person)
    return _to_group(request, found)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def put_in_group(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Put a member into one of the groups there are."""
    person = _member(request, member)
    there_are = {one.code: one for one in groups_of(request.organization)}
    first = {"request_key": new_key()}
    form = PutInGroupForm(request.POST or None, initial=first, groups=there_are.values())
    if form.is_valid():
        chosen = there_are[form.cleaned_data["group"]]
        joined = _joined(request, form, chosen, [person.pk], step="put_in_group")
        if joined is not None:
            _say_joined(request, joined)
            return _to_member(request, person)
    context = {"form": form, "member": person, "groups": bool(there_are)}
    return render(request, "office/member_group.html", context)


def _group(request: OfficeRequest, public_id: UUID) -> Group:
    found: Group = get_object_or_404(groups_of(request.organization), public_id=public_id)
    return found


def _member(request: OfficeRequest, public_id: UUID) -> Member:
    try:
        return get_member(request.organization, public_id)
    except Missing:
        raise Http404 from None


def _named(request: OfficeRequest, form: JoinGroupForm) -> Member | None:
    """Find whom the form names, or leave on it that there is nobody."""
    try:
        found = named_member(request.organization, form.cleaned_data["find"])
        if found is None or not found.is_open:
            raise MemberUnknown
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return None
    return found


def _recognized(request: OfficeRequest, form: GroupFileForm) -> Recognized | None:
    try:
        rows = read_signs(form.cleaned_data["file"].read())
        return recognize(organization_id=request.organization.pk, rows=rows)
    except Refusal as refusal:
        refuse(form, refusal)
        return None


def _joined(
    request: OfficeRequest, form: KeyForm, group: Group, people: list[int], *, step: str
) -> int | None:
    """Put people into the group once, and say how many are new there."""

    def act(_request_key: str) -> Answer:
        actor = staff_actor(request.staff.pk)
        joined = join_group(group_id=group.pk, member_ids=people, actor=actor)
        return Answer(HTTPStatus.OK, {"joined": joined})

    who = hashlib.sha256(repr(sorted(people)).encode()).hexdigest()
    wish = {"group": group.code, "people": who}
    answer = answered_once(request, form, step=step, wish=wish, act=act)
    return None if answer is None else int(answer.body["joined"])


def _say_joined(request: OfficeRequest, joined: int) -> None:
    if not joined:
        messages.info(request, _("Nobody new was found; the group is as it was."))
        return
    sentence = ngettext(
        "%(count)d member was put into the group.",
        "%(count)d members were put into the group.",
        joined,
    )
    messages.success(request, sentence % {"count": joined})


def _show(request: OfficeRequest, group: Group, **context: Any) -> HttpResponse:
    """Show the page of a group, with forms as they were sent."""
    may_manage = request.staff.role in MANAGING
    page = page_of(people_in(group), request, by=("-joined_at", "-pk"))
    shown = {
        "group": group,
        "page": page,
        "people": [_person(member, is_masked=not may_manage) for member in page.rows],
        "may_manage": may_manage,
        "join_form": JoinGroupForm(initial={"request_key": new_key()}),
        "file_form": GroupFileForm(initial={"request_key": new_key()}),
    }
    return render(request, "office/group.html", shown | context)


def _person(member: Member, *, is_masked: bool) -> dict[str, Any]:
    phone = member.phone or ""
    number = mask_phone(phone) if is_masked else international(phone)
    return {
        "public_id": member.public_id,
        "name": masked_name(member.name) if is_masked else member.name,
        "phone": number if phone else "",
        "since": member.in_since,  # type: ignore[attr-defined]  # the query asked for it
    }


def _to_group(request: OfficeRequest, group: Group) -> HttpResponse:
    return redirect("office:group", request.organization.slug, group.public_id)


def _to_member(request: OfficeRequest, member: Member) -> HttpResponse:
    return redirect("office:member_details", request.organization.slug, member.public_id)
