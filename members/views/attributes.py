"""What the organization notes about its members: the list in the office, and more of it."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models.people import Role
from members.attribute_fields import AttributeForm, NewAttributeForm
from members.attributes import Kind
from members.queries import attributes_of
from members.services.attributes import AttributeWish, change_attribute, define_attribute


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def attributes(request: OfficeRequest) -> HttpResponse:
    """List what is noted of members."""
    context = {
        "attributes": attributes_of(request.organization),
        "may_manage": request.staff.role in MANAGING,
    }
    return render(request, "office/attributes.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_attribute(request: OfficeRequest) -> HttpResponse:
    """Let something new be noted of members."""
    form = NewAttributeForm(request.POST or None, initial={"request_key": new_key()})
    if form.is_valid():
        wish = {name: value for name, value in form.cleaned_data.items() if name != "request_key"}

        def act(_request_key: str) -> Answer:
            define_attribute(
                organization_id=request.organization.pk,
                name=wish["name"],
                kind=wish["kind"],
                wish=_wish(form),
                actor=staff_actor(request.staff.pk),
            )
            return Answer(HTTPStatus.CREATED, {})

        if answered_once(request, form, step="add_attribute", wish=wish, act=act):
            messages.success(request, _("It can be noted of members now."))
            return redirect("office:attributes", request.organization.slug)
    return render(request, "office/attribute.html", {"form": form})


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_attribute(request: OfficeRequest, name: str) -> HttpResponse:
    """Change what an attribute is called, who sees it, and its choices."""
    found = get_object_or_404(attributes_of(request.organization), name=name)
    known = {
        "label": found.label,
        "audience": found.audience,
        "choices": "\n".join(found.choices),
        "request_key": new_key(),
    }
    form = AttributeForm(request.POST or None, initial=known)
    if found.kind != Kind.CHOICE:
        del form.fields["choices"]
    if form.is_valid():
        wish = {key: value for key, value in form.cleaned_data.items() if key != "request_key"}

        def act(_request_key: str) -> Answer:
            actor = staff_actor(request.staff.pk)
            change_attribute(definition_id=found.pk, wish=_wish(form), actor=actor)
            return Answer(HTTPStatus.OK, {})

        wish |= {"attribute": found.name}
        if answered_once(request, form, step="edit_attribute", wish=wish, act=act):
            messages.success(request, _("It was changed."))
            return redirect("office:attributes", request.organization.slug)
    return render(request, "office/attribute.html", {"form": form, "attribute": found})


def _wish(form: AttributeForm) -> AttributeWish:
    typed = form.cleaned_data
    return AttributeWish(
        label=typed["label"], audience=typed["audience"], choices=typed.get("choices", ())
    )
