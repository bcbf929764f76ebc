"""Two tills that stamp one card at the same moment."""

from functools import partial

import pytest
from django.db import DatabaseError

from core.errors import Refusal
from loyalty.models import Grant
from loyalty.services.stamps_audit import disagreements
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop
from tests.stampcards import card_of, sheets_of, stamps_by


@pytest.fixture
def shop(transactional_db):
    opened = open_shop()
    card_of(opened, 3)
    stamps_by(opened)
    return opened


def begun(shop, serial):
    """Return a member whose card lacks one stamp."""
    member = shop.member(f"+447400{serial:06}")
    for _visit in range(2):
        shop.buys(member, "1.00")
    return member


def both(shop, member):
    return race(*(partial(shop.records, shop.draft(member, "1.00")) for _till in range(2)))


@pytest.mark.race
@pytest.mark.proves("case 25")
def test_two_tills_that_give_the_last_stamp_give_one_coffee(shop):
    for serial in range(3):
        member = begun(shop, serial)

        answers = both(shop, member)

        assert not any(isinstance(answer, (Refusal, DatabaseError)) for answer in answers)
        assert sheets_of(shop, member) == [(3, "full"), (1, "open")]
        assert Grant.objects.filter(member=member, cause="stamp_sheet").count() == 1
    assert_audit_is_clean()
    assert disagreements(shop.organization.pk) == []


@pytest.mark.race
def test_without_the_locks_the_two_get_in_each_others_way(shop, monkeypatch):
    forget_locks(monkeypatch)

    def goes_wrong(serial):
        member = begun(shop, serial)
        both(shop, member)
        return sheets_of(shop, member) != [(3, "full"), (1, "open")]

    assert seen(goes_wrong, tries=3)
