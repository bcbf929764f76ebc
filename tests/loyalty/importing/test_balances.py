"""Balances brought forward from another system, by file and by command."""

from datetime import UTC, datetime

import pytest
import time_machine

from core.actors import SYSTEM
from core.models import AuditRecord, OutboxEvent
from loyalty.models import Entry, Lot
from loyalty.services import balance_files
from loyalty.services.returns import ReturnWish, record_return
from members.models import Card, Member, MemberStatus
from rewards.models import Reward
from rewards.services.redemptions import redeem
from tests.loyalty.importing.balances import HEADER, NOON, brings, refused_in
from tests.loyalty.importing.files import everything
from tests.shops import open_shop


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def lots_of(shop, member):
    lots = Lot.objects.filter(account=shop.account(member)).order_by("pk")
    return list(lots.values_list("points", "expires_at"))


@pytest.fixture
def file(write):
    return lambda *rows, header=HEADER: write("\n".join([header, *rows, ""]), "balances.csv")


def test_each_sum_keeps_its_own_end_and_the_rest_has_the_programs(shop, member, file):
    shop.settle(expiry={"type": "after", "days": 10})
    path = file(
        "+447400123456,100,2026-12-31,Old card", "07400 123456,50,,", "07400123456,7,2026-05-20,"
    )

    code, said = brings(path)

    assert code == 0
    assert lots_of(shop, member) == [
        (100, datetime(2027, 1, 1, tzinfo=UTC)),
        (50, datetime(2026, 5, 30, 23, tzinfo=UTC)),
        (7, datetime(2026, 5, 20, 23, tzinfo=UTC)),
    ]
    assert [entry[:2] for entry in shop.entries(member)] == [
        ("opening", 100),
        ("opening", 50),
        ("opening", 7),
    ]
    assert "rows      3 = 3 accepted + 0 refused + 0 there before" in said
    assert "points    157 brought forward" in said
    assert Entry.objects.first().reason == "Old card"


def test_history_is_told_of_by_one_event(shop, member, file):
    told, noted = OutboxEvent.objects.count(), AuditRecord.objects.count()

    brings(file("07400123456,100,,", "07400999999,50,,"))

    [event] = OutboxEvent.objects.order_by("pk")[told:]
    [record] = AuditRecord.objects.order_by("pk")[noted:]
    assert (event.kind, event.subject) == ("import.finished", "loyalty.batch")
    assert (record.verb, record.subject) == ("imported", "loyalty.receiptimport")


@pytest.mark.proves("M2")
def test_the_same_file_and_the_same_row_never_count_twice(shop, member, file):
    brings(file("07400123456,100,2026-12-31,"))
    after = everything()

    again = brings(file("07400123456,100,2026-12-31,"))
    same = everything() == after
    overlapping = brings(file("+44 7400 123456,100,2026-12-31, ", "07400123456,100,2027-12-31,"))

    assert "1 accepted" in again[1]
    assert same
    assert "1 accepted + 0 refused + 1 there before" in overlapping[1]
    assert shop.balance(member) == 200


def test_two_equal_rows_are_one_unless_a_note_tells_them_apart(shop, member, file, monkeypatch):
    monkeypatch.setattr(balance_files, "CHUNK_ROWS", 2)

    code, said = brings(
        file("07400123456,5,,", "07400123456,5,,", "07400123456,5,,May", "07400123456,5,,")
    )

    assert code == 1
    assert refused_in(said) == [(3, "row_repeated"), (5, "row_repeated")]
    assert shop.balance(member) == 10


def test_a_row_counts_once_also_when_its_member_was_merged(shop, member, file):
    gone = shop.member("+447400999999")
    brings(file("07400999999,30,,", "07400123456,30,,"))
    Member.objects.filter(pk=gone.pk).update(status=MemberStatus.MERGED, merged_into=member)

    _code, said = brings(file("07400999999,30,,", "07400123456,31,,"))

    assert "1 accepted + 0 refused + 1 there before" in said
    assert shop.balance(member) == 61


@pytest.mark.parametrize("sign", ["phone", "email", "card", "external id"])
def test_members_are_known_by_any_of_four_signs(shop, file, sign):
    member = shop.member(email="mina@example.org", external_id="crm-1")
    typed = {
        "phone": "۰۷۴۰۰ ۱۲۳۴۵۶",
        "email": "MINA@example.org",
        "card": member.cards.get().number,
        "external id": "crm-1",
    }[sign]

    code, _said = brings(file(f"{typed};٣٠", header=f"{sign.title()};Points"))

    assert (code, shop.balance(member)) == (0, 30)


def test_unknown_people_join_silently_with_a_card(shop, file):
    code, said = brings(file("07400111111,10,,", "07400111111,20,,", ",5,,"))
    brings(file("New@Example.org,7,", header="email,points,card"))

    joined = Member.objects.order_by("pk")
    assert (code, refused_in(said)) == (1, [(4, "member_missing")])
    assert "members   1 new" in said
    assert list(joined.values_list("phone", "email", "joined_source")) == [
        ("+447400111111", None, "import"),
        (None, "New@Example.org", "import"),
    ]
    assert Card.objects.filter(is_primary=True).count() == 2
    assert shop.balance(joined[0]) == 30


def test_nobody_joins_when_only_known_ones_are_wanted(shop, member, file):
    code, said = brings(file("07400111111,10,,", "07400123456,5,,"), "--known-only")

    assert (code, refused_in(said)) == (1, [(2, "member_unknown")])
    assert Member.objects.count() == 1
    assert shop.balance(member) == 5


@pytest.mark.proves("X2", "input 82")
def test_another_organizations_member_and_card_are_unknown(shop, file):
    theirs = open_shop("elsewhere").member(email="mina@example.org", external_id="crm-1")
    card = theirs.cards.get().number
    path = file(f"{card},,5", ",crm-1,5", header="card,external_id,points")

    _code, said = brings(path)
    _code, known = brings(file("07400123456,5,,"), "--known-only")

    assert refused_in(said) == [(2, "contact_needed"), (3, "contact_needed")]
    assert refused_in(known) == [(2, "member_unknown")]
    assert Entry.objects.count() == 0


def test_signs_of_two_people_are_refused(shop, member, file):
    other = shop.member("+447400999999", email="otto@example.org")
    erased = shop.member("+447400888888")
    Member.objects.filter(pk=erased.pk).update(status=MemberStatus.ERASED, phone=None, name="")
    path = file(
        "07400123456,otto@example.org,,5",
        "07400777777,otto@example.org,,5",
        "07400123456,new@example.org,,5",
        f",,{erased.cards.get().number},5",
        header="phone,email,card,points",
    )

    _code, said = brings(path)

    assert refused_in(said) == [
        (2, "signs_differ"),
        (3, "signs_differ"),
        (5, "member_closed"),
    ]
    assert shop.balance(member) == 5
    assert other.holdings.count() == 0


@pytest.mark.proves("input 24", "input 25", "input 29", "input 72")
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("07400123456,0,,", "points_zero"),
        ("07400123456,-0,,", "points_zero"),
        ("07400123456,-5,,", "points_negative"),
        ("07400123456,-99999999999999999999,,", "points_negative"),
        ("07400123456,1000000001,,", "points_too_many"),
        (f"07400123456,{'9' * 5000},,", "points_too_many"),
        ("07400123456,1.5,,", "not_a_number"),
        ("07400123456,1e3,,", "not_a_number"),
        ("07400123456,+5,,", "not_a_number"),
        ("07400123456,²,,", "not_a_number"),
        ("07400123456,,,", "not_a_number"),
        ("07400123456,five,,", "not_a_number"),
        ("07400123456,NaN,,", "not_a_number"),
        ("07400123456,5,2026-05-19,", "already_ended"),
        ("07400123456,5,2026-02-30,", "not_a_day"),
        ("07400123456,5,31.12.2026,", "not_a_day"),
        ("07400123456,5,20261231,", "not_a_day"),
        ("07400123456,5,9999-12-31,", "day_too_far"),
        ("07400123456,5,0001-01-01,", "already_ended"),
        (f"07400123456,5,,{'x' * 201}", "text_too_long"),
        ("07400123456,5,", "ragged_row"),
        ("07400123456,5,,,", "ragged_row"),
        (",5,,", "member_missing"),
        ("0,5,,", "phone_invalid"),
        ("' OR 1=1--,5,,", "phone_letters"),
        ("07400123456 ext 5,5,,", "phone_extension"),
    ],
)
def test_what_cannot_be_brought_forward_is_refused_by_name(shop, member, file, row, reason):
    code, said = brings(file(row))

    assert (code, refused_in(said)) == (1, [(2, reason)])
    assert Entry.objects.count() == 0


@pytest.mark.proves("L5")
def test_no_account_gets_more_than_it_can_hold(shop, member, file, monkeypatch):
    monkeypatch.setattr("loyalty.services.opening.POINTS_MAX", 150)

    _code, said = brings(file("07400123456,100,,", "07400123456,51,,", "07400123456,50,,"))

    assert refused_in(said) == [(3, "limit_exceeded")]
    assert shop.balance(member) == 150


def test_points_that_the_program_has_ended_already_are_not_given(shop, member, file):
    shop.settle(expiry={"type": "on", "date": "2026-05-01"})

    _code, said = brings(file("07400123456,100,,"))

    assert refused_in(said) == [(2, "already_ended")]
    assert Entry.objects.count() == 0


def test_what_is_owed_is_paid_first(shop, member, file):
    bought = shop.buys(member, "20")
    shop.reward(20)
    spent_and_returned(shop, member, bought)

    brings(file("07400123456,50,,"))

    assert (shop.account(member).debt, shop.balance(member)) == (0, 30)


def spent_and_returned(shop, member, bought):
    redeem(
        reward_id=Reward.objects.get().pk, member_id=member.pk, actor=SYSTEM, request_key="spend"
    )
    wish = ReturnWish(
        source="till",
        external_id="back",
        sale_source="till",
        sale_external_id=bought.purchase.external_id,
        occurred_at=NOON,
        request_key="back",
        quantities={1: 1},
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)
