"""The terms of gift cards in a program file: there and back, refused by field, tried before."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from core.models import AuditRecord
from loyalty.models import Program
from loyalty.program_page import change_words
from loyalty.services.programs import dump_program, trial_load
from rewards.gift_card_document import GiftCardsPart
from rewards.models import GiftCardTerms
from rewards.services.gift_card_terms import Decided
from tests.loyalty.program_files import document, dump, faults, load, open_organization

DOCS = (Path(__file__).parents[2] / "docs/program-file.md").read_text()
UNDECIDED = {
    "valid_months": None,
    "asks_pin": False,
    "balance_max": "1000",
    "load_max": "1000",
    "refund_to_ended": "new_card",
}
DECIDED = {
    "valid_months": 36,
    "asks_pin": True,
    "balance_max": "500",
    "load_max": "250.5",
    "refund_to_ended": "refuse",
}


def with_cards(**terms):
    return {**document(), "gift_cards": terms}


@pytest.fixture
def organization(db):
    return open_organization("bean")


def test_terms_are_loaded_and_written_down_the_same(organization):
    assert dump(organization)["gift_cards"] == UNDECIDED

    changes = load(organization, with_cards(**DECIDED))

    assert [one for one in changes if one.startswith("gift_cards")] == [
        f"gift_cards.{name}" for name in DECIDED
    ]
    assert dump(organization)["gift_cards"] == DECIDED
    noted = AuditRecord.objects.get(subject="rewards.giftcardterms")
    assert (noted.verb, noted.actor, sorted(noted.fields)) == (
        "changed",
        "staff:5",
        sorted(DECIDED),
    )


def test_a_file_is_loaded_the_same_in_another_installation(organization):
    load(organization, with_cards(**DECIDED))
    other = open_organization("leaf")

    load(other, dump(organization))

    assert dump(other) == dump(organization)


def test_loading_the_same_file_again_changes_nothing(organization):
    load(organization, with_cards(**DECIDED))

    assert load(organization, with_cards(**DECIDED)) == []
    assert load(organization, dump(organization)) == []
    assert AuditRecord.objects.filter(subject="rewards.giftcardterms").count() == 1


def test_what_the_file_does_not_name_stays_as_it_is(organization):
    load(organization, with_cards(**DECIDED))

    assert load(organization, with_cards(valid_months=None)) == ["gift_cards.valid_months"]
    assert load(organization, document()) == []
    assert dump(organization)["gift_cards"] == {**DECIDED, "valid_months": None}


def test_the_file_of_any_program_speaks_of_the_terms_of_the_organization(organization):
    load(organization, document())
    load(organization, {**with_cards(valid_months=6), "program": {"slug": "gold", "name": "Gold"}})

    told = [
        dump_program(organization_id=organization.pk, slug=slug)["gift_cards"]["valid_months"]
        for slug in Program.objects.values_list("slug", flat=True)
    ]
    assert told == [6, 6]
    assert GiftCardTerms.objects.count() == 1


@pytest.mark.parametrize(
    ("why", "terms", "field", "code"),
    [
        ("a list", [], "", "model_type"),
        ("months", {"valid_months": 0}, "valid_months", "greater_than_equal"),
        ("too long", {"valid_months": 601}, "valid_months", "less_than_equal"),
        ("half a month", {"valid_months": 1.5}, "valid_months", "int_type"),
        ("no answer", {"asks_pin": "no"}, "asks_pin", "bool_type"),
        ("nothing", {"balance_max": "0"}, "balance_max", "greater_than"),
        ("negative", {"load_max": "-1"}, "load_max", "greater_than"),
        ("words", {"load_max": "ten"}, "load_max", "not_a_decimal"),
        ("no number", {"load_max": "NaN"}, "load_max", "not_a_decimal"),
        ("beyond the column", {"balance_max": "100000000000"}, "balance_max", "less_than_equal"),
        ("unknown end", {"refund_to_ended": "keep"}, "refund_to_ended", "literal_error"),
        ("unknown field", {"pins": True}, "pins", "extra_forbidden"),
        ("a third decimal", {"balance_max": "99.999"}, "balance_max", "amount_too_fine"),
        ("more than fits", {"load_max": "1000.01"}, "load_max", "gift_card_limit"),
        ("less than is loaded", {"balance_max": "999"}, "balance_max", "gift_card_limit"),
        ("both", {"balance_max": "9", "load_max": "10"}, "load_max", "gift_card_limit"),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_changes_nothing(
    organization, why, terms, field, code
):
    load(organization, document())

    told = faults(organization, {**document(), "gift_cards": terms})

    assert told == [(".".join(filter(None, ["gift_cards", field])), code)], why
    assert not GiftCardTerms.objects.exists()


def test_a_trial_says_in_words_what_would_change_and_changes_nothing(organization):
    load(organization, document())
    file = with_cards(**DECIDED)

    changes = trial_load(organization_id=organization.pk, document=file).changes

    assert change_words(file, changes) == [
        "Gift cards: how long they can be used",
        "Gift cards: whether they are sold with a PIN",
        "Gift cards: the most that can be on one",
        "Gift cards: the most that can be loaded at once",
        "Gift cards: refunds to those that have ended",
    ]
    assert not GiftCardTerms.objects.exists()


def test_every_field_of_the_terms_is_documented():
    documented = re.findall(r"^\| `gift_cards\.([^`]+)` \|", DOCS, re.MULTILINE)

    assert documented == list(GiftCardsPart.model_fields) == list(Decided.__slots__)


def test_the_defaults_of_a_file_are_those_of_the_organization():
    part, terms = GiftCardsPart(), GiftCardTerms()

    for name in GiftCardsPart.model_fields:
        assert getattr(part, name) == getattr(terms, name)
    assert part.balance_max == Decimal(1000)
