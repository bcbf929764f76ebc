"""Every verb of the ledger, in any order, compared with a plain model after each step."""

import os
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.actors import SYSTEM
from core.errors import Refusal
from loyalty.models import Account
from loyalty.queries import balances_of
from loyalty.services.adjustments import adjust_points
from loyalty.services.due import expire_due_points, match_parked_returns
from loyalty.services.purchases import record
from loyalty.services.transfers import Handing, transfer_points
from rewards.services.redemptions import end_overdue_redemptions
from tests.loyalty import ledger_model as model
from tests.loyalty.ledger_steps import BONUS, Steps, figures, key
from tests.shops import assert_audit_is_clean, open_shop

# A run that fails is made as short as can be, and printed with what repeats it.
RUNS = 20_000 if os.environ.get("REGULARS_SOAK") else 25
START = datetime(2026, 3, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
PRICES = {5: None, 20: 3, 60: 1}  # what rewards cost, and how many there are
PEOPLE = st.integers(0, 2)
POINTS = st.integers(1, 80)
WAYS = st.sampled_from([timedelta(minutes=5), timedelta(hours=9), DAY, 6 * DAY, 25 * DAY])


class Ledger(Steps, RuleBasedStateMachine):
    """Three members of one shop, whose clock is in the machine's hand."""

    sales = Bundle("sales")
    held = Bundle("held")
    issued = Bundle("issued")
    over = Bundle("over")

    def __init__(self):
        super().__init__()
        # One transaction for the whole run: what it wrote is gone at once when it ends.
        self.everything = transaction.atomic()
        self.everything.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.hands = self.clock.start()

    def teardown(self):
        self.clock.stop()
        transaction.set_rollback(True)
        self.everything.__exit__(None, None, None)

    @initialize(
        owes=st.booleans(),
        pending=st.sampled_from([0, 3]),
        days=st.sampled_from([None, 10]),
    )
    def open(self, owes, pending, days):
        self.pending, self.days = pending, days
        self.shop = open_shop(f"shop-{key()}", time_zone="UTC")
        expiry = {"type": "after", "days": days} if days else {"type": "never"}
        self.shop.settle(debt="negative" if owes else "floor", pending_days=pending, expiry=expiry)
        self.shop.add_rule(BONUS)
        self.people = [self.shop.member(f"+4474001234{n:02}", name="Mina") for n in range(3)]
        self.rewards = {p: self.shop.reward(p, stock=left) for p, left in PRICES.items()}
        self.stock = dict(PRICES)
        self.open_holds = []
        self.accounts = [model.Account(may_owe=owes) for _person in self.people]

    @rule(
        target=sales,
        person=PEOPLE,
        amounts=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 4)), min_size=1, max_size=3),
        ago=st.sampled_from([timedelta(0), DAY, 12 * DAY, 40 * DAY]),
    )
    def buy(self, person, amounts, ago):
        draft = self.draft(person, amounts, ago)
        record(organization_id=self.shop.organization.pk, draft=draft, actor=SYSTEM)
        return self.sold(person, amounts, draft)

    @rule(person=PEOPLE, amount=st.integers(1, 30))
    def buy_what_came_back_before(self, person, amount):
        draft = self.draft(person, [(amount, 1)], timedelta(0))
        self.bring_back(draft.external_id, {1: 1})
        record(organization_id=self.shop.organization.pk, draft=draft, actor=SYSTEM)
        sale = self.sold(person, [(amount, 1)], draft)
        self.accounts[person].take_back(self.now, sale.number, sale.awards, {1: 1})
        assert match_parked_returns() == 0

    @rule(sale=sales, data=st.data())
    def return_some(self, sale, data):
        number = data.draw(st.sampled_from(sorted(sale.lines)))
        quantity = data.draw(st.integers(1, max(1, sale.lines[number])))
        if not sale.lines[number]:
            self.refused("already_returned", self.bring_back, sale.number, {number: quantity})
            return
        self.bring_back(sale.number, {number: quantity})
        share = Fraction(quantity, sale.lines[number])
        sale.lines[number] -= quantity
        self.take_back(sale, {number: share})

    @rule(sale=consumes(sales))
    def return_all(self, sale):
        left = {number: quantity for number, quantity in sale.lines.items() if quantity}
        if left:
            self.bring_back(sale.number, left)
            self.take_back(sale, dict.fromkeys(left, 1))

    @rule(target=held, person=PEOPLE, price=st.sampled_from(sorted(PRICES)))
    def set_aside(self, person, price):
        return self.redeem(person, price, 600)

    @rule(target=issued, person=PEOPLE, price=st.sampled_from(sorted(PRICES)))
    def take(self, person, price):
        return self.redeem(person, price, None)

    @rule(target=issued, taken=consumes(held))
    def hand_over(self, taken):
        if self.now >= taken.until:
            self.refused("hold_expired", self.capture, taken)
            return multiple()
        self.capture(taken)
        self.open_holds.remove(taken)
        self.accounts[taken.person].let_go(taken.parts, spent=True)
        taken.until = None
        return taken

    @rule(target=over, taken=consumes(held))
    def change_their_mind(self, taken):
        return self.undo(taken)

    @rule(target=over, taken=consumes(issued))
    def bring_the_reward_back(self, taken):
        return self.undo(taken)

    def undo(self, taken):
        if taken.until and self.now >= taken.until:
            self.refused("hold_expired", self.cancel, taken)
            return multiple()
        self.cancel(taken)
        account = self.accounts[taken.person]
        if taken.until:
            self.open_holds.remove(taken)
            account.let_go(taken.parts, spent=False)
        else:
            account.release(self.now, taken.parts)
        self.put_back(taken)
        return taken

    @rule(taken=over, act=st.sampled_from(["capture", "cancel"]))
    def touch_what_is_over(self, taken, act):
        with pytest.raises(Refusal):
            getattr(self, act)(taken)

    @rule()
    def end_what_waited_too_long(self):
        late = [taken for taken in self.open_holds if self.now >= taken.until]
        assert end_overdue_redemptions() == len(late)
        for taken in late:
            self.open_holds.remove(taken)
            self.accounts[taken.person].let_go(taken.parts, spent=False)
            self.put_back(taken)

    @rule(person=PEOPLE, points=POINTS, gives=st.booleans())
    def adjust(self, person, points, gives):
        account = self.accounts[person]

        def expected():
            if not gives:
                account.spend(self.now, points)
            else:
                account.earn(self.now, [(points, self.now, self.end(self.now, self.days))])

        self.both(
            expected,
            lambda: adjust_points(
                program_id=self.shop.program.pk,
                member_id=self.people[person].pk,
                points=points if gives else -points,
                reason="said so",
                actor=SYSTEM,
                request_key=key(),
            ),
        )

    @rule(giver=PEOPLE, step=st.integers(1, 2), points=POINTS)
    def transfer(self, giver, step, points):
        receiver = (giver + step) % 3
        wish = Handing(
            program_id=self.shop.program.pk,
            from_id=self.people[giver].pk,
            to_id=self.people[receiver].pk,
            points=points,
            reason="a gift",
        )

        def expected():
            moved = self.accounts[giver].spend(self.now, points)
            self.accounts[receiver].earn(self.now, moved)

        self.both(
            expected,
            lambda: transfer_points(wish=wish, actor=SYSTEM, request_key=key()),
        )

    @rule()
    def run_expiry(self):
        expire_due_points()
        for account in self.accounts:
            account.expire(self.now)

    @rule(way=WAYS)
    def wait(self, way):
        self.hands.shift(way)

    @invariant()
    def agrees_with_the_model(self):
        connection.check_constraints()
        assert_audit_is_clean()
        if not hasattr(self, "shop"):
            return
        accounts = list(Account.objects.filter(program=self.shop.program).order_by("pk"))
        shown = balances_of(accounts)
        real = {
            account.holders.get().member_id: figures(account, shown[account.pk])
            for account in accounts
        }
        said = {
            person.pk: account.figures(self.now)
            for person, account in zip(self.people, self.accounts, strict=True)
        }
        assert {pk: real.get(pk, (0, 0, 0, 0, 0)) for pk in said} == said


@pytest.mark.proves("L1", "L7", "INV-1", "INV-2", "INV-3", "INV-4", "INV-15")
def test_whatever_is_done_in_whatever_order_the_ledger_agrees_with_the_model(db):
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=30,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
