"""Members in the office: the list, and somebody new."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import InvalidInput, Refusal
from core.idempotency import Answer
from core.keyed_forms import new_key, once_in_office, refuse
from core.models.people import Role
from core.paging import Page, page_of
from core.queries import stores_of
from loyalty.member_page import member_rows
from loyalty.queries import with_last_visit
from members.forms import OURS, MemberFilters, NewMemberForm
from members.models import Member, Source
from members.models.members import MemberQuerySet
from members.queries import attributes_of, members_of, search
from members.services.enrollment import enroll


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def members(request: OfficeRequest) -> HttpResponse:
    """List who takes part, newest first, narrowed as asked."""
    sees_names = request.staff.role in MANAGING
    form = MemberFilters(request.GET, stores=stores_of(request.organization), by_name=sees_names)
    page: Page[Member] = Page([])
    try:
        found = _narrowed(request, form, by_name=sees_names)
        page = page_of(with_last_visit(found), request, by=("-joined_at", "-pk"))
    except InvalidInput as refusal:
        form.add_error("q", str(refusal))
    context = {
        "form": form,
        "rows": member_rows(page.rows, is_masked=not sees_names),
        "page": page,
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "may_manage": sees_names,
    }
    return render(request, "office/members.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_member(request: OfficeRequest) -> HttpResponse:
    """Enroll somebody by phone or e-mail, with what they agreed to."""
    stores, noted = stores_of(request.organization), attributes_of(request.organization)
    if request.method != "POST":
        first = {"request_key": new_key()}
        form = NewMemberForm(initial=first, stores=stores, attributes=noted)
        return render(request, "office/member_new.html", {"form": form})
    form = NewMemberForm(request.POST, stores=stores, attributes=noted)
    answer = _enrolled(request, form) if form.is_valid() else None
    if answer is None:
        return render(request, "office/member_new.html", {"form": form})
    if answer.body["created"]:
        messages.success(request, _("The new member was added."))
    else:
        messages.info(request, _("They were a member already. Nothing was changed."))
    return redirect("office:member", request.organization.slug, answer.body["member"])


def _narrowed(request: OfficeRequest, form: MemberFilters, *, by_name: bool) -> MemberQuerySet:
    """Return those whom the filters keep; what makes no sense keeps nobody out."""
    asked = form.cleaned_data if form.is_valid() else {}
    text = asked.get("q", "")
    members = members_of(request.organization)
    if text:
        members = search(request.organization, text, by_name=by_name)
    members = members.present().select_related("home_store")
    if asked.get("state"):
        members = members.filter(status=asked["state"])
    if asked.get("store"):
        members = members.filter(home_store__code=asked["store"])
    if asked.get("joined"):
        since = timezone.now() - timedelta(days=int(asked["joined"]))
        members = members.filter(joined_at__gte=since)
    return members


def _enrolled(request: OfficeRequest, form: NewMemberForm) -> Answer | None:
    """Enroll once, or leave on the form why not."""
    details, consents = form.details, form.consents
    agreed = [[one.channel, one.purpose, one.text_version] for one in consents]
    act = partial(_enroll, request, details | {"consents": consents})
    key = form.cleaned_data["request_key"]
    try:
        return once_in_office(
            request, key, step="add_member", wish=details | {"consents": agreed}, act=act
        )
    except Refusal as refusal:
        refuse(form, refusal, called=OURS)
        return None


def _enroll(request: OfficeRequest, application: dict[str, Any], _request_key: str) -> Answer:
    enrolled = enroll(
        organization_id=request.organization.pk,
        source=Source.OFFICE,
        actor=staff_actor(request.staff.pk),
        **application,
    )
    known = {"member": enrolled.member.public_id, "created": enrolled.created}
    return Answer(HTTPStatus.CREATED, known)
