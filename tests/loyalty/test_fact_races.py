"""Two tills at once: what is given once is given once, because facts are read under the lock."""

import threading
import time

import pytest

from loyalty.models import Award
from loyalty.services import purchases
from tests.racing import PAUSE_SECONDS, race, seen
from tests.shops import assert_audit_is_clean, open_shop

FIRST = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 100},
    "stacking": {"stage": "bonus"},
    "conditions": [{"type": "nth_purchase", "number": 1}],
}


@pytest.fixture
def shop(transactional_db):
    shop = open_shop()
    shop.add_rule(FIRST)
    return shop


def times_first(shop, phone):
    """Ring up two purchases of somebody new at the same moment; return how many were the first."""
    member = shop.member(phone)
    drafts = [shop.draft(member, "10.00") for _ in range(2)]
    race(*(lambda draft=draft: shop.records(draft) for draft in drafts))
    return Award.objects.filter(purchase__member=member, awarded=100).count()


def read_before_the_lock(monkeypatch):
    """Ask how often somebody came before the account is locked, and dawdle on the way there."""
    effective, facts, known = purchases._effective, purchases._facts, threading.local()

    def ask_early(sold, programs):
        giving = list(effective(sold, programs))
        known.facts = facts(sold, programs)
        time.sleep(PAUSE_SECONDS)
        return giving

    def ask_again(sold, programs, accounts=None):
        return facts(sold, programs) if accounts is None else known.facts

    monkeypatch.setattr(purchases, "_effective", ask_early)
    monkeypatch.setattr(purchases, "_facts", ask_again)


@pytest.mark.proves("case 27")
def test_two_tills_give_the_bonus_of_a_first_purchase_once(shop):
    given = [times_first(shop, f"+44740012345{place}") for place in range(3)]

    assert given == [1, 1, 1]
    assert_audit_is_clean()


def test_facts_read_before_the_lock_would_give_it_twice(shop, monkeypatch):
    read_before_the_lock(monkeypatch)

    assert seen(lambda serial: times_first(shop, f"+447400123{serial:03}") == 2)
