"""Corrections that wait for a second person, and points handed on, as the office sees them."""

from uuid import uuid4

import pytest

from core.actors import staff_actor
from core.models import Staff
from core.models.people import Role
from loyalty.models import AdjustmentRequest, Entry
from loyalty.services.adjustment_requests import adjust_or_ask
from loyalty.services.adjustments import Correction
from members.services.blocking import block_member
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of

OFFICE = "/office/high-street/"
APPROVALS = f"{OFFICE}approvals/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(shop):
    return office_of(shop.organization, Role.MANAGER, name="Ada")


@pytest.fixture
def ben(shop):
    return office_of(shop.organization, name="Ben")


def correction(points="20000", **fields):
    return keyed(points=points, direction="give", reason="Lost receipt", **fields)


def page_of(member, part):
    return f"{OFFICE}members/{member.public_id}/{part}/"


def asks(office, member):
    office.post(page_of(member, "adjust"), correction(confirmed="true"))
    return AdjustmentRequest.objects.latest("pk")


def decides(office, asked, decision, **fields):
    return office.post(f"{APPROVALS}{asked.public_id}/{decision}/", keyed(**fields))


@pytest.mark.proves("X8")
def test_the_form_says_beforehand_that_a_second_person_is_asked(ada, member):
    first = text_of(ada.get(page_of(member, "adjust")))
    small = text_of(ada.post(page_of(member, "adjust"), correction("10000")))
    large = text_of(ada.post(page_of(member, "adjust"), correction("10001")))

    assert "10,000 points at most alone today. For more, a second person is asked." in first
    assert ("Correct the points" in small, "second person" in small) == (True, False)
    assert "Another owner or manager is asked" in large
    assert "Ask a second person" in large
    assert AdjustmentRequest.objects.count() == Entry.objects.count() == 0


@pytest.mark.proves("X8", "I8")
def test_one_asks_and_another_approves(shop, ada, ben, member):
    sent = correction(confirmed="true")
    answers = [ada.post(page_of(member, "adjust"), sent) for _ in range(2)]
    asked = AdjustmentRequest.objects.get()
    told = text_of(ben.get(OFFICE))
    listed = text_of(ben.get(APPROVALS))
    shown = text_of(ben.get(f"{APPROVALS}{asked.public_id}/"))

    done = decides(ben, asked, "approve")

    assert [answer.url for answer in answers] == [f"{APPROVALS}{asked.public_id}/"] * 2
    assert "1 correction of points waits for a second person." in told
    assert "Mina K +20,000 points 0 20,000 Lost receipt Ada ·" in listed
    assert "Approve and correct" in shown
    assert done.url == APPROVALS
    assert shop.entries(member) == [("adjust", 20_000, 20_000)]
    assert "Nothing waits for a decision" in text_of(ben.get(APPROVALS))
    assert "Approved Ben" in text_of(ada.get(f"{APPROVALS}{asked.public_id}/"))


@pytest.mark.proves("X8")
def test_who_asked_can_only_withdraw(ada, member):
    asked = asks(ada, member)
    own = text_of(ada.get(f"{APPROVALS}{asked.public_id}/"))

    tried = ada.get(decides(ada, asked, "approve").url)
    declined = decides(ada, asked, "decline", reason="no")
    withdrawn = ada.get(decides(ada, asked, "withdraw").url)

    assert ("Withdraw it" in own, "Approve" in own.replace("Approvals", "")) == (True, False)
    assert "You asked for this, so somebody else has to decide." in text_of(tried)
    assert "You asked for this, so somebody else has to decide." in text_of(declined)
    assert "Nobody is asked any more." in text_of(withdrawn)
    assert Entry.objects.count() == 0


def test_a_no_needs_its_reason_which_is_shown(ada, ben, member):
    asked = asks(ada, member)

    without = decides(ben, asked, "decline", reason=" ")
    declined = decides(ben, asked, "decline", reason="Not our receipt")

    shown = text_of(ada.get(f"{APPROVALS}{asked.public_id}/"))
    assert list(without.context["form"].errors) == ["reason"]
    assert declined.url == APPROVALS
    assert "Declined Ben" in shown
    assert "Not our receipt" in shown
    assert Entry.objects.count() == 0


def test_the_second_of_two_decisions_is_told_so(ada, ben, member):
    asked = asks(ada, member)
    decides(ben, asked, "approve")

    answer = decides(ben, asked, "approve")

    assert "This was decided before." in text_of(ben.get(answer.url))
    assert Entry.objects.count() == 1


@pytest.mark.proves("X2", "X6", "input 82")
def test_nobody_else_sees_or_decides(shop, ada, member):
    asked = asks(ada, member)
    open_shop("elsewhere")
    analyst = office_of(shop.organization, Role.ANALYST)
    stranger = office_of(open_shop("far").organization)
    theirs = "/office/far/approvals/"

    read = [analyst.get(APPROVALS), analyst.get(f"{APPROVALS}{asked.public_id}/")]
    strange = [
        stranger.get(f"{theirs}{asked.public_id}/"),
        stranger.post(f"{theirs}{asked.public_id}/approve/", keyed()),
        stranger.post(f"{theirs}{asked.public_id}/decline/", keyed(reason="x")),
        ada.get(f"{APPROVALS}{uuid4()}/"),
        decides(ada, asked, "burn"),
    ]

    assert [one.status_code for one in read] == [403] * 2
    assert [one.status_code for one in (*strange, decides(analyst, asked, "approve"))] == [
        *[404] * 5,
        403,
    ]
    assert AdjustmentRequest.objects.get().status == "asked"


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_asks_a_fixed_number_of_questions(
    shop, ben, member, more, django_assert_num_queries
):
    asker = Staff.objects.create(
        organization=shop.organization, code="x", name="X", role=Role.MANAGER
    )
    people = [member, *(shop.member(f"+44740099999{n}") for n in range(more))]
    for number, one in enumerate(people):
        shop.buys(one, "5")
        wish = Correction(program_id=shop.program.pk, member_id=one.pk, points=20_000, reason="x")
        adjust_or_ask(wish=wish, actor=staff_actor(asker.pk), request_key=f"k{number}")
    ben.get(APPROVALS)

    with django_assert_num_queries(7):
        ben.get(APPROVALS)


# --- points handed on ----------------------------------------------------------------------------


@pytest.fixture
def other(shop):
    return shop.member("+447400222222", name="Otto", email="otto@example.org")


def handing(to, points="30", **fields):
    return keyed(to=to, points=points, reason="A present", **fields)


@pytest.mark.parametrize("sign", ["phone", "card", "email"])
def test_points_are_handed_to_whom_a_sign_names_after_a_look(shop, ben, member, other, sign):
    shop.buys(member, "100")
    to = {
        "phone": "07400 222222",
        "card": other.cards.get().number,
        "email": "OTTO@example.org",
    }[sign]
    url = page_of(member, "hand")

    look = ben.post(url, handing(to))
    nothing_yet = shop.entries(member)
    done = ben.post(url, handing(to, receiver=other.public_id))

    said = text_of(look)
    assert "30 points go to Otto" in said
    assert "Mina K 100 70 Otto 0 30" in said
    assert nothing_yet == [("earn", 100, 100)]
    assert done.url == f"{OFFICE}members/{member.public_id}/"
    assert shop.entries(member)[-1] == ("transfer", -30, 70)
    assert shop.entries(other) == [("transfer", 30, 30)]


@pytest.mark.proves("I8")
def test_a_second_click_hands_nothing_over_again(shop, ben, member, other):
    shop.buys(member, "100")
    sent = handing("+447400222222", receiver=other.public_id)

    for _ in range(2):
        ben.post(page_of(member, "hand"), sent)

    assert shop.balance(other) == 30


def test_a_number_that_names_somebody_else_by_now_is_looked_at_again(shop, ben, member, other):
    shop.buys(member, "100")

    answer = ben.post(page_of(member, "hand"), handing("+447400222222", receiver=member.public_id))

    assert "30 points go to Otto" in text_of(answer)
    assert shop.balance(member) == 100


@pytest.mark.proves("X2", "input 24", "input 72", "input 82")
@pytest.mark.parametrize(
    ("to", "points", "field", "code"),
    [
        ("+447400333333", "30", "to", "member_unknown"),
        ("nobody@example.org", "30", "to", "member_unknown"),
        ("x@", "30", "to", "email_invalid"),
        ("' OR 1=1--", "30", "to", "phone_letters"),
        ("2900000000002", "30", "to", "card_invalid"),
        ("", "30", "to", "required"),
        ("+447400222222", "0", "points", "points"),
        ("+447400222222", "1.5", "points", "points"),
        ("+447400222222", "-5", "points", "points"),
        ("+447400222222", "9" * 20, "points", "adjustment_too_large"),
        ("+447400222222", "101", "points", "insufficient_points"),
        ("+447400123456", "30", "to", "transfer_to_self"),
        ("+447400444444", "30", "to", "member_unknown"),
        ("+447400555555", "30", "to", "member_blocked"),
    ],
)
def test_what_cannot_be_handed_over_is_said_beside_its_field(
    shop, ben, member, other, to, points, field, code
):
    shop.buys(member, "100")
    open_shop("elsewhere").member("+447400444444")
    blocked = shop.member("+447400555555")
    block_member(member_id=blocked.pk, actor=staff_actor(1), reason="x")

    answer = ben.post(page_of(member, "hand"), handing(to, points, receiver=uuid4()))

    errors = answer.context["form"].errors.as_data()
    assert {name: said[0].code for name, said in errors.items()} == {field: code}
    assert shop.entries(member) == [("earn", 100, 100)]


def test_digits_of_every_script_are_read(shop, ben, member, other):
    shop.buys(member, "100")

    ben.post(page_of(member, "hand"), handing("۰۷۴۰۰۲۲۲۲۲۲", "۳۰", receiver=other.public_id))

    assert shop.balance(other) == 30


@pytest.mark.proves("X2", "X6")
def test_analysts_and_neighbors_hand_nothing_over(shop, member, other):
    analyst = office_of(shop.organization, Role.ANALYST)
    stranger = office_of(open_shop("far").organization)
    sent = handing("+447400222222", receiver=other.public_id)

    answers = [
        analyst.post(page_of(member, "hand"), sent),
        stranger.post(f"/office/far/members/{member.public_id}/hand/", sent),
    ]

    assert [one.status_code for one in answers] == [403, 404]
