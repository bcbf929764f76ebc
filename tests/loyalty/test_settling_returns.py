"""Returns, debt and audits where points wait: what may still be canceled pays for nothing."""

import pytest
import time_machine
from django.db import connection

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from loyalty.errors import AlreadySettled, NothingWaits
from loyalty.models import Consumption, Lot
from loyalty.services.due import expire_due_points
from loyalty.services.ledger import Cause, forfeit, open_book
from loyalty.services.member_merges import merge_members, unmerge_members
from tests.loyalty.settled import (
    A_YEAR,
    DEADLINE,
    EVENT,
    MARCH,
    brings_back,
    figures,
    left,
    settles,
    spends,
)
from tests.shops import open_shop


@pytest.fixture
def clock():
    """A clock that stands at 10 on 1 March and is moved by the test."""
    with time_machine.travel(MARCH, tick=False) as clock:
        yield clock


@pytest.fixture
def waiting(clock, shop):
    """The shop, where points wait two weeks for their purchase and then last a year."""
    shop.settle(waits_for=EVENT, expiry=A_YEAR)
    return shop


def test_a_return_takes_what_waits_for_its_own_purchase_first(waiting, member):
    bonus = {"trigger": {"type": "purchase"}, "effect": {"type": "fixed_points", "points": 60}}
    waiting.add_rule({**bonus, "pending_days": 0})
    waiting.records(waiting.draft(member, "40.00", number="A"))

    brings_back(waiting, "A", "20.00")

    # 50 go back: the 40 that wait first, and only then what could be spent.
    assert left() == [0, 50]
    assert figures(waiting, member) == (50, 0, 0)


def test_what_is_left_after_a_return_is_settled(waiting, member):
    purchase = waiting.records(waiting.draft(member, "40.00", number="A")).purchase
    brings_back(waiting, "A", "15.00")

    settled = settles(purchase)

    assert (settled.points, figures(waiting, member)) == (25, (25, 0, 0))


def test_a_purchase_that_came_back_whole_has_nothing_to_settle(waiting, member):
    purchase = waiting.records(waiting.draft(member, "40.00", number="A")).purchase
    brings_back(waiting, "A", "40.00")

    with pytest.raises(NothingWaits):
        settles(purchase)

    assert figures(waiting, member) == (0, 0, 0)


def test_a_return_takes_nothing_that_waits_for_another_purchase(waiting, member):
    waiting.settle(waits_for=None)
    waiting.records(waiting.draft(member, "100.00", number="A"))
    spends(waiting, member, 100)
    waiting.settle(waits_for=EVENT)
    waiting.buys(member, "40.00")

    done = brings_back(waiting, "A", "100.00")

    assert (done.debt, figures(waiting, member)) == (100, (-100, 40, 100))


def test_points_pay_debt_when_they_are_settled_and_not_before(waiting, member):
    debtor(waiting, member, 30)

    purchase = waiting.buys(member, "40.00").purchase
    waits = figures(waiting, member)
    settles(purchase)

    assert (waits, figures(waiting, member)) == ((-30, 40, 30), (10, 0, 0))
    took = Consumption.objects.filter(lot=Lot.objects.latest("pk"))
    assert list(took.values_list("entry__kind", "points")) == [("return", 30)]


def test_the_newest_debt_is_paid_first_so_that_none_is_paid_before_it_was_owed(waiting, member):
    debtor(waiting, member, 30)
    purchase = waiting.buys(member, "40.00").purchase
    waiting.settle(waits_for=None)
    waiting.buys(member, "30.00")
    waiting.records(waiting.draft(member, "20.00", number="B"))
    waiting.records(waiting.draft(member, "5.00", number="C"))
    spends(waiting, member, 25)
    brings_back(waiting, "B", "20.00")
    brings_back(waiting, "C", "5.00")

    settles(purchase)

    assert figures(waiting, member) == (15, 0, 0)
    took = Consumption.objects.filter(lot__points=40).order_by("-entry__sequence")
    assert list(took.values_list("points", flat=True)) == [5, 20]


def test_several_lots_pay_several_debts(waiting, member):
    bonus = {"trigger": {"type": "purchase"}, "effect": {"type": "fixed_points", "points": 15}}
    waiting.settle(waits_for=None)
    waiting.records(waiting.draft(member, "20.00", number="B"))
    waiting.records(waiting.draft(member, "10.00", number="C"))
    spends(waiting, member, 30)
    brings_back(waiting, "B", "20.00")
    brings_back(waiting, "C", "10.00")
    waiting.settle(waits_for=EVENT)
    waiting.add_rule({**bonus, "expires": {"type": "on", "date": "2026-12-31"}})

    settles(waiting.buys(member, "40.00").purchase)

    assert figures(waiting, member) == (25, 0, 0)
    took = Consumption.objects.filter(entry__kind="return").order_by("-entry__sequence", "lot_id")
    assert list(took.values_list("lot__points", "points")) == [(15, 10), (40, 15), (15, 5)]


def test_points_that_waited_in_vain_pay_nothing(waiting, member, clock):
    debtor(waiting, member, 30)
    waiting.buys(member, "40.00")

    clock.move_to(DEADLINE)
    expire_due_points()

    assert figures(waiting, member) == (-30, 0, 30)


def debtor(shop, member, points, *, number="owed"):
    """Let the member owe points: spent, and then the goods came back that had given them."""
    terms = shop.program.settings
    shop.settle(waits_for=None)
    shop.records(shop.draft(member, f"{points}.00", number=number))
    spends(shop, member, points)
    brings_back(shop, number, f"{points}.00")
    shop.settle(waits_for=terms.get("waits_for"))


@pytest.mark.parametrize("is_undone", [False, True])
def test_what_waits_is_settled_where_a_merge_brought_it(waiting, member, is_undone):
    kept = waiting.member("+447400123499", name="Nora")
    debtor(waiting, kept, 30)
    purchase = waiting.buys(member, "40.00").purchase
    merge = merge_members(
        organization_id=waiting.organization.pk,
        kept_id=kept.pk,
        merged_id=member.pk,
        actor=SYSTEM,
        request_key="merge",
    )
    merged = figures(waiting, kept)
    if is_undone:
        undo(waiting, merge)

    settled = settles(purchase)

    assert (merged, settled.points) == ((-30, 40, 30), 40)
    assert figures(waiting, kept) == ((-30, 0, 30) if is_undone else (10, 0, 0))
    assert figures(waiting, member) == ((40, 0, 0) if is_undone else (10, 0, 0))


def test_what_was_settled_goes_back_settled_when_a_merge_is_undone(waiting, member):
    kept = waiting.member("+447400123499", name="Nora")
    purchase = waiting.buys(member, "40.00").purchase
    merge = merge_members(
        organization_id=waiting.organization.pk,
        kept_id=kept.pk,
        merged_id=member.pk,
        actor=SYSTEM,
        request_key="merge",
    )
    settles(purchase)

    undo(waiting, merge)

    assert figures(waiting, member) == (40, 0, 0)
    with pytest.raises(AlreadySettled):
        settles(purchase)


def undo(shop, merge):
    unmerge_members(
        organization_id=shop.organization.pk, merge_id=merge.pk, actor=SYSTEM, request_key="undo"
    )


def test_what_waits_is_given_up_with_the_rest(waiting, member):
    purchase = waiting.buys(member, "40.00").purchase
    account = waiting.account(member)
    with open_book([account.pk], actor=SYSTEM) as book:
        forfeit(book, account.pk, Cause("test", None, "gone", book.now))

    with pytest.raises(NothingWaits):
        settles(purchase)

    assert waiting.entries(member) == [("earn", 40, 40), ("forfeit", -40, 0)]


@pytest.mark.proves("INV-7b")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE loyalty_purchase SET settled_at = now()",
        "UPDATE loyalty_lot SET available_at = available_at - interval '1 day'",
        "UPDATE loyalty_entry SET cause = 'adjustment', cause_id = NULL",
    ],
)
def test_points_that_wait_for_nothing_are_named(db, statement):
    shop = open_shop()
    shop.settle(waits_for=EVENT)
    shop.buys(shop.member(), "40.00")
    clean = violations()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")

    found = {(row.invariant, row.subject_id) for row in violations(only=["INV-7b"])}

    assert (clean, found) == ([], {("INV-7b", Lot.objects.get().pk)})
