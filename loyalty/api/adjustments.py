"""Corrections by hand, and those that wait for a second person."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from core.api.answers import Told
from core.api.serializers import Empty
from core.api.views import TenantAPIView
from core.idempotency import Answer
from core.models.access import Scope
from loyalty.answers import entry_answer, request_answer
from loyalty.api.shapes import Adjustment, AdjustmentAsked, AdjustmentShown
from loyalty.models import AdjustmentRequest, Entry
from loyalty.queries import adjustment_requests_of, balance_of, chosen_program
from loyalty.services.adjustment_requests import adjust_or_ask, withdraw_adjustment
from loyalty.services.adjustments import Correction
from members.errors import MemberUnknown
from members.models import Member
from members.queries import member_by_reference


class AdjustmentsView(TenantAPIView):
    """Gives or takes points with a reason."""

    scopes: ClassVar = {"post": Scope.ADMIN}
    bodies: ClassVar = {"post": Adjustment}
    answers: ClassVar = {"post": {201: AdjustmentShown, 202: AdjustmentAsked}}

    def post(self, _request: Request) -> HttpResponse:
        """Give or take points by hand; beyond the program's limits a second person is asked."""
        sent = self.read()
        return self.answer_keyed(sent, lambda key: self._adjusted(sent, key))

    def _adjusted(self, sent: dict[str, Any], request_key: str) -> Answer:
        program = chosen_program(self.organization, sent.get("program"))
        member = member_by_reference(self.organization, sent["member"])
        if member is None:
            raise MemberUnknown
        wish = Correction(
            program_id=program.pk,
            member_id=member.pk,
            points=sent["points"],
            reason=sent["reason"],
        )
        done = adjust_or_ask(wish=wish, actor=self.actor, request_key=request_key)
        if isinstance(done, AdjustmentRequest):
            return Answer(202, request_answer(done))
        return Answer(201, self._shown(done, member))

    def _shown(self, entry: Entry, member: Member) -> dict[str, Any]:
        left = balance_of(entry.account)
        return {
            **entry_answer(entry, currency=self.organization.currency),
            "member": str(member.public_id),
            "balance": left.balance,
            "pending": left.pending,
        }


class AdjustmentView(TenantAPIView):
    """One adjustment that a second person decides on."""

    scopes: ClassVar = {"get": Scope.ADMIN}
    answers: ClassVar = {"get": {200: AdjustmentAsked}}

    def get(self, _request: Request, request_id: UUID) -> HttpResponse:
        """Say what became of it; it is approved or declined in the back-office alone."""
        asked = get_object_or_404(adjustment_requests_of(self.organization), public_id=request_id)
        return Told(request_answer(asked))


class WithdrawalView(TenantAPIView):
    """Takes back what was asked for."""

    scopes: ClassVar = {"post": Scope.ADMIN}
    bodies: ClassVar = {"post": Empty}
    answers: ClassVar = {"post": {200: AdjustmentAsked}}

    def post(self, _request: Request, request_id: UUID) -> HttpResponse:
        """Withdraw an adjustment that this integration asked for and nobody has decided."""
        found = get_object_or_404(adjustment_requests_of(self.organization), public_id=request_id)

        def act(_request_key: str) -> dict[str, Any]:
            return request_answer(withdraw_adjustment(request_id=found.pk, actor=self.actor))

        return self.answer_keyed(self.read(), act, status=200)
