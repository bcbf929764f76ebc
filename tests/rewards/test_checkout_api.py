import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from loyalty.models import Purchase, Return
from rewards.models import Redemption
from tests.shops import open_shop

NOTHING = object()


@pytest.fixture
def api(shop, client):
    """Post and get as the shop's system, under a fresh key each time."""
    secret = shop.api_key()

    def call(method, path, body=None, *, key=None, secret=secret):
        return client.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key or f"k-{uuid4()}"},
        )

    return call


def receipt(**parts):
    whole = {
        "external_id": "77",
        "store": "1",
        "member": "+447400123456",
        "lines": [
            {"sku": "latte", "name": "Latte", "quantity": "2", "unit_price": "3.40"},
            {"sku": "cake", "category": ["Food", "Cake"], "quantity": "1", "amount": "4.20"},
        ],
        **parts,
    }
    return {name: value for name, value in whole.items() if value is not NOTHING}


def line(**parts):
    return receipt(lines=[{"sku": "a", "quantity": "1", "amount": "5.00", **parts}])


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


def soon(minutes):
    return (timezone.now() + timedelta(minutes=minutes)).isoformat()


@pytest.mark.parametrize(
    ("why", "body", "field", "code"),
    [
        pytest.param("beyond reason", line(amount="99999999999"), "lines[0].amount",
                     "too_large", marks=pytest.mark.proves("input 22")),
        pytest.param("negative", line(amount="-1.00"), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 23")),
        pytest.param("minus zero", receipt(lines=NOTHING, total="-0"), "total",
                     "invalid_decimal", marks=pytest.mark.proves("input 23")),
        pytest.param("zero", receipt(lines=NOTHING, total="0.00"), "total",
                     "not_positive", marks=pytest.mark.proves("input 23")),
        pytest.param("not a number", line(amount="NaN"), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 24")),
        pytest.param("infinite", line(amount="1e400"), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 24")),
        pytest.param("exponent", line(amount="1e2"), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 25")),
        pytest.param("underscore", line(amount="1_000"), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 25")),
        pytest.param("spaces", line(amount=" 12 "), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 25")),
        pytest.param("plus", line(quantity="+5"), "lines[0].quantity",
                     "invalid_decimal", marks=pytest.mark.proves("input 25")),
        pytest.param("three decimals", line(amount="1.234"), "lines[0].amount",
                     "too_many_decimals", marks=pytest.mark.proves("input 26")),
        pytest.param("comma", line(amount="12,5"), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 27")),
        pytest.param("Persian digits", line(amount="۱۲.۵"), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 27")),
        pytest.param("other currency", receipt(currency="EUR"), "currency",
                     "currency_mismatch", marks=pytest.mark.proves("input 28")),
        pytest.param("lower case", receipt(currency="gbp"), "currency",
                     "currency_mismatch", marks=pytest.mark.proves("input 28")),
        pytest.param("truth", line(amount=True), "lines[0].amount",
                     "invalid_decimal", marks=pytest.mark.proves("input 29")),
        pytest.param("a list", line(quantity=[1]), "lines[0].quantity",
                     "invalid_decimal", marks=pytest.mark.proves("input 29")),
        pytest.param("future", receipt(occurred_at=soon(60)), "occurred_at",
                     "future_date", marks=pytest.mark.proves("input 32")),
        pytest.param("too old", receipt(occurred_at=soon(-60 * 24 * 31)), "occurred_at",
                     "too_old", marks=pytest.mark.proves("input 33")),
        pytest.param("long ago", receipt(occurred_at="0001-01-01T00:00:00Z"), "occurred_at",
                     "too_old", marks=pytest.mark.proves("input 33")),
        pytest.param("no offset", receipt(occurred_at="2026-03-29T02:30:00"), "occurred_at",
                     "offset_required", marks=pytest.mark.proves("input 34")),
        pytest.param("date only", receipt(occurred_at="2026-03-29"), "occurred_at",
                     "invalid_moment", marks=pytest.mark.proves("input 35")),
        pytest.param("impossible", receipt(occurred_at="2026-02-30T10:00:00Z"), "occurred_at",
                     "invalid_moment", marks=pytest.mark.proves("input 36")),
        pytest.param("wrong sum", receipt(total="12.00"), "total",
                     "total_mismatch", marks=pytest.mark.proves("input 37")),
        pytest.param("no lines", receipt(lines=[]), "lines",
                     "min_length", marks=pytest.mark.proves("input 38")),
        pytest.param("no quantity", line(quantity="0"), "lines[0].quantity",
                     "not_positive", marks=pytest.mark.proves("input 38")),
        pytest.param("huge quantity", line(quantity="1000001"), "lines[0].quantity",
                     "too_large", marks=pytest.mark.proves("input 38")),
        pytest.param("neither lines nor total", receipt(lines=NOTHING), "total",
                     "required", marks=pytest.mark.proves("input 38")),
        pytest.param("line break", line(sku="a\r\nb"), "lines[0].sku",
                     "text_not_allowed", marks=pytest.mark.proves("input 40")),
        pytest.param("long", line(sku="x" * 65), "lines[0].sku",
                     "text_too_long", marks=pytest.mark.proves("input 40")),
        pytest.param("unknown field", receipt(balance=9), "balance",
                     "unknown_field", marks=pytest.mark.proves("input 81")),
        ("unknown store", receipt(store="9"), "store", "store_unknown"),
        ("unknown member", receipt(member="+447400999999"), "member", "member_unknown"),
        ("unreadable member", receipt(member="' OR 1=1--"), "member", "phone_letters"),
        ("unknown register", receipt(register="9"), "register", "register_unknown"),
        ("unknown staff", receipt(staff="nobody"), "staff", "staff_unknown"),
        ("price missing", line(amount=NOTHING), "lines[0].amount", "required"),
        ("overpaid", receipt(payments=[{"method": "card", "amount": "99.00"}]), "payments",
         "payments_exceed_total"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_receipt_is_refused_by_field_and_nothing_is_kept(
    api, member, why, body, field, code
):
    body = json.loads(json.dumps(body, default=lambda _missing: None))
    for one in body.get("lines", ()):
        if one.get("amount", "") is None:
            del one["amount"]

    answer = api("POST", "purchases/", body)

    told = answer.json()
    assert answer.status_code == 400, told
    assert {"field": field, "code": code} in [
        {"field": error["field"], "code": error["code"]} for error in told["errors"]
    ]
    assert Purchase.objects.count() == 0


@pytest.mark.proves("input 38", "P7")
@pytest.mark.parametrize(("lines", "status"), [(500, 201), (501, 400)])
def test_a_receipt_has_at_most_500_lines(api, member, lines, status):
    one = {"sku": "a", "quantity": "1", "amount": "1.00"}

    assert api("POST", "purchases/", receipt(lines=[one] * lines)).status_code == status


def back(**parts):
    return {"external_id": "B1", **parts}


def test_a_return_by_lines_says_what_it_took_back(api, member):
    sale = api("POST", "purchases/", receipt()).json()

    answer = api(
        "POST", f"purchases/{sale['id']}/returns/", back(lines=[{"line": 1, "quantity": "1"}])
    )

    told = answer.json()
    assert answer.status_code == 201
    assert (told["amount"], told["points_reversed"], told["debt"]) == ("3.40", 3, 0)
    assert told["lines"] == [{"line": 1, "quantity": "1", "amount": "3.40"}]
    assert told["balance"] == 8


@pytest.mark.proves("R4", "input 39")
def test_a_return_of_an_unknown_sale_waits(api, member):
    named = {"external_id": "77"}

    parked = api("POST", "returns/", back(purchase=named, amount="11.00"))
    api("POST", "purchases/", receipt())

    assert (parked.status_code, parked.json()["status"]) == (202, "parked")
    assert Return.objects.get().status == "done"


@pytest.mark.proves("input 39")
@pytest.mark.parametrize(
    ("why", "body", "status", "code"),
    [
        ("too much", back(lines=[{"line": 1, "quantity": "3"}]), 409, "over_return"),
        ("too much money", back(amount="11.01"), 409, "over_return"),
        ("no such line", back(lines=[{"line": 9, "quantity": "1"}]), 400, "returned_line_unknown"),
        ("nothing", back(), 400, "nothing_returned"),
        ("both", back(amount="1.00", lines=[{"line": 1, "quantity": "1"}]), 400,
         "nothing_returned"),
    ],
)  # fmt: skip
def test_a_return_that_does_not_fit_is_refused_by_name(api, shop, member, why, body, status, code):
    sale = api("POST", "purchases/", receipt()).json()

    answer = api("POST", f"purchases/{sale['id']}/returns/", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (Return.objects.count(), shop.balance(member)) == (0, 11)


def test_a_reward_is_set_aside_captured_and_undone(api, shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(40)
    body = {"member": "+447400123456", "reward": str(reward.public_id), "hold": True}

    held = api("POST", "redemptions/", body).json()
    captured = api("POST", f"redemptions/{held['id']}/capture/", {}).json()
    undone = api("POST", f"redemptions/{held['id']}/cancel/", {"reason": "wrong"}).json()
    shown = api("GET", f"redemptions/{held['id']}/").json()

    assert (held["status"], held["balance"]) == ("held", 60)
    assert (captured["status"], captured["balance"]) == ("issued", 60)
    assert (undone["status"], undone["balance"]) == ("canceled", 100)
    assert shown == undone


@pytest.mark.parametrize(
    ("why", "change", "status", "code"),
    [
        ("unknown reward", {"reward": str(uuid4())}, 400, "reward_unknown"),
        ("no reward's id", {"reward": "9" * 40}, 400, "invalid"),
        ("unknown member", {"member": "+447400999999"}, 400, "member_unknown"),
        ("unknown store", {"store": "9"}, 400, "store_unknown"),
        ("truth in words", {"hold": "yes"}, 400, "invalid"),
        ("unknown field", {"points": 1}, 400, "unknown_field"),
    ],
)
def test_a_redemption_that_cannot_be_is_refused_and_nothing_is_spent(
    api, shop, member, why, change, status, code
):
    shop.buys(member, "100.00")
    body = {"member": "+447400123456", "reward": str(shop.reward(40).public_id), **change}

    answer = api("POST", "redemptions/", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (Redemption.objects.count(), shop.balance(member)) == (0, 100)


@pytest.mark.proves("X1", "input 82")
def test_another_organizations_rows_do_not_exist(api, shop, member):
    shop.buys(member, "100.00")
    stranger = open_shop("low-road").api_key()
    sale = Purchase.objects.get()
    taken = api(
        "POST",
        "redemptions/",
        {"member": str(member.public_id), "reward": str(shop.reward(40).public_id)},
    ).json()

    answers = [
        api("GET", f"purchases/{sale.public_id}/", secret=stranger),
        api("POST", f"purchases/{sale.public_id}/returns/", back(amount="1.00"), secret=stranger),
        api("GET", f"redemptions/{taken['id']}/", secret=stranger),
        api("POST", f"redemptions/{taken['id']}/capture/", {}, secret=stranger),
        api("POST", f"redemptions/{taken['id']}/cancel/", {"reason": "x"}, secret=stranger),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert api("GET", "purchases/?external_id=77", secret=stranger).json() == {"results": []}
    assert shop.balance(member) == 60


@pytest.mark.proves("X2")
def test_another_organizations_member_or_reward_cannot_be_named(api, shop, member):
    other = open_shop("low-road")
    theirs = other.member("+447400123499")

    bought = api("POST", "purchases/", receipt(member=str(theirs.public_id)))
    redeemed = api(
        "POST",
        "redemptions/",
        {"member": str(member.public_id), "reward": str(other.reward(1).public_id)},
    )

    assert (bought.status_code, bought.json()["code"]) == (400, "member_unknown")
    assert (redeemed.status_code, redeemed.json()["code"]) == (400, "reward_unknown")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "quotes/", "purchases:read"),
        ("POST", "purchases/", "purchases:read"),
        ("GET", "purchases/?external_id=1", "purchases:write"),
        ("POST", "returns/", "purchases:read"),
        ("POST", "redemptions/", "purchases:write"),
    ],
)
def test_a_key_without_the_scope_is_forbidden(api, shop, method, path, scope):
    narrow = shop.api_key(scope, name="narrow")

    answer = api(method, path, {} if method == "POST" else None, secret=narrow)

    assert answer.status_code == 403


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

    with django_assert_num_queries(10):
        answer = api("GET", "purchases/?external_id=77")

    assert Decimal(answer.json()["results"][0]["total"]) == 5 * sales
