import pytest

from core.actors import SYSTEM
from core.errors import CodeTaken, NameMissing, TextNotAllowed, TextTooLong
from core.models.people import Role
from members.attributes import Defined, Kind, merge_attributes
from members.errors import (
    AttributeChoicesInvalid,
    AttributeNameInvalid,
    AttributesInvalid,
    AttributeUnknown,
    AttributeValueInvalid,
)
from members.models import AttributeDefinition, Member
from members.services.attributes import AttributeWish, change_attribute, define_attribute
from members.services.editing import edit_member
from tests.noted import define
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of

DEFINED = {
    "size": Defined(Kind.CHOICE, ("S", "M", "L")),
    "note": Defined(Kind.TEXT),
    "pets": Defined(Kind.NUMBER),
    "vegan": Defined(Kind.YES_NO),
    "since": Defined(Kind.DATE),
}
ATTRIBUTES = "/office/high-street/members/attributes/"


@pytest.fixture
def shop(db):
    return open_shop()


def merged(sent, stored=None):
    return merge_attributes(stored or {}, sent, DEFINED)


def test_values_are_kept_by_their_type_and_text_is_cleaned():
    raw = {"size": " m ", "note": " likes tea ", "pets": 3, "vegan": True, "since": "2024-02-29"}

    assert merged(raw) == {
        "size": "M",
        "note": "likes tea",
        "pets": 3,
        "vegan": True,
        "since": "2024-02-29",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", "XXL"),
        ("size", 1),
        ("note", 7),
        ("note", ["M"]),
        ("note", {"a": 1}),
        ("pets", "3"),
        ("pets", True),
        ("pets", float("nan")),
        ("pets", float("inf")),
        ("pets", 10**400),
        ("vegan", "yes"),
        ("vegan", 1),
        ("since", "2025-02-29"),
        ("since", "29.2.2024"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(name, value):
    with pytest.raises(AttributeValueInvalid) as refusal:
        merged({name: value})

    assert refusal.value.field == f"attributes.{name}"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("shoe", "attributes.shoe"),
        ("Size", "attributes"),
        ("", "attributes"),
        ("a" * 51, "attributes"),
        ("__class__", "attributes"),
        (1, "attributes"),
    ],
)
def test_what_was_not_defined_is_refused(name, field):
    for value in ("M", None):
        with pytest.raises(AttributeUnknown) as refusal:
            merged({name: value})

        assert refusal.value.field == field


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        pytest.param("\0", TextNotAllowed, marks=pytest.mark.proves("input 20")),
        pytest.param("x" * 501, TextTooLong),
    ],
)
def test_attribute_text_obeys_the_rules_of_text(value, refusal):
    with pytest.raises(refusal):
        merged({"note": value})


def test_attributes_sent_are_laid_over_those_stored_and_null_takes_one_away():
    stored = {"size": "M", "vegan": True, "pets": 3, "of_old": "x"}

    assert merged({"size": "L", "vegan": None, "of_old": None}, stored) == {"size": "L", "pets": 3}


def test_a_member_has_at_most_fifty_attributes():
    others = {f"a{number}": 1 for number in range(49)}

    with pytest.raises(AttributesInvalid):
        merged({"pets": 1}, others | {"one_more": 1})
    assert len(merged({"pets": 2}, others | {"pets": 1})) == 50


@pytest.mark.parametrize(
    ("reason", "name", "kind", "wish", "refusal"),
    [
        ("no name", "", "text", {}, AttributeNameInvalid),
        ("a name that is none", "Shoe size", "text", {}, AttributeNameInvalid),
        ("a name that is taken", "size", "text", {}, CodeTaken),
        ("no label", "shoe", "text", {"label": " "}, NameMissing),
        ("no choices", "shoe", "choice", {}, AttributeChoicesInvalid),
        ("one choice twice", "shoe", "choice", {"choices": ["M", "m"]}, AttributeChoicesInvalid),
    ],
)
def test_a_definition_that_cannot_be_is_refused(shop, reason, name, kind, wish, refusal):
    define(shop.organization, size="choice")

    with pytest.raises(refusal):
        define_attribute(
            organization_id=shop.organization.pk,
            name=name,
            kind=kind,
            wish=AttributeWish(**{"label": "Shoe", **wish}),
            actor=SYSTEM,
        )

    assert AttributeDefinition.objects.count() == 1


def test_a_choice_that_is_no_more_stays_with_whom_it_was_noted(shop):
    define(shop.organization, size="choice")
    member = shop.member(attributes={"size": "S"})
    definition = AttributeDefinition.objects.get()

    change_attribute(
        definition_id=definition.pk,
        wish=AttributeWish(label="Size", choices=["M", "L"]),
        actor=SYSTEM,
    )
    edit_member(member_id=member.pk, actor=SYSTEM, name="Mina")

    member.refresh_from_db()
    assert member.attributes == {"size": "S"}


def test_a_manager_defines_what_is_noted_and_notes_it(shop):
    manager = office_of(shop.organization, Role.MANAGER)
    member = shop.member(name="Mina")
    empty = text_of(manager.get(ATTRIBUTES))
    size = {"label": "Size", "name": "size", "kind": "choice", "choices": "S\nM\nL"}
    manager.post(f"{ATTRIBUTES}add/", keyed(audience="office", **size))
    manager.post(
        f"{ATTRIBUTES}add/",
        keyed(label="Vegan", name="vegan", kind="yes_no", choices="", audience="managers"),
    )
    define(shop.organization, pets="number", since="date")

    edit = f"/office/high-street/members/{member.public_id}/edit/"
    sent = keyed(
        name="Mina",
        phone=member.phone,
        attribute__size="M",
        attribute__vegan="no",
        attribute__pets="2",
        attribute__since="2026-07-06",
    )
    answer = manager.post(edit, sent)

    member.refresh_from_db()
    assert "Nothing of your own is noted yet" in empty
    assert answer.status_code == 302
    assert member.attributes == {"size": "M", "vegan": False, "pets": 2, "since": "2026-07-06"}
    assert manager.get(edit).context["form"]["attribute__vegan"].value() == "no"


def test_analysts_see_only_what_is_for_them(shop):
    define(shop.organization, size="choice", vegan="yes_no")
    AttributeDefinition.objects.filter(name="size").update(audience="office")
    member = shop.member(attributes={"size": "M", "vegan": True})
    details = f"/office/high-street/members/{member.public_id}/details/"

    seen = [
        office_of(shop.organization, role).get(details).context["noted"]
        for role in (Role.MANAGER, Role.ANALYST)
    ]

    assert seen == [[("Size", "M"), ("Vegan", "Yes")], [("Size", "M")]]
    assert Member.objects.count() == 1


def test_a_manager_changes_a_definition_and_not_its_name(shop):
    define(shop.organization, size="choice")
    manager = office_of(shop.organization, Role.MANAGER)
    form = keyed(label="Shirt", audience="managers", choices="M\nL", name="other")

    answer = manager.post(f"{ATTRIBUTES}size/edit/", form)

    definition = AttributeDefinition.objects.get()
    assert answer.url == ATTRIBUTES
    assert (definition.name, definition.label, definition.choices) == ("size", "Shirt", ["M", "L"])


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_asks_a_fixed_number_of_questions(shop, more, django_assert_num_queries):
    define(shop.organization, **{f"a{place}": "text" for place in range(1 + more)})
    manager = office_of(shop.organization, Role.MANAGER)
    manager.get(ATTRIBUTES)

    with django_assert_num_queries(4):
        manager.get(ATTRIBUTES)
