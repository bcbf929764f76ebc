"""What the bench starts from is as consistent as a ledger that grew by itself."""

import pytest
from django.db import connection

from bench.history import ENTRIES, PURCHASES
from bench.seeding import open_shop, write_history
from bench.shop import phone
from loyalty.models import Account, Award, Consumption, Entry, Lot, Purchase, RuleVersion
from loyalty.queries import balances_held_by
from members.models import Card, Member
from members.queries import card_number, find_member
from tests.shops import assert_audit_is_clean

MEMBERS = 200
INDEXES = """
    SELECT indexdef FROM pg_indexes WHERE tablename ~ '^(loyalty|members|core)_' ORDER BY indexdef
"""


@pytest.fixture
def started(db):
    return open_shop()


def indexes():
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        return cursor.fetchall()


def test_the_auditor_finds_nothing_wrong_with_a_seeded_history(started):
    write_history(started, MEMBERS)

    assert_audit_is_clean()
    models = (Member, Card, Account, Purchase, Lot, Award, Entry, Consumption)
    assert [model.objects.count() for model in models] == [
        *[MEMBERS] * 3,
        *[MEMBERS * PURCHASES] * 3,
        MEMBERS * ENTRIES,
        MEMBERS * 2,
    ]


def test_every_index_is_there_again_after_seeding(started):
    before = indexes()

    write_history(started, 3)

    assert indexes() == before


def test_a_seeded_member_is_found_with_card_and_balance(started):
    write_history(started, 3)

    member = find_member(started.organization, phone=phone(2))

    [held] = balances_held_by(member)
    assert held.balance.balance == Account.objects.get(holders__member=member).balance
    assert card_number(member) == Card.objects.get(member=member).number


def test_the_shop_has_ten_rules_that_are_on(started):
    rules = RuleVersion.objects.filter(rule__program=started.program, rule__status="active")

    assert rules.count() == 10
