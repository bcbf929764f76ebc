"""The office settles a purchase from its receipt, and says what points wait for."""

import pytest

from core.models.people import Role
from loyalty.models import Purchase
from loyalty.services.programs import dump_program, load_program
from tests.loyalty.rule_forms import per_pound
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of

EVENT = {"type": "event", "deadline_days": 14}


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def purchase(shop, member):
    """A purchase whose points wait for it."""
    shop.settle(waits_for=EVENT)
    return shop.buys(member, "40.00").purchase


def receipt(purchase):
    return f"/office/high-street/purchases/{purchase.public_id}/"


def settles(office, purchase, **fields):
    return office.post(f"{receipt(purchase)}settle/", keyed(**fields), follow=True)


def test_a_receipt_says_what_waits_and_offers_to_settle_it(shop, purchase):
    office = office_of(shop.organization)

    page = office.get(receipt(purchase))

    assert "40 points can be spent once this purchase is settled." in text_of(page)
    assert f"{receipt(purchase)}settle/" in page.content.decode()


def test_the_button_settles_it(shop, member, purchase):
    office = office_of(shop.organization, Role.MANAGER)

    said = text_of(settles(office, purchase))

    assert "Settled. 40 points can be spent now." in said
    assert "Waits to be settled" not in said
    assert shop.balance(member) == 40


def test_a_button_that_is_pressed_twice_settles_once_and_says_the_same(shop, purchase):
    office = office_of(shop.organization)

    first, again = (text_of(settles(office, purchase, request_key="k" * 32)) for _ in range(2))

    assert "Settled. 40 points can be spent now." in first
    assert "Settled. 40 points can be spent now." in again


def test_somebody_else_s_button_says_that_it_was_settled_before(shop, purchase):
    settles(office_of(shop.organization), purchase)

    said = text_of(settles(office_of(shop.organization), purchase))

    assert "This purchase was settled before." in said


def test_analysts_see_what_waits_and_settle_nothing(shop, purchase):
    office = office_of(shop.organization, Role.ANALYST)

    page = office.get(receipt(purchase))
    refused = office.post(f"{receipt(purchase)}settle/", keyed())

    assert "Waits to be settled" in text_of(page)
    assert "settle/" not in page.content.decode()
    assert refused.status_code in {403, 404}
    assert Purchase.objects.get().settled_at is None


def test_the_log_says_who_settled_what(shop, purchase):
    office = office_of(shop.organization, name="Ada")
    settles(office, purchase)

    assert f"Ada settled the purchase {purchase.external_id}" in text_of(
        office.get("/office/high-street/log/")
    )


# --- terms and rules -----------------------------------------------------------------------------


def terms(form, **fields):
    """Return what a browser sends of the form of terms, with some of it changed."""
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: "on" if value is True else value for name, value in shown.items() if value}
    return sent | {"pending_days": "0", "goodwill_days": "0"} | keyed(**fields)


@pytest.mark.parametrize(
    ("fields", "waits_for", "words"),
    [
        (
            {"waits_for": "event", "waits_for__event__deadline_days": "14"},
            EVENT,
            "usable once the purchase is settled, within 14 days",
        ),
        (
            {"waits_for": "date", "waits_for__date__date": "2026-07-06"},
            {"type": "date", "date": "2026-07-06"},
            "usable from Jul 6, 2026 on",
        ),
        ({"waits_for": "", "pending_days": "3"}, None, "usable after 3 days"),
    ],
)
def test_terms_say_what_points_wait_for(shop, fields, waits_for, words):
    office = office_of(shop.organization)
    page = "/office/high-street/program/terms/"

    office.post(page, terms(office.get(page).context["form"], **fields))

    shop.program.refresh_from_db()
    shown = office.get(page).context["form"]
    assert shop.program.settings["waits_for"] == waits_for
    assert words in text_of(office.get("/office/high-street/program/"))
    assert shown["waits_for"].value() == fields["waits_for"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"waits_for": "event"}, "waits_for__event__deadline_days"),
        (
            {"waits_for": "event", "waits_for__event__deadline_days": "366"},
            "waits_for__event__deadline_days",
        ),
        ({"waits_for": "date"}, "waits_for"),
        ({"waits_for": "date", "waits_for__date__date": "9999-12-31"}, "waits_for__date__date"),
        ({"waits_for": "ever"}, "waits_for"),
    ],
)
def test_what_cannot_be_waited_for_stands_beside_its_field(shop, fields, field):
    office = office_of(shop.organization)
    page = "/office/high-street/program/terms/"
    before = shop.program.settings

    answer = office.post(page, terms(office.get(page).context["form"], **fields))

    shop.program.refresh_from_db()
    assert list(answer.context["form"].errors) == [field]
    assert shop.program.settings == before


def test_a_rule_says_what_its_points_wait_for(shop):
    office = office_of(shop.organization)
    typed = per_pound(waits_for="event", waits_for__event__deadline_days="30")

    office.post("/office/high-street/program/rules/new/", typed)

    spec = shop.program.rules.get(name="Points").versions.get().spec
    assert spec["waits_for"] == {"type": "event", "deadline_days": 30}
    listed = text_of(office.get("/office/high-street/program/rules/"))
    assert "usable once the purchase is settled, within 30 days" in listed


def test_a_program_file_brings_what_points_wait_for_and_takes_it_away_again(shop, member):
    other = open_shop("low-road")
    before = dump_program(organization_id=other.organization.pk)
    shop.settle(waits_for=EVENT)
    shop.add_rule(
        {
            "trigger": {"type": "purchase"},
            "effect": {"type": "fixed_points", "points": 5},
            "waits_for": {"type": "date", "date": "2026-07-06"},
        }
    )
    document = dump_program(organization_id=shop.organization.pk)

    load_program(organization_id=other.organization.pk, document=document)
    brought = dump_program(organization_id=other.organization.pk)
    load_program(organization_id=other.organization.pk, document=before)

    assert brought["program"]["settings"]["waits_for"] == EVENT
    assert brought["rules"][1]["versions"] == document["rules"][1]["versions"]
    settled = dump_program(organization_id=other.organization.pk)["program"]
    assert settled == before["program"]
