"""How the program works, for whoever explains it to members."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import TenantAPIView
from core.models.access import Scope
from loyalty.answers import moment
from loyalty.api.shapes import ProgramQuery, ProgramShown
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.models import RuleVersion
from loyalty.queries import public_program, rules_in_force
from loyalty.terms import public_rule, public_terms


class ProgramView(TenantAPIView):
    """The public side of a program."""

    scopes: ClassVar = {"get": Scope.PROGRAM_READ}
    queries: ClassVar = {"get": ProgramQuery}
    answers: ClassVar = {"get": {200: ProgramShown}}

    def get(self, _request: Request) -> Response:
        """Say in sentences and as data what gives points and what holds for them."""
        program = public_program(self.organization, self.query().get("program"))
        currency = self.organization.currency
        return Response(
            {
                "slug": program.slug,
                "name": program.name,
                "status": program.status,
                "is_open": program.is_open,
                "currency": currency,
                "rules": [_rule(version, currency) for version in rules_in_force(program)],
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
