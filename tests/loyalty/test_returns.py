from decimal import Decimal

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import AlreadyReturned, DuplicateReceipt, OverReturn
from loyalty.models import AwardReversal, Purchase, Return, Rule, RuleBudget
from loyalty.services.due import match_parked_returns
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import redeem


def take_back(shop, sale, *, number="R1", lines=None, amount=None):
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source="till",
        sale_external_id=sale,
        occurred_at=timezone.now(),
        request_key=f"return-{number}",
        quantities={line: Decimal(quantity) for line, quantity in (lines or {}).items()},
        amount=Decimal(amount) if amount else None,
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


@pytest.mark.proves("R1")
def test_a_full_return_takes_the_earned_points_from_their_own_lot(shop, member):
    shop.records(shop.draft(member, "30.00", number="old"))
    shop.records(shop.draft(member, "20.00", number="A"))

    done = take_back(shop, "A", lines={1: "1"})

    assert (done.points, done.debt, shop.balance(member)) == (20, 0, 30)
    remaining = shop.account(member).lots.order_by("pk").values_list("remaining", flat=True)
    assert list(remaining) == [30, 0]


@pytest.mark.proves("case 38", "R2")
def test_points_already_spent_become_debt_that_new_points_pay_first(shop, member):
    shop.records(shop.draft(member, "100.00", number="A"))
    redeem(reward_id=shop.reward(80).pk, member_id=member.pk, actor=SYSTEM, request_key="spend")

    done = take_back(shop, "A", lines={1: "1"})
    owing = shop.balance(member)
    shop.buys(member, "100.00")

    assert (done.points, done.debt, owing) == (100, 80, -80)
    assert (shop.balance(member), shop.account(member).debt) == (20, 0)


@pytest.mark.proves("case 38", "R2")
def test_a_program_that_lets_debt_go_takes_only_what_is_there(shop, member):
    shop.settle(debt="floor")
    shop.records(shop.draft(member, "100.00", number="A"))
    redeem(reward_id=shop.reward(80).pk, member_id=member.pk, actor=SYSTEM, request_key="spend")

    done = take_back(shop, "A", lines={1: "1"})

    assert (done.points, done.debt, done.shortfall) == (20, 0, 80)
    assert shop.balance(member) == 0


@pytest.mark.proves("case 36", "R3")
def test_partial_returns_take_back_exactly_what_was_earned_and_never_more(shop, member):
    shop.records(shop.draft(member, "3.34", "3.33", "3.33", number="A"))

    taken = [
        take_back(shop, "A", number=f"R{line}", lines={line: "1"}).points for line in (1, 2, 3)
    ]

    assert sum(taken) == 10
    assert shop.balance(member) == 0
    with pytest.raises(AlreadyReturned):
        take_back(shop, "A", number="R4", lines={1: "1"})
    assert Purchase.objects.get(external_id="A").returned == Decimal("10.000")


@pytest.mark.proves("case 36", "input 39")
def test_more_than_was_bought_cannot_come_back(shop, member):
    shop.records(shop.draft(member, "10.00", number="A"))

    with pytest.raises(OverReturn):
        take_back(shop, "A", lines={1: "2"})

    assert shop.balance(member) == 10
    assert list(Return.objects.all()) == []


def test_a_return_by_amount_is_spread_over_what_is_still_there(shop, member):
    shop.records(shop.draft(member, "60.00", "40.00", number="A"))

    done = take_back(shop, "A", amount="50.00")

    assert [(part.number, part.amount) for part in done.plan.lines] == [
        (1, Decimal("30.00")),
        (2, Decimal("20.00")),
    ]
    assert (done.points, shop.balance(member)) == (50, 50)


@pytest.mark.proves("case 35")
def test_a_return_takes_what_was_earned_then_whatever_the_rule_says_now(shop, member):
    shop.records(shop.draft(member, "100.00", number="A"))
    doubled = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_amount", "points": 2, "per": "1"},
    }
    shop.add_version(shop.rule, doubled, since=timezone.now())
    Rule.objects.update(status=Rule.Status.ENDED)

    done = take_back(shop, "A", lines={1: "1"})

    assert done.points == 100


@pytest.mark.proves("R4")
def test_a_return_that_comes_before_its_sale_waits_and_is_carried_out_with_it(shop, member):
    parked = take_back(shop, "A", lines={1: "1"})

    shop.records(shop.draft(member, "10.00", "5.00", number="A"))

    assert parked.plan is None
    assert shop.entries(member) == [("earn", 15, 15), ("return", -10, 5)]
    assert Return.objects.get().status == Return.Status.DONE


@pytest.mark.proves("R4")
def test_a_waiting_return_that_crossed_its_sale_is_found_by_the_periodic_round(shop, member):
    take_back(shop, "A", lines={1: "1"})
    shop.records(shop.draft(member, "10.00", number="B"))
    # Both were being recorded at the same moment, so neither saw the other.
    Return.objects.update(sale_external_id="B")

    matched = match_parked_returns()

    assert matched == 1
    assert shop.entries(member) == [("earn", 10, 10), ("return", -10, 0)]


@pytest.mark.proves("R4")
def test_a_return_that_waits_for_ever_keeps_no_other_waiting(shop, member):
    take_back(shop, "never sold", number="R1", lines={1: "1"})
    take_back(shop, "A", number="R2", lines={1: "1"})
    shop.records(shop.draft(member, "10.00", number="B"))
    Return.objects.filter(external_id="R2").update(sale_external_id="B")

    matched = match_parked_returns(chunk=1)

    assert (matched, shop.balance(member)) == (1, 0)


def test_a_waiting_return_that_does_not_fit_its_sale_is_kept_with_the_reason(shop, member):
    take_back(shop, "A", lines={9: "1"})

    shop.records(shop.draft(member, "10.00", number="A"))

    row = Return.objects.get()
    assert (row.status, row.problem) == (Return.Status.UNMATCHED, "returned_line_unknown")
    assert shop.balance(member) == 10


@pytest.mark.proves("input 39")
def test_the_same_return_again_is_refused_and_takes_nothing(shop, member):
    shop.records(shop.draft(member, "10.00", "5.00", number="A"))
    take_back(shop, "A", lines={1: "1"})

    with pytest.raises(DuplicateReceipt):
        take_back(shop, "A", lines={1: "1"})

    assert shop.balance(member) == 5
    assert AwardReversal.objects.count() == 1


def test_what_comes_back_of_a_limited_rule_is_free_in_its_budget_again(shop, member):
    rule = shop.add_rule(
        {
            "trigger": {"type": "purchase"},
            "effect": {"type": "fixed_points", "points": 50},
            "limits": {"budget": 70},
        }
    )
    shop.records(shop.draft(member, "10.00", number="A"))

    take_back(shop, "A", lines={1: "1"})

    assert RuleBudget.objects.get(rule=rule).used == 0


def test_what_a_rule_gave_before_it_had_a_budget_comes_back_without_touching_it(shop, member):
    gift = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "fixed_points", "points": 50},
    }
    rule = shop.add_rule(gift)
    shop.records(shop.draft(member, "10.00", number="A"))
    shop.add_version(rule, {**gift, "limits": {"budget": 30}}, since=timezone.now())
    shop.records(shop.draft(member, "10.00", number="B"))

    done = take_back(shop, "A", lines={1: "1"})

    assert (done.points, RuleBudget.objects.get(rule=rule).used) == (60, 30)


def test_points_that_still_wait_are_taken_back_first(shop, member):
    shop.buys(member, "50.00")
    shop.settle(pending_days=14)
    shop.records(shop.draft(member, "20.00", number="A"))

    take_back(shop, "A", lines={1: "1"})

    assert shop.balance(member) == 50
