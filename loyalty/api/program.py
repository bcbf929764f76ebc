"""How the program works, for whoever explains it to members."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from core.api.answers import Told
from core.api.views import TenantAPIView
from core.models.access import Scope
from loyalty.answers import moment
from loyalty.api.shapes import ProgramQuery, ProgramShown
from loyalty.challenges.spec import ChallengeSpec, dump_challenge
from loyalty.challenges.words import challenge_terms, describe_challenge
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.earning.wording import Wording
from loyalty.models import Challenge, RuleVersion, StampCard
from loyalty.queries import public_program, rules_in_force
from loyalty.services.challenge_reading import public_challenges
from loyalty.services.stamp_reading import public_cards
from loyalty.services.tier_reading import public_ladder
from loyalty.stamps.spec import StampCardSpec, dump_card
from loyalty.stamps.words import card_terms, describe_card
from loyalty.terms import public_rule, public_terms


class ProgramView(TenantAPIView):
    """The public side of a program."""

    scopes: ClassVar = {"get": Scope.PROGRAM_READ}
    queries: ClassVar = {"get": ProgramQuery}
    answers: ClassVar = {"get": {200: ProgramShown}}

    def get(self, _request: Request) -> HttpResponse:
        """Say in sentences and as data what gives points and what holds for them."""
        program = public_program(self.organization, self.query().get("program"))
        currency = self.organization.currency
        return Told(
            {
                "slug": program.slug,
                "name": program.name,
                "status": program.status,
                "is_open": program.is_open,
                "currency": currency,
                "rules": [_rule(version, currency) for version in rules_in_force(program)],
                "tiers": public_ladder(program, currency),
                "stamp_cards": [
                    _card(card, spec, currency)
                    for card, spec in public_cards(program, timezone.now())
                ],
                "challenges": [
                    _challenge(challenge, spec, currency)
                    for challenge, spec in public_challenges(program, timezone.now())
                ],
                "terms": public_terms(program.terms, currency),
            }
        )


def _rule(version: RuleVersion, currency: str) -> dict[str, Any]:
    rule = version.rule
    return {
        "id": str(rule.public_id),
        "code": rule.code,
        "name": rule.name,
        "version": version.number,
        "effective_from": moment(version.effective_from),
        **public_rule(parse_rule(version.spec), currency),
    }


def _card(card: StampCard, spec: StampCardSpec, currency: str) -> dict[str, Any]:
    say = Wording.for_reader(currency)
    return {
        "code": card.code,
        "name": card.name,
        "text": describe_card(spec, say),
        "terms": card_terms(spec, say),
        "spec": dump_card(spec),
    }


def _challenge(challenge: Challenge, spec: ChallengeSpec, currency: str) -> dict[str, Any]:
    say = Wording.for_reader(currency)
    return {
        "id": str(challenge.public_id),
        "code": challenge.code,
        "name": challenge.name,
        "text": describe_challenge(spec, say),
        "terms": challenge_terms(spec),
        "spec": dump_challenge(spec),
    }
