from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.models import OutboxEvent
from loyalty.earning.receipt import Line, LineKind
from loyalty.errors import DuplicateReceipt, ReceiptConflict
from loyalty.models import AccountHolder, Award, Entry, Lot, Product, Program, Purchase, RuleBudget
from tests.shops import days_ago


def spec(**parts):
    return {
        "trigger": {"type": "purchase"},
        "effect": {"type": "fixed_points", "points": 50},
        **parts,
    }


def test_a_purchase_earns_one_entry_with_an_award_per_rule_and_says_why(shop, member):
    shop.add_rule(spec())

    recorded = shop.buys(member, "12.40")

    assert shop.entries(member) == [("earn", 62, 62)]
    awards = Award.objects.filter(purchase=recorded.purchase).order_by("pk")
    assert [(award.awarded, award.lines) for award in awards] == [(12, [[1, 12]]), (50, [[1, 50]])]
    assert [award.why[0]["code"] for award in awards] == ["points_per_amount", "fixed_points"]


@pytest.mark.proves("case 11")
def test_the_same_receipt_again_is_refused_with_the_original_and_earns_nothing(shop, member):
    draft = shop.draft(member, "10.00", number="77")
    first = shop.records(draft)

    with pytest.raises(DuplicateReceipt) as refusal:
        shop.records(draft)

    assert refusal.value.data == {"purchase": str(first.purchase.public_id)}
    assert shop.entries(member) == [("earn", 10, 10)]
    assert Purchase.objects.count() == 1


@pytest.mark.proves("input 31")
def test_another_receipt_under_a_known_number_is_a_conflict(shop, member):
    at = timezone.now()
    shop.records(shop.draft(member, "10.00", number="77", at=at))

    with pytest.raises(ReceiptConflict):
        shop.records(shop.draft(member, "11.00", number="77", at=at))

    assert shop.entries(member) == [("earn", 10, 10)]


@pytest.mark.proves("case 13")
@pytest.mark.parametrize("status", ["draft", "paused", "ended"])
def test_a_program_that_is_not_live_gives_nothing_and_opens_no_account(shop, member, status):
    Program.objects.update(status=status)

    recorded = shop.buys(member, "10.00")

    assert recorded.points == 0
    assert list(AccountHolder.objects.all()) == []


def test_a_guest_purchase_is_recorded_and_earns_nothing(shop):
    recorded = shop.buys(None, "10.00")

    assert recorded.purchase.member is None
    assert list(Entry.objects.all()) == []


def test_products_appear_with_the_first_receipt_that_names_them(shop, member):
    shop.buys(member, "10.00")
    shop.buys(member, "11.00")

    assert list(Product.objects.values_list("sku", flat=True)) == ["sku-1"]


@pytest.mark.proves("case 4", "L8")
def test_selling_a_gift_card_earns_nothing(shop, member):
    lines = (
        Line(number=1, quantity=Decimal(1), amount=Decimal(50), kind=LineKind.GIFT_CARD),
        Line(number=2, quantity=Decimal(1), amount=Decimal(7)),
    )

    recorded = shop.records(shop.draft(member, lines=lines))

    assert recorded.points == 7


@pytest.mark.proves("case 5")
def test_a_daily_limit_gives_what_is_left_and_keeps_what_was_due(shop, member):
    shop.add_rule(spec(limits={"per_member": {"day": 80}}))
    shop.buys(member, "1.00")

    second = shop.buys(member, "1.00")

    award = Award.objects.get(purchase=second.purchase, desired=50)
    assert (award.desired, award.awarded) == (50, 30)
    assert shop.balance(member) == 82


def test_a_budget_is_shared_by_all_members_and_returns_to_it_what_comes_back(shop, member):
    rule = shop.add_rule(spec(limits={"budget": 70}))
    other = shop.member("+447400123457")
    shop.buys(member, "1.00")

    recorded = shop.buys(other, "1.00")

    assert recorded.points == 21
    assert RuleBudget.objects.get(rule=rule).used == 70


@pytest.mark.proves("C16")
def test_a_purchase_earns_by_the_version_that_counted_when_it_was_rung_up(shop, member):
    doubled = {**spec(), "effect": {"type": "points_per_amount", "points": 2, "per": "1"}}
    shop.add_version(shop.rule, doubled, since=timezone.now() - timedelta(hours=1))

    before = shop.buys(member, "10.00", at=days_ago(2))
    after = shop.buys(member, "10.00")

    assert (before.points, after.points) == (10, 20)
    versions = Award.objects.order_by("pk").values_list("rule_version__number", flat=True)
    assert list(versions) == [1, 2]


@pytest.mark.proves("case 14")
def test_points_wait_and_their_life_begins_when_they_become_available(shop, member):
    shop.settle(pending_days=14, expiry={"type": "after", "months": 12})

    shop.buys(member, "100.00", at=datetime(2026, 3, 1, 12, tzinfo=UTC))

    lot = Lot.objects.get()
    assert lot.available_at == datetime(2026, 3, 15, tzinfo=UTC)
    assert lot.expires_at == datetime(2027, 3, 16, tzinfo=UTC)


def test_a_receipt_so_late_that_its_points_have_ended_gives_and_expires_them_at_once(shop, member):
    shop.settle(expiry={"type": "after", "days": 10})

    shop.buys(member, "100.00", at=days_ago(20))

    assert shop.entries(member) == [("earn", 100, 100), ("expire", -100, 0)]


@pytest.mark.proves("INV-12")
def test_every_entry_is_told_of_in_the_same_transaction(shop, member):
    shop.buys(member, "10.00")

    kinds = OutboxEvent.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["points.earn", "purchase.recorded"]


@pytest.mark.parametrize("lines", [1, 3])
def test_recording_asks_the_database_a_fixed_number_of_questions(
    shop, member, lines, django_assert_num_queries
):
    shop.buys(member, "1.00")
    draft = shop.draft(member, *["5.00"] * lines)
    known = shop.draft(member, *["5.00"] * lines)
    shop.records(known)

    with django_assert_num_queries(11):
        shop.records(draft)
