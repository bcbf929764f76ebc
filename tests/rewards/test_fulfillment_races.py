"""Two who move the same parcel, hand over the same pickup, or undo it meanwhile: one wins."""

from functools import partial

import pytest
from django.db import IntegrityError

from core.actors import SYSTEM
from rewards.addresses import Address
from rewards.models import Fulfillment, Redemption, Voucher, VoucherUse
from rewards.services.fulfillments import Where, advance, say_where
from rewards.services.redemptions import cancel_redemption
from rewards.services.vouchers import Use, use_voucher
from tests.deliveries import HOME, placed, ready, stands, taken
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

ROUNDS = 5
MOVED = Address(name="Mina K", line1="2 Low Street", city="Leeds", country="GB")


@pytest.fixture
def shop(transactional_db):
    return open_shop()


@pytest.fixture
def member(shop):
    mina = shop.member(name="Mina K")
    shop.buys(mina, "500.00")
    return mina


def moving(found, to, key):
    return partial(
        advance,
        fulfillment_ids=[found.pk],
        to=Fulfillment.Status(to),
        actor=SYSTEM,
        request_key=key,
    )


def handing_out(found, key):
    use = Use(request_key=key, store_id=found.store_id)
    return partial(use_voucher, voucher_id=found.redemption.voucher.pk, use=use, actor=SYSTEM)


def undoing(found, key):
    return partial(
        cancel_redemption,
        redemption_id=found.redemption_id,
        reason="wrong",
        actor=SYSTEM,
        request_key=key,
    )


def saying(found, address):
    return partial(say_where, fulfillment_id=found.pk, where=Where(address=address), actor=SYSTEM)


def sends(found, serial):
    """Say where it goes, pack it and send it, in about as many steps as undoing takes."""
    for _ in range(1 + serial % 4):
        saying(found, HOME)()
    moving(found, "ready", f"pack-{serial}")()
    return moving(found, "done", f"send-{serial}")()


def uses_of(found):
    return VoucherUse.objects.filter(voucher__redemption=found.redemption_id).count()


def test_without_locks_a_pickup_is_handed_over_twice(shop, member, monkeypatch):
    """The control: if this ever fails, the next test proves nothing."""
    forget_locks(monkeypatch)

    def twice(serial):
        found = ready(shop, member, "pickup")
        race(handing_out(found, f"till-{serial}"), moving(found, "done", f"office-{serial}"))
        return uses_of(found) > 1

    assert seen(twice)


@pytest.mark.proves("INV-F2")
def test_till_and_office_hand_over_a_pickup_once(shop, member):
    for serial in range(ROUNDS):
        found = ready(shop, member, "pickup")
        race(handing_out(found, f"till-{serial}"), moving(found, "done", f"office-{serial}"))

        assert (stands(found), uses_of(found)) == (("done", "used", "issued"), 1)
    assert_audit_is_clean()


def both_say_they_did(shop, member, serial):
    found = placed(shop, member)
    steps = race(moving(found, "ready", f"ada-{serial}"), moving(found, "ready", f"bob-{serial}"))
    return [step.is_moved for each in steps if isinstance(each, list) for step in each]


def test_without_locks_two_clerks_both_pack_a_parcel(shop, member, monkeypatch):
    """The control: if this ever fails, the next test proves nothing."""
    forget_locks(monkeypatch)

    assert seen(lambda serial: both_say_they_did(shop, member, serial) == [True, True])


def test_of_two_clerks_one_packs_a_parcel_and_the_other_is_told_so(shop, member):
    for serial in range(ROUNDS):
        assert sorted(both_say_they_did(shop, member, serial)) == [False, True]
    assert_audit_is_clean()


def send_and_undo(shop, member, serial):
    """Return the parcel, and whether only the database kept both from happening."""
    found = taken(shop, member)
    results = race(partial(sends, found, serial), undoing(found, f"undo-{serial}"))
    return found, any(isinstance(result, IntegrityError) for result in results)


def test_without_locks_only_the_database_keeps_a_parcel_from_being_sent_and_undone(
    shop, member, monkeypatch
):
    """The control: if this ever fails, the next test proves nothing."""
    forget_locks(monkeypatch)

    assert seen(lambda serial: send_and_undo(shop, member, serial)[1])


@pytest.mark.proves("INV-F2")
def test_a_parcel_is_sent_or_undone_and_never_both(shop, member):
    for serial in range(ROUNDS):
        found, needed_the_database = send_and_undo(shop, member, serial)

        assert not needed_the_database
        assert stands(found) in {
            ("done", "used", "issued"),
            ("canceled", "canceled", "canceled"),
        }
    assert_audit_is_clean()


def sent_elsewhere_than_packed(shop, member, serial):
    """Say whether the clerk was told one address, and the member that the other is used."""
    found = placed(shop, member)
    packed, said = race(moving(found, "ready", f"pack-{serial}"), saying(found, MOVED))
    [step] = packed
    now = Fulfillment.objects.get(pk=found.pk)
    went_through = isinstance(said, Fulfillment)
    label = step.fulfillment.address
    return now.status != "ready" or (label == MOVED) is not went_through or now.address != label


def test_without_locks_a_parcel_is_packed_for_another_address(shop, member, monkeypatch):
    """The control: if this ever fails, the next test proves nothing."""
    forget_locks(monkeypatch)

    assert seen(lambda serial: sent_elsewhere_than_packed(shop, member, serial))


def test_a_parcel_is_packed_for_the_address_the_member_was_told(shop, member):
    assert not any(sent_elsewhere_than_packed(shop, member, serial) for serial in range(ROUNDS))
    assert {one.address for one in Fulfillment.objects.all()} <= {HOME, MOVED}
    assert_audit_is_clean()


def test_many_moved_at_once_in_any_order_wait_for_each_other_in_one(shop, member):
    found = [ready(shop, member, "pickup") for _ in range(4)]
    pks = [one.pk for one in found]
    call = partial(advance, to=Fulfillment.Status.DONE, actor=SYSTEM)
    first, second = race(
        partial(call, fulfillment_ids=pks, request_key="up"),
        partial(call, fulfillment_ids=pks[::-1], request_key="down"),
    )

    assert sorted(step.is_moved for step in [*first, *second]) == [False] * 4 + [True] * 4
    assert Voucher.objects.filter(status="used").count() == Redemption.objects.count() == 4
    assert_audit_is_clean()
