import re
from pathlib import Path

import pytest

from core.actors import SYSTEM
from loyalty.errors import ProgramInvalid
from rewards.catalog_document import RewardPart
from rewards.category_document import CategoryPart
from rewards.models import Reward
from rewards.services.redemptions import redeem
from tests.loyalty.program_files import document, dump, load, open_organization
from tests.shelves import take

DOCS = (Path(__file__).parents[2] / "docs/program-file.md").read_text()
COFFEE = {
    "code": "coffee",
    "name": "Coffee",
    "kind": "free_product",
    "amount": None,
    "description": "Any size",
    "terms": "One per visit.",
    "valid_days": 30,
    "points": 200,
    "is_for_points": True,
    "status": "active",
    "stock": 3,
}
FIVE_OFF = {
    "code": "five-off",
    "name": "£5 off",
    "kind": "amount_off",
    "amount": "5",
    "description": "",
    "terms": "",
    "valid_days": None,
    "points": 350,
    "is_for_points": True,
    "status": "draft",
    "stock": None,
}


def with_rewards(*rewards):
    return {**document(), "rewards": list(rewards)}


@pytest.fixture
def organization(db):
    return open_organization("bean")


def test_rewards_are_loaded_and_written_down_the_same(organization):
    changes = load(organization, with_rewards(COFFEE, FIVE_OFF))

    assert [change for change in changes if change.startswith("rewards")] == [
        "rewards.coffee",
        "rewards.five-off",
    ]
    assert dump(organization)["rewards"] == [COFFEE, FIVE_OFF]


def test_loading_the_same_file_again_changes_nothing(organization):
    load(organization, with_rewards(COFFEE))

    assert load(organization, with_rewards(COFFEE)) == []


def test_rewards_that_a_file_does_not_name_stay_as_they_are(organization):
    load(organization, with_rewards(COFFEE, FIVE_OFF))

    changes = load(organization, with_rewards({**FIVE_OFF, "points": 300}))

    assert changes == ["rewards.five-off"]
    assert dump(organization)["rewards"] == [COFFEE, {**FIVE_OFF, "points": 300}]


@pytest.mark.parametrize(
    ("why", "reward", "field", "code"),
    [
        ("no price", {**COFFEE, "points": 0}, "rewards.0.points", "greater_than_equal"),
        ("price as text", {**COFFEE, "points": "200"}, "rewards.0.points", "int_type"),
        ("unknown field", {**COFFEE, "color": "red"}, "rewards.0.color", "extra_forbidden"),
        ("no amount", {**FIVE_OFF, "amount": None}, "rewards.0.amount", "required"),
        ("an amount of nothing", {**COFFEE, "amount": "5"}, "rewards.0.amount", "amount_not_used"),
        (
            "finer than money",
            {**FIVE_OFF, "amount": "5.001"},
            "rewards.0.amount",
            "amount_too_fine",
        ),
        ("no days", {**COFFEE, "valid_days": 0}, "rewards.0.valid_days", "greater_than_equal"),
        ("unstorable", {**COFFEE, "terms": "a\0b"}, "rewards.0.terms", "text_not_allowed"),
        ("strange code", {**COFFEE, "code": "Cof fee"}, "rewards.0.code", "code_invalid"),
    ],
)
def test_a_reward_that_cannot_be_is_refused_by_field_and_nothing_is_loaded(
    organization, why, reward, field, code
):
    with pytest.raises(ProgramInvalid) as refusal:
        load(organization, with_rewards(reward))

    faults = [(fault["field"], fault["code"]) for fault in refusal.value.data["errors"]]
    assert faults == [(field, code)]
    assert list(Reward.objects.all()) == []


@pytest.mark.proves("INV-5")
def test_a_new_reward_has_its_whole_stock_whatever_was_taken_of_others(shop, member):
    shop.buys(member, "50.00")
    take(member, shop.reward(10, stock=2))
    take(member, shop.reward(10))
    program = {"slug": "club", "name": "Club", "status": "live"}

    load(shop.organization, {"format": 1, "program": program, "rewards": [COFFEE]})

    loaded = Reward.objects.get(code="coffee")
    assert (loaded.stock_initial, loaded.stock) == (3, 3)


def test_stock_follows_the_file_and_never_forgets_what_was_taken(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(10, stock=2, name="Mug")
    redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take")
    program = {"slug": "club", "name": "Club", "status": "live"}
    mug = {"code": reward.code, "name": "Mug", "points": 10, "status": "active"}

    load(shop.organization, {"format": 1, "program": program, "rewards": [{**mug, "stock": 5}]})
    with pytest.raises(ProgramInvalid):
        load(shop.organization, {"format": 1, "program": program, "rewards": [{**mug, "stock": 0}]})

    reward.refresh_from_db()
    assert (reward.stock_initial, reward.stock) == (5, 4)


def test_every_field_of_a_reward_is_documented():
    documented = re.findall(r"^\| `rewards\[\]\.([^`]+)` \|", DOCS, re.MULTILINE)

    assert documented == list(RewardPart.model_fields)


FULL = {
    "code": "treat",
    "name": "Treat",
    "kind": "choose_one",
    "amount": None,
    "options": ["coffee", "five-off"],
    "category": "drinks",
    "picture_alt": "A cake",
    "description": "",
    "terms": "",
    "valid_days": None,
    "points": 250,
    "price_money": "1.5",
    "cost": "0.8",
    "is_for_points": True,
    "status": "active",
    "starts_on": "2026-07-06",
    "ends_on": "2026-07-20",
    "tiers": ["gold", "silver"],
    "shown_to_all": True,
    "limit_count": 2,
    "limit_period": "month",
    "stock": 50,
    "is_combinable": True,
    "goodwill_days": 5,
    "undo_minutes": 30,
}
CATEGORIES = [{"code": "food", "name": "Food"}, {"code": "drinks", "name": "Drinks"}]


def full(*rewards, **sections):
    return with_rewards(*rewards) | {"reward_categories": CATEGORIES} | sections


def test_a_full_catalog_is_written_down_the_same_and_loaded_twice_changes_nothing(organization):
    # The choice stands before what there is to choose from.
    changes = load(organization, full(FULL, COFFEE, FIVE_OFF))
    dumped = dump(organization)

    assert dumped["rewards"] == [COFFEE, FIVE_OFF, FULL]
    assert dumped["reward_categories"] == CATEGORIES
    assert {"rewards.treat", "reward_categories.food"} <= set(changes)
    assert load(organization, dumped) == []


def test_the_order_of_categories_is_that_of_the_file(organization):
    load(organization, full())
    load(organization, full(reward_categories=[CATEGORIES[1]]))

    assert [one["code"] for one in dump(organization)["reward_categories"]] == ["drinks", "food"]


def test_tickets_are_of_a_draw_that_is_there_or_comes_with_them(organization):
    chance = COFFEE | {"code": "chance", "kind": "draw_ticket", "draw": "summer", "tickets": 2}
    summer = {
        "code": "summer",
        "name": "Summer",
        "closes_at": "2030-07-06T00:00:00+01:00",
        "prizes": [{"reward": "chance", "count": 1}],
    }

    with pytest.raises(ProgramInvalid) as refused:
        load(organization, with_rewards(COFFEE, chance))
    changes = load(organization, with_rewards(COFFEE, chance) | {"draws": [summer]})

    [fault] = refused.value.data["errors"]
    assert (fault["field"], fault["code"]) == ("rewards.1.draw", "no_such_draw")
    assert {"draws.summer", "rewards.chance"} <= set(changes)
    assert load(organization, dump(organization)) == []


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"options": ["coffee", "nothing"]}, "options", "option_unknown"),
        ({"options": ["coffee", "treat"]}, "options", "option_unknown"),
        ({"category": "nothing"}, "category", "category_unknown"),
        ({"stores": ["nowhere"]}, "stores", "reward_store_unknown"),
        ({"groups": ["nobody"]}, "groups", "audience_unknown"),
        ({"price_money": "1.005"}, "price_money", "amount_too_fine"),
        ({"percent": "5"}, "percent", "not_used"),
        ({"starts_on": "2026-08-01"}, "ends_on", "ends_before_it_begins"),
    ],
)
def test_what_a_reward_cannot_say_is_named_at_its_place(organization, changed, field, code):
    with pytest.raises(ProgramInvalid) as refused:
        load(organization, full(FULL | changed, COFFEE, FIVE_OFF))

    [fault] = refused.value.data["errors"]
    assert (fault["field"], fault["code"]) == (f"rewards.0.{field}", code)
    assert not Reward.objects.exists()


def test_every_field_of_a_category_is_documented():
    documented = re.findall(r"^\| `reward_categories\[\]\.([^`]+)` \|", DOCS, re.MULTILINE)

    assert documented == list(CategoryPart.model_fields)
