"""Points that end when their member stays away: only what the member does keeps them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from loyalty.models import Lot, Purchase
from loyalty.services.adjustments import adjust_points
from loyalty.services.due import expire_due_points
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.transfers import Handing, transfer_points
from rewards.services.redemptions import cancel_redemption, capture_redemption, redeem

BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)
TEN_DAYS = {"type": "inactive", "days": 10}
ONLY_ON_SUNDAYS = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 1, "per": "1"},
    "conditions": [{"type": "weekdays_and_hours", "weekdays": ["sunday"]}],
}


def on(day, hour=12):
    """Return an instant of that day of the month, in May 2026."""
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def end_of(day):
    """Return the end of that day of May in London, where summer time counts."""
    return datetime(2026, 5, day, 23, tzinfo=UTC)


def at(moment):
    return time_machine.travel(moment, tick=False)


def ends(shop, member):
    """Return points left and end of every lot that is not empty."""
    lots = Lot.objects.filter(account=shop.account(member), remaining__gt=0).order_by("pk")
    return list(lots.values_list("remaining", "expires_at"))


@pytest.fixture
def lapsing(shop):
    """A shop whose points end after ten days without a purchase or redemption."""
    shop.settle(expiry=TEN_DAYS)
    return shop


@pytest.fixture
def bought(lapsing, member):
    """A member who bought something on 1 May and so has 100 points until the end of 11 May."""
    with at(on(1)):
        lapsing.buys(member, "100.00")
    return member


@pytest.mark.proves("case 22")
def test_points_end_when_nothing_happens_for_so_long(lapsing, bought):
    before = expire_due_points(now=end_of(11) - timedelta(microseconds=1))
    after = expire_due_points(now=end_of(11))

    assert (before, after) == (0, 1)
    assert lapsing.entries(bought) == [("earn", 100, 100), ("expire", -100, 0)]


@pytest.mark.proves("case 22")
def test_a_purchase_gives_all_points_their_time_anew(lapsing, bought):
    with at(on(8)):
        lapsing.buys(bought, "20.00")

    assert ends(lapsing, bought) == [(100, end_of(18)), (20, end_of(18))]
    assert lapsing.account(bought).active_at == on(8)


@pytest.mark.proves("case 22")
def test_a_purchase_that_earns_nothing_counts_as_well(lapsing, bought):
    lapsing.add_version(lapsing.rule, ONLY_ON_SUNDAYS, since=on(2))

    with at(on(8)):  # a Friday
        lapsing.buys(bought, "20.00")

    assert ends(lapsing, bought) == [(100, end_of(18))]


@pytest.mark.proves("case 22")
def test_taking_a_reward_gives_the_rest_its_time_anew(lapsing, bought):
    reward = lapsing.reward(30)

    with at(on(6)):
        redeem(reward_id=reward.pk, member_id=bought.pk, actor=SYSTEM, request_key="coffee")

    assert ends(lapsing, bought) == [(70, end_of(16))]


@pytest.mark.proves("case 22")
def test_setting_a_reward_aside_is_no_redemption_until_it_is_captured(lapsing, bought):
    reward = lapsing.reward(30)
    with at(on(6)):
        held = redeem(
            reward_id=reward.pk,
            member_id=bought.pk,
            actor=SYSTEM,
            request_key="hold",
            hold_seconds=86_400,
        )
        set_aside = ends(lapsing, bought)
    with at(on(6, hour=20)):
        capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="take")

    assert set_aside == [(100, end_of(11))]
    assert ends(lapsing, bought) == [(70, end_of(16))]


def by_staff(shop, member):
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=-10,
        reason="Mistake",
        actor=SYSTEM,
        request_key="by hand",
    )


def by_a_present(shop, member):
    friend = shop.member("+447400999999")
    shop.buys(friend, "10.00")
    hand(shop, friend, member)


def by_giving(shop, member):
    hand(shop, member, shop.member("+447400999999"))


def hand(shop, giver, receiver):
    wish = Handing(
        program_id=shop.program.pk,
        from_id=giver.pk,
        to_id=receiver.pk,
        points=10,
        reason="A present",
    )
    transfer_points(wish=wish, actor=SYSTEM, request_key="present")


def by_a_return(shop, member):
    wish = ReturnWish(
        source="till",
        external_id="back-1",
        sale_source="till",
        sale_external_id=Purchase.objects.get(member=member).external_id,
        occurred_at=on(8),
        request_key="back",
        amount=Decimal("10.00"),
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def by_a_cancellation(shop, member):
    with at(on(1, hour=13)):
        taken = redeem(
            reward_id=shop.reward(10).pk, member_id=member.pk, actor=SYSTEM, request_key="taken"
        )
    cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="undone")


@pytest.mark.proves("case 22")
@pytest.mark.parametrize(
    "happens", [by_staff, by_a_present, by_giving, by_a_return, by_a_cancellation]
)
def test_what_others_do_to_the_points_gives_them_no_more_time(lapsing, bought, happens):
    with at(on(8)):
        happens(lapsing, bought)

    account = lapsing.account(bought)
    own = Lot.objects.get(account=account, entry__kind="earn")
    assert own.expires_at == end_of(11)
    assert account.active_at <= on(1, hour=13)


@pytest.mark.proves("case 22", "T8")
def test_a_receipt_that_comes_late_moves_nothing_back(lapsing, bought):
    with at(on(9)):
        lapsing.buys(bought, "20.00", at=on(8))
        lapsing.buys(bought, "5.00", at=on(2))

    assert ends(lapsing, bought) == [(100, end_of(18)), (20, end_of(18)), (5, end_of(18))]
    assert lapsing.account(bought).active_at == on(8)


@pytest.mark.proves("case 22", "T8")
def test_a_purchase_revives_nothing_that_has_ended(lapsing, bought):
    with at(on(12)):
        lapsing.buys(bought, "20.00", at=on(10))
        balance = lapsing.balance(bought)

    assert balance == 20
    assert ends(lapsing, bought) == [(100, end_of(11)), (20, end_of(20))]


@pytest.mark.proves("case 22")
def test_points_that_still_wait_begin_to_count_when_they_come(lapsing, member):
    lapsing.settle(pending_days=14)

    with at(on(1)):
        lapsing.buys(member, "100.00")
    with at(on(8)):
        lapsing.buys(member, "20.00")
    with at(on(16)):
        lapsing.buys(member, "1.00")

    # Available on 15 May; of the other purchases on 22 and 30 May.
    assert ends(lapsing, member) == [
        (100, end_of(26)),
        (20, datetime(2026, 6, 1, 23, tzinfo=UTC)),
        (1, datetime(2026, 6, 9, 23, tzinfo=UTC)),
    ]


@pytest.mark.proves("case 22", "T4")
def test_a_change_of_the_terms_takes_no_time_from_points_of_before(lapsing, bought):
    lapsing.settle(expiry={"type": "inactive", "days": 2})

    with at(on(5)):
        lapsing.buys(bought, "20.00")
    lapsing.settle(expiry={"type": "never"})
    with at(on(6)):
        lapsing.buys(bought, "3.00")

    # What was promised ten days keeps ten days.
    assert ends(lapsing, bought) == [(100, end_of(16)), (20, end_of(8)), (3, None)]


@pytest.mark.proves("T4")
def test_a_shop_that_moves_where_days_end_earlier_brings_no_end_nearer(lapsing, bought):
    lapsing.organization.time_zone = "Asia/Tokyo"
    lapsing.organization.save(update_fields=["time_zone"])

    with at(on(1, hour=13)):
        lapsing.buys(bought, "20.00")

    assert ends(lapsing, bought) == [(100, end_of(11)), (20, on(11, hour=15))]


@pytest.mark.proves("case 22")
def test_a_rule_of_its_own_may_count_inactivity(shop, member):
    lasting = {**ONLY_ON_SUNDAYS, "conditions": [], "expires": {"type": "inactive", "months": 1}}
    shop.add_version(shop.rule, lasting, since=on(1))

    with at(on(4)):
        shop.buys(member, "10.00")
    with at(on(20)):
        shop.buys(member, "5.00")

    end = datetime(2026, 6, 20, 23, tzinfo=UTC)
    assert ends(shop, member) == [(10, end), (5, end)]


@pytest.mark.proves("case 24", "case 22")
def test_points_handed_on_keep_their_end_until_the_receiver_does_something(lapsing, bought):
    friend = lapsing.member("+447400999999")
    with at(on(3)):
        hand(lapsing, bought, friend)
    given = ends(lapsing, friend)
    with at(on(8)):
        lapsing.buys(friend, "1.00")

    assert given == [(10, end_of(11))]
    assert ends(lapsing, friend) == [(10, end_of(18)), (1, end_of(18))]


@pytest.mark.proves("case 22")
def test_points_by_hand_last_as_long_as_those_of_the_last_visit(lapsing, bought):
    with at(on(4)):
        adjust_points(
            program_id=lapsing.program.pk,
            member_id=bought.pk,
            points=7,
            reason="Sorry",
            actor=SYSTEM,
            request_key="sorry",
        )

    assert ends(lapsing, bought) == [(100, end_of(11)), (7, end_of(14))]


def questions(shop, member, day):
    with at(on(day)), CaptureQueriesContext(connection) as asked:
        shop.buys(member, "1.00")
    return len(asked)


def test_who_counts_no_inactivity_asks_nothing_more(shop, member):
    with at(on(1)):
        shop.buys(member, "1.00")
    plain = questions(shop, member, 2)
    shop.settle(expiry=TEN_DAYS)

    first = questions(shop, member, 3)
    with_one_lot, with_two_lots = questions(shop, member, 4), questions(shop, member, 5)

    # With inactivity: the lots are read in one statement and stored in another.
    assert [first, with_one_lot, with_two_lots] == [plain, plain + 2, plain + 2]


@pytest.mark.proves("case 22", "case 21")
@pytest.mark.parametrize(("visits", "canceled", "end"), [([8], 9, 18), ([8, 14], 15, 24)])
def test_points_that_come_back_end_as_if_they_had_never_been_gone(
    lapsing, bought, visits, canceled, end
):
    with at(on(3)):
        taken = redeem(
            reward_id=lapsing.reward(100).pk, member_id=bought.pk, actor=SYSTEM, request_key="all"
        )
    for day in visits:
        with at(on(day)):
            lapsing.buys(bought, "1.00")

    with at(on(canceled)):
        cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="undone")

    assert ends(lapsing, bought)[0] == (100, end_of(end))


@pytest.mark.proves("INV-19")
@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE loyalty_lot SET expires_at = now() + interval '5 days'",
        "UPDATE loyalty_account SET counts_activity = false",
    ],
)
def test_the_audit_names_points_that_would_end_too_early(lapsing, member, by_hand):
    lapsing.buys(member, "100.00")
    before = violations(only=["INV-19"])

    with connection.cursor() as cursor:
        cursor.execute(by_hand)
    found = violations(only=["INV-19"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE loyalty_account SET counts_activity = true")
        cursor.execute("UPDATE loyalty_lot SET expires_at = now() + interval '11 days'")

    lot = Lot.objects.get()
    assert before == []
    assert [(row.subject, row.subject_id) for row in found] == [("loyalty.lot", lot.pk)]
