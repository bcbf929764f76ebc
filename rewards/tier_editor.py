"""The editor of a ladder for one request: the form, and what it would mean and do."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils import timezone

from core.keyed_forms import new_key
from core.models import Organization
from loyalty.errors import LadderInvalid
from loyalty.models import LadderVersion, Program
from loyalty.services.ladder import LadderWish, versions_of
from loyalty.services.tier_crowds import effect_of
from loyalty.tiers.spec import LadderSpec, parse_ladder
from loyalty.tiers.words import ladder_words
from rewards.queries import rewards_to_give
from rewards.stamp_strips import wording_for
from rewards.tier_forms import LadderForm
from rewards.tier_page import effect_words, example_box, tier_cards

SAVE = "save"  # the button that keeps what was written; any other only shows it
NOT_OF_THE_SPEC = {"counts_from", "request_key", "seen", "rows"}


class LadderEditor:
    """A ladder being written: ``spec`` is what was typed, as far as it is one."""

    def __init__(
        self, organization: Organization, program: Program, typed: QueryDict | None = None
    ) -> None:
        self.organization, self.program = organization, program
        versions = versions_of(program)
        self.newest: LadderVersion | None = versions[-1] if versions else None
        with timezone.override(organization.zone):
            self.form = LadderForm(
                typed,
                rewards=self._rewards(),
                spec=self.newest.spec if self.newest else None,
                initial={
                    "request_key": new_key(),
                    "seen": self.newest.number if self.newest else 0,
                },
            )
            self.spec = self._judged() if typed is not None else self._on_record()

    def _rewards(self) -> list[tuple[str, str]]:
        """Return what can be given, and what is given already though it is offered no more."""
        offered = dict(rewards_to_give(self.program).values_list("code", "name"))
        tiers = self.newest.spec["tiers"] if self.newest else ()
        for tier in tiers:
            for gift in tier.get("benefits", {}).get("gifts", ()):
                if gift["type"] == "voucher":
                    offered.setdefault(gift["reward"], gift["reward"])
        return list(offered.items())

    def _on_record(self) -> LadderSpec | None:
        return parse_ladder(self.newest.spec) if self.newest else None

    def _judged(self) -> LadderSpec | None:
        """Return what was typed as a ladder; or put beside the fields why it is none."""
        self.form.is_valid()
        if self.form.errors.keys() - NOT_OF_THE_SPEC:
            return None
        try:
            return parse_ladder(self.form.spec())
        except LadderInvalid as refusal:
            self.form.show_faults(refusal.data["errors"])
            return None

    @property
    def wish(self) -> LadderWish:
        """Return what a valid form asks for."""
        typed = self.form.cleaned_data
        return LadderWish(
            spec=self.form.spec(),
            counts_from=typed.get("counts_from"),
            seen=typed.get("seen") or 0,
        )

    def preview(self) -> dict[str, Any]:
        """Return the ladder in words, as members would see it, and what it would do."""
        if self.spec is None or not self.spec.tiers:
            return {"box": None}
        say = wording_for(self.organization, self.program.pk)
        return {
            "words": ladder_words(self.spec),
            "tiers": tier_cards(self.spec, say),
            "box": example_box(self.spec, say, timezone.now(), self.organization),
            "effect": effect_words(effect_of(self.program, self.spec), self.spec),
        }
