"""A reward is canceled when its points have ended: gone at once, or some days of goodwill."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.actors import SYSTEM
from loyalty.activity import activities
from loyalty.errors import InsufficientPoints
from loyalty.models import Entry, Lot
from loyalty.services.due import expire_due_points
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import cancel_redemption, redeem

BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 5, 20, 12, tzinfo=UTC)
# All through 25 May, in London.
END_OF_GOODWILL = datetime(2026, 5, 25, 23, tzinfo=UTC)


def at(moment):
    return time_machine.travel(moment, tick=False)


def lots(shop, member):
    rows = Lot.objects.filter(account=shop.account(member)).order_by("pk")
    return list(rows.values_list("points", "remaining", "expires_at"))


@pytest.fixture
def spent(shop, member):
    """A reward taken on 1 May for 40 of 100 points, which ended on 11 May."""
    shop.settle(expiry={"type": "after", "days": 10})
    with at(BEGIN):
        shop.buys(member, "100.00")
        taken = redeem(
            reward_id=shop.reward(40).pk, member_id=member.pk, actor=SYSTEM, request_key="taken"
        )
    expire_due_points(now=LATER)
    return taken


def cancel(taken):
    cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="undone")


END = datetime(2026, 5, 11, 23, tzinfo=UTC)


@pytest.mark.proves("case 21")
def test_without_goodwill_points_keep_their_end_and_are_gone_at_once(shop, member, spent):
    with at(LATER):
        cancel(spent)
        balance = shop.balance(member)

    assert balance == 0
    assert shop.entries(member)[-2:] == [("release", 40, 40), ("expire", -40, 0)]
    assert Entry.objects.filter(kind="expire").latest("pk").occurred_at == END
    assert lots(shop, member) == [(100, 0, END)]


@pytest.mark.proves("case 21")
def test_goodwill_lasts_through_its_last_day_and_not_an_instant_longer(shop, member, spent):
    shop.settle(goodwill_days=5)
    reward = shop.reward(40)

    with at(LATER):
        cancel(spent)
    with at(END_OF_GOODWILL - timedelta(microseconds=1)):
        last_chance = shop.balance(member)
    with at(END_OF_GOODWILL), pytest.raises(InsufficientPoints):
        redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="too late")
    expire_due_points(now=END_OF_GOODWILL)

    assert last_chance == 40
    assert shop.entries(member)[-2:] == [("release", 40, 40), ("expire", -40, 0)]
    assert lots(shop, member) == [(100, 0, END), (40, 0, END_OF_GOODWILL)]


@pytest.mark.proves("case 21")
def test_points_that_have_not_ended_go_back_to_their_lot_whatever_the_goodwill(shop, member):
    shop.settle(expiry={"type": "after", "days": 10}, goodwill_days=5)
    reward = shop.reward(60)
    with at(BEGIN):
        shop.buys(member, "40.00")
    with at(BEGIN + timedelta(days=9)):
        shop.buys(member, "40.00")
        taken = redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="taken")

    with at(LATER - timedelta(hours=12)):
        cancel(taken)

    assert lots(shop, member) == [
        (40, 0, END),
        (40, 40, datetime(2026, 5, 20, 23, tzinfo=UTC)),
        (40, 40, END_OF_GOODWILL),
    ]


@pytest.mark.proves("case 21", "R2")
def test_goodwill_pays_what_is_owed_first(shop, member, spent):
    shop.settle(goodwill_days=5)
    sale = shop.account(member).awards.get().purchase.external_id
    wish = ReturnWish(
        source="till",
        external_id="back",
        sale_source="till",
        sale_external_id=sale,
        occurred_at=LATER,
        request_key="back",
        quantities={1: 1},
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)
    owed = shop.account(member).debt

    with at(LATER):
        cancel(spent)

    assert owed == 40
    assert (shop.account(member).debt, shop.account(member).balance) == (0, 0)


@pytest.mark.proves("case 21")
def test_members_read_until_when_goodwill_lasts(shop, member, spent):
    shop.settle(goodwill_days=5)

    with at(LATER):
        cancel(spent)
        entry = Entry.objects.prefetch_related("lots").get(kind="release")
        [told] = activities(shop.organization, [entry], rewards={spent.pk: "Coffee"})

    assert told.notes == [
        "Coffee was canceled, so its points are back.",
        "They can be spent until May 25.",
    ]
