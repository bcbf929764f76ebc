"""What a program promises as chapters of short sentences, for members and for the staff.

Everything is said by the configuration itself: change a rule, and every guide says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.challenges.words import challenge_terms, describe_challenge
from loyalty.earning.units import Unit
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.earning.wording import Names, Wording, chained
from loyalty.models import Program, RuleVersion
from loyalty.queries import rules_in_force
from loyalty.services.challenge_reading import public_challenges
from loyalty.services.stamp_reading import public_cards
from loyalty.services.tier_reading import public_ladder
from loyalty.stamps.words import card_terms, describe_card
from loyalty.terms import public_rule, public_terms

EARNING_TERMS = (
    "earns_on_products_only",
    "earns_net_of_tax",
    "earns_on_part_paid_with_points",
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One promise; ``name`` is what it is called, if it has a name."""

    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Promises about one thing; ``key`` is the same in every language."""

    key: str
    title: str
    icon: str
    sentences: list[Sentence]


class Chapters:
    """What one program tells; ``rewards`` are the names of those that it may give, by code."""

    def __init__(self, program: Program, rewards: Names) -> None:
        self._program = program
        self._currency = program.organization.currency
        now = timezone.now()
        self._cards = public_cards(program, now)
        self._challenges = public_challenges(program, now)
        self._ladder = public_ladder(program, self._currency)
        names = {
            **rewards,
            **{(Unit.STAMPS.value, card.code): card.name for card, _spec in self._cards},
            **{(Unit.STEPS.value, one.code): one.name for one, _spec in self._challenges},
        }
        self._say = Wording.for_reader(self._currency, names)

    def earning(self) -> Chapter:
        """Return how points and stamps come."""
        return Chapter("earning", _("How you earn"), "sparkles", list(self._earning()))

    def climbing(self) -> Iterator[Chapter]:
        """Return the tiers, the stamp cards and the challenges, as far as there are any."""
        yield Chapter("tiers", _("Tiers"), "star", list(self._tiers()))
        yield Chapter("stamps", _("Stamp cards"), "squares-2x2", list(self._stamps()))
        yield Chapter("challenges", _("Challenges"), "trophy", list(self._tries()))

    def keeping(self) -> Chapter:
        """Return how long points last, and what else holds for them."""
        told = [Sentence(text) for setting, text in self._terms() if setting not in EARNING_TERMS]
        return Chapter("keeping", _("What holds for points"), "shield-check", told)

    def _earning(self) -> Iterator[Sentence]:
        for version in rules_in_force(self._program):
            yield self._rule(version)
        for setting, text in self._terms():
            if setting in EARNING_TERMS:
                yield Sentence(text)

    def _rule(self, version: RuleVersion) -> Sentence:
        told = public_rule(parse_rule(version.spec), self._currency, self._say.names)
        return Sentence(str(told["text"]), str(told["label"] or version.rule.name))

    def _terms(self) -> Iterator[tuple[str, str]]:
        for term in public_terms(self._program.terms, self._currency):
            yield str(term["setting"]), str(term["text"])

    def _tiers(self) -> Iterator[Sentence]:
        if self._ladder is None or not self._ladder["tiers"]:
            return
        for tier in self._ladder["tiers"]:
            yield Sentence(chained([tier["text"], *tier["benefits"]]), tier["name"])
        for text in self._ladder["text"]:
            yield Sentence(text)

    def _stamps(self) -> Iterator[Sentence]:
        for card, spec in self._cards:
            text = chained([describe_card(spec, self._say), *card_terms(spec, self._say)])
            yield Sentence(text, card.name)

    def _tries(self) -> Iterator[Sentence]:
        for challenge, spec in self._challenges:
            text = chained([describe_challenge(spec, self._say), *challenge_terms(spec)])
            yield Sentence(text, challenge.name)


def staff_limits(program: Program) -> list[Sentence]:
    """Return what one of the staff may do alone, and how old a receipt may be."""
    terms = program.terms
    most, days = terms.adjustment_points_max, terms.receipt_age_days_max
    say = Wording.for_reader(program.organization.currency)
    corrected = ngettext(
        "Up to %(points)s point at a time can be corrected by one person",
        "Up to %(points)s points at a time can be corrected by one person",
        most,
    )
    rung_up = ngettext(
        "Receipts of the last %(days)s day can be rung up afterwards",
        "Receipts of the last %(days)s days can be rung up afterwards",
        days,
    )
    return [
        Sentence(corrected % {"points": say.number(most)}),
        Sentence(rung_up % {"days": say.number(days)}),
    ]
