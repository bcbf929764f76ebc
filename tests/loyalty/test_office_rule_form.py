"""The editor and the vocabulary: what a rule can say, the form shows and gives back."""

import pytest

from core.models.people import Role
from loyalty.earning.vocabulary.expiry import ExpiresAfter, ExpiresOn
from loyalty.earning.vocabulary.labels import TYPES
from loyalty.earning.vocabulary.parse import dump_rule, parse_rule
from loyalty.earning.vocabulary.rule import CONDITIONS, EFFECTS
from loyalty.earning.vocabulary.waiting import WAITING
from loyalty.forms.rules import Known, RuleForm
from loyalty.forms.typed import PartFields
from tests.loyalty.rule_forms import per_pound
from tests.offices import office_of
from tests.tills import text_of

KNOWN = Known(
    stores=(("1", "One"), ("2", "Two")),
    categories=(("Coffee", "Coffee"), ("Food › Cake", "Food › Cake")),
    brands=(("Illy", "Illy"),),
)
EVERYTHING = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "multiplier", "times": "2.5"},
    "conditions": [
        {"type": "store", "stores": ["1", "gone"]},
        {"type": "channel", "channels": ["online", "app"]},
        {"type": "category", "match": "none", "categories": ["Coffee", ["Food", "Cake"], "Tea"]},
        {"type": "brand", "match": "any", "brands": ["Illy", "Lavazza"]},
        {"type": "sku", "match": "all", "skus": ["A-1", "A-2"]},
        {"type": "minimum_amount", "amount": "12.50", "over": "matching_lines"},
        {"type": "dates", "from": "2026-07-01", "until": "2026-07-31"},
        {
            "type": "weekdays_and_hours",
            "weekdays": ["monday", "tuesday"],
            "from": "07:00",
            "to": "10:30",
        },
    ],
    "rounding": "half_up",
    "limits": {"per_purchase": 100, "per_member": {"day": 200, "ever": 900}, "budget": 5000},
    "stacking": {"stage": "multiplier", "exclusive_group": "coffee", "priority": -3},
    "pending_days": 14,
    "expires": {"type": "after", "months": 12, "round_up": "quarter"},
    "label": "Double",
}


def sent(form):
    """Return what a browser sends of a form that nobody touched."""
    fields = {}
    for bound in form:
        value = bound.value()
        if value is not False and value not in (None, "", []):
            fields[bound.name] = "on" if value is True else value
    return fields | {"name": "Rule", "request_key": "k" * 16}


def again(data):
    shown = RuleForm(known=KNOWN, data_of_rule=data)
    form = RuleForm(sent(shown), known=KNOWN, data_of_rule=data)
    assert form.is_valid(), form.errors
    return form


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"effect": {"type": "points_per_amount", "points": 3, "per": "0.5"}, "stacking": {}},
        {"effect": {"type": "points_per_unit", "points": 3}, "stacking": {"stage": "bonus"}},
        {"effect": {"type": "fixed_points", "points": 50}, "stacking": {}},
        {"effect": {"type": "stamps", "card": "coffee", "stamps": 2}, "stacking": {}},
        {
            "effect": {"type": "tier_credits", "credits": 5, "per": "amount", "amount": "50"},
            "rounding": "down",
            "carry": True,
            "stacking": {},
        },
        {"effect": {"type": "voucher", "reward": "latte", "count": 3}, "stacking": {}},
        {
            "trigger": {"type": "activity", "kind": "custom", "name": "recycling"},
            "effect": {"type": "fixed_points", "points": 50},
            "conditions": [{"type": "dates", "from": "2026-07-01"}],
            "stacking": {},
        },
        {"expires": {"type": "on", "date": "2027-01-31"}},
        {"expires": {"type": "never"}, "pending_days": 0},
        {"waits_for": {"type": "event", "deadline_days": 30}},
        {"waits_for": {"type": "date", "date": "2027-01-31"}, "pending_days": None},
    ],
)
def test_a_form_gives_back_the_rule_that_it_shows(changes):
    rule = dump_rule(parse_rule({**EVERYTHING, **changes}))

    form = again(rule)

    assert form.kept == []
    assert dump_rule(parse_rule(form.spec())) == rule


def test_what_the_form_cannot_show_is_kept():
    twice = [
        {"type": "category", "match": "any", "categories": ["Coffee"]},
        {"type": "category", "match": "none", "categories": ["Cake"]},
        {"type": "sku", "match": "any", "skus": ["two\u00a0› steps"]},
    ]
    rule = dump_rule(parse_rule({**EVERYTHING, "conditions": twice}))

    form = again(rule)

    assert form.kept == rule["conditions"][1:]
    assert dump_rule(parse_rule(form.spec())) == rule


def test_every_part_of_the_vocabulary_has_its_words_and_fields():
    kinds = {**CONDITIONS, **EFFECTS, **WAITING, "after": ExpiresAfter, "on": ExpiresOn}

    made = {key: PartFields(key, key, kind).names() for key, kind in kinds.items()}

    assert made.keys() <= TYPES.keys()
    assert all(made.values())


def test_conditions_made_by_a_file_survive_the_office(shop):
    kept = {"type": "category", "match": "none", "categories": ["Gift cards"]}
    first = {"type": "category", "match": "any", "categories": ["Coffee"]}
    spec = {**EVERYTHING, "conditions": [first, kept], "stacking": {}}
    rule = shop.add_rule({**spec, "effect": {"type": "fixed_points", "points": 5}})
    office = office_of(shop.organization, Role.OWNER)
    edit = f"/office/high-street/program/rules/{rule.public_id}/edit/"
    typed = per_pound(
        seen="1",
        conditions__category="on",
        conditions__category__categories="Tea",
    )

    review = office.post(edit, typed)
    office.post(edit, typed | {"read": review.context["read"]})

    newest = rule.versions.order_by("-number").first()
    assert "Also holds" in text_of(review)
    assert newest.spec["conditions"] == [{**first, "categories": ["Tea"]}, kept]
