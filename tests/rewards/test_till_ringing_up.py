import pytest
from django.utils import timezone

from loyalty.models import Account, Product, Purchase
from tests.tills import errors_on, lines_of, recorded, shown, text_of


def test_an_amount_gives_points_with_their_reason_and_the_new_balance(shop, member, till):
    shop.buys(member, "100.00")

    page = shown(till, till.rings_up(member, amount="12.50", receipt=" a-17 "))

    slip = page.context["answer"]
    assert (slip.points, slip.balance, slip.receipt, f"{slip.amount:.2f}") == (
        12,
        112,
        "A-17",
        "12.50",
    )
    assert [(row.text, row.detail, row.points) for row in slip.reasons] == [
        ("Base", "1 point per £1 on £12.50", 12)
    ]
    assert "+12 points" in text_of(page)


def test_a_receipt_is_known_by_store_register_day_and_number(shop, member, till):
    till.rings_up(member, receipt="1001")

    purchase = Purchase.objects.get()
    day = timezone.now().astimezone(shop.organization.zone).date()
    assert (purchase.source, purchase.external_id) == ("till", f"1/1/{day}/1001")
    assert (purchase.register, purchase.staff, purchase.business_date) == (
        till.register,
        till.staff,
        day,
    )
    assert purchase.actor == f"staff:{till.staff.pk}"


def test_lines_are_added_up_and_each_shows_what_it_gave(shop, member, till):
    Product.objects.create(
        organization=shop.organization, sku="LATTE", name="Latte", category=["Coffee"]
    )
    double = {"type": "multiplier", "times": "2"}
    coffee = {"type": "category", "categories": ["Coffee"]}
    shop.add_rule({"trigger": {"type": "purchase"}, "conditions": [coffee], "effect": double})
    lines = lines_of(("LATTE", "2", "3.50"), ("", "1", ""), ("Granola", "0,5", "۸٫۰۰"))

    page = shown(till, till.rings_up(member, amount="", **lines))

    slip = page.context["answer"]
    rows = [(line.title, f"{line.amount:.2f}", line.points) for line in slip.lines]
    assert rows == [("Latte × 2", "7.00", 14), ("Granola × 0.5", "4.00", 4)]
    assert (f"{slip.amount:.2f}", slip.points) == ("11.00", 18)


def test_a_guest_gives_the_shop_a_receipt_and_gets_no_points(shop, till):
    form = till.client.get("/till/", {"guest": "1"})
    page = shown(till, till.rings_up())

    assert (form.context["is_guest"], form.context["purchase"]["member"].value()) == (True, None)
    assert (recorded(), Account.objects.count()) == ([("1001", "12.50")], 0)
    assert "A guest's purchase gives no points." in text_of(page)


@pytest.mark.proves("input 27")
@pytest.mark.parametrize(
    ("typed", "language", "shown_as"),
    [("12,5", "en", "£12.50"), ("۱۲٫۵", "en", "£12.50"), ("12,5", "fa", "۱۲٫۵۰")],
)
def test_an_amount_in_another_notation_is_understood_and_shown(
    member, till, typed, language, shown_as
):
    till.client.cookies["django_language"] = language

    page = shown(till, till.rings_up(member, amount=typed))

    assert recorded() == [("1001", "12.50")]
    assert shown_as in text_of(page)


@pytest.mark.parametrize(
    ("why", "typed", "field", "said"),
    [
        ("a letter", {"amount": "12,5o"}, "amount", "Write a number such as 12.50."),
        ("half a penny", {"amount": "1.005"}, "amount", "This has too many decimals."),
        ("nothing", {"amount": ""}, "amount", "Type the amount, or the lines below."),
        ("zero", {"amount": "0"}, "amount", "The total must be more than zero, and within reason."),
        ("too much", {"amount": "1000000001"}, "amount", "The total must be more than zero,"),
        ("endless", {"amount": "1" * 5000}, "amount", "This is too long."),
        ("no receipt", {"receipt": " "}, "receipt", "This field is required."),
        ("invisible", {"receipt": "\u200b"}, "receipt", "Type the number that is printed"),
        ("controls", {"receipt": "1\x01"}, "receipt", "cannot be used"),
        ("endless", {"receipt": "1" * 41}, "receipt", "at most 40 characters"),
        ("a key that is none", {"request_key": "short"}, "__all__", "Idempotency-Key"),
        (
            "lines that come to something else",
            {"amount": "5", **lines_of(("Tea", "1", "4"))},
            "amount",
            "The lines come to £4.00. Change them, or the amount.",
        ),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_records_nothing(
    member, till, why, typed, field, said
):
    page = till.rings_up(member, **typed)

    assert page.status_code == 200
    assert said in errors_on(page)[field][0]
    assert (recorded(), page.context["member"].name) == ([], "Mina K.")


@pytest.mark.parametrize(
    ("why", "line", "field"),
    [
        ("no price", ("Tea", "1", ""), "price"),
        ("a negative price", ("Tea", "1", "-4"), "price"),
        ("none sold", ("Tea", "0", "4"), "quantity"),
        ("no number", ("Tea", "some", "4"), "quantity"),
        ("a million and one", ("Tea", "1000001", "4"), "quantity"),
        ("controls", ("Te\x01a", "1", "4"), "item"),
    ],
)
def test_what_is_wrong_in_a_line_is_told_there_and_keeps_the_rest(member, till, why, line, field):
    page = till.rings_up(member, amount="", **lines_of(line, ("Cake", "1", "2.00")))

    lines = page.context["lines"]
    assert [list(errors) for errors in lines.errors] == [[field], []]
    assert (recorded(), lines[1]["price"].value()) == ([], "2.00")
    assert lines.is_in_use


@pytest.mark.parametrize("sent", [{}, {"lines-TOTAL_FORMS": "x"}, {"lines-TOTAL_FORMS": "9" * 30}])
def test_a_form_that_no_browser_sends_is_refused(till, sent):
    answer = till.client.post("/till/purchases/", {"amount": "5", "receipt": "1", **sent})

    assert (answer.status_code, recorded()) == (200, [])


def test_a_blocked_member_is_told_of_and_gets_nothing(shop, member, till):
    member.status = "blocked"
    member.save(update_fields=["status"])

    page = till.find("07400123456")
    answer = till.rings_up(member)

    assert (page.context.get("purchase"), recorded()) == (None, [])
    assert "This member is blocked" in text_of(answer)


def test_more_lines_come_without_a_script_and_nothing_typed_is_lost(member, till):
    typed = lines_of(("Tea", "2", "4,5"), ("Cake", "1", "3"))

    page = till.rings_up(member, amount="", receipt="77", more="lines", **typed)

    lines = page.context["lines"]
    assert [line["item"].value() for line in lines] == ["Tea", "Cake", None, None]
    assert lines[0]["price"].value() == "4.50"
    assert page.context["purchase"]["receipt"].value() == "77"
    assert (page.context["purchase"].errors, recorded()) == ({}, [])


def test_what_a_purchase_would_give_is_told_while_it_is_typed(member, till):
    answers = [
        till.client.post("/till/quote/", till.filled_in(member, receipt="", **typed))
        for typed in ({"amount": "۱۲٫۵"}, {"amount": "12,5o"}, {"amount": "0"})
    ]
    guest = till.client.post("/till/quote/", till.filled_in(amount="5"))

    told, *unread = map(text_of, answers)
    assert told.startswith("£12.50 Earns 12 points")
    assert (unread, text_of(guest)) == (["", ""], "£5.00")
    assert recorded() == []
