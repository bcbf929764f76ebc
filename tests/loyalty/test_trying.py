"""Trying a basket: the same engine, drafts and times to come included, and nothing written."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from core.models.people import Role
from loyalty.models import LadderVersion, Product, Rule
from members.models import Group
from tests.offices import office_of
from tests.shops import ALWAYS, ONE_PER_POUND, days_ago, open_shop
from tests.tills import text_of

TRY = "/office/high-street/program/try/"
COFFEE = {"type": "category", "categories": ["Coffee"]}
FIVE = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 5},
    "stacking": {"stage": "bonus"},
}


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


def basket(*lines, at=None, **fields):
    """What the page sends: lines, each an amount or its fields."""
    at = at or timezone.now()
    told = {
        "who": "newcomer",
        "store": "1",
        "channel": "store",
        "at": timezone.localtime(at).strftime("%Y-%m-%dT%H:%M"),
        "lines-TOTAL_FORMS": str(len(lines)),
        "lines-INITIAL_FORMS": "0",
    }
    for number, line in enumerate(lines):
        typed = line if isinstance(line, dict) else {"amount": line}
        told |= {f"lines-{number}-{name}": value for name, value in typed.items()}
    return told | fields


def tried(office, *lines, **fields):
    page = office.post(TRY, basket(*lines, **fields))
    assert page.context["tried"] is not None, (
        page.context["form"].errors,
        page.context["lines"].errors,
    )
    return page.context["tried"]


def rows():
    """How many rows there are of everything."""
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def draft_of(shop, spec, status=Rule.Status.DRAFT):
    rule = shop.add_rule(spec)
    Rule.objects.filter(pk=rule.pk).update(status=status)
    return rule


def test_a_basket_is_told_line_by_line_and_rule_by_rule(shop, office):
    shop.add_rule({**FIVE, "conditions": [COFFEE], "limits": {"per_purchase": 3}})
    shop.add_rule({**FIVE, "conditions": [{"type": "minimum_amount", "amount": "50"}]})

    answer = tried(office, {"amount": "3.40", "category": "Drinks › Coffee"}, "10.00")

    assert answer.points == 16
    assert [(line.amount, line.points, len(line.by)) for line in answer.lines] == [
        (Decimal("3.40"), 6, 2),
        (Decimal("10.00"), 10, 1),
    ]
    assert [(rule.points, rule.is_capped) for rule in answer.applied] == [(13, False), (3, True)]
    assert "capped at 3 per purchase (desired 5)" in answer.applied[1].detail
    assert [rule.detail for rule in answer.not_applied] == ["only from £50; this came to £13.40"]


def test_nothing_is_written(shop, member, office):
    shop.add_rule({**FIVE, "limits": {"budget": 100, "per_member": {"day": 5}}})
    shop.buys(member, "10.00")
    office.post(TRY, basket("10.00"))
    before = rows()

    office.post(TRY, basket("10.00", who="member", member="07400 123456"))
    office.post(TRY, basket("10.00", who="made_up", purchases_before="3"))

    assert rows() == before


def test_a_trial_says_what_the_purchase_then_gives(shop, member, office):
    shop.add_rule({**FIVE, "limits": {"per_member": {"ever": 8}}})
    shop.add_rule({**FIVE, "conditions": [{"type": "nth_purchase", "number": 2}]})
    shop.buys(member, "1.00")

    answer = tried(office, "10.00", who="member", member=str(member.public_id))
    bought = shop.buys(member, "10.00")

    assert answer.points == bought.points == 10 + 3 + 5


def test_a_draft_counts_only_where_it_is_switched_on_for_the_trial(shop, office):
    draft, paused = draft_of(shop, FIVE), draft_of(shop, FIVE, Rule.Status.PAUSED)

    without = tried(office, "10.00")
    chosen = tried(office, "10.00", drafts=[str(draft.public_id), str(paused.public_id)])

    assert (without.points, chosen.points) == (10, 20)
    assert [rule.is_draft for rule in chosen.applied] == [False, True, True]
    assert draft.versions.count() == 1


def test_a_time_to_come_is_judged_by_what_counts_then(shop, office):
    ends = timezone.now() + timedelta(days=2)
    shop.add_rule({**FIVE, "ends_at": ends.isoformat()})
    shop.add_version(shop.rule, {**ONE_PER_POUND, **_points(3)}, since=days_ago(-1))

    now, tomorrow, later = (
        tried(office, "10.00", at=timezone.now() + timedelta(days=days)).points
        for days in (0, 1.5, 3)
    )

    assert (now, tomorrow, later) == (15, 35, 30)


def test_what_the_points_cost_is_told_where_a_point_has_a_worth(shop, office):
    unsaid = tried(office, "10.00")
    shop.settle(point_value="0.05")

    told = tried(office, "10.00")

    assert (unsaid.worth, told.worth) == (None, Decimal("0.50"))


def _points(points):
    return {"effect": {"type": "points_per_amount", "points": points, "per": "1"}}


def test_somebody_made_up_has_a_tier_groups_a_birthday_and_a_past(shop, office):
    Group.objects.create(organization=shop.organization, code="staff", name="Staff")
    ladder(shop, "silver", "gold")
    for condition in (
        {"type": "tier", "tiers": ["silver"], "or_higher": True},
        {"type": "group", "groups": ["staff"]},
        {"type": "birthday", "within": "month"},
        {"type": "nth_purchase", "number": 7},
        {"type": "visits", "at_least": 3, "days": 5},
    ):
        shop.add_rule({**FIVE, "conditions": [condition]})

    nobody = tried(office, "1.00")
    somebody = tried(
        office,
        "1.00",
        who="made_up",
        tier="gold",
        groups=["staff"],
        birthday=timezone.localdate().isoformat(),
        purchases_before="6",
        days_before="2",
    )

    assert (nobody.points, len(nobody.not_applied)) == (1, 5)
    assert (somebody.points, somebody.not_applied) == (26, [])


def ladder(shop, *codes):
    tiers = [
        {"code": code, "name": code.title(), "threshold": str(100 * place)}
        for place, code in enumerate(codes, start=1)
    ]
    LadderVersion.objects.create(
        program=shop.program,
        number=1,
        spec={"basis": "points", "window": {"type": "lifetime"}, "tiers": tiers},
        effective_from=ALWAYS,
        created_by="system",
    )


def test_an_article_that_is_known_brings_what_it_is(shop, office):
    Product.objects.create(
        organization=shop.organization, sku="LATTE", name="Latte", category=["Drinks", "Coffee"]
    )
    shop.add_rule({**FIVE, "conditions": [COFFEE]})

    answer = tried(office, {"item": "LATTE", "amount": "3.00", "quantity": "2"})

    assert (answer.points, answer.lines[0].title) == (8, "Latte × 2")


FAULTY = [
    (basket(), "Type what is bought"),
    (basket("0"), "greater than or equal to 0.001"),
    (basket("x"), "Enter a number"),
    (basket("1", at=timezone.now()) | {"at": "soon"}, "Enter a valid date/time"),
    (basket("1", store="nowhere"), "Select a valid choice"),
    (basket("1", who="member"), "Type the phone or card number"),
    (basket("1", who="member", member="07400 999999"), "There is no such member"),
    (basket("1", who="member", member="\x00"), "Null characters are not allowed"),
    (basket("1", who="made_up", tier="none"), None),
    (basket({"amount": "1", "item": "a\x07b"}), "cannot be used"),
    (basket("1", drafts=[str(uuid4())]), None),
    ({"lines-TOTAL_FORMS": "x"}, "Type what is bought"),
    ({}, "Type what is bought"),
]


@pytest.mark.parametrize(("sent", "said"), FAULTY)
def test_what_cannot_be_tried_is_said_beside_it(shop, office, sent, said):
    page = office.post(TRY, sent)

    assert page.status_code == 200
    assert said is None or (page.context["tried"] is None and said in text_of(page))


def test_one_more_line_comes_without_a_script(shop, office):
    page = office.post(TRY, basket("3.00", more="lines"))

    assert page.context["lines"].total_form_count() == 2
    assert 'value="3.00"' in page.content.decode()


def test_the_rule_whose_page_it_came_from_is_chosen(shop, office):
    draft = draft_of(shop, FIVE)

    page = office.get(f"{TRY}?rule={draft.public_id}").content.decode()

    assert f'value="{draft.public_id}"' in page
    assert "checked" in page.partition(f'value="{draft.public_id}"')[2][:200]


@pytest.mark.proves("X2")
def test_another_organizations_members_stores_and_rules_are_not_there(shop, office):
    other = open_shop("elsewhere")
    stranger = other.member("+447400777777")
    theirs = draft_of(other, FIVE)

    page = office.post(TRY, basket("1", who="member", member=str(stranger.public_id)))
    unknown = office.post(f"{TRY}?program=theirs", basket("1"))

    assert "There is no such member" in text_of(page)
    assert unknown.status_code == 404
    assert str(theirs.public_id) not in page.content.decode()


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER, Role.ANALYST])
def test_who_may_try(shop, role):
    assert office_of(shop.organization, role).post(TRY, basket("1")).status_code == 200


def test_a_trial_asks_the_same_for_one_rule_and_line_as_for_many(
    shop, member, office, django_assert_num_queries
):
    shop.buys(member, "1.00")
    fields = {"who": "member", "member": str(member.public_id)}
    tried(office, "1.00", **fields)
    with django_assert_num_queries(19):
        tried(office, "1.00", **fields)
    drafts = [str(draft_of(shop, FIVE).public_id) for _ in range(2)]
    shop.add_rule(FIVE)
    tried(office, "1.00", **fields)

    with django_assert_num_queries(19):
        answer = tried(office, "1.00", "2.00", "3.00", drafts=drafts, **fields)

    assert answer.points == 6 + 3 * 5
