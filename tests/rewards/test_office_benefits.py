from html import unescape
from re import sub
from uuid import uuid4

import pytest

from core.models.people import Role
from rewards.models import Benefit, BenefitVersion
from tests.benefits import TEN_PERCENT, percent_off, switch_on
from tests.offices import office_of
from tests.shops import open_shop

LIST = "/office/high-street/benefits/"


@pytest.fixture
def office(shop):
    return office_of(shop.organization)


def text_of(page):
    return " ".join(unescape(sub(r"<[^>]+>", " ", page.content.decode())).split())


def filled_in(**typed):
    first = {
        "name": "Monday price",
        "effect": "percent_off",
        "percent": "10",
        "audience": "members",
        "kinds": ["product"],
        "priority": "0",
        "seen": "0",
        "step": "save",
        "request_key": uuid4().hex,
    }
    return {**first, **typed}


def test_an_empty_list_leads_to_the_first_benefit(office):
    said = text_of(office.get(LIST))

    assert "No benefits yet" in said
    assert "New benefit" in said


@pytest.mark.parametrize("benefits", [1, 3])
def test_the_list_asks_a_fixed_number_of_questions(
    shop, office, benefits, django_assert_num_queries
):
    for percent in range(1, benefits + 1):
        switch_on(shop, percent_off(percent))
    office.get(LIST)

    with django_assert_num_queries(6):
        said = text_of(office.get(LIST))

    assert "1% off" in said


def test_a_benefit_is_written_switched_on_changed_and_ended(shop, office):
    days = {"conditions__weekdays_and_hours": "on"}
    days["conditions__weekdays_and_hours__weekdays"] = ["monday"]

    office.post(f"{LIST}new/", filled_in(**days))
    [made] = Benefit.objects.all()
    page = f"{LIST}{made.public_id}/"
    assert "10% off, Mondays" in text_of(office.get(page))
    office.post(f"{page}to/active/", {"request_key": uuid4().hex})
    edited = filled_in(percent="15", seen="2", name="Club price")
    office.post(f"{page}edit/", edited)
    said = text_of(office.get(page))
    office.post(f"{page}to/ended/", {"request_key": uuid4().hex})

    made.refresh_from_db()
    assert (made.name, made.status) == ("Club price", "ended")
    assert "15% off" in said
    assert [v.spec["effect"]["percent"] for v in made.versions.order_by("number")][-1] == "15"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"effect": "amount_off", "amount": "5"}, "£5 off"),
        ({"effect": "member_price", "prices": "latte = 2.50"}, "latte for £2.50"),
        (
            {"effect": "scale", "steps": "100 = 5\n500 = 10", "window": "lifetime"},
            "5% off from £100 spent so far, 10% off from £500",
        ),
        ({"effect": "free_shipping"}, "free shipping"),
        ({"effect": "free_product", "skus": "cup", "quantity": "1"}, "1 of cup free"),
        ({"audience": "bearer_card"}, "for whoever shows a bearer card"),
        ({"is_combinable": "on"}, "also together with other discounts"),
    ],
)
def test_every_kind_can_be_written_and_is_shown_again(office, typed, words):
    said = text_of(office.post(f"{LIST}words/", filled_in(**typed)))
    office.post(f"{LIST}new/", filled_in(**typed))

    assert words in said
    [made] = Benefit.objects.all()
    before = BenefitVersion.objects.get().spec
    page = office.get(f"{LIST}{made.public_id}/edit/")
    form = page.context["form"]
    again = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    office.post(f"{LIST}{made.public_id}/edit/", {**again, "step": "save"})
    assert BenefitVersion.objects.order_by("number").last().spec == before


def test_it_is_tried_on_a_typed_basket(office):
    basket = {"try-basket": "latte = 4.00\ncake = 6.00", "try-spent": "0"}

    said = text_of(office.post(f"{LIST}words/", filled_in(**basket)))

    assert "On this basket" in said
    assert "£1.00" in said


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"percent": ""}, "This is needed."),
        ({"percent": "101"}, "This must be at most 100."),
        ({"effect": "scale", "steps": "nonsense"}, "Write each line such as 100 = 5."),
        ({"effect": "scale", "steps": "500 = 10\n100 = 20"}, "ask for more than the one before"),
        ({"effect": "member_price", "prices": "a = 1\na = 2"}, "Give each article one price."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(office, typed, sentence):
    page = office.post(f"{LIST}new/", filled_in(**typed))

    assert sentence in text_of(page)
    assert not Benefit.objects.exists()


def test_who_saw_an_older_version_changes_nothing(shop, office):
    made = switch_on(shop, TEN_PERCENT)

    page = office.post(f"{LIST}{made.public_id}/edit/", filled_in(seen="1", percent="50"))

    assert "Somebody changed this benefit meanwhile" in text_of(page)
    assert made.versions.count() == 2


def test_an_analyst_looks_and_changes_nothing(shop):
    made = switch_on(shop, TEN_PERCENT)
    browser = office_of(shop.organization, Role.ANALYST)

    assert browser.get(LIST).status_code == 200
    assert browser.get(f"{LIST}new/").status_code == 403
    assert browser.post(f"{LIST}{made.public_id}/to/ended/").status_code == 403


def test_another_organizations_benefit_is_not_there(shop, office):

    other = switch_on(open_shop("low-road"), TEN_PERCENT)

    assert office.get(f"{LIST}{other.public_id}/").status_code == 404
