"""Points as a means of payment, over the API: what is taken, left to pay, and earned."""

import pytest

from core.actors import SYSTEM
from loyalty.models import Entry, Payment, Purchase
from rewards.services.redemptions import redeem
from tests.callers import problem
from tests.rewards.receipts import NOTHING, receipt
from tests.shops import open_shop

PAYS = {"point_value": "1", "pay_with_points": {}}


@pytest.fixture
def paying(shop):
    """The shop, at which a point pays a pound."""
    shop.settle(**PAYS)
    return shop


@pytest.fixture
def rich(paying, member):
    paying.buys(member, "300.00")
    return member


def basket(total, points=NOTHING, **parts):
    lines = [{"sku": "tea", "quantity": "1", "amount": total}]
    return receipt(lines=lines, points_to_spend=points, **parts)


def quoted(api, *args, **parts):
    return api("POST", "quotes/", basket(*args, external_id=NOTHING, **parts))


@pytest.mark.proves("case 28")
def test_three_hundred_points_pay_twenty_pounds_with_twenty_points(api, paying, rich):
    quote = quoted(api, "20.00", 300).json()
    bought = api("POST", "purchases/", basket("20.00", 300)).json()

    same = ("total", "total_due", "paid_with_points", "points_total")
    assert {name: quote[name] for name in same} == {name: bought[name] for name in same}
    assert bought["paid_with_points"] == {"points": 20, "amount": "20.00"}
    assert (bought["total"], bought["total_due"], bought["points_total"]) == ("20.00", "0.00", 0)
    assert [(one["kind"], one["points"]) for one in bought["entries"]] == [("redeem", -20)]
    assert (bought["balance"], paying.balance(rich)) == (280, 280)


@pytest.mark.proves("case 1")
@pytest.mark.parametrize(("earns_on_it", "earned"), [(False, 80), (True, 100)])
def test_the_part_paid_with_points_earns_only_where_the_program_says_so(
    api, paying, rich, earns_on_it, earned
):
    paying.settle(earns_on_part_paid_with_points=earns_on_it)

    bought = api("POST", "purchases/", basket("100.00", 20)).json()

    assert (bought["points_total"], bought["total_due"]) == (earned, "80.00")
    assert [(one["kind"], one["points"]) for one in bought["entries"]] == [
        ("redeem", -20),
        ("earn", earned),
    ]
    assert paying.balance(rich) == 300 - 20 + earned


@pytest.mark.proves("case 30")
def test_the_rounded_total_is_the_ceiling(api, client):
    yen = open_shop("ginza", currency="JPY", country="JP", time_zone="Asia/Tokyo")
    yen.settle(**PAYS)
    member = yen.member("+81312345678")
    yen.buys(member, "500")
    line = {"quantity": "1.006", "unit_price": "100"}
    body = receipt(member=str(member.public_id), lines=[line], points_to_spend=500)

    bought = api("POST", "purchases/", body, secret=yen.api_key()).json()

    assert (bought["total"], bought["total_due"]) == ("101.00", "0.00")
    assert bought["paid_with_points"] == {"points": 101, "amount": "101.00"}


def test_other_means_of_payment_leave_only_the_rest_to_points(api, paying, rich):
    card = [{"method": "card", "amount": "15.00"}]

    api("POST", "purchases/", basket("20.00", 300, payments=card))

    paid = Payment.objects.order_by("pk").values_list("method", "amount", "points")
    assert [(method, f"{amount:.2f}", points) for method, amount, points in paid] == [
        ("card", "15.00", 0),
        ("points", "5.00", 5),
    ]


def test_a_quote_says_how_many_points_could_pay(api, paying, rich):
    paying.settle(pay_with_points={"minimum": 10, "step": 10, "share_max": 50}, point_value="0.05")

    told = {total: quoted(api, total).json()["can_pay_with_points"] for total in ("9.00", "90.00")}

    assert told == {
        "9.00": {"points": 90, "amount": "4.50"},
        "90.00": {"points": 300, "amount": "15.00"},
    }


@pytest.mark.parametrize(
    ("why", "settings", "points", "refusal"),
    [
        ("too few", {}, 301, (409, "insufficient_points", "points")),
        ("beyond the share", {"pay_with_points": {"share_max": 50}}, 251, "payable"),
        ("below the fewest", {"pay_with_points": {"minimum": 50}}, 49, "payable"),
        ("between steps", {"pay_with_points": {"step": 50}}, 51, "payable"),
        ("switched off", {"pay_with_points": None}, 5, "accepted"),
        ("a draft of a program", {}, 5, "no_program"),
    ],
)
def test_a_quote_and_a_purchase_refuse_the_same_and_change_nothing(
    api, paying, rich, why, settings, points, refusal
):
    paying.settle(**settings)
    if refusal == "no_program":
        paying.program.status = "draft"
        paying.program.save(update_fields=["status"])
    named = {
        "payable": (409, "points_not_payable", "points_to_spend"),
        "accepted": (409, "points_not_accepted", "points_to_spend"),
        "no_program": (409, "no_program", "program"),
    }

    answers = [
        quoted(api, "500.00", points),
        api("POST", "purchases/", basket("500.00", points)),
    ]

    expected = named.get(refusal, refusal)
    assert [problem(answer) for answer in answers] == [expected, expected]
    assert (Purchase.objects.count(), Entry.objects.count()) == (1, 1)


def test_a_refusal_names_the_most_that_is_possible(api, paying, rich):
    paying.settle(pay_with_points={"share_max": 50})

    told = api("POST", "purchases/", basket("20.00", 15)).json()

    assert told["data"] == {"most": 10, "amount": "10.00", "minimum": 1, "step": 1}
    assert told["detail"] == "At most 10 points can be used for this purchase."


@pytest.mark.parametrize("path", ["quotes/", "purchases/"])
def test_points_that_are_set_aside_are_told_from_points_that_are_missing(api, paying, rich, path):
    reward = paying.reward(250)
    redeem(reward_id=reward.pk, member_id=rich.pk, actor=SYSTEM, request_key="x", hold_seconds=600)
    body = basket("100.00", 100, external_id=NOTHING if path == "quotes/" else "77")

    answer = api("POST", path, body)

    assert problem(answer)[:2] == (409, "points_held")
    assert answer.json()["data"] == {"balance": 50, "needed": 100, "held": 250}


@pytest.mark.parametrize(
    ("why", "parts", "refusal"),
    [
        ("nobody's points", {"member": NOTHING}, (400, "member_needed", "member")),
        (
            "points sent twice",
            {"payments": [{"method": "points", "amount": "1.00"}]},
            (400, "points_sent_twice", "payments"),
        ),
        ("no program", {"program": "other"}, (400, "program_unknown", "program")),
        ("none", {"points": 0}, (400, "min_value", "points_to_spend")),
        ("fewer than none", {"points": -5}, (400, "min_value", "points_to_spend")),
        ("text", {"points": "5"}, (400, "invalid", "points_to_spend")),
        ("too many digits", {"points": 2**53}, (400, "max_value", "points_to_spend")),
    ],
)
def test_what_cannot_be_meant_is_refused(api, paying, rich, why, parts, refusal):
    body = basket("20.00", **{"points": 5, **parts})

    answer = api("POST", "purchases/", body)

    assert problem(answer) == refusal
    assert Purchase.objects.count() == 1


@pytest.mark.proves("case 11")
def test_the_same_receipt_again_is_known_though_its_points_are_gone(api, paying, rich):
    body = basket("300.00", 300)
    first = api("POST", "purchases/", body).json()

    again = api("POST", "purchases/", body)
    paying.settle(point_value="2")
    under_other_terms = api("POST", "purchases/", body)
    other = api("POST", "purchases/", basket("300.00", 299))

    assert (again.status_code, again.json()["code"]) == (409, "duplicate_receipt")
    assert again.json()["data"]["purchase"]["id"] == first["id"]
    assert under_other_terms.json()["code"] == "duplicate_receipt"
    assert other.json()["code"] == "receipt_conflict"
    assert paying.balance(rich) == 0


def test_the_amount_expected_is_what_is_left_after_points(api, paying, rich):
    surprised = api("POST", "purchases/", basket("20.00", 5, expected_total_due="20.00"))
    agreed = api("POST", "purchases/", basket("20.00", 20, expected_total_due="0.00"))

    assert (surprised.status_code, surprised.json()["code"]) == (409, "quote_changed")
    assert surprised.json()["data"]["quote"]["total_due"] == "15.00"
    assert (agreed.status_code, paying.balance(rich)) == (201, 280)


@pytest.mark.proves("case 33")
def test_points_earned_in_one_channel_pay_in_another_from_the_same_ledger(api, paying, member):
    api("POST", "purchases/", basket("50.00", external_id="web", channel="online"))

    bought = api("POST", "purchases/", basket("30.00", 30, external_id="till")).json()
    too_much = api("POST", "purchases/", basket("30.00", 30, external_id="app", channel="app"))

    assert bought["balance"] == 20
    assert problem(too_much)[:2] == (409, "insufficient_points")
    assert list(Purchase.objects.order_by("pk").values_list("external_id", flat=True)) == [
        "web",
        "till",
    ]
    assert paying.entries(member) == [("earn", 50, 50), ("redeem", -30, 20)]


def test_what_was_paid_with_points_is_still_told_later(api, paying, rich):
    bought = api("POST", "purchases/", basket("20.00", 5)).json()

    found = api("GET", f"purchases/{bought['id']}/").json()

    assert found["paid_with_points"] == {"points": 5, "amount": "5.00"}
    assert (found["total_due"], "can_pay_with_points" in found) == ("15.00", False)


def test_an_account_under_review_pays_nothing(api, paying, rich):
    account = paying.account(rich)
    account.under_review_since = account.created_at
    account.save(update_fields=["under_review_since"])

    answers = [quoted(api, "20.00", 5), api("POST", "purchases/", basket("20.00", 5))]

    assert [problem(one)[1] for one in answers] == ["account_under_review"] * 2
    assert quoted(api, "20.00").json()["can_pay_with_points"] is None


def test_another_organizations_member_and_program_do_not_exist(api, paying, rich):
    other = open_shop("other")
    other.settle(**PAYS)
    other.program.slug = "theirs"
    other.program.save(update_fields=["slug"])

    by_program = api("POST", "purchases/", basket("20.00", 5, program="theirs"))
    by_member = api("POST", "purchases/", basket("20.00", 5), secret=other.api_key())

    assert problem(by_program)[1] == "program_unknown"
    assert problem(by_member)[1] == "member_unknown"
    assert Purchase.objects.count() == 1


def void(api, purchase, number, **options):
    body = {"external_id": number, "amount": "100.00"}
    return api("POST", f"purchases/{purchase['id']}/returns/", body, **options)


@pytest.mark.proves("case 34", "R6")
def test_a_failed_payment_that_is_told_twice_gives_its_points_back_once(api, paying, rich):
    bought = api("POST", "purchases/", basket("100.00", 20)).json()

    first, repeated = (void(api, bought, "void", key="callback-of-the-bank") for _time in range(2))
    same = void(api, bought, "void")
    other = void(api, bought, "void-again")

    told = first.json()
    assert (told["points_put_back"], told["points_reversed"], told["refund_due"]) == (
        20,
        80,
        "80.00",
    )
    assert (told["deduction"], told["balance"]) == ("0.00", 300)
    assert "20 points that paid are put back." in told["why"]
    assert repeated.content == first.content
    assert [problem(one)[:2] for one in (same, other)] == [
        (409, "duplicate_receipt"),
        (409, "already_returned"),
    ]
    assert paying.balance(rich) == 300


@pytest.mark.proves("case 38")
def test_what_is_kept_back_from_the_refund_is_answered(api, paying, member):
    paying.settle(debt="deduct", point_value="0.05")
    bought = api("POST", "purchases/", basket("100.00")).json()
    reward = paying.reward(64)
    redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="x")

    told = void(api, bought, "void").json()

    assert (told["points_reversed"], told["debt"], told["balance"]) == (36, 0, 0)
    assert (told["amount"], told["deduction"], told["refund_due"]) == ("100.00", "3.20", "96.80")
    assert "64 points were spent already; their worth is kept back from the refund." in told["why"]


def test_a_return_of_another_organizations_purchase_finds_nothing(api, paying, rich):
    bought = api("POST", "purchases/", basket("100.00", 20)).json()

    answer = void(api, bought, "void", secret=open_shop("other").api_key())

    assert (answer.status_code, paying.balance(rich)) == (404, 360)
