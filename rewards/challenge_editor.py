"""The editor of a challenge for one request: the form, and what members would see of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from core.keyed_forms import new_key
from core.models import Organization
from loyalty.challenges.spec import ChallengeSpec, dump_challenge, parse_challenge
from loyalty.challenges.words import challenge_terms, describe_challenge
from loyalty.errors import ChallengeInvalid
from loyalty.models import Challenge, ChallengeVersion, Program
from loyalty.rule_page import known_to
from loyalty.services.challenge_reading import challenge_versions
from loyalty.services.challenge_settings import ChallengeWish
from rewards.challenge_cards import example_of
from rewards.challenge_forms import ChallengeForm
from rewards.queries import rewards_to_give
from rewards.stamp_strips import wording_for

SAVE = "save"  # the button that keeps what was written; any other only shows it
NOT_OF_THE_SPEC = {"name", "counts_from", "request_key", "seen"}


class ChallengeEditor:
    """A challenge being written: ``spec`` is what was typed, as far as it is one."""

    def __init__(
        self,
        organization: Organization,
        program: Program,
        challenge: Challenge | None = None,
        typed: QueryDict | None = None,
    ) -> None:
        self.organization, self.program, self.challenge = organization, program, challenge
        versions = challenge_versions([challenge])[challenge.pk] if challenge else []
        self.newest: ChallengeVersion | None = versions[-1] if versions else None
        self.is_dated = challenge is not None and challenge.status != Challenge.Status.DRAFT
        with timezone.override(organization.zone):
            self.form = self._form(typed)
            self.spec = self._judged() if typed is not None else self._on_record()

    def _form(self, typed: QueryDict | None) -> ChallengeForm:
        on_record = self._on_record()
        return ChallengeForm(
            typed,
            known=known_to(self.organization, self.program),
            rewards=self._rewards(),
            spec=dump_challenge(on_record) if on_record else None,
            is_dated=self.is_dated,
            initial={
                "request_key": new_key(),
                "name": self.challenge.name if self.challenge else "",
                "seen": self.newest.number if self.newest else 0,
            },
        )

    def _rewards(self) -> list[tuple[str, str]]:
        """Return what can be given, and what is given already though it is offered no more."""
        offered = dict(rewards_to_give(self.program).values_list("code", "name"))
        for gift in self.newest.spec.get("gifts", ()) if self.newest else ():
            if gift["type"] == "voucher":
                offered.setdefault(gift["reward"], gift["reward"])
        return list(offered.items())

    def _on_record(self) -> ChallengeSpec | None:
        return parse_challenge(self.newest.spec) if self.newest else None

    def _judged(self) -> ChallengeSpec | None:
        """Return what was typed as a challenge; or put beside the fields why it is none."""
        self.form.is_valid()
        if self.form.errors.keys() - NOT_OF_THE_SPEC:
            return None
        try:
            return parse_challenge(self.form.spec())
        except ChallengeInvalid as refusal:
            self.form.show_faults(refusal.data["errors"])
            return None

    @property
    def counts_from(self) -> datetime | None:
        """Return the moment from which the new version is to count, when one was typed."""
        return self.form.cleaned_data.get("counts_from")

    @property
    def wish(self) -> ChallengeWish:
        """Return what a valid form asks for."""
        typed = self.form.cleaned_data
        return ChallengeWish(
            name=typed["name"],
            spec=self.form.spec(),
            counts_from=self.counts_from,
            seen=typed.get("seen") or 0,
        )

    def preview(self) -> dict[str, Any]:
        """Return the challenge as members would see it; nothing while it is none."""
        if self.spec is None:
            return {"one": None}
        say = wording_for(self.organization, self.program.pk)
        name = str(self.form["name"].value() or _("Challenge"))
        return {
            "one": example_of(name, self.spec, say),
            "words": describe_challenge(self.spec, say),
            "terms": challenge_terms(self.spec),
        }
