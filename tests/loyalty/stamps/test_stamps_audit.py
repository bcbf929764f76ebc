"""Stamps that were changed behind the services' back are found, and sheets are made again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Award, StampMove, StampSheet
from loyalty.services.stamps_audit import disagreements, rebuild
from tests.shops import open_shop
from tests.stampcards import card_of, returns, sheets_of, stamps_by


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def sold(shop, member):
    card_of(shop, 3)
    stamps_by(shop, "unit")
    shop.records(shop.draft(member, "1.00", "1.00", "1.00", "1.00", number="A"))
    returns(shop, "A", 1, 2)


def found(shop):
    return [
        (one.account_id, one.expected, one.found) for one in disagreements(shop.organization.pk)
    ]


@pytest.mark.usefixtures("sold")
def test_what_the_services_wrote_agrees(shop, member):
    assert found(shop) == []
    assert sheets_of(shop, member) == [(2, "open")]


@pytest.mark.usefixtures("sold")
def test_a_sheet_that_is_not_what_its_moves_make_is_found_and_made_again(shop, member):
    StampSheet.objects.update(stamps=1, completed_at=timezone.now())

    before = found(shop)
    mended = rebuild(shop.organization.pk, actor=SYSTEM)

    assert [account for account, _expected, _found in before] == [shop.account(member).pk]
    assert mended == 1
    assert found(shop) == []
    assert sheets_of(shop, member) == [(2, "open")]


@pytest.mark.usefixtures("sold")
def test_sheets_that_are_lost_or_made_up_are_put_right(shop, member):
    [sheet] = StampSheet.objects.all()
    sheet.pk, sheet.number, sheet.completed_at = None, 7, timezone.now()
    sheet.save(force_insert=True)

    mended = rebuild(shop.organization.pk, actor=SYSTEM)

    assert mended == 1
    assert sheets_of(shop, member) == [(2, "open")]


@pytest.mark.usefixtures("sold")
def test_stamps_that_no_rule_gave_are_found(shop, member):
    Award.objects.filter(unit="stamps").update(awarded=3)

    assert found(shop) == [(shop.account(member).pk, "3 stamps", "4 stamps")]


@pytest.mark.usefixtures("sold")
def test_stamps_that_no_return_took_are_found(shop, member):
    last = StampMove.objects.order_by("-sequence").first()
    StampMove.objects.bulk_create(
        [
            StampMove(
                account=last.account,
                card=last.card,
                version=last.version,
                sequence=last.sequence + 1,
                stamps=-1,
                balance_after=last.balance_after - 1,
                cause="return",
                cause_id=last.cause_id,
                request_key="made-up",
                actor="system",
                occurred_at=last.occurred_at + timedelta(seconds=1),
            )
        ]
    )

    told = [(expected, on_record) for _account, expected, on_record in found(shop)]

    assert ("-2 stamps", "-3 stamps") in told
