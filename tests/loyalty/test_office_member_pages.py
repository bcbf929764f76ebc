from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model

from core.actors import staff_actor
from core.models import AuditRecord, Staff
from core.models.people import Role
from loyalty.models import Entry
from loyalty.services.adjustments import adjust_points
from members.models import Member, MemberStatus
from members.services.blocking import block_member
from tests.offices import keyed, office_of
from tests.shops import days_ago, open_shop

MEMBERS = "/office/high-street/members/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(shop):
    return office_of(shop.organization, name="Ada")


@pytest.fixture
def ada(owner):
    return Staff.objects.get(name="Ada")


@pytest.fixture
def analyst(shop):
    return office_of(shop.organization, Role.ANALYST)


def page_of(member, part=""):
    return f"{MEMBERS}{member.public_id}/{part}"


def receipt_page(recorded):
    return f"/office/high-street/purchases/{recorded.purchase.public_id}/"


def corrected(points, direction="give", **changes):
    return keyed(**{"points": points, "direction": direction, "reason": "Wrong receipt", **changes})


def test_the_overview_tells_what_they_have_and_bought(owner, shop, member):
    shop.buys(member, "21.50")

    page = owner.get(page_of(member)).content.decode()

    assert "Mina K" in page
    assert "+44 7400 123456" in page
    assert ">21<" in page
    assert "£21.50" in page


def test_a_member_without_an_account_has_a_page_too(owner, member):
    assert "no points yet" in owner.get(page_of(member)).content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_the_overview_asks_a_fixed_number_of_questions(
    owner, shop, member, more, django_assert_num_queries
):
    for _ in range(1 + more):
        shop.buys(member, "10")
    owner.get(page_of(member))

    with django_assert_num_queries(8):
        owner.get(page_of(member))


def test_the_ledger_explains_each_entry(owner, shop, member, ada):
    bought = shop.buys(member, "30")
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=-12,
        reason="Wrong card",
        actor=staff_actor(ada.pk),
        request_key="t-1",
    )

    page = owner.get(page_of(member, "ledger/")).content.decode()

    assert page.index("Adjusted") < page.index(receipt_page(bought))
    assert "Base, version 1" in page
    assert "Wrong card" in page
    assert ">Ada<" in page
    assert "12 points that came on" in page


def test_the_ledger_is_narrowed_by_what_happened(owner, shop, member):
    shop.buys(member, "30")

    earned = owner.get(page_of(member, "ledger/"), {"kind": "earn"})
    spent = owner.get(page_of(member, "ledger/"), {"kind": "redeem"})
    odd = owner.get(page_of(member, "ledger/"), {"kind": "x"})

    assert [len(each.context["rows"]) for each in (earned, spent, odd)] == [1, 0, 1]


@pytest.mark.parametrize("more", [0, 2])
def test_the_ledger_asks_a_fixed_number_of_questions(
    owner, shop, member, more, django_assert_num_queries
):
    for _ in range(1 + more):
        shop.buys(member, "10")
    owner.get(page_of(member, "ledger/"))

    with django_assert_num_queries(12):
        owner.get(page_of(member, "ledger/"))


def test_a_receipt_tells_what_it_earned_and_why(owner, shop, member):
    bought = shop.buys(member, "21.50", at=days_ago(3))

    page = owner.get(receipt_page(bought)).content.decode()

    assert "£21.50" in page
    assert "+<bdi>21" in page or "+21" in page
    assert "Base" in page
    assert "version 1" in page
    assert page_of(member) in page


def test_a_guests_receipt_has_no_member(owner, shop):
    page = owner.get(receipt_page(shop.buys(None, "5"))).content.decode()

    assert "A guest" in page


def test_an_analyst_sees_a_receipt_without_the_whole_name(analyst, shop):
    bought = shop.buys(shop.member("+447400123459", name="Mina Karimi"), "5")

    page = analyst.get(receipt_page(bought)).content.decode()

    assert ("Mina K." in page, "Karimi" in page) == (True, False)


def test_receipts_of_another_organization_do_not_exist(owner):
    theirs = open_shop("low-road").buys(None, "5")

    assert owner.get(receipt_page(theirs)).status_code == 404
    assert owner.get(f"/office/high-street/purchases/{uuid4()}/").status_code == 404


# --- corrections ------------------------------------------------------------------------------


def test_a_correction_is_shown_before_it_is_done(owner, shop, member):
    shop.buys(member, "100")

    page = owner.post(page_of(member, "adjust/"), corrected("۵۰")).content.decode()

    assert shop.balance(member) == 100
    assert [amount in page for amount in (">100<", ">+50<", ">150<")] == [True] * 3
    assert 'name="confirmed"' in page


@pytest.mark.parametrize(("direction", "left"), [("give", 150), ("take", 50)])
def test_a_confirmed_correction_is_done_once(owner, ada, shop, member, direction, left):
    shop.buys(member, "100")
    form = corrected("50", direction, confirmed="true")

    answers = [owner.post(page_of(member, "adjust/"), form) for _ in range(2)]

    entry = Entry.objects.get(kind="adjust")
    assert [answer.url for answer in answers] == [page_of(member)] * 2
    assert shop.balance(member) == left
    assert (entry.actor, entry.reason) == (f"staff:{ada.pk}", "Wrong receipt")
    assert AuditRecord.objects.filter(subject="loyalty.entry").count() == 1


def test_taking_all_that_is_there_is_done_once_though_nothing_is_left_to_preview(
    owner, shop, member
):
    shop.buys(member, "100")
    form = corrected("100", "take", confirmed="true")

    answers = [owner.post(page_of(member, "adjust/"), form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert shop.balance(member) == 0


@pytest.mark.parametrize("confirmed", ["", "true"])
@pytest.mark.parametrize(
    ("points", "direction", "why"),
    [
        ("101", "take", "not enough points"),
        ("0", "give", "whole number"),
        ("-5", "give", "whole number"),
        ("1.5", "give", "whole number"),
        ("²", "give", "whole number"),
        ("9" * 20, "give", ""),
    ],
)
def test_a_correction_that_may_not_be_says_why(
    owner, shop, member, points, direction, why, confirmed
):
    shop.buys(member, "100")

    answer = owner.post(
        page_of(member, "adjust/"), corrected(points, direction, confirmed=confirmed)
    )

    assert answer.status_code == 200
    assert "invalid-feedback" in answer.content.decode()
    assert 'name="confirmed" value="true"' not in answer.content.decode()
    assert shop.balance(member) == 100


def test_a_correction_needs_a_reason(owner, shop, member):
    owner.post(page_of(member, "adjust/"), corrected("5", reason=" ", confirmed="true"))

    assert Entry.objects.count() == 0


def test_without_a_live_program_nothing_is_corrected(owner, shop, member):
    shop.program.status = "paused"
    shop.program.save()

    answer = owner.post(page_of(member, "adjust/"), corrected("5", confirmed="true"))

    assert answer.url == page_of(member)
    assert Entry.objects.count() == 0


# --- blocking and editing ---------------------------------------------------------------------


def test_a_member_is_blocked_once_with_a_reason_and_let_in_again(owner, ada, member):
    form = keyed(reason="Two cards")

    answers = [owner.post(page_of(member, "block/"), form).url for _ in range(2)]
    member.refresh_from_db()
    blocked = member.status
    owner.post(page_of(member, "unblock/"), keyed(reason=""))

    member.refresh_from_db()
    records = AuditRecord.objects.filter(verb__in=["blocked", "unblocked"]).order_by("pk")
    assert answers == [page_of(member)] * 2
    assert (blocked, member.status) == (MemberStatus.BLOCKED, MemberStatus.ACTIVE)
    assert list(records.values_list("verb", "reason", "actor")) == [
        ("blocked", "Two cards", f"staff:{ada.pk}"),
        ("unblocked", "", f"staff:{ada.pk}"),
    ]


def test_a_block_needs_a_reason(owner, member):
    answer = owner.post(page_of(member, "block/"), keyed(reason=""))

    member.refresh_from_db()
    assert answer.status_code == 200
    assert member.status == MemberStatus.ACTIVE


def test_whoever_was_erased_is_neither_blocked_nor_corrected_nor_edited(owner, shop, member):
    Member.objects.filter(pk=member.pk).update(
        status=MemberStatus.ERASED, phone=None, name="", email=None
    )

    answers = [
        owner.post(page_of(member, "block/"), keyed(reason="x")),
        owner.post(page_of(member, "adjust/"), corrected("5", confirmed="true")),
        owner.post(page_of(member, "edit/"), keyed(phone="07400 123456")),
    ]

    member.refresh_from_db()
    assert [answer.status_code for answer in answers] == [200] * 3
    assert ["has ended" in answer.content.decode() for answer in answers] == [True] * 3
    assert (member.status, member.phone, Entry.objects.count()) == ("erased", None, 0)
    assert "adjust/" not in owner.get(page_of(member)).content.decode()


def test_details_are_edited_once_and_noted_by_field(owner, ada, member):
    form = keyed(phone="07400 123456", name="Mina Karimi", email="m@example.org", store="1")

    answers = [owner.post(page_of(member, "edit/"), form).url for _ in range(2)]

    member.refresh_from_db()
    record = AuditRecord.objects.get(verb="edited")
    assert answers == [page_of(member, "details/")] * 2
    assert (member.name, member.email) == ("Mina Karimi", "m@example.org")
    assert record.fields == ["email", "email_key", "home_store_id", "name"]
    assert record.actor == f"staff:{ada.pk}"


def test_another_members_phone_is_refused_beside_the_field(owner, shop, member):
    shop.member("+447400123457")

    answer = owner.post(page_of(member, "edit/"), keyed(phone="07400 123457"))

    member.refresh_from_db()
    assert 'id="error_1_id_phone"' in answer.content.decode()
    assert member.phone == "+447400123456"


def test_a_contact_to_sign_in_with_is_left_to_the_member(owner, member):
    user = get_user_model().objects.create_user("m@example.org")
    Member.objects.filter(pk=member.pk).update(user=user)

    answer = owner.post(page_of(member, "edit/"), keyed(phone="07400 123499"))

    member.refresh_from_db()
    assert "in the portal" in answer.content.decode()
    assert member.phone == "+447400123456"


def test_the_state_of_a_blocked_member_is_seen(owner, ada, member):
    block_member(member_id=member.pk, actor=staff_actor(ada.pk), reason="x")

    page = owner.get(page_of(member)).content.decode()

    assert "chip--blocked" in page
    assert "Lift the block" in page


@pytest.mark.parametrize("more", [0, 2])
def test_the_details_ask_a_fixed_number_of_questions(
    owner, shop, member, more, django_assert_num_queries
):
    for number in range(more):
        member.consents.create(
            channel="sms", purpose="marketing", granted=True, text_version=str(number), by="x"
        )
    owner.get(page_of(member, "details/"))

    with django_assert_num_queries(9):
        owner.get(page_of(member, "details/"))
