import re
from pathlib import Path

import pytest

from core.actors import SYSTEM
from loyalty.errors import ProgramInvalid
from rewards.catalog_document import RewardPart
from rewards.models import Reward
from rewards.services.redemptions import redeem
from tests.loyalty.program_files import document, dump, load, open_organization

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
