"""What a step of the state machine is made of: the same thing done to the shop and to the model."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.utils import timezone
from hypothesis.stateful import multiple

from core.actors import SYSTEM
from core.errors import Refusal
from loyalty.earning.receipt import Line
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import cancel_redemption, capture_redemption, redeem
from tests.loyalty import ledger_model as model

BONUS = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 2, "per": "1"},
    "pending_days": 7,
    "expires": {"type": "after", "days": 20},
}
_keys = count(1)


def key():
    return f"key-{next(_keys)}"


@dataclass(eq=False)
class Sale:
    number: str
    person: int
    awards: list
    lines: dict = field(default_factory=dict)


@dataclass(eq=False)
class Taken:
    pk: int
    person: int
    price: int
    parts: list
    until: datetime | None  # of a hold; nothing once the reward was handed over


def figures(account, shown):
    return (account.balance, account.debt, shown.balance, shown.pending, shown.held)


def midnight(moment, days):
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=days)


class Steps:
    """A shop, its members and their accounts in the model."""

    @property
    def now(self):
        return timezone.now()

    def draft(self, person, amounts, ago):
        lines = tuple(
            Line(number=n, sku=f"sku-{n}", quantity=Decimal(quantity), amount=Decimal(amount))
            for n, (amount, quantity) in enumerate(amounts, start=1)
        )
        return self.shop.draft(self.people[person], at=self.now - ago, lines=lines)

    def sold(self, person, amounts, draft):
        """Let the model earn by both rules; whole pounds leave nothing to round."""
        kinds = [(1, self.pending, self.days), (2, BONUS["pending_days"], 20)]
        total = sum(amount for amount, _quantity in amounts)
        given = []
        for points, pending, days in kinds:
            available = midnight(draft.occurred_at, pending) if pending else draft.occurred_at
            given.append((points * total, available, self.end(available, days)))
        lots = self.accounts[person].earn(self.now, given, draft.external_id)
        shares = enumerate(amounts, start=1)
        by_line = {number: amount for number, (amount, _quantity) in shares}
        awards = [
            model.Award(lot, {number: points * amount for number, amount in by_line.items()})
            for lot, (points, _pending, _days) in zip(lots, kinds, strict=True)
        ]
        quantities = {number: quantity for number, (_a, quantity) in enumerate(amounts, start=1)}
        return Sale(draft.external_id, person, awards, quantities)

    def end(self, available, days):
        return midnight(available, days + 1) if days else None

    def bring_back(self, sale, quantities):
        wish = ReturnWish(
            source="till",
            external_id=key(),
            sale_source="till",
            sale_external_id=sale,
            occurred_at=self.now,
            request_key=key(),
            quantities={number: Decimal(quantity) for number, quantity in quantities.items()},
        )
        return record_return(organization_id=self.shop.organization.pk, wish=wish, actor=SYSTEM)

    def take_back(self, sale, shares):
        self.accounts[sale.person].take_back(self.now, sale.number, sale.awards, shares)

    def redeem(self, person, price, seconds):
        """Take a reward in both worlds; return nothing when both say the same no."""
        account, parts = self.accounts[person], []

        def expected():
            if self.stock[price] == 0 and account.lots:
                raise model.Refused("sold_out")
            parts.extend(account.hold(self.now, price))

        real = self.both(
            expected,
            lambda: redeem(
                reward_id=self.rewards[price].pk,
                member_id=self.people[person].pk,
                actor=SYSTEM,
                request_key=key(),
                hold_seconds=seconds,
            ),
        )
        if real is None:
            return multiple()
        if self.stock[price] is not None:
            self.stock[price] -= 1
        until = self.now + timedelta(seconds=seconds) if seconds else None
        taken = Taken(real.pk, person, price, parts, until)
        if until:
            self.open_holds.append(taken)
        else:
            account.let_go(parts, spent=True)
        return taken

    def put_back(self, taken):
        if self.stock[taken.price] is not None:
            self.stock[taken.price] += 1

    def capture(self, taken):
        capture_redemption(redemption_id=taken.pk, actor=SYSTEM, request_key=key())

    def cancel(self, taken):
        cancel_redemption(
            redemption_id=taken.pk, reason="changed their mind", actor=SYSTEM, request_key=key()
        )

    def both(self, expected, real):
        """Do the same in both worlds, or be refused in both with one code."""
        try:
            expected()
        except model.Refused as no:
            self.refused(str(no), real)
            return None
        return real()

    def refused(self, code, act, *arguments):
        with pytest.raises(Refusal) as no:
            act(*arguments)
        assert no.value.code == code
