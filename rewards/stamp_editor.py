"""The editor of a stamp card for one request: the form, and what members would see of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from core.keyed_forms import new_key
from core.models import Organization
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.models import Program, StampCard, StampCardVersion
from loyalty.services.stamp_card_editing import CardWish
from loyalty.services.stamp_reading import card_versions
from loyalty.stamps.spec import StampCardSpec, parse_card
from loyalty.stamps.words import card_terms, describe_card
from rewards.queries import rewards_to_give
from rewards.stamp_forms import StampCardForm
from rewards.stamp_page import example_strip
from rewards.stamp_strips import wording_for

SAVE = "save"  # the button that keeps what was written; any other only shows it
NOT_OF_THE_SPEC = {"name", "counts_from", "request_key", "seen", "per", "amount", "categories"}


class CardEditor:
    """A stamp card being written: ``spec`` is what was typed, as far as it is a card."""

    def __init__(
        self,
        organization: Organization,
        program: Program,
        card: StampCard | None = None,
        typed: QueryDict | None = None,
    ) -> None:
        self.organization, self.program, self.card = organization, program, card
        versions = card_versions([card])[card.pk] if card else []
        self.newest: StampCardVersion | None = versions[-1] if versions else None
        self.is_dated = card is not None and card.status != StampCard.Status.DRAFT
        with timezone.override(organization.zone):
            self.form = self._form(typed)
            self.spec = self._judged() if typed is not None else self._on_record()

    def _form(self, typed: QueryDict | None) -> StampCardForm:
        return StampCardForm(
            typed,
            rewards=self._rewards(),
            is_new=self.card is None,
            is_dated=self.is_dated,
            spec=self.newest.spec if self.newest else None,
            initial={
                "request_key": new_key(),
                "name": self.card.name if self.card else "",
                "seen": self.newest.number if self.newest else 0,
            },
        )

    def _rewards(self) -> list[tuple[str, str]]:
        """Return what can be given, and what is given already though it is offered no more."""
        offered = dict(rewards_to_give(self.program).values_list("code", "name"))
        spec = self.newest.spec if self.newest else {}
        every = [spec, *spec.get("milestones", ())]
        given = [gift for part in every for gift in part.get("gifts", ())]
        for gift in given:
            if gift["type"] == "voucher":
                offered.setdefault(gift["reward"], gift["reward"])
        return list(offered.items())

    def _on_record(self) -> StampCardSpec | None:
        return parse_card(self.newest.spec) if self.newest else None

    def _judged(self) -> StampCardSpec | None:
        """Return what was typed as a card; or put beside the fields why it is none."""
        self.form.is_valid()
        if self.form.errors.keys() - NOT_OF_THE_SPEC:
            return None
        told = self.form.spec()
        try:
            return parse_card(told)
        except ValidationError as error:
            self.form.show_faults(faults_of(error, told))
            return None

    @property
    def counts_from(self) -> datetime | None:
        """Return the moment from which the new version is to count, when one was typed."""
        return self.form.cleaned_data.get("counts_from")

    @property
    def wish(self) -> CardWish:
        """Return what a valid form asks for."""
        typed = self.form.cleaned_data
        return CardWish(
            name=typed["name"],
            spec=self.form.spec(),
            counts_from=self.counts_from,
            earned_by=self.form.earned_by(),
            seen=typed.get("seen") or 0,
        )

    def preview(self) -> dict[str, Any]:
        """Return the card as members would see it; nothing while it is none."""
        if self.spec is None:
            return {"strip": None}
        say = wording_for(self.organization, self.program.pk)
        name = str(self.form["name"].value() or _("Stamp card"))
        return {
            "strip": example_strip(name, self.spec, say),
            "words": describe_card(self.spec, say),
            "terms": card_terms(self.spec, say),
        }
