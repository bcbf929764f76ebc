"""Drawings, closings and tickets at the same moment, and what happens without locks."""

import pytest

from core.actors import SYSTEM
from rewards.models import Draw, DrawResult, DrawTicket, Redemption
from rewards.services.draw_winning import draw_winners
from rewards.services.draws import HandWish, enter_by_hand
from tests.draws import by_hand, closed, crowd, drawn, opened, people
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop


def press(draw, key):
    return lambda: draw_winners(draw_id=draw.pk, public_text="", actor=SYSTEM, request_key=key)


@pytest.mark.race
@pytest.mark.proves("C3")
@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_the_button_at_once_draw_once():
    shop = open_shop()
    draw, _members = crowd(shop)
    closed(draw)

    outcomes = race(press(draw, "one"), press(draw, "two"))

    assert sorted(type(one).__name__ for one in outcomes) == ["Draw", "DrawAlreadyDrawn"]
    assert (DrawResult.objects.count(), Redemption.objects.count()) == (1, 1)
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_two_people_would_both_go_through(monkeypatch):
    """The control: both get as far as writing results, and only a constraint stops the second."""
    shop = open_shop()
    member = shop.member()
    shop.buys(member, "5.00")  # whose account is there: opening one would have them wait
    forget_locks(monkeypatch)

    def attempt(serial):
        draw = opened(shop)
        by_hand(draw, member)
        closed(draw)
        outcomes = race(press(draw, f"one-{serial}"), press(draw, f"two-{serial}"))
        return any(type(one).__name__ == "IntegrityError" for one in outcomes)

    assert seen(attempt)


def late(draw, member, key):
    wish = HandWish(draw.pk, member.pk, 1, "late")
    return lambda: enter_by_hand(wish=wish, actor=SYSTEM, request_key=key)


@pytest.mark.race
@pytest.mark.proves("C3")
@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_comes_at_the_closing_is_in_the_list_or_refused():
    shop = open_shop()
    members = people(shop, 3)
    for number in range(6):
        draw = opened(shop)
        by_hand(draw, members[0])
        ticket, done = race(late(draw, members[1], f"l{number}"), lambda draw=draw: closed(draw))
        listed = DrawTicket.objects.filter(draw=draw).exclude(standing="").count()
        assert listed == DrawTicket.objects.filter(draw=draw).count()
        assert listed == (2 if isinstance(ticket, DrawTicket) else 1)
        assert done.status == Draw.Status.CLOSED
        drawn(draw)
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_a_ticket_would_slip_in_after_the_list_was_fixed(monkeypatch):
    """The control: the late ticket stands outside the list that was published."""
    shop = open_shop()
    members = people(shop, 2)
    forget_locks(monkeypatch)

    def attempt(serial):
        draw = opened(shop)
        race(late(draw, members[1], f"l{serial}"), lambda: closed(draw))
        return DrawTicket.objects.filter(draw=draw, standing="").exists()

    assert seen(attempt)


@pytest.mark.race
@pytest.mark.proves("C3")
@pytest.mark.django_db(transaction=True)
def test_tickets_given_at_the_same_moment_have_numbers_of_their_own():
    shop = open_shop()
    members, draw = people(shop, 4), opened(shop)

    race(*(late(draw, member, f"r{member.pk}") for member in members))

    numbers = DrawTicket.objects.filter(draw=draw).order_by("first").values_list("first", "last")
    assert list(numbers) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert_audit_is_clean()
