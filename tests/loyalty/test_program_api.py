import json
from datetime import timedelta

import pytest
from django.utils import timezone

from loyalty.models import Program, Rule
from tests.callers import Caller, problem
from tests.shops import ALWAYS, days_ago, open_shop

TWICE = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 2, "per": "1"},
}


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


def test_a_program_is_told_in_sentences_and_as_data(shop, api):
    shop.settle(expiry={"type": "after", "months": 12, "round_up": "year"}, pending_days=14)

    response = api.get("program/")

    assert response.status_code == 200
    assert response.json() == {
        "slug": "club",
        "name": "Club",
        "status": "live",
        "is_open": True,
        "currency": "GBP",
        "rules": [
            {
                "id": str(shop.rule.public_id),
                "code": "base",
                "name": "Base",
                "version": 1,
                "effective_from": "2000-01-01T00:00:00Z",
                "label": None,
                "text": "1 point per £1",
                "spec": {
                    "trigger": {"type": "purchase"},
                    "effect": {"type": "points_per_amount", "points": 1, "per": "1"},
                    "conditions": [],
                    "rounding": "down",
                    "limits": {"per_member": {}},
                },
            }
        ],
        "tiers": None,
        "stamp_cards": [],
        "challenges": [],
        "terms": [
            {
                "setting": "expiry",
                "text": "usable for 12 months, to the end of that year",
                "value": {"type": "after", "months": 12, "round_up": "year"},
            },
            {"setting": "pending_days", "text": "usable after 14 days", "value": 14},
            {
                "setting": "earns_on_products_only",
                "text": "only products earn points",
                "value": True,
            },
            {"setting": "earns_net_of_tax", "text": "points are counted with tax", "value": False},
            {
                "setting": "earns_on_part_paid_with_points",
                "text": "what is paid with points or a gift card earns nothing",
                "value": False,
            },
            {
                "setting": "debt",
                "text": "points of returned goods that are spent already are owed",
                "value": "negative",
            },
            {
                "setting": "goodwill_days",
                "text": "points of a canceled reward keep the end they had",
                "value": 0,
            },
            {
                "setting": "claim_days",
                "text": "a purchase without the card can be claimed by its receipt for 7 days",
                "value": 7,
            },
        ],
    }


@pytest.mark.parametrize(
    ("settings", "texts"),
    [
        (
            {"pending_days": 1, "debt": "floor", "earns_net_of_tax": True},
            [
                "usable without end",
                "usable after 1 day",
                "only products earn points",
                "points are counted without tax",
                "what is paid with points or a gift card earns nothing",
                "points of returned goods that are spent already are let go",
                "points of a canceled reward keep the end they had",
                "a purchase without the card can be claimed by its receipt for 7 days",
            ],
        ),
        (
            {
                "expiry": {"type": "on", "date": "2027-07-06"},
                "earns_on_products_only": False,
                "earns_on_part_paid_with_points": True,
                "goodwill_days": 5,
            },
            [
                "usable until Jul 6, 2027",
                "usable at once",
                "shipping, tips, fees and memberships earn points too",
                "points are counted with tax",
                "what is paid with points or a gift card earns points too",
                "points of returned goods that are spent already are owed",
                "points of a canceled reward that have ended are usable for 5 days more",
                "a purchase without the card can be claimed by its receipt for 7 days",
            ],
        ),
    ],
)
def test_every_term_has_its_words(shop, api, settings, texts):
    shop.settle(**settings)

    assert [term["text"] for term in api.get("program/").json()["terms"]] == texts


def test_nothing_of_the_shops_own_affairs_is_told(shop, api):
    shop.add_rule(
        {
            **TWICE,
            "label": "Double fun",
            "limits": {"budget": 987654, "per_purchase": 500},
            "stacking": {"exclusive_group": "secret-group", "priority": 77},
        }
    )

    response = api.get("program/")

    rule = response.json()["rules"][1]
    assert (rule["label"], rule["text"]) == (
        "Double fun",
        "2 points per £1, at most 500 per purchase",
    )
    assert rule["spec"]["limits"] == {"per_purchase": 500, "per_member": {}}
    for secret in (
        "987654",
        "987,654",
        "secret-group",
        "priority",
        "adjustment",
        "created_by",
        "hold",
    ):
        assert secret not in response.content.decode()


def test_only_rules_in_force_are_told_in_the_version_that_counts_now(shop, api):
    shop.add_version(shop.rule, TWICE, since=days_ago(1))
    shop.add_version(shop.rule, {**TWICE, "label": "Later"}, since=timezone.now() + timedelta(1))
    for status in (Rule.Status.DRAFT, Rule.Status.PAUSED, Rule.Status.ENDED):
        Rule.objects.filter(pk=shop.add_rule(TWICE).pk).update(status=status)
    shop.add_rule(TWICE, since=timezone.now() + timedelta(days=1))

    rules = api.get("program/").json()["rules"]

    assert [(rule["code"], rule["version"], rule["text"]) for rule in rules] == [
        ("base", 2, "2 points per £1")
    ]


@pytest.mark.parametrize("rules", [1, 3])
def test_a_program_is_told_with_a_fixed_number_of_questions(
    shop, api, rules, django_assert_num_queries
):
    for _rule in range(rules - 1):
        shop.add_version(shop.add_rule(TWICE), TWICE, since=ALWAYS)
    api.get("ping/")

    with django_assert_num_queries(8):
        response = api.get("program/")

    assert len(response.json()["rules"]) == rules


@pytest.mark.parametrize("status", ["draft", "ended"])
def test_a_program_that_is_not_public_does_not_exist(shop, api, status):
    Program.objects.update(status=status)

    assert problem(api.get("program/")) == (404, "not_found", None)
    assert problem(api.get("program/", program="club")) == (404, "not_found", None)


def test_a_program_can_be_chosen_by_its_short_name(shop, api):
    Program.objects.create(
        organization=shop.organization, slug="extra", name="Extra", status="paused"
    )

    response = api.get("program/", program="extra")

    assert (response.json()["slug"], response.json()["status"]) == ("extra", "paused")
    assert api.get("program/").json()["slug"] == "club"


@pytest.mark.proves("input 82", "input 79", "input 72", "X6")
def test_a_foreign_program_an_odd_parameter_and_a_wrong_key_are_refused(shop, api):
    Program.objects.filter(pk=open_shop("low-road").program.pk).update(slug="theirs")
    till = Caller(shop.api_key("purchases:write", name="till"))

    for slug in ("theirs", "club' OR 1=1--", "9" * 50):
        assert problem(api.get("program/", program=slug)) == (404, "not_found", None)
    assert problem(api.get("program/", program="9" * 51)) == (400, "text_too_long", "program")
    assert problem(api.get("program/", ordering="slug")) == (400, "unknown_parameter", "ordering")
    assert problem(api.send("GET", "program/?program=a&program=b")) == (
        400,
        "repeated_parameter",
        "program",
    )
    assert problem(till.get("program/"))[:2] == (403, "scope_missing")
    assert problem(api.send("POST", "program/", json.dumps({})))[:2] == (405, "method_not_allowed")
