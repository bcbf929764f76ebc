import pytest

from tests.faults.client import fire, tally
from tests.faults.test_spending_races import ask_until_answered
from tests.giftcards import entries_of, sold

pytestmark = [pytest.mark.race, pytest.mark.server]

TILLS = 40


def charges(shop, caller):
    """Let many tills be about to charge 20.00 to the same card of 50.00."""
    card = sold(shop)
    body = {"code": card.code, "amount": "20.00", "currency": "GBP"}
    return card, [caller("gift-cards/charge/", body) for _ in range(TILLS)]


@pytest.mark.proves("C3", "INV-9")
def test_a_card_of_50_pays_20_twice_at_40_tills(audited, caller, live_gunicorn):
    card, calls = charges(audited, caller)

    outcomes = ask_until_answered(live_gunicorn, calls)

    assert tally(outcomes) == {"200": 2, "insufficient_gift_card_balance": TILLS - 2}
    assert entries_of(card) == [
        ("load", "50.00", "50.00"),
        ("charge", "-20.00", "30.00"),
        ("charge", "-20.00", "10.00"),
    ]


@pytest.mark.proves("C3")
def test_without_locks_tills_do_meet_on_the_same_balance(shop, caller, broken_server):
    """The control: nothing but the numbers of the entries stops them then, by accidents."""
    _card, calls = charges(shop, caller)

    outcomes = fire(broken_server("forget_locks"), calls)

    told = tally(outcomes)
    assert told.keys() - {"200", "insufficient_gift_card_balance"} != set()
