"""Receipts that were rung up without a member, and are claimed by one afterwards."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord, OutboxEvent
from loyalty.errors import AlreadyClaimed
from loyalty.models import Award, Entry, Lot, Purchase, Rule
from loyalty.services.claims import claim_purchase
from loyalty.services.recorded import Recorded
from loyalty.services.returns import ReturnWish, record_return
from members.services.blocking import block_member
from tests.callers import Caller, problem
from tests.racing import forget_locks, race, seen
from tests.shops import ALWAYS, assert_audit_is_clean, days_ago, open_shop

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
FIVE_PER_POUND = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 5, "per": "1"},
}


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


def claim(api, purchase, member, **options):
    reference = getattr(member, "public_id", member)
    body = {"member": str(reference), **options.pop("more", {})}
    return api.post(f"purchases/{purchase.public_id}/claim/", body, **options)


def gives_back(shop, purchase, *, amount=None, **quantities):
    wish = ReturnWish(
        source="till",
        external_id=uuid4().hex,
        sale_source=purchase.source,
        sale_external_id=purchase.external_id,
        occurred_at=timezone.now(),
        request_key=uuid4().hex,
        amount=amount,
        quantities={int(line[1:]): Decimal(count) for line, count in quantities.items()},
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def test_a_guests_receipt_is_given_to_a_member_and_earns(shop, api, member):
    bought = shop.buys(None, "21.50").purchase

    answer = claim(api, bought, member)

    told = OutboxEvent.objects.get(kind="purchase.claimed")
    assert answer.status_code == 200
    assert (answer.json()["points_total"], answer.json()["member"]) == (21, str(member.public_id))
    assert shop.entries(member) == [("earn", 21, 21)]
    assert told.payload["points"] == 21
    assert AuditRecord.objects.get(verb="claimed").fields == ["member"]


@pytest.mark.proves("I1")
def test_the_same_key_claims_once_and_answers_the_same(shop, api, member):
    bought = shop.buys(None, "10").purchase

    first = claim(api, bought, member, key="one-and-the-same-key")
    again = claim(api, bought, member, key="one-and-the-same-key")

    assert (again.status_code, again.content) == (200, first.content)
    assert shop.entries(member) == [("earn", 10, 10)]


@pytest.mark.proves("T8")
def test_it_earns_by_the_rules_and_dates_of_its_own_day(shop, api, member):
    shop.settle(expiry={"type": "after", "days": 10})
    with time_machine.travel(NOON, tick=False):
        bought = shop.buys(None, "10", at=days_ago(3)).purchase
        shop.add_version(shop.rule, FIVE_PER_POUND, since=days_ago(1))

        claim(api, bought, member)

        [lot] = Lot.objects.all()
        [entry] = Entry.objects.all()
        assert (lot.points, entry.occurred_at) == (10, bought.occurred_at)
        assert (lot.available_at, lot.expires_at) == (
            bought.occurred_at,
            datetime(2026, 5, 27, 23, tzinfo=UTC),
        )


@pytest.mark.proves("R3")
def test_what_came_back_earns_nothing_and_the_rest_can_come_back(shop, api, member):
    bought = shop.records(shop.draft(None, "10.00", "7.00", "5.00")).purchase
    gives_back(shop, bought, _2="1")
    gives_back(shop, bought, amount=Decimal("3.00"))

    claim(api, bought, member)
    given = shop.balance(member)
    gives_back(shop, bought, _1="1", _3="1")

    assert given == 12
    assert shop.balance(member) == 0
    assert {tuple(one) for award in Award.objects.all() for one in award.lines} == {
        (1, 8),
        (3, 4),
    }


def test_what_came_back_in_full_is_not_claimed(shop, api, member):
    bought = shop.buys(None, "10").purchase
    gives_back(shop, bought, _1="1")

    assert problem(claim(api, bought, member))[:2] == (409, "already_returned")
    bought.refresh_from_db()
    assert bought.member is None


@pytest.mark.proves("case 1")
def test_what_a_gift_card_paid_earns_as_little_as_it_would_have(shop, api, member):
    sent = {
        "store": "1",
        "total": "20.00",
        "payments": [{"method": "gift_card", "amount": "5.00"}],
    }
    guest = api.post("purchases/", {**sent, "external_id": "1"}).json()["id"]

    claim(api, Purchase.objects.get(public_id=guest), member)

    assert shop.balance(member) == 15


def test_a_receipt_of_a_member_is_not_claimed(shop, api, member):
    other = shop.member("+447400999999")
    theirs = shop.buys(other, "10").purchase
    guests = shop.buys(None, "10").purchase
    claim(api, guests, other)

    for bought in (theirs, guests):
        assert problem(claim(api, bought, member)) == (409, "already_claimed", "member")
        assert problem(claim(api, bought, other)) == (409, "already_claimed", "member")
    assert shop.entries(other) == [("earn", 10, 10), ("earn", 10, 20)]
    assert Entry.objects.count() == 2


def test_it_is_claimed_within_so_many_days(shop, api, member):
    with time_machine.travel(NOON, tick=False):
        old = shop.buys(None, "10", at=days_ago(7) - timedelta(seconds=1)).purchase
        just = shop.buys(None, "10", at=days_ago(7)).purchase

        late = claim(api, old, member)
        in_time = claim(api, just, member)
        shop.settle(claim_days=0)
        never = claim(api, shop.buys(None, "10").purchase, member)

    assert problem(late) == (409, "claim_window_over", None)
    assert late.json()["data"] == {"days": 7}
    assert in_time.status_code == 200
    assert problem(never)[:2] == (409, "claim_window_over")
    assert shop.entries(member) == [("earn", 10, 10)]


def test_without_a_live_program_nothing_is_claimed(shop, api, member):
    bought = shop.buys(None, "10").purchase
    shop.program.status = "paused"
    shop.program.save(update_fields=["status"])

    assert problem(claim(api, bought, member))[:2] == (409, "no_program")


@pytest.mark.proves("input 70", "input 72", "input 81", "input 82", "input 83", "X2")
@pytest.mark.parametrize(
    ("member", "more", "refused"),
    [
        ("+447400999999", {}, (400, "member_unknown", "member")),
        ("' OR 1=1--", {}, (400, "phone_letters", "member")),
        ("", {}, (400, "blank", "member")),
        ("+447400123456", {"points": 500}, (400, "unknown_field", "points")),
        ("+447400111111", {}, (400, "member_unknown", "member")),
        ("+447400222222", {}, (409, "member_blocked", "member")),
    ],
)
def test_who_cannot_claim_gets_nothing(shop, api, member_here, member, more, refused):
    bought = shop.buys(None, "10").purchase

    assert problem(claim(api, bought, member, more=more)) == refused
    assert Entry.objects.count() == 0


@pytest.fixture
def member_here(shop, member):
    open_shop("elsewhere").member("+447400111111")
    block_member(member_id=shop.member("+447400222222").pk, actor=SYSTEM, reason="x")


@pytest.mark.proves("X2", "X6", "input 82")
def test_another_organizations_receipt_does_not_exist(shop, api, member):
    elsewhere = open_shop("elsewhere")
    theirs = elsewhere.buys(None, "10").purchase
    reading = Caller(shop.api_key("purchases:read", name="reading"))
    ours = shop.buys(None, "10").purchase

    assert problem(claim(api, theirs, member))[:2] == (404, "not_found")
    assert problem(claim(reading, ours, member))[:2] == (403, "scope_missing")
    assert Entry.objects.count() == 0


def rival_claims(shop, people, serial):
    bought = shop.buys(None, "10").purchase
    answers = race(
        *(
            partial(
                claim_purchase,
                purchase_id=bought.pk,
                member_id=one.pk,
                actor=SYSTEM,
                request_key=f"{serial}-{one.pk}",
            )
            for one in people
        )
    )
    return [one for one in answers if isinstance(one, Recorded)], answers


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("earns", [True, False])
def test_of_two_who_claim_at_once_one_gets_it(shop, member, earns):
    Rule.objects.update(status="active" if earns else "paused")
    people = [member, shop.member("+447400999999")]

    won, answers = rival_claims(shop, people, 0)

    assert len(won) == 1
    assert [type(one) for one in answers if one not in won] == [AlreadyClaimed]
    assert Entry.objects.count() == earns
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_the_second_is_stopped_by_the_database_alone(shop, member, monkeypatch):
    """The control: both believe that nobody has it, and only a constraint says otherwise."""
    people = [member, shop.member("+447400999999")]
    forget_locks(monkeypatch)

    def attempt(serial):
        _won, answers = rival_claims(shop, people, serial)
        return any(isinstance(one, IntegrityError) for one in answers)

    assert seen(attempt)


def test_limits_count_on_the_day_of_the_receipt(shop, api, member):
    shop.add_version(
        shop.rule,
        {**FIVE_PER_POUND, "limits": {"per_member": {"day": 60}}},
        since=ALWAYS + timedelta(days=1),
    )
    with time_machine.travel(NOON, tick=False):
        bought = shop.buys(None, "10", at=days_ago(2)).purchase
        shop.buys(member, "10", at=days_ago(2))
        shop.buys(member, "10")

        claim(api, bought, member)

    assert [points for _kind, points, _after in shop.entries(member)] == [50, 50, 10]
    assert bought.business_date == date(2026, 5, 18)
