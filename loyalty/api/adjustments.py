"""Corrections by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import TenantAPIView
from core.models.access import Scope
from loyalty.answers import entry_answer
from loyalty.api.shapes import Adjustment, AdjustmentShown
from loyalty.queries import balance_of, chosen_program
from loyalty.services.adjustments import adjust_points
from members.errors import MemberUnknown
from members.queries import member_by_reference


class AdjustmentsView(TenantAPIView):
    """Gives or takes points with a reason."""

    scopes: ClassVar = {"post": Scope.ADMIN}
    bodies: ClassVar = {"post": Adjustment}
    answers: ClassVar = {"post": {201: AdjustmentShown}}

    def post(self, _request: Request) -> Response:
        """Give or take points by hand; more than one person may decide alone is refused."""
        sent = self.read()
        return self.answer_keyed(sent, lambda key: self._adjusted(sent, key))

    def _adjusted(self, sent: dict[str, Any], request_key: str) -> dict[str, Any]:
        program = chosen_program(self.organization, sent.get("program"))
        member = member_by_reference(self.organization, sent["member"])
        if member is None:
            raise MemberUnknown
        entry = adjust_points(
            program_id=program.pk,
            member_id=member.pk,
            points=sent["points"],
            reason=sent["reason"],
            actor=self.actor,
            request_key=request_key,
        )
        left = balance_of(entry.account)
        return {
            **entry_answer(entry, currency=self.organization.currency),
            "member": str(member.public_id),
            "balance": left.balance,
            "pending": left.pending,
        }
