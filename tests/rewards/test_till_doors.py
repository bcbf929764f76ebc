from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from loyalty.models import Purchase, Return
from members.models import Member
from tests.shops import open_shop
from tests.tills import key_on, lines_of, recorded, text_of

SIGN_IN = "/till/sign-in/"
NOWHERE = UUID("00000000-0000-4000-8000-000000000000")

PAGES = [
    ("get", "/till/"),
    ("get", "/till/?q=07400123456"),
    ("get", f"/till/receipts/{NOWHERE}/"),
    ("post", "/till/members/"),
    ("post", "/till/purchases/"),
    ("post", "/till/quote/"),
    ("post", f"/till/receipts/{NOWHERE}/undo/"),
    ("post", f"/till/receipts/{NOWHERE}/claim/"),
    ("get", "/till/earlier/"),
    ("post", "/till/rewards/"),
    ("get", f"/till/rewards/{NOWHERE}/"),
    ("post", f"/till/rewards/{NOWHERE}/undo/"),
    ("get", f"/till/vouchers/{NOWHERE}/"),
    ("post", f"/till/vouchers/{NOWHERE}/use/"),
    ("get", f"/till/vouchers/{NOWHERE}/used/1/"),
    ("post", f"/till/vouchers/{NOWHERE}/used/1/undo/"),
]


@pytest.mark.parametrize(("method", "address"), PAGES)
def test_a_device_that_is_no_register_sees_nothing(db, method, address):
    answer = getattr(Client(), method)(address)

    assert (answer.status_code, answer.url) == (302, "/till/set-up/")


@pytest.mark.parametrize(("method", "address"), PAGES)
def test_a_register_where_nobody_works_asks_who_does(till, method, address):
    till.session.ended_at = timezone.now()
    till.session.save(update_fields=["ended_at"])

    answer = getattr(till.client, method)(address)

    assert (answer.status_code, answer.url.startswith(SIGN_IN)) == (302, True)


@pytest.mark.proves("input 107")
@pytest.mark.parametrize(
    "address",
    ["/till/purchases/", "/till/quote/", "/till/members/", f"/till/receipts/{NOWHERE}/undo/"],
)
def test_what_changes_something_is_a_form_and_no_link(till, address):
    assert till.client.get(address).status_code == 405


@pytest.mark.proves("X1")
def test_another_organizations_members_and_receipts_do_not_exist(shop, member, till):
    other = open_shop("leaf")
    stranger = other.member("+447911123456")
    receipt = other.buys(stranger, "5.00").purchase.public_id

    answers = [
        till.client.get("/till/", {"member": stranger.public_id}),
        till.client.get("/till/", {"member": "x"}),
        till.rings_up(stranger),
        till.client.post("/till/quote/", till.filled_in(stranger)),
        till.client.get(f"/till/receipts/{receipt}/"),
        till.client.post(f"/till/receipts/{receipt}/undo/", {"request_key": NOWHERE.hex}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 200, 404, 404]
    assert answers[3].content == b""
    assert "Nobody has this number yet" in text_of(till.find("07911 123456"))
    assert (Purchase.objects.count(), Return.objects.count()) == (1, 0)


def test_an_erased_member_does_not_exist(member, till):
    Member.objects.update(status="erased", phone=None, name="")

    assert till.client.get("/till/", {"member": member.public_id}).status_code == 404


# --- signed out meanwhile ------------------------------------------------------------------------


@pytest.mark.proves("I8")
def test_who_was_signed_out_meanwhile_finds_everything_typed_after_signing_in(member, till):
    typed = till.filled_in(
        member, amount="12,5", receipt="77", **lines_of(("Tea", "2", "4,5"), ("", "1", ""))
    )
    till.session.ended_at = timezone.now()
    till.session.save(update_fields=["ended_at"])

    away = till.client.post("/till/purchases/", typed)
    page = till.client.get(away.url)
    back = page.context["next"]
    till.session.ended_at = None
    till.session.save(update_fields=["ended_at"])
    form = till.client.get(back)

    assert recorded() == []
    assert "You were signed out before this was sent." in text_of(page)
    assert form.context["member"].name == "Mina K."
    values = [form.context["purchase"][name].value() for name in ("amount", "receipt")]
    assert values == ["12.50", "77"]
    assert key_on(form) == typed["request_key"]
    assert form.context["lines"][0]["item"].value() == "Tea"
    assert form.context["lines"][0]["price"].value() == "4.50"


def test_very_long_lines_stay_behind_when_signed_out(member, till):
    lines = lines_of(*[("x" * 60, "1", "4.00")] * 100)
    till.session.ended_at = timezone.now()
    till.session.save(update_fields=["ended_at"])

    away = till.client.post("/till/purchases/", till.filled_in(member, **lines))

    assert len(away.url) < 3000
    assert "1001" in away.url


def test_a_part_of_the_page_leads_to_sign_in_and_back_too(member, till):
    till.session.ended_at = timezone.now()
    till.session.save(update_fields=["ended_at"])

    away = till.client.post("/till/quote/", till.filled_in(member), headers={"HX-Request": "true"})

    assert away.headers["HX-Redirect"].startswith(f"{SIGN_IN}?next=%2Ftill%2F%3Fmember%3D")


# --- how much it asks ----------------------------------------------------------------------------


@pytest.mark.parametrize("visits", [1, 3])
def test_a_member_with_any_past_costs_the_same(
    shop, member, till, visits, django_assert_num_queries
):
    for number in range(visits):
        shop.buys(member, f"{number + 1}.00")
    address = f"/till/?member={member.public_id}"
    till.client.get(address)

    with django_assert_num_queries(16):
        till.client.get(address)


@pytest.mark.parametrize("count", [2, 3])
def test_a_search_costs_the_same_however_many_it_finds(
    shop, till, count, django_assert_num_queries
):
    for number in range(count):
        shop.member(f"+4474001{number}3456")

    with django_assert_num_queries(8):
        page = till.find("3456")

    assert len(page.context["choices"]) == count


@pytest.mark.parametrize("lines", [1, 3])
def test_a_receipt_costs_the_same_however_long(
    shop, member, till, lines, django_assert_num_queries
):
    sold = lines_of(*[("Tea", "1", "4.00")] * lines)
    answer = till.rings_up(member, amount="", **sold)

    with django_assert_num_queries(22):
        till.client.get(answer.url)
