"""Every verb of the ledger, in any order, compared with a plain model after each step."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.actors import SYSTEM
from core.errors import Refusal
from core.models import Staff
from core.models.people import Role
from loyalty.lots import in_spending_order
from loyalty.models import Account, Batch
from loyalty.queries import balances_of
from loyalty.services.due import expire_due_points, match_parked_returns
from loyalty.services.forfeits import forfeit_points
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.opening import Opening, bring_forward
from loyalty.services.settling import settle_purchase
from loyalty.services.transfers import Handing, transfer_points
from rewards.services.redemptions import end_overdue_redemptions
from tests.loyalty import ledger_model as model
from tests.loyalty.ledger_steps import ALONE, BONUS, Steps, figures, key
from tests.shops import assert_audit_is_clean, open_shop

# A run that fails is made as short as can be, and printed with what repeats it.
SOAKS = bool(os.environ.get("REGULARS_SOAK"))
RUNS, STEPS = (20_000, 30) if SOAKS else (200, 12)
START = datetime(2026, 3, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
PRICES = {5: None, 20: 3, 60: 1}  # what rewards cost, and how many there are
PEOPLE = st.integers(0, 2)
POINTS = st.integers(1, 80)
WAYS = st.sampled_from([timedelta(minutes=15), timedelta(hours=9), 4 * DAY, 8 * DAY, 25 * DAY])
AGO = st.sampled_from([timedelta(0), timedelta(0), DAY, 12 * DAY, 40 * DAY])
BASKETS = st.lists(st.tuples(st.integers(1, 10), st.integers(1, 4)), min_size=1, max_size=2)


@dataclass(frozen=True)
class Merged:
    """One person who was merged into another, and whether that can be undone to the point."""

    pk: int
    kept: int
    gone: int
    undoable: bool


class Ledger(Steps, RuleBasedStateMachine):
    """Three members of one shop, whose clock is in the machine's hand."""

    sales = Bundle("sales")
    held = Bundle("held")
    issued = Bundle("issued")
    over = Bundle("over")

    def __init__(self):
        super().__init__()
        self.merged = None
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
        target=sales,
        debt=st.sampled_from(["negative", "floor", "deduct"]),
        waits=st.sampled_from([0, 0, 3, "event"]),
        life=st.sampled_from([(None, False), (10, False), (10, False), (10, True)]),
        goodwill=st.sampled_from([0, 5]),
    )
    def open(self, debt, waits, life, goodwill):
        self.debt, self.waits, (self.days, self.restarts) = debt, waits, life
        self.shop = open_shop(f"shop-{key()}", time_zone="UTC")
        event = {"type": "event", "deadline_days": 5}
        self.shop.settle(
            debt=debt,
            goodwill_days=goodwill,
            point_value="0.01",
            pay_with_points={},
            earns_on_part_paid_with_points=True,
            adjustment_points_max=ALONE,
            **({"waits_for": event} if waits == "event" else {"pending_days": waits}),
            **({"expiry": {"type": self.expiry(), "days": self.days}} if self.days else {}),
        )
        self.shop.add_rule(BONUS)
        self.owner = Staff.objects.create(
            organization=self.shop.organization, code="1", name="Owner", role=Role.OWNER
        )
        self.people = [self.shop.member(f"+4474001234{n:02}", name="Mina") for n in range(3)]
        self.rewards = {p: self.shop.reward(p, stock=left) for p, left in PRICES.items()}
        self.stock = dict(PRICES)
        self.open_holds = []
        self.accounts = [model.Account(goodwill) for _person in self.people]
        return multiple(*(self.buy_with(n, [(8, 3)], 8 * DAY, 0) for n in (0, 1, 2)))

    def expiry(self):
        return "inactive" if self.restarts else "after"

    @rule(target=sales, person=PEOPLE, amounts=BASKETS, ago=AGO)
    def buy(self, person, amounts, ago):
        return self.buy_with(person, amounts, ago, 0)

    @rule(target=sales, person=PEOPLE, amounts=BASKETS, points=POINTS)
    def pay_with_points(self, person, amounts, points):
        sale = self.buy_with(person, amounts, timedelta(0), points)
        return multiple() if sale is None else sale

    @rule(person=PEOPLE, amount=st.integers(1, 30))
    def buy_what_came_back_before(self, person, amount):
        draft = self.draft(person, [(amount, 1)], timedelta(0))
        self.bring_back(draft.external_id, {1: 1})
        self.record(draft)
        sale = self.sold(person, [(amount, 1)], draft)
        sale.lines = {1: 0}
        self.take_back(sale, {1: 1}, at_the_counter=False)
        assert match_parked_returns() == 0

    @rule(sale=sales)
    def settle(self, sale):
        account, waits = self.account(sale.person), any(award.lot.waits for award in sale.awards)

        def expected():
            if sale.settled:
                raise model.Refused("already_settled")
            if not waits:
                raise model.Refused("nothing_waits")
            account.settle(self.now, sale.number)
            sale.settled = True

        pk = self.purchase(sale).pk
        self.both(expected, lambda: settle_purchase(purchase_id=pk, actor=SYSTEM))

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
            sale.lines = dict.fromkeys(sale.lines, 0)
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
        self.let_go(taken, spent=True)
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
        if taken.until:
            self.open_holds.remove(taken)
            self.let_go(taken, spent=False)
        else:
            self.account(taken.person).put_back(self.now, taken.parts)
        self.put_on_the_shelf(taken)
        return taken

    @rule(taken=over, act=st.sampled_from(["capture", "cancel"]))
    def touch_what_is_over(self, taken, act):
        with pytest.raises(Refusal):
            getattr(self, act)(taken)

    @rule(person=PEOPLE, points=POINTS, gives=st.booleans())
    def adjust(self, person, points, gives):
        account = self.account(person)

        def expected():
            if gives:
                account.earn(self.now, [self.lot_of_now(points)])
            else:
                account.spend(account.choose(self.now, points, by_hand=True))

        self.both(expected, lambda: self.correct(person, points if gives else -points))

    @rule(person=PEOPLE, points=POINTS)
    def bring_points_forward(self, person, points):
        batch = Batch.objects.create(organization=self.shop.organization, kind="import")
        row = Opening(member_id=self.member(person).pk, points=points, note=key())
        bring_forward(program_id=self.shop.program.pk, openings=[row], batch=batch)
        self.account(person).earn(self.now, [self.lot_of_now(points)])

    @rule(person=PEOPLE)
    def give_up(self, person):
        account, member = self.account(person), self.member(person)
        self.both(
            lambda: account.forfeit(self.now),
            lambda: forfeit_points(
                member_id=member.pk, reason="moved away", actor=SYSTEM, request_key=key()
            ),
        )

    @rule(giver=PEOPLE, step=st.integers(1, 2), points=st.integers(1, ALONE))
    def transfer(self, giver, step, points):
        ends = self.living(giver), self.living((giver + step) % 3)
        if ends[0] == ends[1]:
            return
        wish = Handing(
            program_id=self.shop.program.pk,
            from_id=self.people[ends[0]].pk,
            to_id=self.people[ends[1]].pk,
            points=points,
            reason="a gift",
        )

        def expected():
            parts = self.accounts[ends[0]].choose(self.now, points, by_hand=True)
            self.accounts[ends[0]].spend(parts)
            receiver = self.accounts[ends[1]]
            came = [
                model.Lot(part, lot.available, lot.ends, lot.life, home=receiver)
                for lot, part in parts
            ]
            receiver.lots += came
            receiver.pay_debt(came)

        self.both(expected, lambda: transfer_points(wish=wish, actor=SYSTEM, request_key=key()))

    # What activity has moved comes back to a lot that it had not reached, in a merged account.
    @precondition(lambda self: self.merged is None and not self.restarts)
    @rule(kept=PEOPLE, step=st.integers(1, 2))
    def merge(self, kept, step):
        gone = (kept + step) % 3
        ends = self.accounts[kept], self.accounts[gone]
        undoable = not ends[1].debt
        row = self.both(
            lambda: ends[0].take_over(self.now, ends[1]),
            lambda: merge_members(
                organization_id=self.shop.organization.pk,
                kept_id=self.people[kept].pk,
                merged_id=self.people[gone].pk,
                actor=SYSTEM,
                request_key=key(),
            ),
        )
        if row is not None:
            self.merged = Merged(row.pk, kept, gone, undoable)

    @precondition(lambda self: self.merged is not None and self.merged.undoable)
    @rule()
    def part(self):
        merged = self.merged
        kept, gone = self.accounts[merged.kept], self.accounts[merged.gone]
        parted = self.both(
            lambda: kept.part_from(self.now, gone),
            lambda: unmerge_members(
                organization_id=self.shop.organization.pk,
                merge_id=merged.pk,
                actor=SYSTEM,
                request_key=key(),
            ),
        )
        if parted is not None:
            self.merged = None

    @rule(way=WAYS, rounds_run=st.booleans())
    def wait(self, way, rounds_run):
        self.hands.shift(way)
        if rounds_run:
            self.run_the_rounds()

    def run_the_rounds(self):
        """Let go of what waited too long, then end what is due, as workers do."""
        late = [taken for taken in self.open_holds if self.now >= taken.until]
        assert end_overdue_redemptions() == len(late)
        for taken in late:
            self.open_holds.remove(taken)
            self.let_go(taken, spent=False)
            self.put_on_the_shelf(taken)
        expire_due_points()
        for account in self.accounts:
            account.expire(self.now)

    @invariant()
    def agrees_with_the_model(self):
        connection.check_constraints()
        assert_audit_is_clean()
        if not hasattr(self, "shop"):
            return
        accounts = list(Account.objects.filter(program=self.shop.program).order_by("pk"))
        shown = balances_of(accounts)
        real = {
            holder.member_id: figures(account, shown[account.pk])
            for account in accounts
            for holder in account.holders.all()
        }
        said = {
            person.pk: self.account(n).figures(self.now) for n, person in enumerate(self.people)
        }
        assert real == said


def lives(*, examples, steps=STEPS, **options):
    """Let so many random lives of a shop pass; a failure prints the line that repeats it."""
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            **options,
        ),
    )


@pytest.mark.proves("L1", "L7", "INV-1", "INV-2", "INV-3", "INV-4", "INV-15")
def test_whatever_is_done_in_whatever_order_the_ledger_agrees_with_the_model(db):
    lives(examples=RUNS)


def spend_what_lasts_longest(lots):
    """Let points that end soonest be spent last."""
    return in_spending_order(lots)[::-1]


def forget_debt(book, entry, lots):
    """Let nothing that comes pay what is owed."""


@pytest.mark.proves("L1")
@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("loyalty.services.ledger.postings.in_spending_order", spend_what_lasts_longest),
        ("loyalty.services.ledger.book.Book.repay_debt", forget_debt),
    ],
)
def test_a_ledger_that_is_broken_is_found_out(db, monkeypatch, name, broken):
    """The control: were this to fail, the test above would prove nothing."""
    monkeypatch.setattr(name, broken)

    with pytest.raises(AssertionError):
        lives(examples=RUNS, phases=[Phase.generate], derandomize=True)
