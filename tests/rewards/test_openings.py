"""Rewards that open later: taken at once, used and given on their day, and never before."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord, OutboxEvent, OutgoingMessage
from loyalty.models import Grant
from loyalty.services.returns import ReturnWish, record_return
from rewards.errors import VoucherNotYet
from rewards.models import DrawTicket, GiftCard, Opening, Redemption, Reward, Voucher
from rewards.services import openings
from rewards.services.redemptions import capture_redemption
from tests.draws import closed, opened
from tests.giftcards import balance_of
from tests.rewards.receipts import NOTHING, receipt, refused
from tests.shelves import choice, give_back, refusal, take
from tests.vouchers import use

NOON = datetime(2026, 4, 30, 12, tzinfo=UTC)  # 13:00 in London
OPENS = datetime(2026, 5, 2, 23, tzinfo=UTC)  # midnight of 3 May there


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


def later(clock, moment=OPENS):
    clock.move_to(moment)
    return openings.open_due()


def rule(reward, **effect):
    return {
        "trigger": {"type": "purchase"},
        "effect": {"type": "voucher", "reward": reward.code, **effect},
    }


def events(kind):
    return OutboxEvent.objects.filter(kind=kind).count()


def comes_back(bought):
    purchase = bought.purchase
    wish = ReturnWish(
        source="till",
        external_id=uuid4().hex,
        sale_source=purchase.source,
        sale_external_id=purchase.external_id,
        occurred_at=timezone.now(),
        request_key=uuid4().hex,
        quantities={1: Decimal(1)},
    )
    return record_return(organization_id=purchase.organization_id, wish=wish, actor=SYSTEM)


# --- vouchers --------------------------------------------------------------------------------


def test_what_opens_later_is_paid_and_taken_at_once_and_used_from_its_day_on(shop, rich, clock):
    reward = shop.reward(100, stock=3, valid_days=10, opens_after_days=3)
    taken = take(rich, reward)
    voucher = taken.voucher

    clock.move_to(OPENS - timedelta(seconds=1))
    with pytest.raises(VoucherNotYet) as early:
        use(voucher)
    clock.move_to(OPENS)
    used = use(voucher)

    reward.refresh_from_db()
    assert (shop.balance(rich), reward.stock) == (900, 2)
    assert (taken.opens_at, voucher.valid_from) == (OPENS, OPENS)
    assert voucher.valid_until == datetime(2026, 5, 13, 23, tzinfo=UTC)
    assert str(early.value) == "This voucher can be used from May 3 on."
    assert early.value.data == {"opens_at": OPENS.isoformat()}
    assert used.status == "used"


def test_a_date_opens_at_the_organizations_midnight(shop, rich):
    taken = take(rich, shop.reward(100, opens_on=date(2026, 5, 3)))

    assert taken.opens_at == OPENS


def test_a_date_that_is_over_opens_at_once(shop, rich):
    taken = take(rich, shop.reward(100, opens_on=date(2026, 4, 30)))

    assert (taken.opens_at, taken.voucher.valid_from) == (None, None)
    assert use(taken.voucher).status == "used"


def test_a_new_day_of_the_reward_changes_nothing_of_what_was_taken(shop, rich):
    reward = shop.reward(100, opens_after_days=3)
    taken = take(rich, reward)
    Reward.objects.update(opens_after_days=300)

    taken.refresh_from_db()

    assert taken.opens_at == OPENS


def test_days_count_from_when_it_was_set_aside(shop, rich, clock):
    held = take(rich, shop.reward(100, opens_after_days=3), hold_seconds=86_400)
    clock.move_to(NOON + timedelta(hours=20))

    taken = capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="capture")

    assert taken.opens_at == OPENS


def test_what_was_set_aside_until_its_day_is_open_when_it_is_captured(shop, rich, clock):
    reward = shop.reward(100, kind="gift_card", amount=10, opens_after_days=1)
    held = take(rich, reward, hold_seconds=86_400)
    clock.move_to(NOON + timedelta(hours=20))

    taken = capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="capture")

    assert (taken.opens_at, Opening.objects.count()) == (None, 0)
    assert balance_of(GiftCard.objects.get()) == "10.00"


def test_of_one_of_several_the_later_day_counts(shop, rich):
    cake = shop.reward(10, opens_after_days=1)
    both = choice(shop, cake, shop.reward(10), opens_after_days=3)

    taken = take(rich, both, choice=cake.public_id)

    assert taken.opens_at == OPENS


def test_what_opens_a_closed_thing_is_shown_from_its_day_on(shop, rich, api, clock):
    details = {"link": "https://club.example/"}
    reward = shop.reward(100, kind="access", details=details, opens_after_days=3)
    sent = {"member": str(rich.public_id), "reward": str(reward.public_id)}
    taken = api("POST", "redemptions/", sent).json()
    clock.move_to(OPENS)

    shown = api("GET", f"redemptions/{taken['id']}/").json()

    assert (taken["opens_at"], taken["access"]) == ("2026-05-02T23:00:00Z", None)
    assert shown["access"] == {"link": "https://club.example/", "code": None}


# --- what rules give -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "effect", "own", "opens_at"),
    [
        ("the rule says after how many days", {"after_days": 3}, {}, OPENS),
        ("the rule says on which date", {"on": "2026-05-03"}, {}, OPENS),
        ("the rule counts, not the reward", {"after_days": 3}, {"opens_after_days": 90}, OPENS),
        ("where the rule says nothing", {}, {"opens_after_days": 3}, OPENS),
        ("a date that is over", {"on": "2026-04-01"}, {}, None),
    ],
)
def test_a_granted_voucher_opens_when_it_is_said(shop, member, why, effect, own, opens_at):
    shop.add_rule(rule(shop.reward(80, **own), **effect))

    shop.buys(member, "12.00")

    voucher = Voucher.objects.get()
    assert (voucher.redemption.opens_at, voucher.valid_from) == (opens_at, opens_at), why


@pytest.mark.parametrize(("days_late", "opens_at"), [(2, OPENS), (4, None)])
def test_days_count_from_the_purchase_however_late_it_comes_in(
    shop, member, clock, days_late, opens_at
):
    shop.add_rule(rule(shop.reward(80), after_days=3))
    clock.move_to(NOON + timedelta(days=days_late))

    shop.buys(member, "12.00", at=NOON)

    assert Redemption.objects.get().opens_at == opens_at


def test_a_grant_that_is_withdrawn_before_its_day_is_withdrawn_whole(shop, member, clock):
    credit = shop.reward(80, kind="gift_card", amount=10)
    shop.add_rule(rule(credit, count=2, after_days=3))
    bought = shop.buys(member, "12.00")
    waiting = Opening.objects.filter(status="waiting").count()

    comes_back(bought)
    done = later(clock)

    assert (waiting, done, GiftCard.objects.count()) == (2, 0, 0)
    assert set(Opening.objects.values_list("status", flat=True)) == {"canceled"}
    assert set(Grant.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert set(Voucher.objects.values_list("status", flat=True)) == {"canceled"}


# --- what acts at once is put off ------------------------------------------------------------


def test_credit_comes_on_its_day_once_and_is_told(shop, rich, clock):
    take(rich, shop.reward(100, kind="gift_card", amount=10, opens_after_days=3))
    early = later(clock, OPENS - timedelta(seconds=1)), GiftCard.objects.count()

    done = later(clock), openings.open_due()

    assert (early, done) == ((0, 0), (1, 0))
    assert balance_of(GiftCard.objects.get()) == "10.00"
    assert Opening.objects.get().status == "done"
    assert events("redemption.opened") == 1


def test_tickets_come_on_their_day(shop, rich, clock):
    draw = opened(shop, code="spring")
    details = {"draw": "spring", "tickets": 3}
    take(rich, shop.reward(100, kind="draw_ticket", details=details, opens_after_days=3))
    before = DrawTicket.objects.count()

    later(clock, OPENS + timedelta(hours=5))  # the worker was late

    ticket = DrawTicket.objects.get()
    assert (before, ticket.draw_id, ticket.first, ticket.last) == (0, draw.pk, 1, 3)
    assert ticket.occurred_at == OPENS


def test_taken_back_before_its_day_it_is_called_off(shop, rich, clock):
    reward = shop.reward(100, kind="gift_card", amount=10, stock=1, opens_after_days=3)
    taken = take(rich, reward)

    give_back(taken)
    done = later(clock)

    reward.refresh_from_db()
    assert (done, GiftCard.objects.count(), Opening.objects.get().status) == (0, 0, "canceled")
    assert (shop.balance(rich), reward.stock) == (1000, 1)


def test_taken_back_after_its_day_it_goes_the_ordinary_way(shop, rich, clock):
    taken = take(rich, shop.reward(100, kind="gift_card", amount=10, opens_after_days=3))
    later(clock)

    give_back(taken)

    assert (balance_of(GiftCard.objects.get()), shop.balance(rich)) == ("0.00", 1000)
    assert Opening.objects.get().status == "done"


def test_what_cannot_be_done_on_its_day_gives_the_points_back_and_is_told(shop, clock, client):
    member = shop.member(name="Mina K", email="mina@example.com")
    shop.buys(member, "1000.00")
    draw = opened(shop, code="spring")
    details = {"draw": "spring", "tickets": 1}
    reward = shop.reward(
        100, kind="draw_ticket", details=details, stock=1, opens_after_days=3, name="Ticket"
    )
    taken = take(member, reward)
    closed(draw)
    OutgoingMessage.objects.all().delete()

    done = later(clock), openings.open_due()

    taken.refresh_from_db()
    reward.refresh_from_db()
    opening, letter = Opening.objects.get(), OutgoingMessage.objects.get()
    assert (done, opening.status, opening.why) == ((1, 0), "failed", "draw_not_open")
    assert (taken.status, taken.reason) == ("canceled", "This draw takes no tickets now.")
    assert (shop.balance(member), reward.stock, DrawTicket.objects.count()) == (1000, 1, 0)
    assert AuditRecord.objects.filter(verb="not_opened").count() == 1
    assert (events("redemption.not_opened"), events("redemption.opened")) == (1, 0)
    assert letter.to == "mina@example.com"
    assert letter.text == (
        "Ticket could not be given on its day: This draw takes no tickets now.\n\n"
        "The points that you paid for it are back on your account."
    )


def test_a_granted_ticket_that_comes_too_late_is_undone_with_its_grant(shop, member, clock):
    draw = opened(shop, code="spring")
    reward = shop.reward(80, kind="draw_ticket", details={"draw": "spring", "tickets": 1})
    shop.add_rule(rule(reward, after_days=3))
    shop.buys(member, "12.00")
    closed(draw)

    later(clock)

    assert Opening.objects.get().status == "failed"
    assert (Redemption.objects.get().status, Grant.objects.get().status) == (
        "canceled",
        "withdrawn",
    )


def test_one_that_breaks_stands_in_nobodys_way_and_is_tried_again(shop, rich, clock, monkeypatch):
    reward = shop.reward(100, kind="gift_card", amount=10, opens_after_days=3)
    first, second = take(rich, reward), take(rich, reward)
    act = openings.act

    def breaks(redemption, now):
        act(redemption, now)
        if redemption.pk == first.pk:
            raise RuntimeError("killed in the middle")

    with monkeypatch.context() as broken:
        broken.setattr(openings, "act", breaks)
        once = later(clock)
    in_between = GiftCard.objects.count(), first.opening.status, second.opening.status

    assert (once, in_between) == (1, (1, "waiting", "waiting"))
    assert (openings.open_due(), GiftCard.objects.count()) == (1, 2)


# --- tickets that would come too late --------------------------------------------------------


def test_tickets_that_open_after_their_draw_cannot_be_taken(shop, rich):
    opened(shop, code="spring")  # closes in a week
    details = {"draw": "spring", "tickets": 1}
    in_time = shop.reward(10, kind="draw_ticket", details=details, opens_after_days=6)
    late = shop.reward(10, kind="draw_ticket", details=details, opens_after_days=8)

    assert (refusal(rich, in_time), refusal(rich, late)) == ("", "opens_after_draw")
    assert shop.balance(rich) == 990


# --- receipts --------------------------------------------------------------------------------


def test_a_quote_leaves_out_what_opens_later_and_says_why(shop, rich, api):
    reward = shop.reward(100, kind="amount_off", amount=5, opens_after_days=3, name="Five off")
    sent = receipt(external_id=NOTHING, rewards=[str(reward.public_id)])

    told = api("POST", "quotes/", sent).json()
    bought = api("POST", "purchases/", receipt(rewards=[str(reward.public_id)])).json()

    assert (told["discounts"], bought["discounts"]) == ([], [])
    [left] = [one for one in told["not_applied"] if one["name"] == "Five off"]
    assert left["why"] == [
        {
            "code": "opens_later",
            "text": "it can be used from May 3, 2026 on",
            "params": {"from": "2026-05-03"},
        }
    ]
    assert not Redemption.objects.exists()


def test_a_voucher_that_opens_later_is_refused_everywhere(shop, rich, api):
    taken = take(rich, shop.reward(100, kind="amount_off", amount=5, opens_after_days=3))
    code = taken.voucher.code

    refused(api("POST", "quotes/", receipt(external_id=NOTHING, vouchers=[code])), 409, NOT_YET)
    refused(api("POST", "purchases/", receipt(vouchers=[code])), 409, NOT_YET)
    refused(api("POST", "vouchers/use/", {"code": code}), 409, NOT_YET)
    checked = api("POST", "vouchers/check/", {"code": code}).json()

    assert (checked["status"], checked["opens_at"]) == ("not_yet", "2026-05-02T23:00:00Z")


NOT_YET = "voucher_not_yet"


def test_the_api_says_from_when_on_something_can_be_used(shop, rich, api):
    reward = shop.reward(100, opens_after_days=3)
    shop.reward(200)
    take(rich, reward)

    offers = api("GET", f"members/{rich.public_id}/rewards/").json()["results"]
    [held] = api("GET", f"members/{rich.public_id}/vouchers/").json()["results"]

    opens_at = "2026-05-02T23:00:00Z"
    assert [one["opens_at"] for one in offers] == [opens_at, None]
    assert held["opens_at"] == opens_at
