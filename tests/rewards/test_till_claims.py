"""A receipt rung up without a member, given at the till to the one who comes back with it."""

from uuid import UUID, uuid4

import pytest

from core.actors import SYSTEM
from loyalty.models import Entry, Purchase
from members.services.blocking import block_member
from tests.shops import days_ago, open_shop
from tests.tills import open_till, shown, text_of

NOWHERE = UUID("00000000-0000-4000-8000-000000000000")


def rings_up(till, receipt="1001", **typed):
    till.rings_up(None, receipt=receipt, **typed)
    return Purchase.objects.latest("pk")


def opened(till, member, number=""):
    return till.client.get("/till/earlier/", {"member": member.public_id, "number": number})


def offered(page):
    return [row.receipt for row in page.context["earlier"]["rows"]]


def gives(till, purchase, member, **sent):
    fields = {"member": getattr(member, "public_id", member), "request_key": uuid4().hex, **sent}
    return till.client.post(f"/till/receipts/{purchase.public_id}/claim/", fields)


def test_the_last_receipt_without_a_member_is_offered_and_given(shop, till, member):
    rings_up(till, "1001")
    bought = rings_up(till, "1002", amount="20.00")
    home = till.client.get("/till/", {"member": member.public_id})
    page = opened(till, member)

    answer = shown(till, gives(till, bought, member))

    assert f"/till/earlier/?member={member.public_id}" in home.content.decode()
    assert offered(page) == ["1002"]
    assert "The receipt is theirs now" in text_of(answer)
    assert shop.entries(member) == [("earn", 20, 20)]
    assert offered(opened(till, member)) == ["1001"]


def test_a_receipt_is_found_by_its_number_whoever_rang_it_up(shop, till, member):
    rings_up(till, "1001")
    rings_up(open_till(shop, name="Ben"), "77")
    shop.buys(None, "5", number="web-9")

    found = [offered(opened(till, member, number)) for number in ("77", "web-9", "7", "%", "_7")]

    assert found == [["77"], ["web-9"], [], [], []]


def test_nobody_browses_what_others_rang_up(shop, till, member):
    rings_up(open_till(shop, name="Ben"), "77")

    page = opened(till, member)

    assert offered(page) == []
    assert "Type the number that stands on the receipt." in text_of(page)


def test_what_is_too_old_or_back_or_somebodys_is_not_found(shop, till, member):
    shop.buys(None, "5", number="old", at=days_ago(8))
    shop.buys(member, "5", number="hers")
    rings_up(till, "1001")
    purchase = Purchase.objects.latest("pk")
    undone = till.client.post(
        f"/till/receipts/{purchase.public_id}/undo/", {"request_key": uuid4().hex}
    )

    assert undone.status_code == 303
    for number in ("old", "hers", "1001"):
        page = opened(till, member, number)
        assert offered(page) == []
        assert "No such receipt waits for its member." in text_of(page)


@pytest.mark.proves("I8", "C4")
def test_a_second_click_gives_nothing_more(shop, till, member):
    bought = rings_up(till)
    key = uuid4().hex

    first, second = (gives(till, bought, member, request_key=key) for _ in range(2))
    other = gives(till, bought, shop.member("+447400999999"))

    assert first.url == second.url == f"/till/receipts/{bought.public_id}/"
    assert "This receipt belongs to a member already." in text_of(till.client.get(other.url))
    assert Entry.objects.count() == 1


def test_a_blocked_member_gets_nothing(till, member):
    bought = rings_up(till)
    block_member(member_id=member.pk, actor=SYSTEM, reason="x")

    page, answer = opened(till, member), gives(till, bought, member)

    assert page.status_code == answer.status_code == 303
    assert Entry.objects.count() == 0


@pytest.mark.proves("X1", "X2", "input 82", "input 83")
def test_what_is_not_of_this_store_does_not_exist(shop, till, member):
    other = open_shop("leaf")
    theirs = other.buys(None, "5", number="x").purchase
    beside = shop.organization.stores.create(code="2", name="Two")
    bought = rings_up(till)
    Purchase.objects.filter(pk=bought.pk).update(store=beside, register=None)
    stranger = other.member("+447911123456")
    ours = rings_up(till, "1002")

    answers = [
        gives(till, theirs, member),
        gives(till, bought, member),
        gives(till, ours, stranger),
        gives(till, ours, "x"),
        gives(till, ours, member, request_key=""),
        till.client.post(f"/till/receipts/{NOWHERE}/claim/", {}),
        opened(till, stranger),
        till.client.get("/till/earlier/"),
        till.client.get("/till/earlier/", {"member": "x"}),
    ]

    assert [one.status_code for one in answers] == [404] * 9
    assert [offered(opened(till, member, number)) for number in ("x", "1001")] == [[], []]
    assert Entry.objects.count() == 0


@pytest.mark.proves("input 24", "input 72")
@pytest.mark.parametrize("number", ["' OR 1=1--", "a\0b", "x" * 41, "٪", "=1+1", "1001\n"])
def test_odd_numbers_find_nothing(shop, till, member, number):
    rings_up(till, "9")

    page = opened(till, member, number)

    assert page.status_code in {200, 400}
    assert Entry.objects.count() == 0


@pytest.mark.parametrize("more", [0, 2])
def test_the_page_asks_a_fixed_number_of_questions(
    shop, till, member, more, django_assert_num_queries
):
    for _ in range(1 + more):
        shop.buys(None, "5", number=f"{uuid4().hex[:5]}/7")
    opened(till, member, "7")

    with django_assert_num_queries(18):
        opened(till, member, "7")
