import json
from datetime import timedelta

import pytest
from django.utils import timezone

from loyalty.models import Purchase
from tests.rewards.receipts import NOTHING, line, receipt


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
