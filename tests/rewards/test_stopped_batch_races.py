"""Vouchers that become good again while their batch is stopped, and what happens without locks."""

import time
from decimal import Decimal
from functools import partial
from threading import Event

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Purchase
from loyalty.services.returns import ReturnWish, record_return
from rewards.models import Reward, VoucherUse
from rewards.services import uses_back, vouchers
from rewards.services.baskets import Number
from rewards.services.checkout import ring_up
from rewards.services.voucher_batches import (
    NewBatch,
    create_batch,
    stop_batch,
    work_on,
    work_on_batches,
)
from rewards.services.vouchers import release_use
from tests.racing import PAUSE_SECONDS, race
from tests.rewards.receipts import NOTHING, receipt
from tests.shops import assert_audit_is_clean, open_shop
from tests.vouchers import batch_of, codes_of, use

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

FIVE_OFF = {"kind": Reward.Kind.AMOUNT_OFF, "amount": Decimal(5)}


def without_batch_locks(monkeypatch):
    for module in (vouchers, uses_back):
        monkeypatch.setattr(module, "lock_batches", lambda _vouchers: None)


def letting_go(monkeypatch, voucher):
    """Let go of a use and dawdle before it is saved; also say when the batch was looked at."""
    [used] = VoucherUse.objects.filter(voucher=voucher)
    is_read, save = Event(), vouchers._save

    def dawdle(row):
        is_read.set()
        time.sleep(PAUSE_SECONDS)
        save(row)

    monkeypatch.setattr(vouchers, "_save", dawdle)
    return is_read, partial(release_use, use_id=used.pk, actor=SYSTEM)


def stop_and_sweep(monkeypatch):
    """Stop a batch, and sweep it, while a use of its one code is let go of."""
    batch = batch_of(open_shop(), 1)
    [voucher] = codes_of(batch)
    use(voucher)
    is_read, let_go = letting_go(monkeypatch, voucher)

    def stop():
        assert is_read.wait(10)
        stop_batch(batch_id=batch.pk, actor=SYSTEM)
        work_on_batches()

    race(let_go, stop)
    batch.refresh_from_db()
    voucher.refresh_from_db()
    return batch.status, batch.is_swept, voucher.status


def test_no_code_is_good_again_behind_the_back_of_who_stops_its_batch(monkeypatch):
    assert stop_and_sweep(monkeypatch) == ("stopped", True, "canceled")
    assert_audit_is_clean()


def test_without_the_lock_of_the_batch_a_swept_code_is_issued_again(monkeypatch):
    """The control: the batch was looked at before it was stopped, and nobody sweeps it again."""
    without_batch_locks(monkeypatch)

    assert stop_and_sweep(monkeypatch) == ("stopped", True, "issued")


# --- several at once ------------------------------------------------------------------------------


def crossed_batches(shop):
    """Make two batches so that the first code of each comes before the second of the other."""
    made = [
        create_batch(
            reward_id=shop.reward(50, **FIVE_OFF).pk,
            new=NewBatch(name="Leaflet", wanted=2),
            actor=SYSTEM,
        )
        for _number in range(2)
    ]
    for place, chunk in ((0, 1), (1, 2), (0, 1)):
        work_on(batch_id=made[place].pk, chunk=chunk)
    (first, fourth), (second, third) = (codes_of(batch) for batch in made)
    return [(first, second), (third, fourth)]


def sell(shop, number, used):
    line = {"sku": "tea", "quantity": Decimal(1), "amount": Decimal(30)}
    sent = receipt(external_id=number, member=NOTHING, vouchers=[one.code for one in used])
    told = Number(source="till", external_id=number, request_key=f"sell-{number}")
    sent["lines"] = [line]
    ring_up(organization=shop.organization, sent=sent, number=told, actor=SYSTEM)


def coming_back(shop, number):
    sold = Purchase.objects.get(external_id=number)
    wish = ReturnWish(
        source="till",
        external_id=f"back-{number}",
        sale_source=sold.source,
        sale_external_id=number,
        occurred_at=timezone.now(),
        request_key=f"back-{number}",
        quantities={1: Decimal(1)},
    )
    return partial(record_return, organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def two_receipts_back(monkeypatch):
    """Bring back two receipts that used codes of two batches, in another order."""
    shop = open_shop()
    for number, used in zip(("a", "b"), crossed_batches(shop), strict=True):
        sell(shop, number, used)
    let_go = uses_back.release_use

    def dawdle(**which):
        done = let_go(**which)
        time.sleep(PAUSE_SECONDS)
        return done

    monkeypatch.setattr(uses_back, "release_use", dawdle)
    return [type(one).__name__ for one in race(coming_back(shop, "a"), coming_back(shop, "b"))]


def test_two_receipts_with_codes_of_the_same_batches_come_back_at_once(monkeypatch):
    assert two_receipts_back(monkeypatch) == ["Returned", "Returned"]
    assert VoucherUse.objects.filter(released_at=None).count() == 0
    assert_audit_is_clean()


def test_without_all_batches_first_they_would_wait_for_each_other(monkeypatch):
    """The control: each holds the batch that the other one needs next."""
    monkeypatch.setattr(uses_back, "lock_batches", lambda _vouchers: None)

    assert sorted(two_receipts_back(monkeypatch)) == ["OperationalError", "Returned"]
