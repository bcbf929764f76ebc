"""Forms that are sent once, however often their button is pressed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.doors import OfficeRequest
from core.errors import IdempotencyKeyReused, Refusal
from core.idempotency import KEY_LENGTH_MAX, Answer, Keyed, answer_once

_SENT_BEFORE = _("This form was sent before with other contents. Look it over and send it again.")


def new_key() -> str:
    """Return a key for one rendering of a form."""
    return uuid.uuid4().hex


class KeyForm(forms.Form):
    """What every form that changes something carries: the key of this one rendering."""

    request_key = forms.CharField(max_length=KEY_LENGTH_MAX, widget=forms.HiddenInput)


def refuse(form: forms.Form, refusal: Refusal, *, called: Mapping[str, str] | None = None) -> None:
    """Show a refusal beside the field it concerns, and let the form be sent again.

    ``called`` says what the form calls a service's field. What was decided under a key stays
    decided, so that the next try needs another one.
    """
    field = (called or {}).get(refusal.field or "", refusal.field)
    shown = field in form.fields and not form.fields[field].widget.is_hidden
    error = forms.ValidationError(str(refusal), code=refusal.code)
    if isinstance(refusal, IdempotencyKeyReused):
        error, shown = forms.ValidationError(_SENT_BEFORE, code=refusal.code), False
    form.add_error(field if shown else None, error)
    if refusal.definitive or isinstance(refusal, IdempotencyKeyReused):
        form.data = dict(form.data.items()) | {"request_key": new_key()}


def once_in_office(
    request: OfficeRequest, key: str, *, step: str, wish: Any, act: Callable[[str], Answer]
) -> Answer:
    """Do what somebody in the office wishes, once per key; raises what ``answer_once`` raises.

    ``act`` receives the prefix for ledger request keys, and returns what the page needs to go on.
    """
    keyed = Keyed(
        organization_id=request.organization.pk,
        caller=f"staff:{request.staff.pk}",
        key=key,
        route=f"office:{step}",
        body=wish,
    )
    return answer_once(keyed, act)


def answered_once(
    request: OfficeRequest, form: KeyForm, *, step: str, wish: Any, act: Callable[[str], Answer]
) -> Answer | None:
    """Do once what a valid form wishes; or leave on the form why not, and return nothing."""
    key = form.cleaned_data["request_key"]
    try:
        return once_in_office(request, key, step=step, wish=wish, act=act)
    except Refusal as refusal:
        refuse(form, refusal)
        return None
