"""Goods come back that points had paid for, or whose points are spent already."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import AlreadyReturned, DuplicateReceipt
from loyalty.models import Entry, PointsPutBack, Purchase, Return
from loyalty.receipts import Paid, PointsWish
from loyalty.services.member_merges import merge_members
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import redeem
from tests.shops import days_ago

PAYS = {"point_value": "1", "pay_with_points": {}}


def pays(shop, member, amount, points, *, number="A"):
    """Sell something for that amount, of which points pay as many pounds."""
    paid = Paid(method="points", amount=Decimal(points), points=points)
    wish = PointsWish(program_id=shop.program.pk, points=points)
    draft = shop.draft(member, amount, number=number)
    return shop.records(replace(draft, payments=(paid,), points_wish=wish)).purchase


def brings_back(shop, amount=None, *, sale="A", number="R1", lines=None):
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source="till",
        sale_external_id=sale,
        occurred_at=timezone.now(),
        request_key=f"return-{number}",
        quantities={line: Decimal(1) for line in lines or ()},
        amount=Decimal(amount) if amount else None,
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def spends(shop, member, points):
    redeem(reward_id=shop.reward(points).pk, member_id=member.pk, actor=SYSTEM, request_key="spend")


def told(done):
    """Return points put back and money to be paid out."""
    return done.row.points_put_back, f"{done.refund:.2f}"


@pytest.fixture
def paying(shop):
    """The shop, at which a point pays a pound and purchases that it pays for earn nothing."""
    shop.settle(**PAYS)
    shop.rule.status = "ended"
    return shop


@pytest.fixture
def quiet(paying, member):
    """A member with fifteen points, in a shop where no more are earned."""
    paying.buys(member, "15.00")
    paying.rule.save(update_fields=["status"])
    return member


@pytest.mark.proves("case 37")
@pytest.mark.parametrize(
    ("policy", "first", "last"),
    [
        ("pro_rata", (11, "63.75"), (4, "21.25")),
        ("cash_first", (0, "75.00"), (15, "10.00")),
        ("kept", (0, "63.75"), (0, "21.25")),
    ],
)
def test_what_was_paid_with_points_and_money_goes_back_as_points_and_money(
    paying, quiet, policy, first, last
):
    paying.settle(points_paid_back=policy)
    pays(paying, quiet, "100.00", 15)

    most = brings_back(paying, "75.00")
    rest = brings_back(paying, "25.00", number="R2")

    assert (told(most), told(rest)) == (first, last)
    assert paying.balance(quiet) == first[0] + last[0]


@pytest.mark.proves("case 37", "case 36", "R3")
def test_the_last_of_many_returns_puts_the_rest_back_and_no_more(paying, quiet):
    pays(paying, quiet, "99.99", 10)

    back = [told(brings_back(paying, "33.33", number=f"R{n}")) for n in range(3)]

    assert back == [(3, "30.00"), (3, "30.00"), (4, "29.99")]
    assert paying.entries(quiet)[1:] == [
        ("redeem", -10, 5),
        ("release", 3, 8),
        ("release", 3, 11),
        ("release", 4, 15),
    ]


@pytest.mark.proves("case 37")
def test_a_policy_that_changes_between_returns_pays_nothing_twice(paying, quiet):
    pays(paying, quiet, "100.00", 15)

    first = brings_back(paying, "50.00")
    paying.settle(points_paid_back="cash_first")
    second = brings_back(paying, "40.00", number="R2")
    paying.settle(points_paid_back="pro_rata")
    third = brings_back(paying, "10.00", number="R3")

    assert [told(one) for one in (first, second, third)] == [
        (7, "42.50"),
        (0, "40.00"),
        (8, "2.50"),
    ]
    assert sum(one.refund for one in (first, second, third)) == 85


@pytest.mark.proves("R6")
def test_points_go_back_to_their_lots_what_lasts_longest_first(paying, member):
    paying.settle(expiry={"type": "after", "months": 1})
    paying.buys(member, "10.00", at=days_ago(20))
    paying.buys(member, "10.00", at=days_ago(2))
    paying.rule.save(update_fields=["status"])
    pays(paying, member, "15.00", 15)

    brings_back(paying, "5.00")
    half = list(paying.account(member).lots.order_by("pk").values_list("remaining", flat=True))
    brings_back(paying, "10.00", number="R2")

    lots = paying.account(member).lots.order_by("pk")
    assert half == [0, 10]
    assert list(lots.values_list("remaining", flat=True)) == [10, 10]


@pytest.mark.proves("R6", "case 21")
@pytest.mark.parametrize(("days", "left"), [(0, 0), (7, 15)])
def test_points_keep_their_end_unless_the_program_grants_some_days(paying, quiet, days, left):
    lot = paying.account(quiet).lots.get()
    ends = timezone.now() + timedelta(days=2)
    paying.account(quiet).lots.update(expires_at=ends)
    paying.settle(goodwill_days=days)
    pays(paying, quiet, "20.00", 15)

    with time_machine.travel(ends + timedelta(hours=1), tick=False):
        done = brings_back(paying, "20.00")

        assert (done.row.points_put_back, paying.balance(quiet)) == (15, left)
    lot.refresh_from_db()
    assert (lot.remaining, lot.expires_at) == (0, ends)


def test_points_that_go_back_pay_first_what_is_owed(paying, member):
    paying.settle(debt="negative")
    paying.buys(member, "15.00")
    earned = paying.records(paying.draft(member, "10.00", number="B")).purchase
    pays(paying, member, "25.00", 25)
    paying.rule.save(update_fields=["status"])

    owing = brings_back(paying, sale="B", lines=[1])
    brings_back(paying, "25.00", number="R2")

    account = paying.account(member)
    assert (earned.total, owing.debt) == (10, 10)
    assert (account.debt, paying.balance(member)) == (0, 15)


def test_what_the_goods_had_earned_is_taken_from_the_points_that_come_back(paying, member):
    paying.buys(member, "20.00")
    pays(paying, member, "100.00", 20)
    spends(paying, member, 70)

    done = brings_back(paying, lines=[1])

    assert told(done) == (20, "80.00")
    assert (done.points, done.debt, paying.balance(member)) == (80, 50, -50)


def test_a_refund_is_all_the_money_where_no_points_paid(paying, member):
    paying.records(paying.draft(member, "30.00", number="A"))

    done = brings_back(paying, "10.00")

    assert (told(done), PointsPutBack.objects.count()) == ((0, "10.00"), 0)


@pytest.mark.proves("case 38", "R2")
@pytest.mark.parametrize(
    ("policy", "told_as"),
    [
        ("negative", {"points": 100, "debt": 80, "deduction": "0.00", "refund": "100.00"}),
        ("floor", {"points": 20, "debt": 0, "deduction": "0.00", "refund": "100.00"}),
        ("deduct", {"points": 20, "debt": 0, "deduction": "4.00", "refund": "96.00"}),
    ],
)
def test_points_that_are_spent_already_are_owed_let_go_or_kept_from_the_refund(
    shop, member, policy, told_as
):
    shop.settle(debt=policy, point_value="0.05")
    shop.records(shop.draft(member, "100.00", number="A"))
    spends(shop, member, 80)

    done = brings_back(shop, lines=[1])
    shop.buys(member, "100.00")

    row = Return.objects.get()
    assert {
        "points": row.points_reversed,
        "debt": row.debt,
        "deduction": f"{row.deduction:.2f}",
        "refund": f"{done.refund:.2f}",
    } == told_as
    # What is owed is paid by the next points before they can be spent.
    assert (shop.balance(member), shop.account(member).debt) == (100 - told_as["debt"], 0)


@pytest.mark.proves("case 38")
@pytest.mark.parametrize(
    ("policy", "missing"), [("negative", "debt"), ("floor", "shortfall"), ("deduct", "deducted")]
)
def test_what_waits_is_taken_first_then_its_own_lot_then_the_balance(shop, member, policy, missing):
    shop.settle(debt=policy, point_value="0.05")
    shop.buys(member, "60.00")
    waiting = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "fixed_points", "points": 30},
        "pending_days": 14,
    }
    rule = shop.add_rule(waiting)
    shop.records(shop.draft(member, "40.00", "40.00", number="A"))
    rule.status = "ended"
    rule.save(update_fields=["status"])
    shop.buys(member, "5.00")
    spends(shop, member, 70)

    lots = shop.account(member).lots.order_by("pk").values_list("remaining", flat=True)
    before = list(lots)
    brings_back(shop, lines=[1])
    first = list(lots.all())
    done = brings_back(shop, lines=[2], number="R2")

    # Each line had earned 40 that could be spent and 15 that wait; ten more had been spent.
    assert before == [0, 70, 30, 5]
    assert first == [0, 45, 0, 5]
    assert list(lots.all()) == [0, 0, 0, 0]
    found = {"debt": done.debt, "shortfall": done.shortfall, "deducted": done.deducted}
    assert found == {"debt": 0, "shortfall": 0, "deducted": 0, missing: 5}


@pytest.mark.proves("case 38")
def test_no_more_is_kept_back_than_is_refunded_and_the_rest_is_owed(shop, member):
    shop.settle(debt="deduct", point_value="2")
    shop.records(shop.draft(member, "100.00", number="A"))
    spends(shop, member, 80)

    done = brings_back(shop, lines=[1])

    assert (done.deducted, f"{done.row.deduction:.2f}", f"{done.refund:.2f}") == (
        50,
        "100.00",
        "0.00",
    )
    assert (done.points, done.debt, shop.balance(member)) == (50, 30, -30)


@pytest.mark.proves("case 38")
def test_a_return_whose_refund_is_paid_already_is_owed_instead(shop, member):
    shop.settle(debt="deduct", point_value="0.05")
    early = brings_back(shop, lines=[1])
    shop.add_rule(
        {"trigger": {"type": "purchase"}, "effect": {"type": "fixed_points", "points": 5}}
    )

    shop.records(shop.draft(member, "100.00", number="A"))

    row = Return.objects.get(pk=early.row.pk)
    assert (row.status, row.points_reversed, row.deduction) == ("done", 105, 0)
    assert shop.balance(member) == 0


@pytest.mark.proves("case 34")
def test_a_voided_purchase_gives_its_points_back_once(paying, quiet):
    pays(paying, quiet, "15.00", 15)
    brings_back(paying, lines=[1])

    with pytest.raises(AlreadyReturned):
        brings_back(paying, number="R2", lines=[1])
    with pytest.raises(DuplicateReceipt):
        brings_back(paying, lines=[1])

    given_back = Entry.objects.filter(kind="release")
    assert (given_back.count(), paying.balance(quiet)) == (1, 15)
    assert Purchase.objects.get(external_id="A").returned == 15


def test_points_of_a_member_who_was_merged_go_on_to_the_one_who_stays(paying, quiet):
    pays(paying, quiet, "20.00", 15)
    stays = paying.member("+447400123457")
    merge_members(
        organization_id=paying.organization.pk,
        kept_id=stays.pk,
        merged_id=quiet.pk,
        actor=SYSTEM,
        request_key="merge",
    )

    brings_back(paying, "10.00")
    brings_back(paying, "10.00", number="R2")

    assert paying.balance(stays) == 15
