"""What rules ask about stores and members: read when it is asked, as it stands, set by set."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actors import SYSTEM
from core.models import Region, RegionStore
from loyalty.models import AccountHolder, Award, Purchase
from loyalty.services.member_merges import merge_members
from loyalty.services.purchases import preview, record_many
from members.models import Group, GroupMember
from members.services.editing import edit_member
from tests.noted import define
from tests.shops import days_ago

BONUS = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 100},
    "stacking": {"stage": "bonus"},
}


def asking(**condition):
    return {**BONUS, "conditions": [condition]}


FIRST = asking(type="nth_purchase", number=1)
EVERY_THIRD = asking(type="nth_purchase", number=3, every=True)


def bonuses(*recorded):
    """How many points beyond the one per pound each purchase gave."""
    return [one.points // 100 * 100 for one in recorded]


def put_into_group(shop, member, code, joined_at, left_at=None):
    organization = shop.organization
    group, _made = Group.objects.get_or_create(
        organization=organization, code=code, defaults={"name": code}
    )
    GroupMember.objects.create(
        organization=organization,
        group=group,
        member=member,
        joined_at=joined_at,
        left_at=left_at,
    )


def test_a_first_purchase_is_first_once(shop, member):
    shop.add_rule(FIRST)

    recorded = [shop.buys(member, "10.00") for _ in range(3)]

    assert bonuses(*recorded) == [100, 0, 0]


def test_every_third_purchase_counts_those_before_it_everywhere(shop, member):
    shop.add_rule(EVERY_THIRD)
    other = shop.member("+447400123457")

    recorded = [shop.buys(who, "10.00") for who in (member, other, member, member, other)]

    assert bonuses(*recorded) == [0, 0, 0, 100, 0]


def test_purchases_of_one_batch_count_for_those_after_them(shop, member):
    shop.add_rule(EVERY_THIRD)
    shop.buys(member, "10.00")
    drafts = [shop.draft(member, "10.00", at=days_ago(9 - place)) for place in range(5)]

    recorded = record_many(organization_id=shop.organization.pk, drafts=drafts, actor=SYSTEM)

    assert bonuses(*recorded) == [0, 100, 0, 0, 100]


def test_what_came_back_whole_does_not_count(shop, member):
    shop.add_rule(FIRST)
    first = shop.buys(member, "10.00")
    Purchase.objects.filter(pk=first.purchase.pk).update(returned=first.purchase.total)

    again = preview(organization_id=shop.organization.pk, draft=shop.draft(member, "10.00"))

    assert again[0].outcome.points == 110
    Purchase.objects.filter(pk=first.purchase.pk).update(returned=0)


def test_visits_are_days_with_a_purchase(shop, member):
    shop.add_rule(asking(type="visits", at_least=3, days=7))
    shop.buys(member, "10.00", at=days_ago(9))
    shop.buys(member, "10.00", at=days_ago(3))
    shop.buys(member, "10.00", at=days_ago(3))

    second, third = shop.buys(member, "10.00", at=days_ago(2)), shop.buys(member, "10.00")

    assert bonuses(second, third) == [0, 100]


def test_visits_of_one_batch_count_for_those_after_them(shop, member):
    shop.add_rule(asking(type="visits", at_least=3, days=7))
    drafts = [shop.draft(member, "10.00", at=days_ago(9 - place)) for place in range(3)]

    recorded = record_many(organization_id=shop.organization.pk, drafts=drafts, actor=SYSTEM)

    assert bonuses(*recorded) == [0, 0, 100]


def test_groups_count_as_they_were_at_the_time_of_the_purchase(shop, member):
    shop.add_rule(asking(type="group", groups=["staff"]))
    put_into_group(shop, member, "staff", days_ago(5), days_ago(2))

    recorded = [shop.buys(member, "10.00", at=days_ago(days)) for days in (6, 4, 1)]

    assert bonuses(*recorded) == [0, 100, 0]


def test_what_is_noted_and_the_birthday_count_as_they_are(shop, member):
    today = timezone.localdate(timezone=shop.organization.zone)
    shop.add_rule(asking(type="birthday", within="day"))
    shop.add_rule(asking(type="attribute", name="vegan", values=["yes"]))
    define(shop.organization, vegan="yes_no")
    before = shop.buys(member, "10.00")

    edit_member(
        member_id=member.pk,
        actor=SYSTEM,
        birthday=f"--{today.month:02}-{today.day:02}",
        attributes={"vegan": True},
    )

    assert bonuses(before, shop.buys(member, "10.00")) == [0, 200]


def test_regions_are_those_of_the_store(shop, member):
    shop.add_rule(asking(type="region", regions=["north"]))
    organization = shop.organization
    before = shop.buys(member, "10.00")

    region = Region.objects.create(organization=organization, code="north", name="North")
    RegionStore.objects.create(organization=organization, region=region, store=shop.store)

    assert bonuses(before, shop.buys(member, "10.00")) == [0, 100]


def test_who_was_merged_did_what_both_did(shop, member):
    shop.add_rule(FIRST)
    shop.add_rule(asking(type="group", groups=["staff"]))
    twin = shop.member("+447400123457")
    put_into_group(shop, twin, "staff", days_ago(5))
    shop.buys(twin, "10.00")

    merge_members(
        organization_id=shop.organization.pk,
        kept_id=member.pk,
        merged_id=twin.pk,
        actor=SYSTEM,
        request_key="merge",
    )

    assert bonuses(shop.buys(member, "10.00")) == [100]


def test_a_quote_for_nobody_knows_nobody(shop):
    shop.add_rule(FIRST)
    shop.add_rule(asking(type="group", groups=["staff"]))

    [given] = preview(organization_id=shop.organization.pk, draft=shop.draft(None, "10.00"))

    assert given.outcome.points == 10


def test_a_purchase_opens_an_account_only_when_it_has_an_effect(shop, member):
    shop.rule.status = "paused"
    shop.rule.save()
    shop.add_rule(asking(type="group", groups=["staff"]))
    none = shop.buys(member, "10.00")
    assert list(AccountHolder.objects.all()) == []

    put_into_group(shop, member, "staff", days_ago(5))

    assert bonuses(none, shop.buys(member, "10.00")) == [0, 100]


def test_what_facts_gave_is_explained_and_points_at_its_rule(shop, member):
    rule = shop.add_rule(FIRST)

    recorded = shop.buys(member, "10.00")
    again = shop.buys(member, "10.00")

    assert Award.objects.get(purchase=recorded.purchase, rule_version__rule=rule).awarded == 100
    left_out = [one for one in again.earned[0].outcome.not_applied if one.rule == rule.pk]
    assert [reason.params["this"] for reason in left_out[0].why] == [2]


def statements(act):
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


EVERY_FACT = [
    {"type": "region", "regions": ["north"]},
    {"type": "group", "groups": ["staff"]},
    {"type": "birthday"},
    {"type": "tier", "tiers": ["gold"]},
    {"type": "nth_purchase", "number": 1},
    {"type": "visits", "at_least": 2, "days": 7},
]


@pytest.mark.parametrize("condition", EVERY_FACT, ids=lambda condition: condition["type"])
def test_each_kind_of_fact_is_one_question_and_none_when_nobody_asks(shop, member, condition):
    shop.buys(member, "10.00")
    plain = statements(lambda: shop.buys(member, "10.00"))

    shop.add_rule(asking(type="store", stores=["2"]))
    shop.buys(member, "10.00")
    unasked = statements(lambda: shop.buys(member, "10.00"))
    shop.add_rule(asking(**condition))
    shop.buys(member, "10.00")
    asked = statements(lambda: shop.buys(member, "10.00"))

    assert (unasked - plain, asked - plain) == (0, 1)


def test_many_receipts_ask_as_few_questions_as_one(shop, member):
    for condition in EVERY_FACT:
        shop.add_rule(asking(**condition))
    others = [shop.member(f"+4474001234{place}") for place in range(57, 62)]
    for who in (member, *others):
        shop.records(shop.draft(who, "1.00", "1.00"))

    def many(people):
        drafts = [shop.draft(who, "10.00", "5.00") for who in people for _ in range(6)]
        return lambda: record_many(
            organization_id=shop.organization.pk, drafts=drafts, actor=SYSTEM
        )

    assert statements(many([member])) == statements(many(others))


def test_a_late_receipt_is_judged_by_its_own_day_and_the_groups_of_then(shop, member):
    shop.add_rule(asking(type="visits", at_least=2, days=3), since=days_ago(60))
    shop.buys(member, "10.00")

    late = shop.buys(member, "10.00", at=days_ago(1))
    later = shop.buys(member, "10.00", at=timezone.now() - timedelta(seconds=1))

    assert bonuses(late, later) == [0, 100]
