"""Points as a means of payment at the till, in the portal and in the office."""

import pytest

from core.models.people import Role
from loyalty.models import Payment, Return
from tests.offices import office_of
from tests.tills import errors_on, key_on, recorded, shown, text_of

PAYS = {"point_value": "0.05", "pay_with_points": {}}


@pytest.fixture
def paying(shop):
    """The shop, at which a point pays five pence."""
    shop.settle(**PAYS)
    return shop


@pytest.fixture
def rich(paying, member):
    paying.buys(member, "240.00")
    return member


def at_till(till, member):
    return till.client.get("/till/", {"member": member.public_id})


def quoted(till, member, **typed):
    return till.client.post("/till/quote/", till.filled_in(member, **typed))


def undone(till, page):
    sent = {"request_key": page.context["undo"]["key"]}
    return shown(till, till.client.post(page.context["undo"]["url"], sent))


def test_the_till_says_what_the_points_are_worth_and_asks_for_them(rich, till):
    page = at_till(till, rich)

    assert "worth £12.00" in text_of(page)
    assert 'name="points"' in page.content.decode()


@pytest.mark.parametrize("who", ["a guest", "somebody without points", "a shop that says nothing"])
def test_nobody_else_is_asked(shop, till, who):
    member = shop.member()
    if who == "a shop that says nothing":
        shop.buys(member, "240.00")
    else:
        shop.settle(**PAYS)

    guest = {"guest": "1"} if who == "a guest" else {"member": member.public_id}
    page = till.client.get("/till/", guest)

    assert 'name="points"' not in page.content.decode()
    assert "worth" not in text_of(page)


@pytest.mark.proves("case 28")
def test_one_touch_offers_the_most_that_is_useful(rich, till):
    small = quoted(till, rich, amount="3.10")
    large = quoted(till, rich, amount="31.00")

    assert 'data-pay-points="62"' in small.content.decode()
    assert "Pay £3.10 with 62 points" in text_of(small)
    assert "Pay £12.00 with 240 points" in text_of(large)


def test_what_points_leave_to_pay_is_said_while_it_is_typed(rich, till):
    page = quoted(till, rich, amount="31.00", points="100")

    assert "Purchase £31.00 100 points −£5.00 To pay £26.00" in text_of(page)


@pytest.mark.parametrize(
    ("points", "said"),
    [("241", "There are not enough points for this."), ("3", "Points are used in steps of 2")],
)
def test_points_that_cannot_pay_are_refused_beside_their_field(paying, rich, till, points, said):
    paying.settle(pay_with_points={"step": 1 if points == "241" else 2})

    quote = quoted(till, rich, amount="31.00", points=points)
    page = till.rings_up(rich, amount="31.00", points=points)

    assert said in text_of(quote)
    assert said in errors_on(page)["points"][0]
    assert page.context["purchase"]["points"].value() == points
    assert recorded() == [recorded()[0]]


@pytest.mark.parametrize("typed", ["ten", "-1", "1.5", "9" * 20])
def test_what_is_no_number_of_points_is_said(rich, till, typed):
    page = till.rings_up(rich, points=typed)

    assert list(errors_on(page)) == ["points"]
    assert Payment.objects.count() == 0


def test_points_in_other_digits_are_points(rich, till):
    shown(till, till.rings_up(rich, amount="31.00", points="۱۰۰"))

    paid = Payment.objects.get()
    assert (paid.method, f"{paid.amount:.2f}", paid.points) == ("points", "5.00", 100)


@pytest.mark.proves("case 1", "case 33")
def test_what_points_paid_is_on_the_receipt_and_undo_puts_it_back(paying, rich, till):
    sent = till.filled_in(rich, amount="31.00", points="100")
    page = shown(till, till.client.post("/till/purchases/", sent))
    twice = till.another_click(sent)

    assert "Paid with 100 points £5.00 To pay £26.00" in text_of(page)
    assert (page.context["answer"].points, paying.balance(rich)) == (26, 240 - 100 + 26)
    assert (twice.status_code, Payment.objects.count()) == (303, 1)

    back = undone(till, page)

    told = back.context["answer"].taken_back
    assert (told.put_back, told.points, f"{told.refund:.2f}") == (100, -26, "26.00")
    assert "Points put back +100 points Money to pay out £26.00" in text_of(back)
    assert paying.balance(rich) == 240


@pytest.mark.proves("case 38")
def test_the_till_says_how_much_to_keep_back(paying, till):
    paying.settle(debt="deduct")
    member = paying.member()
    page = shown(till, till.rings_up(member, amount="100.00"))
    shown(till, till.rings_up(member, amount="5.00", points="64", receipt="1002"))

    back = undone(till, page)

    # Of 100 points 64 are spent, and the second purchase gave one that can be taken.
    told = back.context["answer"].taken_back
    assert f"{told.kept_back:.2f}" == f"{Return.objects.get().deduction:.2f}" == "3.15"
    assert "Keep £3.15 back from the refund" in text_of(back)
    assert "Money to pay out £96.85" in text_of(back)
    assert paying.balance(member) == 0


def test_the_number_typed_is_kept_for_who_was_signed_out(rich, till):
    page = till.client.get("/till/", {"member": rich.public_id, "amount": "5", "points": "40"})

    assert page.context["purchase"]["points"].value() == "40"
    assert key_on(page)


def test_the_office_switches_it_on_and_off(shop):
    office = office_of(shop.organization, Role.MANAGER)
    url = f"/office/{shop.organization.slug}/program/terms/?program=club"
    page = office.get(url)
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent = {name: value for name, value in sent.items() if value is not False}

    wanting = office.post(url, sent | {"pay_with_points": "on"})
    shop.program.refresh_from_db()
    before = shop.program.terms.pay_with_points
    on = {"pay_with_points": "on", "point_value": "0.05", "pay_with_points__step": "10"}
    office.post(url, sent | on | {"debt": "deduct"})
    shop.program.refresh_from_db()
    terms = shop.program.terms

    assert wanting.context["form"].errors == {
        "pay_with_points": ["Say first what a point is worth."]
    }
    assert before is None
    assert (terms.pay_with_points.step, str(terms.point_value), terms.debt) == (
        10,
        "0.05",
        "deduct",
    )

    again = office.get(url).context["form"]["request_key"].value()
    office.post(url, sent | {"request_key": again})
    shop.program.refresh_from_db()

    assert (shop.program.terms.pay_with_points, shop.program.terms.point_value) == (None, None)
