"""Cards are written, changed, switched on and off, and stand in program files."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import Actor
from core.models import AuditRecord
from core.program_files import sections
from loyalty.errors import (
    ProgramInvalid,
    StampCardChanged,
    StampCardInvalid,
    StateChangeRefused,
)
from loyalty.models import Rule, StampCard
from loyalty.services.programs import dump_program, load_program
from loyalty.services.stamp_card_editing import (
    CardWish,
    EarnedBy,
    add_card,
    change_card,
    set_card_status,
)
from loyalty.stamp_document import card_faults
from rewards.errors import RewardNotOffered
from tests.stampcards import COFFEE, offer_coffee, sheets_of, spec_of

ADA = Actor("staff", 5)
SPEC = spec_of(3)


def wish(name="Coffee card", spec=SPEC, **more):
    return CardWish(name=name, spec=spec, **more)


def add(shop, **more):
    return add_card(program_id=shop.program.pk, wish=wish(**more), actor=ADA)


def switch(card, status):
    return set_card_status(card_id=card.pk, status=StampCard.Status(status), actor=ADA)


def faults_of(spec):
    version = {"spec": spec}
    found = card_faults([{"code": "coffee", "name": "Coffee", "versions": [version]}])
    return [(fault["field"].removeprefix("0.versions.0.spec."), fault["code"]) for fault in found]


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        ({"size": 1, "gifts": [COFFEE]}, [("size", "greater_than_equal")]),
        ({"size": 51, "gifts": [COFFEE]}, [("size", "less_than_equal")]),
        ({"size": 3, "gifts": []}, [("gifts", "too_short")]),
        ({"size": 3, "gifts": [COFFEE, COFFEE]}, [("", "gift_twice")]),
        (
            {"size": 3, "gifts": [COFFEE], "milestones": [{"at": 3, "gifts": [COFFEE]}]},
            [("", "milestone_too_late")],
        ),
        (
            {
                "size": 9,
                "gifts": [COFFEE],
                "milestones": [{"at": at, "gifts": [COFFEE]} for at in (4, 2)],
            },
            [("", "milestones_out_of_order")],
        ),
        ({"size": 3, "gifts": [COFFEE], "per_day": 0}, [("per_day", "greater_than_equal")]),
    ],
)
def test_what_is_no_card_is_named_by_its_field(spec, faults):
    found = faults_of(spec)

    assert [(field.removeprefix("0.versions.0.spec"), code) for field, code in found] == faults


@pytest.mark.parametrize(
    ("earned_by", "effect", "more"),
    [
        (EarnedBy(), {"per": "purchase"}, {}),
        (EarnedBy(per="amount", amount="5"), {"per": "amount", "amount": "5"}, {"carry": True}),
        (
            EarnedBy(per="unit", categories=["Coffee"]),
            {"per": "unit"},
            {"conditions": [{"type": "category", "match": "any", "categories": ["Coffee"]}]},
        ),
    ],
)
def test_a_card_comes_with_the_rule_that_gives_its_stamps(shop, earned_by, effect, more):
    card = add(shop, earned_by=earned_by)

    rule = Rule.objects.exclude(pk=shop.rule.pk).get()
    assert (card.code, card.status, rule.status) == ("coffee-card", "draft", "draft")
    spec = rule.versions.get().spec
    assert spec["effect"] == {"type": "stamps", "card": "coffee-card", "stamps": 1} | effect
    assert {name: spec.get(name) for name in more} == more


def test_neither_is_made_when_the_rule_cannot_be(shop):
    with pytest.raises(StampCardInvalid) as refusal:
        add(shop, earned_by=EarnedBy(per="amount", amount="0"))

    assert [fault["field"] for fault in refusal.value.data["errors"]] == ["amount"]
    assert (StampCard.objects.count(), Rule.objects.count()) == (0, 1)


def test_a_card_and_its_rule_are_switched_on_together(shop, member):
    offer_coffee(shop)
    card = add(shop, earned_by=EarnedBy())
    shop.buys(member, "1.00")

    switch(card, "active")
    shop.buys(member, "1.00")

    assert sheets_of(shop, member) == [(1, "open")]
    assert set(Rule.objects.values_list("status", flat=True)) == {"active"}


def test_a_card_that_promises_what_there_is_not_cannot_be_switched_on(shop):
    card = add(shop)

    with pytest.raises(RewardNotOffered):
        switch(card, "active")

    card.refresh_from_db()
    assert card.status == "draft"


def test_what_was_begun_stays_when_the_card_changes_pauses_and_goes_on(shop, member):
    offer_coffee(shop)
    card = switch(add(shop, earned_by=EarnedBy()), "active")
    shop.buys(member, "1.00")

    change_card(card_id=card.pk, wish=wish(spec=spec_of(9), seen=2), actor=ADA)
    switch(card, "paused")
    shop.buys(member, "1.00")
    paused = sheets_of(shop, member)
    switch(card, "active")
    for _visit in range(3):
        shop.buys(member, "1.00")

    assert paused == [(1, "open")]
    assert sheets_of(shop, member) == [(3, "full"), (1, "open")]


def test_a_change_that_somebody_overtook_is_refused(shop):
    card = add(shop)
    change_card(card_id=card.pk, wish=wish(spec=spec_of(4), seen=1), actor=ADA)

    with pytest.raises(StampCardChanged):
        change_card(card_id=card.pk, wish=wish(spec=spec_of(5), seen=1), actor=ADA)

    assert card.versions.count() == 2


def test_a_version_is_never_dated_back(shop):
    offer_coffee(shop)
    card = switch(add(shop), "active")
    yesterday = timezone.now() - timedelta(days=1)

    with pytest.raises(StampCardInvalid) as refusal:
        change_card(
            card_id=card.pk, wish=wish(spec=spec_of(4), seen=2, counts_from=yesterday), actor=ADA
        )

    assert [fault["field"] for fault in refusal.value.data["errors"]] == ["counts_from"]
    assert card.versions.count() == 2


def test_what_has_ended_stays_ended(shop):
    card = switch(add(shop), "ended")

    with pytest.raises(StateChangeRefused):
        switch(card, "active")

    card.refresh_from_db()
    assert card.status == "ended"


def test_who_did_what_is_in_the_log(shop):
    offer_coffee(shop)

    switch(add(shop), "active")

    records = AuditRecord.objects.filter(subject="loyalty.stampcard").order_by("pk")
    assert list(records.values_list("actor", "verb", "fields")) == [
        ("staff:5", "added", ["name", "versions"]),
        ("staff:5", "changed", ["status", "versions"]),
    ]


def file_of(*cards, **more):
    program = {"slug": "club", "name": "Club", "status": "live"}
    return {"format": 1, "program": program, "stamp_cards": list(cards), **more}


def part(status="active", **more):
    version = {"effective_from": "2000-01-01T00:00:00Z", "spec": SPEC}
    return {
        "code": "coffee",
        "name": "Coffee card",
        "status": status,
        "versions": [version],
        **more,
    }


def load(shop, document):
    return load_program(organization_id=shop.organization.pk, document=document, actor=ADA).changes


def test_a_file_can_bring_a_card_with_its_reward_and_its_rule(shop, member):
    reward = {"code": "coffee", "name": "Coffee", "points": 300, "status": "active"}
    effect = {"type": "stamps", "card": "coffee"}
    spec = {"trigger": {"type": "purchase"}, "effect": effect}
    version = {"effective_from": "2000-01-01T00:00:00Z", "spec": spec}
    rule = {"code": "visit", "name": "Visit", "status": "active", "versions": [version]}

    changes = load(shop, file_of(part(), rules=[rule], rewards=[reward]))
    shop.buys(member, "1.00")

    assert changes == ["rules.visit", "stamp_cards.coffee", "rewards.coffee"]
    assert sheets_of(shop, member) == [(1, "open")]


def test_a_file_that_was_dumped_changes_nothing_when_it_is_loaded(shop):
    offer_coffee(shop)
    load(shop, file_of(part()))
    add(shop, name="Draft")

    dumped = dump_program(organization_id=shop.organization.pk)
    changes = load(shop, dumped)

    assert changes == []
    assert [(one["code"], one["status"]) for one in dumped["stamp_cards"]] == [
        ("coffee", "active"),
        ("draft", "draft"),
    ]
    assert "effective_from" not in dumped["stamp_cards"][1]["versions"][0]


def test_a_card_that_gave_stamps_takes_no_version_of_before(shop, member):
    offer_coffee(shop)
    effect = {"type": "stamps", "card": "coffee"}
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect})
    load(shop, file_of(part()))
    shop.buys(member, "1.00")
    late = {"effective_from": "1999-01-01T00:00:00Z", "spec": spec_of(5)}

    with pytest.raises(ProgramInvalid) as refusal:
        load(shop, file_of(part(versions=[late])))

    assert [(one["field"], one["code"]) for one in refusal.value.data["errors"]] == [
        ("stamp_cards.0.versions.0.effective_from", "version_too_early")
    ]
    assert StampCard.objects.get().versions.count() == 1


def test_cards_are_a_section_of_their_own():
    assert "stamp_cards" in [section.name for section in sections()]
