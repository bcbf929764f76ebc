"""Vouchers by their codes: what one is good for, using it, and letting go of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import TenantAPIView
from core.models import Store
from core.models.access import Scope
from core.queries import store_named
from loyalty.models import Purchase
from loyalty.queries import purchases_of
from members.errors import StoreUnknown
from members.models import Member
from members.queries import everyone_in
from rewards.answers import moment, money
from rewards.api.asking import asker_of
from rewards.api.bound import bound_to_place, source_of
from rewards.api.voucher_shapes import VoucherBody, VoucherStands
from rewards.batch_errors import PurchaseUnknown
from rewards.errors import VoucherNotTheirs
from rewards.models import Voucher
from rewards.services.baskets import member_of
from rewards.services.voucher_finding import find_voucher
from rewards.services.voucher_reading import is_for_somebody_else, standing
from rewards.services.voucher_undoing import release_own
from rewards.services.vouchers import Use, use_voucher
from rewards.voucher_codes import grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The voucher that was sent, and for whom, where and on which purchase."""

    voucher: Voucher
    member: Member | None
    store: Store | None
    purchase: Purchase | None


class _ByCode(TenantAPIView):
    """What all three calls have in common; the code is found before any transaction begins."""

    scopes: ClassVar = {}

    def meant(self, sent: dict[str, Any]) -> Meant:
        """Find what was sent, within the organization."""
        voucher = find_voucher(asker=asker_of(self), text=sent["code"])
        purchase = self._purchase(sent)
        return Meant(
            voucher=voucher,
            member=member_of(self.organization, sent.get("member"))
            or (purchase.member if purchase else None),
            store=self._store(sent) or (purchase.store if purchase else None),
            purchase=purchase,
        )

    def _store(self, sent: dict[str, Any]) -> Store | None:
        code = bound_to_place(self.caller, sent).get("store")
        if code is None:
            return self.caller.store
        store = store_named(self.organization, code)
        if store is None:
            raise StoreUnknown
        return store

    def _purchase(self, sent: dict[str, Any]) -> Purchase | None:
        known = purchases_of(self.organization)
        if "purchase" in sent:
            found = known.filter(public_id=sent["purchase"]).first()
        elif "external_id" in sent:
            source = source_of(self.caller)
            found = known.filter(source=source, external_id=sent["external_id"]).first()
        else:
            return None
        if found is None:
            raise PurchaseUnknown(field="purchase" if "purchase" in sent else "external_id")
        return found


class VoucherCheckView(_ByCode):
    """What a code is good for; nothing changes."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": VoucherBody}
    answers: ClassVar = {"post": {200: VoucherStands}}
    keyless: ClassVar = frozenset({"post"})

    def post(self, _request: Request) -> HttpResponse:
        """Say what a code is good for and whether it can be used now, by this member if named."""
        meant = self.meant(self.read())
        if meant.member is not None and is_for_somebody_else(meant.voucher, meant.member):
            raise VoucherNotTheirs
        return Response(_stands(meant.voucher, meant.member))


class VoucherUseView(_ByCode):
    """Uses a voucher."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": VoucherBody}
    answers: ClassVar = {"post": {200: VoucherStands}}

    def post(self, _request: Request) -> HttpResponse:
        """Use a voucher once, for this member, store and purchase as far as they are named."""
        sent = self.read()
        meant = self.meant(sent)

        def act(request_key: str) -> dict[str, Any]:
            use = Use(
                request_key=f"{request_key}:use:1",
                member_id=meant.member.pk if meant.member else None,
                store_id=meant.store.pk if meant.store else None,
                purchase_id=meant.purchase.pk if meant.purchase else None,
            )
            return _stands(use_voucher(voucher_id=meant.voucher.pk, use=use, actor=self.actor))

        return self.answer_keyed(sent, act, status=200)


class VoucherReleaseView(_ByCode):
    """Lets go of a use."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": VoucherBody}
    answers: ClassVar = {"post": {200: VoucherStands}}

    def post(self, _request: Request) -> HttpResponse:
        """Let go of the last use that the same shop system made, within 15 minutes."""
        sent = self.read()
        meant = self.meant(sent)

        def act(_request_key: str) -> dict[str, Any]:
            member = meant.member if "member" in sent else None
            ids = list(everyone_in(member).values_list("pk", flat=True)) if member else None
            freed = release_own(
                voucher_id=meant.voucher.pk,
                actor=self.actor,
                member_ids=ids,
                purchase_id=meant.purchase.pk if meant.purchase else None,
            )
            return _stands(freed)

        return self.answer_keyed(sent, act, status=200)


def _stands(voucher: Voucher, member: Member | None = None) -> dict[str, Any]:
    reward = voucher.reward
    return {
        "code": grouped(voucher.code),
        "status": str(standing(voucher, now=timezone.now(), member=member)),
        "reward": str(reward.public_id),
        "value": None if reward.amount is None else money(reward.amount),
        "valid_until": moment(voucher.valid_until) if voucher.valid_until else None,
    }
