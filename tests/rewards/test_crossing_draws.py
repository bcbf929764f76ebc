"""Requests that come to the same draws in another order, and what happens where each just locks."""

import time
from decimal import Decimal
from functools import partial
from threading import Event

import pytest

from core.actors import SYSTEM
from core.locking import lock_one
from loyalty.earning.receipt import Line
from loyalty.models import Grant
from members.services.groups import create_group, join_group
from rewards import receivers
from rewards.models import Draw, DrawTicket, Reward
from rewards.services import draw_winning, draws, granted, issuing
from rewards.services.draw_winning import draw_winners
from tests.draws import by_hand, closed, opened, people, tickets_rule
from tests.racing import PAUSE_SECONDS, race
from tests.rewards.test_draw_tickets import comes_back, reward_of_tickets
from tests.shops import assert_audit_is_clean, open_shop

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TICKET = Reward.Kind.DRAW_TICKET


def dawdle_after(monkeypatch, effects):
    """Wait after a reward did, or undid, what it does with a draw."""
    act = effects[TICKET]

    def slow(**which):
        done = act(**which)
        time.sleep(PAUSE_SECONDS)
        return done

    monkeypatch.setitem(effects, TICKET, slow)


def crossing_rules(shop):
    """Let tea give a voucher for one draw and a ticket of the other, and cake the other way."""
    both = [opened(shop), opened(shop)]
    for sku, of_reward, of_rule in (("tea", *both), ("cake", *both[::-1])):
        told = {"conditions": [{"type": "category", "categories": [sku]}]}
        reward = reward_of_tickets(shop, of_reward.code)
        for effect in (
            {"type": "voucher", "reward": reward.code},
            {"type": "draw_tickets", "draw": of_rule.code},
        ):
            shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect, **told})


def sales(shop):
    """Return a sale of tea to one member and of cake to another, whose accounts are there."""
    members = people(shop, 2)
    for member in members:
        shop.buys(member, "5.00")
    lines = [
        Line(number=1, sku=sku, category=(sku,), quantity=Decimal(1), amount=Decimal(5))
        for sku in ("tea", "cake")
    ]
    return [
        partial(shop.records, shop.draft(member, lines=(line,)))
        for member, line in zip(members, lines, strict=True)
    ]


def names(outcomes):
    return sorted(type(one).__name__ for one in outcomes)


def sold_at_once(monkeypatch):
    shop = open_shop()
    crossing_rules(shop)
    dawdle_after(monkeypatch, issuing.ISSUED)
    return names(race(*sales(shop)))


def test_two_purchases_that_reach_two_draws_in_another_order_both_get_their_tickets(monkeypatch):
    assert sold_at_once(monkeypatch) == ["Recorded", "Recorded"]
    assert DrawTicket.objects.count() == 4
    assert_audit_is_clean()


def test_without_all_draws_first_they_would_wait_for_each_other(monkeypatch):
    """The control: each has the draw that the other one needs next."""
    for module in (granted, draws):
        monkeypatch.setattr(module, "lock_to_give", lambda *_what: None)

    assert sold_at_once(monkeypatch) == ["OperationalError", "Recorded"]


def returned_at_once(monkeypatch):
    shop = open_shop()
    crossing_rules(shop)
    sold = [sale() for sale in sales(shop)]
    dawdle_after(monkeypatch, issuing.UNDONE)
    return names(race(*(partial(comes_back, one, f"b{at}") for at, one in enumerate(sold))))


def test_two_returns_that_reach_two_draws_in_another_order_both_take_tickets_back(monkeypatch):
    assert returned_at_once(monkeypatch) == ["Returned", "Returned"]
    assert DrawTicket.objects.filter(canceled_at=None).count() == 0
    assert set(Grant.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert_audit_is_clean()


def test_without_all_draws_first_two_returns_would_wait_for_each_other(monkeypatch):
    """The control: the same with what is taken back."""
    monkeypatch.setattr(receivers, "lock_to_take_back", lambda _grants: None)

    assert returned_at_once(monkeypatch) == ["OperationalError", "Returned"]


def drawn_while_something_comes_back(monkeypatch):
    """Draw a draw whose prize is a ticket of an older one, while a return takes tickets of both."""
    shop = open_shop()
    older, [buyer, winner] = opened(shop), people(shop, 2)
    group = create_group(
        organization_id=shop.organization.pk, name="Friends", code="friends", actor=SYSTEM
    )
    join_group(group_id=group.pk, member_ids=[buyer.pk], actor=SYSTEM)
    prize = {"reward": reward_of_tickets(shop, older.code).code, "count": 1}
    draw = opened(shop, prizes=(prize,), groups_out=(group.code,))
    for one in (older, draw):
        tickets_rule(shop, one)
    sold = shop.buys(buyer, "5.00")
    by_hand(draw, winner)
    closed(draw)
    is_locked, give = Event(), draw_winning._give

    def slow(*what):
        is_locked.set()
        time.sleep(PAUSE_SECONDS)
        return give(*what)

    def later():
        assert is_locked.wait(10)
        return comes_back(sold, "back")

    monkeypatch.setattr(draw_winning, "_give", slow)
    drawing = partial(draw_winners, draw_id=draw.pk, public_text="", actor=SYSTEM, request_key="d")
    return names(race(drawing, later))


def test_a_drawing_whose_prize_is_a_ticket_does_not_cross_a_return(monkeypatch):
    assert drawn_while_something_comes_back(monkeypatch) == ["Draw", "Returned"]
    assert_audit_is_clean()


def test_without_the_draws_of_its_prizes_a_drawing_would_cross_it(monkeypatch):
    """The control: the drawing has its own draw alone, and comes to the older one after it."""

    def only_its_own(known):
        return lock_one(Draw, known.pk, "program")

    monkeypatch.setattr(draw_winning, "lock_to_draw", only_its_own)

    outcomes = drawn_while_something_comes_back(monkeypatch)
    assert "OperationalError" in outcomes
