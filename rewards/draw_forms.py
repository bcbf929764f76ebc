"""What is typed in the office about prize draws; what a draw may be, its document says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from core.errors import Refusal
from core.keyed_forms import KeyForm
from core.text import clean_line
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.forms.typed import MomentField
from loyalty.models import Program
from rewards.drawing.document import (
    DESCRIPTION_LENGTH_MAX,
    PRIZES_MAX,
    SOURCE_LENGTH_MAX,
    TERMS_LENGTH_MAX,
    DrawPart,
)
from rewards.models import Draw
from rewards.services.draw_winning import PUBLIC_TEXT_MAX
from rewards.services.draws import BY_HAND_MAX

REASON_LENGTH_MAX = 200
ROWS_MORE = 2
ROWS_LEAST = 3
NOT_TYPED = {"code": "draw"}  # a code is made from the name, and stays
NUMBER = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}
PLAIN = tuple(name for name in DrawPart.model_fields if name not in ("code", "prizes"))
Choices = Sequence[tuple[str, str]]


def _count(label: Any, help_text: Any = "", **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, widget=forms.NumberInput(NUMBER), **options
    )


class DrawForm(KeyForm):
    """A draw, new or still a draft; its prizes are rows of a reward and a number."""

    program: forms.ModelChoiceField[Program] = forms.ModelChoiceField(
        None, label=_("Program"), to_field_name="public_id", empty_label=None
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=DESCRIPTION_LENGTH_MAX
    )
    terms = forms.CharField(
        label=_("Terms"),
        required=False,
        max_length=TERMS_LENGTH_MAX,
        widget=forms.Textarea({"rows": 3}),
    )
    opens_at = MomentField(
        label=_("Tickets count from"),
        required=False,
        help_text=_("Leave it empty for the moment at which you open the draw."),
    )
    closes_at = MomentField(
        label=_("Tickets count until"), help_text=_("The draw closes by itself at this minute.")
    )
    alternates = _count(
        _("Alternates"),
        _("So many more are drawn, in case a winner cannot be reached."),
        initial=0,
        required=False,
    )
    tickets_per_member = _count(
        _("Most tickets of one member"),
        _("Leave it empty for as many as they earn."),
        required=False,
    )
    wins_once = forms.BooleanField(
        label=_("Each member wins once at most"), required=False, initial=True
    )
    leaves_out_staff = forms.BooleanField(
        label=_("Who works here cannot win"), required=False, initial=True
    )
    groups_out = forms.MultipleChoiceField(
        label=_("Groups that cannot win"), required=False, widget=forms.CheckboxSelectMultiple
    )
    winners_out_of = _count(
        _("Leave out the winners of the last draws"),
        _("How many draws back. 0 lets everybody win again."),
        initial=0,
        required=False,
    )
    public_source = forms.CharField(
        label=_("Public text to mix in"),
        required=False,
        max_length=SOURCE_LENGTH_MAX,
        help_text=_(
            "Name something that everybody can look up and nobody knows yet, such as the lottery"
            " numbers of the closing day. You write it down at the drawing, and then even you could"
            " not have known the result."
        ),
    )

    part: DrawPart

    def __init__(
        self,
        data: Any = None,
        *,
        rewards: Choices,
        groups: Choices,
        programs: QuerySet[Program] | None = None,
        prizes: Sequence[dict[str, Any]] = (),
        initial: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        first = {f"reward_{row}": one["reward"] for row, one in enumerate(prizes)}
        first |= {f"count_{row}": one["count"] for row, one in enumerate(prizes)}
        super().__init__(data, initial=first | (initial or {}), **options)
        self.rows = min(PRIZES_MAX, max(ROWS_LEAST, len(prizes) + ROWS_MORE))
        for row in range(self.rows):
            self.fields[f"reward_{row}"] = forms.ChoiceField(
                label=_("Prize"), required=False, choices=[("", "–"), *rewards]
            )
            self.fields[f"count_{row}"] = _count(_("How many"), required=False)
        self.fields["groups_out"].choices = groups  # type: ignore[attr-defined]
        if not groups:
            del self.fields["groups_out"]
        if programs is None:
            del self.fields["program"]  # a draw stays where it is
        else:
            self.fields["program"].queryset = programs  # type: ignore[attr-defined]
            if len(programs) == 1:
                self.fields["program"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Read the fields as the document of a draw, and tell its faults beside them."""
        typed = dict(self.cleaned_data)
        told = {name: typed.get(name) for name in PLAIN if name in self.fields}
        told["terms"] = " ".join(str(typed.get("terms") or "").split())
        told["alternates"] = typed.get("alternates") or 0
        told["winners_out_of"] = typed.get("winners_out_of") or 0
        told["prizes"] = [
            {"reward": typed[f"reward_{row}"], "count": 1 if pieces is None else pieces}
            for row in self._filled()
            for pieces in [typed.get(f"count_{row}")]
        ]
        try:
            self.part = DrawPart.model_validate(told | NOT_TYPED)
        except ValidationError as error:
            self._show(faults_of(error, told))
        return typed

    def prize_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the rows as they stand on the page."""
        return [(self[f"reward_{row}"], self[f"count_{row}"]) for row in range(self.rows)]

    def plain_fields(self) -> list[forms.BoundField]:
        """Return the fields that stand above the prizes."""
        return self._named(("program", "name", "description", "opens_at", "closes_at"))

    def more_fields(self) -> list[forms.BoundField]:
        """Return the fields that stand below the prizes."""
        shown = {"program", "name", "description", "opens_at", "closes_at", "request_key"}
        return self._named(name for name in self.fields if name in PLAIN and name not in shown)

    def _named(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    def _filled(self) -> list[int]:
        return [row for row in range(self.rows) if self.cleaned_data.get(f"reward_{row}")]

    def _show(self, faults: Iterable[Any]) -> None:
        filled = self._filled()
        for fault in faults:
            name, *deeper = fault["field"].split(".")
            if name == "prizes":
                row = filled[int(deeper[0])] if deeper and deeper[0].isdigit() else 0
                name = f"count_{row}" if deeper[1:] == ["count"] else f"reward_{row}"
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, fault["message"])


class ReasonForm(KeyForm):
    """Why something is done that somebody may ask about later."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH_MAX)

    def clean_reason(self) -> str:
        """Return the reason as one line that says something."""
        return _said(self.cleaned_data["reason"])


class HandForm(ReasonForm):
    """Tickets that somebody gives by hand."""

    member = forms.CharField(
        label=_("Member"),
        max_length=120,
        help_text=_("Phone, e-mail or card number."),
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr"}),
    )
    tickets = _count(_("Tickets"), min_value=1, max_value=BY_HAND_MAX, initial=1)
    field_order = ("member", "tickets", "reason")


class PublicTextForm(KeyForm):
    """The public text that was named when the draw opened."""

    public_text = forms.CharField(
        label=_("The public text"), max_length=PUBLIC_TEXT_MAX, required=False
    )


def new_form_of(draw: Draw) -> dict[str, Any]:
    """Return what the form of a draft shows at first."""
    shown = {name: getattr(draw, name) for name in PLAIN}
    for name in ("opens_at", "closes_at"):
        shown[name] = shown[name].isoformat() if shown[name] else None
    return shown


def _said(text: str) -> str:
    try:
        line = clean_line(text, max_length=REASON_LENGTH_MAX)
    except Refusal as refusal:
        raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
    if not line:
        raise forms.ValidationError(_("Write something here."), code="required")
    return line
