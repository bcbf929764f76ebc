"""What a step of the state machine is made of: the same thing done to the shop and to the model."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.utils import timezone
from hypothesis.stateful import multiple

from core.actors import SYSTEM, staff_actor
from core.errors import Refusal
from loyalty.earning.receipt import Line
from loyalty.models import AdjustmentRequest, Purchase
from loyalty.receipts import Paid, PointsWish
from loyalty.services.adjustment_requests import adjust_or_ask, approve_adjustment
from loyalty.services.adjustments import Correction
from loyalty.services.purchases import record
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import cancel_redemption, capture_redemption, redeem
from tests.loyalty import ledger_model as model
from tests.loyalty.ledger_model import midnight

BONUS = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 2, "per": "1"},
    "pending_days": 7,
    "expires": {"type": "after", "days": 20},
}
PENNY = Decimal("0.01")  # what a point is worth
ALONE = 50  # the most points that one person gives or takes by hand
_keys = count(1)


def key():
    return f"key-{next(_keys)}"


@dataclass(eq=False)
class Sale:
    number: str
    person: int
    total: int
    awards: list
    prices: dict
    lines: dict = field(default_factory=dict)
    paid: list = field(default_factory=list)
    back: int = 0
    settled: bool = False

    def put_back(self):
        """Return which of the points that paid are due back by now and are not back yet."""
        kept = sum(self.prices[n] * left for n, left in self.lines.items())
        points = sum(part for _lot, part in self.paid)
        due = points * (self.total - kept) // self.total - self.back
        before, self.back = self.back, self.back + due
        parts = []
        for lot, part in reversed(self.paid):  # what was spent last goes back first
            passed = min(before, part)
            now = min(part - passed, due)
            before, due = before - passed, due - now
            parts += [(lot, now)] if now else []
        return parts


@dataclass(eq=False)
class Taken:
    pk: int
    person: int
    price: int
    parts: list
    until: datetime | None  # of a hold; nothing once the reward was handed over


def figures(account, shown):
    return (account.balance, account.debt, shown.balance, shown.pending, shown.held)


class Steps:
    """A shop, its members and their accounts in the model."""

    @property
    def now(self):
        return timezone.now()

    def account(self, person):
        """Return what the member has in the model, or who carries them on."""
        return self.accounts[self.living(person)]

    def living(self, person):
        merged = self.merged
        return merged.kept if merged and person == merged.gone else person

    def member(self, person):
        """Return the member who stands for a person now."""
        return self.people[self.living(person)]

    def life(self):
        """Return for how many days points last, and whether activity restarts them."""
        return self.days, self.restarts

    def draft(self, person, amounts, ago, points=0):
        lines = tuple(
            Line(number=n, sku=f"sku-{n}", quantity=Decimal(q), amount=Decimal(price * q))
            for n, (price, q) in enumerate(amounts, start=1)
        )
        draft = self.shop.draft(self.people[person], at=self.now - ago, lines=lines)
        if not points:
            return draft
        paid = Paid(method="points", amount=points * PENNY, points=points)
        wish = PointsWish(program_id=self.shop.program.pk, points=points)
        return replace(draft, payments=(paid,), points_wish=wish)

    def buy_with(self, person, amounts, ago, points):
        """Ring up a purchase in both worlds, paid with so many points; return what was sold."""
        draft = self.draft(person, amounts, ago, points)
        paid = []
        account = self.account(person)

        def expected():
            if points:
                paid.extend(account.choose(self.now, points))
                account.spend(paid)
                account.act(self.now, self.now)

        if self.both(expected, lambda: self.record(draft)) is None:
            return None
        sale = self.sold(person, amounts, draft, reads_lots=bool(points))
        sale.paid = paid
        return sale

    def record(self, draft):
        return record(organization_id=self.shop.organization.pk, draft=draft, actor=SYSTEM)

    def sold(self, person, amounts, draft, *, reads_lots=False):
        """Let the model earn by both rules; whole pounds leave nothing to round."""
        at, account = draft.occurred_at, self.account(person)
        account.act(self.now, at)
        prices = {n: price for n, (price, _quantity) in enumerate(amounts, start=1)}
        lines = {n: quantity for n, (_price, quantity) in enumerate(amounts, start=1)}
        total = sum(prices[n] * lines[n] for n in lines)
        lots = [self.base_lot(at, total), model.Lot(2 * total, midnight(at, 7), None, (20, False))]
        lots[1].begin(midnight(at, 7))
        for lot in lots:
            lot.source = draft.external_id
        account.earn(self.now, lots, everything=reads_lots)
        awards = [
            model.Award(lot, {n: points * prices[n] * lines[n] for n in lines})
            for points, lot in enumerate(lots, start=1)
        ]
        return Sale(draft.external_id, person, total, awards, prices, lines)

    def base_lot(self, at, points):
        """Return what the first rule gives, which waits as the program says."""
        if self.waits == "event":
            lapse = midnight(at, 6)
            return model.Lot(points, lapse, lapse, self.life(), waits=True)
        available = midnight(at, self.waits) if self.waits else at
        lot = model.Lot(points, available, None, self.life())
        lot.begin(available)
        return lot

    def lot_of_now(self, points):
        lot = model.Lot(points, self.now, None, self.life())
        lot.begin(self.now)
        return lot

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

    def take_back(self, sale, shares, *, at_the_counter=True):
        """Let the model take goods back; at the counter money can be kept for missing points."""
        account = self.account(sale.person)
        if parts := sale.put_back():
            account.put_back(self.now, parts)
        owes = self.debt == "negative" or (self.debt == "deduct" and not at_the_counter)
        account.take_back(self.now, sale.number, sale.awards, shares, owes=owes)

    def redeem(self, person, price, seconds):
        """Take a reward in both worlds; return nothing when both say the same no."""
        account, parts = self.account(person), []

        def expected():
            if self.stock[price] == 0:
                raise model.Refused("sold_out")
            parts.extend(account.choose(self.now, price))

        real = self.both(
            expected,
            lambda: redeem(
                reward_id=self.rewards[price].pk,
                member_id=self.member(person).pk,
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
        self.hold(parts, 1)
        if until:
            self.open_holds.append(taken)
        else:
            self.let_go(taken, spent=True)
        return taken

    def hold(self, parts, times):
        for lot, part in parts:
            lot.held += times * part

    def let_go(self, taken, *, spent):
        """End what was set aside: handed over, which is something the members do, or not."""
        self.hold(taken.parts, -1)
        if spent:
            account = self.account(taken.person)
            account.spend(taken.parts)
            account.act(self.now, self.now)

    def put_on_the_shelf(self, taken):
        if self.stock[taken.price] is not None:
            self.stock[taken.price] += 1

    def capture(self, taken):
        capture_redemption(redemption_id=taken.pk, actor=SYSTEM, request_key=key())

    def cancel(self, taken):
        cancel_redemption(
            redemption_id=taken.pk, reason="changed their mind", actor=SYSTEM, request_key=key()
        )

    def correct(self, person, points):
        """Give or take points by hand, by a second person where one alone may not."""
        wish = Correction(
            program_id=self.shop.program.pk,
            member_id=self.member(person).pk,
            points=points,
            reason="said so",
        )
        asked = adjust_or_ask(wish=wish, actor=SYSTEM, request_key=key())
        if isinstance(asked, AdjustmentRequest):
            approve_adjustment(request_id=asked.pk, actor=staff_actor(self.owner.pk))
        return asked

    def purchase(self, sale):
        return Purchase.objects.get(
            organization=self.shop.organization, source="till", external_id=sale.number
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
