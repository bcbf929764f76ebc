from decimal import Decimal

import pytest
from django.utils import timezone

from loyalty.models import Purchase
from tests.rewards.receipts import NOTHING, line, receipt
from tests.shops import open_shop


def test_a_receipt_is_recorded_and_answered_with_every_number_and_its_reason(api, member):
    answer = api("POST", "purchases/", receipt())

    told = answer.json()
    assert answer.status_code == 201
    assert (told["total"], told["points_total"], told["balance"]) == ("11.00", 11, 11)
    assert [(one["name"], one["points"], one["desired"]) for one in told["points"]] == [
        ("Base", 11, 11)
    ]
    assert told["points"][0]["lines"] == [{"line": 1, "points": 7}, {"line": 2, "points": 4}]
    assert told["points"][0]["why"][0]["code"] == "points_per_amount"
    assert told["entries"] == [{"sequence": 1, "kind": "earn", "points": 11, "balance_after": 11}]
    assert told["receipt_text"] == ["You earned 11 points.", "You have 11 points now."]
    assert [(one["line"], one["amount"], one["returned"]) for one in told["lines"]] == [
        (1, "6.80", "0"),
        (2, "4.20", "0"),
    ]


@pytest.mark.parametrize("reference", ["id", "card", "phone"])
def test_a_member_is_named_by_id_card_or_phone(api, shop, member, reference):
    named = {
        "id": str(member.public_id),
        "card": member.cards.get().number,
        "phone": "07400 123456",
    }

    answer = api("POST", "purchases/", receipt(member=named[reference]))

    assert answer.json()["member"] == str(member.public_id)


def test_a_quote_says_the_same_as_the_purchase_and_records_nothing(api, member):
    body = receipt(external_id=NOTHING)

    quoted = api("POST", "quotes/", body).json()
    before = Purchase.objects.count()
    bought = api("POST", "purchases/", receipt()).json()

    assert before == 0
    same = ("total", "total_due", "points", "points_total", "not_applied")
    assert {name: quoted[name] for name in same} == {name: bought[name] for name in same}


def test_a_guest_receipt_without_lines_is_recorded_and_found_again(api):
    body = receipt(member=NOTHING, lines=NOTHING, total="9.99")

    posted = api("POST", "purchases/", body).json()
    by_number = api("GET", "purchases/?external_id=77").json()["results"]
    by_id = api("GET", f"purchases/{posted['id']}/").json()

    assert posted["balance"] is None
    assert [one["id"] for one in by_number] == [posted["id"]]
    assert (by_id["total"], by_id["lines"][0]["amount"]) == ("9.99", "9.99")


@pytest.mark.proves("input 30", "case 11")
def test_the_same_receipt_under_a_new_key_is_answered_with_the_original(api, member):
    body = receipt(occurred_at=timezone.now().isoformat())
    first = api("POST", "purchases/", body)

    again = api("POST", "purchases/", body)

    assert (again.status_code, again.json()["code"]) == (409, "duplicate_receipt")
    assert again.json()["data"]["purchase"]["id"] == first.json()["id"]
    assert Purchase.objects.count() == 1


@pytest.mark.proves("input 31")
def test_another_receipt_under_a_known_number_is_a_conflict(api, member):
    api("POST", "purchases/", receipt())

    other = api("POST", "purchases/", line())

    assert (other.status_code, other.json()["code"]) == (409, "receipt_conflict")
    assert Purchase.objects.count() == 1


def test_a_replay_gets_the_stored_answer_to_the_byte(api, member):
    first = api("POST", "purchases/", receipt(), key="the-same-key-0001")

    again = api("POST", "purchases/", receipt(), key="the-same-key-0001")

    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.content == first.content


@pytest.mark.proves("I11")
@pytest.mark.parametrize("spelled", ["1", "1.0", 1])
def test_another_spelling_of_the_same_receipt_is_the_same_request(api, member, spelled):
    first = api("POST", "purchases/", line(quantity="1.000"), key="the-same-key-0001")

    again = api("POST", "purchases/", line(quantity=spelled), key="the-same-key-0001")

    assert again.content == first.content
    assert Purchase.objects.count() == 1


def test_an_expected_total_that_is_off_is_answered_with_the_new_quote(api, member):
    answer = api("POST", "purchases/", receipt(expected_total_due="10.00"))

    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    assert answer.json()["data"]["quote"]["total_due"] == "11.00"
    assert Purchase.objects.count() == 0


@pytest.mark.proves("case 1")
def test_what_is_paid_with_points_or_gift_card_does_not_earn(api, member):
    paid = [{"method": "gift_card", "amount": "5.00"}, {"method": "card", "amount": "6.00"}]

    answer = api("POST", "purchases/", receipt(payments=paid)).json()

    assert answer["points_total"] == 6
    assert "part_paid" in [reason["code"] for reason in answer["points"][0]["why"]]


def test_an_amount_has_the_decimals_of_its_currency(client, db):
    tokyo = open_shop("tokyo", currency="JPY", country="JP", time_zone="Asia/Tokyo")
    secret = tokyo.api_key()
    body = {"external_id": "1", "store": "1", "total": "10.50"}

    answer = client.post(
        "/api/v1/purchases/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k" * 16},
    )

    assert answer.json()["errors"][0]["code"] == "too_many_decimals"


@pytest.mark.parametrize("sales", [1, 3])
def test_a_receipt_page_asks_the_database_a_fixed_number_of_questions(
    api, shop, member, sales, django_assert_num_queries
):
    shop.records(shop.draft(member, *["5.00"] * sales, number="77"))
    api("GET", "ping/")

    with django_assert_num_queries(10):
        answer = api("GET", "purchases/?external_id=77")

    assert Decimal(answer.json()["results"][0]["total"]) == 5 * sales
