"""The office offers what there is to ask for, and no rule that asks for nothing there is begins."""

import pytest

from core.actors import SYSTEM
from core.models.people import Role
from core.services.regions import add_region
from loyalty.earning.vocabulary.parse import dump_rule, parse_rule
from loyalty.errors import RuleNamesUnknown
from loyalty.forms.rules import Known, RuleForm
from loyalty.models import LadderVersion, Rule
from loyalty.services.rule_editing import RuleWish, add_rule, change_rule, set_rule_status
from members.services.groups import create_group
from tests.loyalty.rule_forms import errors_on, per_pound
from tests.noted import define
from tests.offices import office_of
from tests.shops import ALWAYS, open_shop

KNOWN = Known(
    stores=(("1", "One"),),
    regions=(("north", "North"),),
    tiers=(("silver", "Silver"), ("gold", "Gold")),
    groups=(("staff", "Staff"),),
    attributes=(("size", "Size"),),
)
EVERY_CONDITION = [
    {"type": "region", "regions": ["north", "gone"]},
    {"type": "minimum_quantity", "quantity": "3", "over": "receipt"},
    {"type": "payment_method", "methods": ["cash", "card"]},
    {"type": "tier", "tiers": ["silver"], "or_higher": True},
    {"type": "group", "groups": ["staff"]},
    {"type": "birthday", "within": "week"},
    {"type": "attribute", "name": "size", "values": ["M", "L"]},
    {"type": "nth_purchase", "number": 10, "every": True},
    {"type": "visits", "at_least": 3, "days": 30},
]


def rule_asking(*conditions):
    return {
        "trigger": {"type": "purchase"},
        "effect": {"type": "fixed_points", "points": 50},
        "conditions": list(conditions),
    }


def sent(form):
    """Return what a browser sends of a form that nobody touched."""
    fields = {}
    for bound in form:
        value = bound.value()
        if value is not False and value not in (None, "", []):
            fields[bound.name] = "on" if value is True else value
    return fields | {"name": "Rule", "request_key": "k" * 16}


def test_every_condition_is_shown_and_given_back():
    rule = dump_rule(parse_rule(rule_asking(*EVERY_CONDITION)))
    shown = RuleForm(known=KNOWN, data_of_rule=rule)

    form = RuleForm(sent(shown), known=KNOWN, data_of_rule=rule)

    assert form.is_valid(), form.errors
    assert form.kept == []
    assert dump_rule(parse_rule(form.spec()))["conditions"] == rule["conditions"]


def test_what_a_rule_names_and_there_is_no_more_is_marked():
    rule = dump_rule(parse_rule(rule_asking(*EVERY_CONDITION)))

    form = RuleForm(known=KNOWN, data_of_rule=rule)

    regions = form.fields["conditions__region__regions"].choices
    assert [str(label) for _code, label in regions] == ["North", "gone, which does not exist"]


def test_where_there_is_nothing_to_choose_nothing_is_typed():
    form = RuleForm(known=Known())

    assert [
        (form.fields[name].choices, str(form.fields[name].help_text))
        for name in ("conditions__group__groups", "conditions__tier__tiers")
    ] == [([], "There are none yet.")] * 2
    assert form.fields["conditions__attribute__name"].choices == [("", "—")]


@pytest.fixture
def shop(db):
    return open_shop()


UNKNOWN = [
    ({"type": "region", "regions": ["north"]}, "There is no region north."),
    ({"type": "group", "groups": ["staff", "vip"]}, "There is no group staff, vip."),
    ({"type": "tier", "tiers": ["gold"]}, "There is no tier gold."),
    (
        {"type": "attribute", "name": "size", "values": ["M"]},
        "Nothing called size is noted of members.",
    ),
]


@pytest.mark.proves("input 114")
@pytest.mark.parametrize(("condition", "said"), UNKNOWN)
def test_a_rule_that_asks_for_what_there_is_not_does_not_begin(shop, condition, said):
    wish = RuleWish(name="Bonus", spec=rule_asking(condition))
    rule = add_rule(program_id=shop.program.pk, wish=wish, actor=SYSTEM)

    with pytest.raises(RuleNamesUnknown) as refusal:
        set_rule_status(rule_id=rule.pk, status=Rule.Status.ACTIVE, actor=SYSTEM)

    rule.refresh_from_db()
    assert str(refusal.value) == said
    assert rule.status == Rule.Status.DRAFT


@pytest.mark.parametrize(("condition", "said"), UNKNOWN)
def test_a_live_rule_is_not_changed_to_ask_for_what_there_is_not(shop, condition, said):
    wish = RuleWish(name="Base", spec=rule_asking(condition), seen=1)

    with pytest.raises(RuleNamesUnknown):
        change_rule(rule_id=shop.rule.pk, wish=wish, actor=SYSTEM)

    assert shop.rule.versions.count() == 1


def test_it_begins_once_everything_is_there(shop):
    organization_id = shop.organization.pk
    made = {"organization_id": organization_id, "actor": SYSTEM}
    add_region(name="North", code="north", stores=["1"], **made)
    for code in ("staff", "vip"):
        create_group(name=code, code=code, **made)
    define(shop.organization, size="text")
    ladder = {
        "basis": "points",
        "window": {"type": "lifetime"},
        "tiers": [{"code": "gold", "name": "Gold", "threshold": "100"}],
    }
    LadderVersion.objects.create(
        program=shop.program, number=1, spec=ladder, effective_from=ALWAYS, created_by="system"
    )
    spec = rule_asking(*(condition for condition, _said in UNKNOWN))
    wish = RuleWish(name="Bonus", spec=spec)
    rule = add_rule(program_id=shop.program.pk, wish=wish, actor=SYSTEM)

    set_rule_status(rule_id=rule.pk, status=Rule.Status.ACTIVE, actor=SYSTEM)

    rule.refresh_from_db()
    assert rule.status == Rule.Status.ACTIVE


def test_the_editor_offers_the_groups_and_regions_of_the_shop(shop):
    made = {"organization_id": shop.organization.pk, "actor": SYSTEM}
    create_group(name="Staff", code="staff", **made)
    add_region(name="North", code="north", stores=["1"], **made)
    office = office_of(shop.organization, Role.OWNER)
    new = "/office/high-street/program/rules/new/"

    page = office.get(new)
    wrong = office.post(new, per_pound(conditions__attribute="on"))

    fields = page.context["form"].fields
    assert fields["conditions__group__groups"].choices == [("staff", "Staff")]
    assert fields["conditions__region__regions"].choices == [("north", "North")]
    assert "conditions__attribute__values" in errors_on(wrong)
