"""What is too little for one more is kept, and counts with the next purchase."""

from decimal import Decimal
from itertools import count

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from loyalty.models import Award, AwardReversal, CarriedPart, RuleCarry
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.purchases import preview
from loyalty.services.returns import ReturnWish, record_return
from tests.shops import assert_audit_is_clean, open_shop

CREDITS = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "tier_credits", "credits": 1, "per": "amount", "amount": "50"},
    "carry": True,
}
POINTS = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 3, "per": "10"},
    "stacking": {"stage": "bonus"},
    "carry": True,
}


NUMBERS = count()


def left(member):
    return {
        (row.carried, row.per) for row in RuleCarry.objects.filter(account__holders__member=member)
    }


def credits_of(member):
    awards = Award.objects.filter(account__holders__member=member, unit="credits")
    return sum(award.awarded - award.reversed for award in awards)


def comes_back(bought, amount=None, *, number):
    purchase = bought.purchase
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source=purchase.source,
        sale_external_id=purchase.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{number}",
        quantities={} if amount else {1: Decimal(1)},
        amount=amount,
    )
    return record_return(organization_id=purchase.organization_id, wish=wish, actor=SYSTEM)


@pytest.mark.proves("case 6")
def test_two_small_purchases_make_one_where_the_rule_carries_over(shop):
    member, rule = shop.member(), shop.add_rule(CREDITS)

    first = shop.buys(member, "30.00")
    second = shop.buys(member, "20.00")

    assert [award.unit for award in first.earned[0].awards] == ["points"]
    assert [(one.unit, one.awarded) for one in second.earned[0].awards][1:] == [("credits", 1)]
    assert left(member) == {(Decimal(0), Decimal(50))}
    told = [reason.code for reason in first.earned[0].outcome.not_applied[0].why]
    assert told == ["tier_credits", "carried_over"]
    assert rule.carries.count() == 1
    assert_audit_is_clean()


def test_a_quote_counts_what_is_left_over_and_keeps_it(shop):
    member = shop.member()
    shop.add_rule(CREDITS)
    shop.buys(member, "30.00")

    [part] = preview(organization_id=shop.organization.pk, draft=shop.draft(member, "45.00"))

    [award] = [award for award in part.outcome.awards if award.goal.unit == "credits"]
    assert award.awarded == 1
    assert [(one.code, dict(one.params)) for one in award.why[1:]] == [
        ("carried_before", {"amount": Decimal("30.00")}),
        (
            "carried_over",
            {"unit": "credits", "amount": Decimal("25.00"), "missing": Decimal("25.00")},
        ),
    ]
    assert left(member) == {(Decimal(30), Decimal(50))}


def test_a_return_takes_what_a_later_purchase_gave_because_of_it(shop):
    member = shop.member()
    shop.add_rule(CREDITS)
    first = shop.buys(member, "30.00")
    second = shop.buys(member, "20.00")

    comes_back(first, number="b1")

    assert credits_of(member) == 0
    assert left(member) == {(Decimal(20), Decimal(50))}
    assert AwardReversal.objects.get(award__unit="credits").award.purchase == second.purchase
    assert_audit_is_clean()


def test_another_amount_takes_nothing_from_what_was_left(shop):
    member, rule = shop.member(), shop.add_rule(CREDITS)
    shop.buys(member, "45.00")
    cheaper = {**CREDITS, "effect": {**CREDITS["effect"], "amount": "30"}}
    shop.add_version(rule, cheaper, since=timezone.now())

    shop.buys(member, "3.00")

    assert credits_of(member) == 1  # 45 of 50 was 27 of 30
    assert_audit_is_clean()


def test_a_limit_refuses_and_what_counted_is_used_up(shop):
    member = shop.member()
    shop.add_rule({**CREDITS, "limits": {"per_member": {"ever": 1}}})
    first = shop.buys(member, "60.00")

    second = shop.buys(member, "45.00")
    comes_back(first, number="b1")

    [award] = [one for one in second.earned[0].awards if one.unit == "credits"]
    assert (award.desired, award.awarded) == (1, 0)
    assert (credits_of(member), left(member)) == (0, {(Decimal(45), Decimal(50))})
    assert_audit_is_clean()


def test_points_that_were_carried_go_back_to_the_point(shop):
    member = shop.member()
    shop.add_rule(POINTS)
    first = shop.buys(member, "5.00")  # 1.5 points
    shop.buys(member, "5.00")  # 3 in all

    comes_back(first, number="b1")

    assert shop.balance(member) == 5 + 1
    assert left(member) == {(Decimal(5), Decimal(10))}
    assert_audit_is_clean()


def test_what_is_left_over_follows_a_merge_and_goes_back(shop):
    kept, other = shop.member(), shop.member("+447400123457")
    shop.add_rule(CREDITS)
    shop.buys(kept, "30.00")
    shop.buys(other, "25.00")

    here = {"organization_id": shop.organization.pk, "actor": SYSTEM}
    merge = merge_members(kept_id=kept.pk, merged_id=other.pk, request_key="m1", **here)
    shop.buys(kept, "1.00")
    together = credits_of(kept)
    unmerge_members(merge_id=merge.pk, request_key="m2", **here)

    assert together == 1
    assert left(other) == {(Decimal(25), Decimal(50))}
    assert_audit_is_clean()


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 9_999),
            st.sampled_from(["buy", "buy", "all", "part"]),
            st.integers(1, 99),
        ),
        min_size=1,
        max_size=8,
    )
)
@pytest.mark.django_db
@pytest.mark.proves("case 6")
def test_what_was_given_is_the_sum_divided_whatever_comes_and_goes(steps):
    shop = open_shop(f"shop-{next(NUMBERS)}")
    member = shop.member()
    shop.add_rule({**POINTS, "effect": {**POINTS["effect"], "points": 7, "per": "13"}})
    bought = []

    for index, (pence, verb, share) in enumerate(steps):
        open_ = [one for one in bought if one.purchase.total > one.purchase.returned]
        if verb == "buy" or not open_:
            bought.append(shop.buys(member, str(Decimal(pence) / 100)))
            continue
        one = open_[pence % len(open_)]
        one.purchase.refresh_from_db()
        rest = one.purchase.total - one.purchase.returned
        amount = max(Decimal("0.01"), (rest * share / 100).quantize(Decimal("0.01")))
        amount = None if verb == "all" and rest == one.purchase.total else min(rest, amount)
        comes_back(one, amount, number=f"{shop.program.pk}-{index}")
        one.purchase.refresh_from_db()

    account = shop.account(member)
    awards = Award.objects.filter(account=account, carried_part__isnull=False)
    net = sum(part.counted - part.returned for part in CarriedPart.objects.filter(account=account))
    assert sum(award.awarded - award.reversed for award in awards) == int(net // 13)
    assert net == 7 * sum(one.purchase.total - one.purchase.returned for one in bought)
    assert violations() == []
