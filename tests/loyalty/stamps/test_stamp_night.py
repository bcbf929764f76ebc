"""Cards lapse in the night, once, and whatever happened to the nights before."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.models import OutboxEvent
from core.services.nights import run_nights
from loyalty.models import StampSheet
from loyalty.services.stamp_night import lapse_chunk
from tests.stampcards import card_of, sheets_of, stamps_by

JANUARY = datetime(2026, 1, 10, 12, tzinfo=UTC)
ENDS = datetime(2026, 2, 11, tzinfo=UTC)  # the first instant after 10 February in London


@pytest.fixture
def begun(shop, member):
    card_of(shop, 4, months=1)
    stamps_by(shop)
    with time_machine.travel(JANUARY, tick=False):
        shop.buys(member, "1.00")


def lapse(shop, now, **options):
    return lapse_chunk(organization_id=shop.organization.pk, now=now, **options)


def told():
    events = OutboxEvent.objects.filter(kind="stamp_card.lapsed").order_by("pk")
    return [(event.payload["sheet"], event.payload["stamps"]) for event in events]


@pytest.mark.usefixtures("begun")
def test_a_card_lapses_with_its_last_day_and_not_before(shop, member):
    early = lapse(shop, ENDS - timedelta(microseconds=1))
    before = sheets_of(shop, member)

    lapse(shop, ENDS)

    assert (early, before) == (None, [(1, "open")])
    assert sheets_of(shop, member) == [(1, "lapsed")]
    assert told() == [(1, 1)]


@pytest.mark.usefixtures("begun")
def test_done_again_the_night_finds_it_done(shop):
    lapse(shop, ENDS)

    again = lapse(shop, ENDS)

    assert again is None
    assert told() == [(1, 1)]


def test_chunks_go_on_where_the_last_one_ended(shop):
    card_of(shop, 4, months=1)
    stamps_by(shop)
    with time_machine.travel(JANUARY, tick=False):
        members = [shop.member(f"+44740000000{one}") for one in range(3)]
        for member in members:
            shop.buys(member, "1.00")

    first = lapse(shop, ENDS, chunk=2)
    rest = lapse(shop, ENDS, chunk=2, after=first)
    end = lapse(shop, ENDS, chunk=2, after=rest)

    assert (first, rest, end) == (shop.account(members[1]).pk, shop.account(members[2]).pk, None)
    assert StampSheet.objects.filter(lapsed_at=ENDS).count() == 3


@pytest.mark.usefixtures("begun")
def test_one_night_covers_all_that_were_missed(shop, member):
    with time_machine.travel(JANUARY + timedelta(hours=13), tick=False):
        run_nights()

    with time_machine.travel(ENDS + timedelta(days=40), tick=False):
        run_nights()

    assert sheets_of(shop, member) == [(1, "lapsed")]


@pytest.mark.usefixtures("begun")
def test_a_receipt_of_before_that_comes_in_late_revives_the_card(shop, member):
    lapse(shop, ENDS)

    with time_machine.travel(ENDS + timedelta(days=1), tick=False):
        shop.buys(member, "1.00", at=ENDS - timedelta(days=2))
    revived = sheets_of(shop, member)
    lapse(shop, ENDS + timedelta(days=60))

    assert revived == [(2, "open")]
    assert sheets_of(shop, member) == [(2, "lapsed")]
    assert told() == [(1, 1), (1, 2)]


def test_a_card_without_months_never_lapses(shop, member):
    card_of(shop, 4)
    stamps_by(shop)
    shop.buys(member, "1.00")

    lapse(shop, datetime(2999, 1, 1, tzinfo=UTC))

    assert sheets_of(shop, member) == [(1, "open")]
