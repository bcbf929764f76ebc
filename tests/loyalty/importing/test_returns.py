"""What becomes of goods that come back without naming their sale."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.actors import SYSTEM
from loyalty.models import AwardReversal, Entry, Purchase, PurchaseLine, Return, ReturnLine
from loyalty.services.adjustments import adjust_points
from members.models import Member
from tests.loyalty.importing.files import everything, refusals, row

MAY, JUNE, JULY = "2011-05-02T10:00:00", "2011-06-02T10:00:00", "2011-07-02T10:00:00"


def back(receipt="C9", sku="85123A", quantity=1, price="2.00", *, at=JULY, **more):
    return row(receipt, sku, -quantity, price, at=at, **more)


def points():
    return list(Entry.objects.order_by("account_id", "sequence").values_list("kind", "points"))


def lines_back():
    found = ReturnLine.objects.order_by("parent__external_id", "pk")
    names = ("purchase_line__purchase__external_id", "quantity", "amount")
    return [
        (sale, int(quantity), str(amount)) for sale, quantity, amount in found.values_list(*names)
    ]


@pytest.mark.proves("case 35")
def test_a_return_takes_back_what_the_sale_earned_by_the_rule_of_its_day(shop, imported):
    doubled = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_amount", "points": 2},
    }
    shop.add_version(shop.rule, doubled, since=datetime(2011, 6, 1, tzinfo=UTC))

    ran = imported([row("1", price="10.00", at=MAY), back(price="10.00")])

    done = Return.objects.get()
    assert ran.counts == (2, 0, 0)
    assert (done.status, done.purchase.external_id, done.amount) == ("done", "1", Decimal("10.00"))
    assert (done.points_reversed, done.debt, done.problem) == (10, 0, "")
    assert points() == [("earn", 10), ("return", -10)]
    assert Purchase.objects.get().returned == Decimal("10.00")


@pytest.mark.proves("R3", "case 36")
def test_partial_returns_add_up_to_what_was_earned(imported):
    sale = [row("1", "A", 3, "3.35", at=MAY), row("1", "B", 1, "0.99", at=MAY)]
    returns = [back(f"C{n}", "A", 1, "3.35", at=f"2011-07-0{n}T10:00:00") for n in (1, 2, 3)]

    imported([*sale, *returns])

    earned, *taken = points()
    [on_line] = [
        share for number, share in AwardReversal.objects.first().award.lines if number == 1
    ]
    assert earned == ("earn", 11)
    assert sum(points for _kind, points in taken) == -on_line
    assert PurchaseLine.objects.get(sku="A").returned_quantity == 3


def test_the_newest_sale_is_meant_first(imported):
    imported([row("1", at=MAY), row("2", at=JUNE), back()])

    assert lines_back() == [("2", 1, "2.000")]


def test_a_sale_of_the_same_price_goes_before_a_newer_one(imported):
    imported([row("1", price="2.00", at=MAY), row("2", price="2.50", at=JUNE), back(price="2.00")])

    assert lines_back() == [("1", 1, "2.000")]


def test_a_return_may_reach_over_several_sales(imported):
    ran = imported([row("1", quantity=2, at=MAY), row("2", quantity=2, at=JUNE), back(quantity=3)])

    done = Return.objects.get()
    assert "1 lines found on their sale, 0 in part, 0 not" in ran.out
    assert sorted(lines_back()) == [("1", 1, "2.000"), ("2", 2, "4.000")]
    assert (done.status, done.purchase, done.amount) == ("done", None, Decimal("6.00"))
    assert points() == [("earn", 4), ("earn", 4), ("return", -6)]


def test_what_was_never_sold_is_money_without_points(imported):
    ran = imported([row("1", at=MAY), back(sku="22960", price="4.25")])

    done = Return.objects.get()
    assert "0 lines found on their sale, 0 in part, 1 not" in ran.out
    assert (done.status, done.problem, done.amount) == (
        "unmatched",
        "sale_unknown",
        Decimal("4.25"),
    )
    assert lines_back() == [(None, 1, "4.250")]
    assert points() == [("earn", 2)]


def test_more_than_was_sold_is_found_in_part(imported):
    ran = imported([row("1", quantity=2, at=MAY), back(quantity=5)])

    done = Return.objects.get()
    assert "0 lines found on their sale, 1 in part, 0 not" in ran.out
    assert (done.status, done.problem, done.amount) == ("done", "sale_unknown", Decimal("10.00"))
    assert lines_back() == [("1", 2, "4.000"), (None, 3, "6.000")]
    assert points() == [("earn", 4), ("return", -4)]


def test_a_return_dearer_than_its_sale_leaves_the_difference_over(imported):
    imported([row("1", price="2.00", at=MAY), back(price="3.00")])

    assert lines_back() == [("1", 1, "2.000"), (None, 0, "1.000")]
    assert Return.objects.get().amount == Decimal("3.00")
    assert points() == [("earn", 2), ("return", -2)]


def test_a_return_cheaper_than_its_sale_takes_all_its_points(imported):
    imported([row("1", price="2.00", at=MAY), back(price="1.50")])

    assert lines_back() == [("1", 1, "1.500")]
    assert points() == [("earn", 2), ("return", -2)]


def test_nothing_comes_back_before_it_was_sold(imported):
    imported([back("C1", at=MAY), row("2", at=JUNE)])

    assert lines_back() == [(None, 1, "2.000")]
    assert points() == [("earn", 2)]


def test_nothing_comes_back_twice(imported):
    imported([row("1", at=MAY), back("C2", at=JUNE), back("C3", at=JULY)])

    assert lines_back() == [("1", 1, "2.000"), (None, 1, "2.000")]
    assert points() == [("earn", 2), ("return", -2)]


def test_each_members_history_is_recorded_in_its_order(imported):
    rows = [
        row("1", price="5.00", at=MAY),
        back("C2", price="5.00", at="2011-05-03T10:00:00"),
        row("3", price="7.00", at=JUNE),
        row("4", price="1.00", at=JUNE, customer="13047"),
        back("C5", price="7.00", at=JULY),
    ]

    imported(rows)

    member = Member.objects.get(external_id="17850")
    entries = Entry.objects.filter(account__holders__member=member).order_by("sequence")
    assert list(entries.values_list("points", "balance_after")) == [
        (5, 5),
        (-5, 0),
        (7, 7),
        (-7, 0),
    ]


def test_another_members_sale_is_not_meant(imported):
    imported([row("1", at=MAY, customer="13047"), back()])

    assert lines_back() == [(None, 1, "2.000")]


def test_a_guests_return_is_money_only(imported):
    imported([row("1", at=MAY, customer=""), back(customer="")])

    done = Return.objects.get()
    assert (done.member, done.status, done.amount) == (None, "unmatched", Decimal("2.00"))
    assert Purchase.objects.get().returned == 0


def test_a_return_of_a_sale_from_another_source_finds_it(shop, imported):
    member = shop.member(external_id="17850")
    at = datetime(2011, 5, 2, tzinfo=UTC)
    shop.buys(member, "4.00", at=at)
    PurchaseLine.objects.update(sku="85123A")

    imported([back(price="4.00")])

    assert shop.balance(member) == 0


def test_points_that_were_spent_become_debt(shop, imported):
    imported([row("1", price="10.00", at=MAY)])
    member = Member.objects.get()
    spend(shop, member, 10)

    ran = imported([back(price="10.00")])

    assert "10 taken back, 10 of them owed" in ran.out
    assert (shop.account(member).balance, shop.account(member).debt) == (-10, 10)


def test_points_that_expired_by_themselves_are_not_taken_again(shop, imported):
    shop.settle(expiry={"type": "after", "months": 12})

    imported([row("1", price="10.00", at=MAY), back(price="10.00")])

    done, reversal = Return.objects.get(), AwardReversal.objects.get()
    assert points() == [("earn", 10), ("expire", -10)]
    assert (done.points_reversed, done.debt) == (0, 0)
    assert (reversal.points, reversal.expired) == (10, 10)


def test_when_the_program_wants_the_sale_named_returns_are_refused(shop, imported):
    shop.settle(return_without_sale="refuse")

    ran = imported([row("1", at=MAY), back()])

    assert ran.code == 0
    assert refusals() == [(3, "C9", "sale_unknown")]
    assert everything()[2:4] == [0, 0]
    assert points() == [("earn", 2)]


def test_a_known_return_with_other_contents_is_refused(imported):
    imported([row("1", quantity=3, at=MAY), back(quantity=1)])

    ran = imported([back(quantity=2)])

    assert ran.code == 1
    assert refusals() == [(2, "C9", "receipt_conflict")]
    assert Return.objects.get().amount == Decimal("2.00")


def test_a_receipt_may_sell_and_take_back(imported, write, tmp_path):
    mapping = write(
        """{"source": "till", "receipt": "no", "occurred_at": {"columns": ["at"]},
            "member": {"column": "who"},
            "line": {"sku": "sku", "quantity": "n", "unit_price": "price"},
            "rows": [{"quantity": "negative", "take_as": "return"}]}""",
        "mapping.json",
    )
    lines = [
        "no,at,who,sku,n,price",
        "1,2011-05-02T10:00:00,7,cup,2,5.00",
        "2,2011-05-03T10:00:00,7,cup,-1,5.00",
        "2,2011-05-03T10:00:00,7,pot,1,12.00",
    ]

    ran = imported("\n".join(lines), mapping=mapping)

    assert ran.counts == (3, 0, 0)
    assert Purchase.objects.get(external_id="2").total == Decimal("12.00")
    assert Return.objects.get(external_id="2").purchase.external_id == "1"
    assert points() == [("earn", 10), ("earn", 12), ("return", -5)]


def spend(shop, member, amount):
    """Take points off as a reward does."""
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=-amount,
        reason="spent",
        actor=SYSTEM,
        request_key="spent-1",
    )
