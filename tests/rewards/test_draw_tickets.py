"""Tickets of prize draws: earned, taken for points, given by hand, limited, and taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.actors import SYSTEM, staff_actor
from core.models import AuditRecord, OutboxEvent
from loyalty.models import Grant
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.rules import load_rules
from rewards.draw_errors import (
    DrawAlreadyDrawn,
    DrawClosesTooEarly,
    DrawFrozen,
    DrawNamesUnknown,
    DrawNotOpen,
    TicketLimitReached,
)
from rewards.drawing.document import DrawPart
from rewards.errors import NoSuchDraw, RewardNotOffered, VoucherHadAlready
from rewards.models import Draw, DrawTicket, MissedTicket, Redemption
from rewards.services.draw_canceling import cancel_draw, refund_canceled_draws
from rewards.services.draw_closing import close_due_draws
from rewards.services.draw_settings import open_draw, save_draw
from rewards.services.draws import (
    HandWish,
    enter_by_hand,
    leave_from_reward,
)
from rewards.services.redemptions import cancel_redemption, redeem
from tests.callers import Caller
from tests.draws import a_draw, by_hand, closed, drawn, of_draw, opened, tickets_rule
from tests.offices import hire
from tests.shops import assert_audit_is_clean, days_ago
from tests.vouchers import use

PER_FIVE = {"per": "amount", "amount": "5"}


def comes_back(bought, number, **quantities):
    purchase = bought.purchase
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source=purchase.source,
        sale_external_id=purchase.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{number}",
        quantities={int(line[1:]): Decimal(q) for line, q in (quantities or {"l1": 1}).items()},
    )
    return record_return(organization_id=purchase.organization_id, wish=wish, actor=SYSTEM)


def test_purchases_earn_tickets_with_numbers_that_follow_one_another(shop, member):
    other, draw = shop.member("+447400123457"), opened(shop)
    tickets_rule(shop, draw, **PER_FIVE)

    shop.buys(member, "32.00")
    shop.buys(other, "5.00")

    assert of_draw(draw) == [(1, 1, True), (2, 3, True), (4, 6, True), (7, 7, True)]
    assert Draw.objects.get().last_number == 7
    assert OutboxEvent.objects.filter(kind="draw_ticket.entered").count() == 4
    assert_audit_is_clean()


def test_the_answer_to_a_purchase_at_the_till_names_the_tickets(shop, member):
    draw = opened(shop)
    tickets_rule(shop, draw, **PER_FIVE)
    body = {
        "store": "1",
        "member": str(member.public_id),
        "external_id": "r-1",
        "lines": [{"quantity": 1, "amount": "32.00"}],
    }

    [granted] = Caller(shop.api_key()).post("purchases/", body).json()["granted"]

    assert (granted["kind"], granted["target"], granted["count"]) == ("ticket", draw.code, 6)


def test_a_purchase_that_comes_back_takes_its_tickets_and_a_part_its_part(shop, member):
    draw = opened(shop)
    tickets_rule(shop, draw, **PER_FIVE)
    bought = shop.records(shop.draft(member, "20.00", "15.00"))
    assert of_draw(draw) == [(1, 1, True), (2, 3, True), (4, 7, True)]

    comes_back(bought, "b1", l2=1)
    assert of_draw(draw) == [(1, 1, False), (2, 3, False), (4, 7, True)]

    comes_back(bought, "b2", l1=1)
    assert of_draw(draw) == [(1, 1, False), (2, 3, False), (4, 7, False)]
    assert set(Grant.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert_audit_is_clean()


def test_what_comes_back_after_the_drawing_was_used(shop, member):
    draw = opened(shop)
    tickets_rule(shop, draw)
    bought = shop.buys(member, "32.00")
    drawn(draw)

    comes_back(bought, "b1")

    assert of_draw(draw) == [(1, 1, True)]
    assert Grant.objects.get(kind="ticket").status == "given"


@pytest.mark.parametrize(
    ("opens", "bought", "why"),
    [(-1, 2, "too_early"), (-1, 0, None)],
)
def test_when_something_was_bought_decides_and_not_when_it_came_in(
    shop, member, opens, bought, why
):
    draw = opened(shop, opens_at=timezone.now() + timedelta(days=opens))
    tickets_rule(shop, draw)

    shop.buys(member, "32.00", at=days_ago(bought))

    missed = MissedTicket.objects.first()
    assert (missed.why if missed else None) == why
    assert len(of_draw(draw)) == (0 if why else 1)


def test_what_was_bought_after_the_closing_minute_is_left_out_before_the_task_has_closed(
    shop, member
):
    draw = opened(shop)
    tickets_rule(shop, draw)
    Draw.objects.update(opens_at=days_ago(3), closes_at=days_ago(1))

    shop.buys(member, "32.00", at=days_ago(2))
    shop.buys(member, "32.00")

    assert of_draw(draw) == [(1, 1, True)]
    assert MissedTicket.objects.get().why == "too_late"


def test_a_late_receipt_after_the_closing_is_left_out_with_its_reason(shop, member):
    draw = opened(shop)
    tickets_rule(shop, draw)
    closed(draw)

    shop.buys(member, "32.00")

    missed = MissedTicket.objects.get()
    assert (missed.draw_id, missed.member_id, missed.count, missed.why) == (
        draw.pk,
        member.pk,
        1,
        "not_open",
    )
    assert of_draw(draw) == []
    assert_audit_is_clean()


def test_nobody_has_more_tickets_than_one_may_have(shop, member):
    draw = opened(shop, tickets_per_member=5)
    tickets_rule(shop, draw, **PER_FIVE)

    shop.buys(member, "20.00")
    shop.buys(member, "20.00")

    assert sum(last - first + 1 for first, last, _ in of_draw(draw)) == 5
    assert sum(MissedTicket.objects.values_list("count", flat=True)) == 3
    assert set(MissedTicket.objects.values_list("why", flat=True)) == {"limit"}
    with pytest.raises(TicketLimitReached) as refused:
        by_hand(draw, member)
    assert refused.value.data == {"left": 0}


@pytest.mark.parametrize("status", ["draft", "open"])
def test_a_rule_may_promise_tickets_of_a_draw_that_is_written_or_open(shop, status):
    draw = a_draw(shop) if status == "draft" else opened(shop)

    load_rules(shop.program.pk, [rule_for(draw.code)], SYSTEM)

    with pytest.raises(NoSuchDraw):
        load_rules(shop.program.pk, [rule_for("another") | {"code": "b", "name": "B"}], SYSTEM)


@pytest.mark.parametrize("over", [closed, drawn])
def test_a_rule_may_not_promise_tickets_of_a_draw_that_takes_none(shop, over):
    draw = opened(shop)
    over(draw)

    with pytest.raises(DrawNotOpen):
        load_rules(shop.program.pk, [rule_for(draw.code)], SYSTEM)


def rule_for(code):
    spec = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "draw_tickets", "draw": code},
    }
    return {"code": "a", "name": "A", "status": "active", "versions": [{"spec": spec}]}


# --- for points and by hand -------------------------------------------------------------------


def reward_of_tickets(shop, code, tickets=3):
    return shop.reward(10, kind="draw_ticket", details={"draw": code, "tickets": tickets})


def taken_for_points(shop, member, draw, *, key="t1"):
    shop.buys(member, "50.00")
    reward = reward_of_tickets(shop, draw.code)
    return redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key)


def test_tickets_are_taken_for_points_and_given_back(shop, member):
    draw = opened(shop)
    taken = taken_for_points(shop, member, draw)

    ticket = DrawTicket.objects.get()
    assert (ticket.first, ticket.last, ticket.redemption_id) == (1, 3, taken.pk)

    cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="back")
    assert of_draw(draw) == [(1, 3, False)]
    assert shop.balance(member) == 50


def test_tickets_are_had_with_their_voucher_so_that_nothing_is_handed_over(shop, member):
    taken = taken_for_points(shop, member, opened(shop))

    with pytest.raises(VoucherHadAlready):
        use(taken.voucher)


def test_points_do_not_buy_tickets_that_nobody_takes(shop, member):
    draw = opened(shop, tickets_per_member=2)

    with pytest.raises(TicketLimitReached):
        taken_for_points(shop, member, draw)
    closed(draw)
    with pytest.raises(DrawNotOpen):
        taken_for_points(shop, member, draw, key="t2")
    draw.code = "another"
    with pytest.raises(NoSuchDraw):
        taken_for_points(shop, member, draw, key="t3")
    assert of_draw(draw) == []
    assert shop.balance(member) == 150


def test_points_that_bought_a_chance_stay_spent_once_it_was_drawn(shop, member):
    draw = opened(shop)
    taken = taken_for_points(shop, member, draw)
    drawn(draw)

    with pytest.raises(DrawAlreadyDrawn):
        cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="back")
    assert of_draw(draw) == [(1, 3, True)]


def test_a_granted_reward_enters_as_far_as_the_draw_takes_it(shop, member):
    draw = opened(shop, tickets_per_member=2)
    reward = reward_of_tickets(shop, draw.code)
    shop.add_rule(
        {"trigger": {"type": "purchase"}, "effect": {"type": "voucher", "reward": reward.code}}
    )
    shop.buys(member, "5.00")
    taken = Redemption.objects.select_related("reward", "grant").get()

    assert of_draw(draw) == [(1, 2, True)]
    assert (MissedTicket.objects.get().count, MissedTicket.objects.get().why) == (1, "limit")
    drawn(draw)
    assert not leave_from_reward(redemption=taken, now=timezone.now())


def test_tickets_by_hand_need_a_reason_and_stand_in_the_log(shop, member):
    draw, ada = opened(shop), hire(shop.organization)
    wish = HandWish(draw.pk, member.pk, 2, "Won at the counter")

    ticket = enter_by_hand(wish=wish, actor=staff_actor(ada.pk), request_key="h1")

    assert (ticket.first, ticket.last, ticket.reason) == (1, 2, "Won at the counter")
    noted = AuditRecord.objects.get(verb="gave_tickets")
    assert (noted.subject_id, noted.actor, noted.reason) == (
        draw.pk,
        f"staff:{ada.pk}",
        "Won at the counter",
    )
    with pytest.raises(TicketLimitReached):
        by_hand(draw, member, 101)
    closed(draw)
    with pytest.raises(DrawNotOpen):
        by_hand(draw, member)


# --- what is promised -------------------------------------------------------------------------


def test_from_its_opening_on_nothing_of_a_draw_changes(shop):
    draw = opened(shop)
    part = DrawPart.model_validate(
        {
            "code": draw.code,
            "name": "Another name",
            "closes_at": draw.closes_at.isoformat(),
            "prizes": draw.prizes,
        }
    )

    with pytest.raises(DrawFrozen):
        save_draw(program_id=shop.program.pk, part=part, actor=SYSTEM, draw_id=draw.pk)
    with pytest.raises(DrawFrozen):
        open_draw(draw_id=draw.pk, actor=SYSTEM)
    assert Draw.objects.get().name == "Summer draw"


def test_a_draw_that_could_not_be_kept_is_not_opened(shop):
    late = a_draw(shop, closes_at=timezone.now() - timedelta(minutes=1))
    without = a_draw(shop, prizes=({"reward": "nothing", "count": 1},))

    with pytest.raises(DrawClosesTooEarly):
        open_draw(draw_id=late.pk, actor=SYSTEM)
    with pytest.raises(RewardNotOffered):
        open_draw(draw_id=without.pk, actor=SYSTEM)
    with pytest.raises(DrawNamesUnknown):
        a_draw(shop, groups_out=("nobody",))
    assert set(Draw.objects.values_list("status", "commitment")) == {("draft", "")}


def test_the_database_keeps_numbers_and_seeds(shop, member):
    draw = opened(shop)
    ticket = by_hand(draw, member)

    for changed in (
        lambda: DrawTicket.objects.update(first=5, last=5),
        lambda: DrawTicket.objects.all().delete(),
        lambda: type(draw.secret).objects.update(seed=b"another"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            changed()
    ticket.refresh_from_db()
    assert ticket.first == 1


def test_a_draw_closes_when_its_time_is_over(shop, member):
    due, later = opened(shop), opened(shop)
    by_hand(due, member)
    Draw.objects.filter(pk=due.pk).update(opens_at=days_ago(2), closes_at=days_ago(1))
    DrawTicket.objects.update(occurred_at=days_ago(1) - timedelta(seconds=9))

    assert (close_due_draws(), close_due_draws()) == (1, 0)

    assert dict(Draw.objects.values_list("pk", "status")) == {due.pk: "closed", later.pk: "open"}
    assert AuditRecord.objects.get(verb="closed").actor == "system"


def test_a_canceled_draw_gives_back_the_points_for_its_tickets(shop, member):
    draw = opened(shop)
    taken_for_points(shop, member, draw)
    by_hand(draw, member)
    assert shop.balance(member) == 40

    cancel_draw(draw_id=draw.pk, reason="The prize broke", actor=SYSTEM)
    cancel_draw(draw_id=draw.pk, reason="again", actor=SYSTEM)

    assert of_draw(draw) == [(1, 3, False), (4, 4, False)]
    assert (refund_canceled_draws(), refund_canceled_draws()) == (1, 0)
    assert shop.balance(member) == 50
    assert Redemption.objects.get().reason == "The prize broke"
    tickets_rule(shop, draw)
    shop.buys(member, "5.00")
    assert MissedTicket.objects.get().why == "not_open"
    assert_audit_is_clean()
