from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from core.actors import SYSTEM, staff_actor
from core.models import OutboxEvent, Store
from core.services.audit_ledger import violations
from loyalty.errors import AlreadyReversed
from rewards.errors import VoucherCanceled, VoucherExpired, VoucherUsed
from rewards.models import Voucher
from rewards.queries import voucher_named
from rewards.services.redemptions import cancel_redemption, capture_redemption, redeem
from rewards.services.vouchers import expire_vouchers
from tests.shops import assert_audit_is_clean, open_shop
from tests.vouchers import use

ADA = staff_actor(7)


def take(shop, member, reward, *, key="take", **options):
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key, **options
    )


def undo(redemption, *, key="undo", **options):
    return cancel_redemption(
        redemption_id=redemption.pk, reason="wrong", actor=SYSTEM, request_key=key, **options
    )


@pytest.fixture
def rich(shop, member):
    """A member who can pay for anything here."""
    shop.buys(member, "1000.00")
    return member


def told(kind):
    return OutboxEvent.objects.filter(kind=kind).count()


def test_a_reward_comes_with_a_voucher_that_is_used_once(shop, rich):
    voucher = take(shop, rich, shop.reward(40)).voucher
    use(voucher, actor=ADA, store=shop.store)

    with pytest.raises(VoucherUsed):
        use(voucher)

    voucher.refresh_from_db()
    assert (voucher.status, voucher.used_by, voucher.used_in) == ("used", "staff:7", shop.store)
    assert (told("voucher.issued"), told("voucher.used")) == (1, 1)


def test_what_is_set_aside_has_no_voucher_until_its_points_are_spent(shop, rich):
    held = take(shop, rich, shop.reward(40), hold_seconds=60)
    before = Voucher.objects.count()

    taken = capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="hand")

    assert (before, Voucher.objects.get()) == (0, taken.voucher)


def test_undoing_makes_the_voucher_worthless_and_gives_points_back(shop, rich):
    reward = shop.reward(40, stock=1)
    taken = take(shop, rich, reward)

    undo(taken)

    with pytest.raises(VoucherCanceled):
        use(taken.voucher, actor=ADA)
    with pytest.raises(AlreadyReversed):
        undo(taken, key="again")
    reward.refresh_from_db()
    assert (shop.balance(rich), reward.stock) == (1000, 1)


@pytest.mark.proves("R7")
def test_what_was_handed_over_is_not_undone(shop, rich):
    taken = take(shop, rich, shop.reward(40, stock=1))
    use(taken.voucher, actor=ADA)

    with pytest.raises(VoucherUsed):
        undo(taken)

    taken.refresh_from_db()
    assert (taken.status, taken.voucher.status, shop.balance(rich)) == ("issued", "used", 960)


def test_what_came_back_over_the_counter_is_undone(shop, rich):
    taken = take(shop, rich, shop.reward(40, stock=1))
    use(taken.voucher, actor=ADA)

    undone = undo(taken, also_used=True)

    assert (undone.status, undone.voucher.status, shop.balance(rich)) == (
        "canceled",
        "canceled",
        1000,
    )


@pytest.mark.proves("T1")
@pytest.mark.parametrize(
    "zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati", "Asia/Tehran", "Asia/Kathmandu"]
)
def test_a_voucher_works_through_its_last_day_where_the_shop_is(db, zone):
    shop = open_shop("far", time_zone=zone)
    mina = shop.member()
    there = shop.organization.zone
    with time_machine.travel(datetime(2027, 1, 10, 15, 30, tzinfo=there), tick=False):
        shop.buys(mina, "100.00")
        early = take(shop, mina, shop.reward(40, valid_days=1), key="early").voucher
        late = take(shop, mina, shop.reward(40, valid_days=1), key="late").voucher

    with time_machine.travel(datetime(2027, 1, 11, 23, 59, 59, tzinfo=there), tick=False):
        use(early, actor=ADA)
    with (
        time_machine.travel(datetime(2027, 1, 12, tzinfo=there), tick=False),
        pytest.raises(VoucherExpired),
    ):
        use(late, actor=ADA)

    late.refresh_from_db()
    assert late.status == "issued"
    assert_audit_is_clean()


def test_a_voucher_of_a_reward_without_a_last_day_lasts(shop, rich):
    voucher = take(shop, rich, shop.reward(40)).voucher

    with time_machine.travel(timezone.now() + timedelta(days=4000), tick=False):
        expired = expire_vouchers()
        used = use(voucher, actor=ADA)

    assert (expired, used.status) == (0, "used")


def test_vouchers_past_their_day_are_marked_once_and_cost_their_points(shop, rich):
    reward = shop.reward(40, stock=3, valid_days=2)
    over, used = (take(shop, rich, reward, key=key) for key in ("over", "used"))
    use(used.voucher, actor=ADA)

    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        marked = (expire_vouchers(), expire_vouchers())
        with pytest.raises(VoucherExpired):
            undo(over)

    statuses = dict(Voucher.objects.values_list("redemption__pk", "status"))
    reward.refresh_from_db()
    assert (marked, statuses) == ((1, 0), {over.pk: "expired", used.pk: "used"})
    assert (shop.balance(rich), reward.stock) == (920, 1)
    assert told("voucher.expired") == 1


def test_changing_the_days_of_a_reward_changes_no_voucher_of_before(shop, rich):
    reward = shop.reward(40, valid_days=2)
    before = take(shop, rich, reward, key="before").voucher.valid_until
    reward.valid_days = 9
    reward.save(update_fields=["valid_days"])

    after = take(shop, rich, reward, key="after").voucher.valid_until

    assert after - before == timedelta(days=7)
    assert before.astimezone(UTC).tzinfo == UTC


def test_a_code_is_found_however_it_is_typed_and_only_at_home(shop, rich):
    code = take(shop, rich, shop.reward(40)).voucher.code
    elsewhere = open_shop("elsewhere")

    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]}"

    assert voucher_named(shop.organization, typed).code == code
    assert voucher_named(elsewhere.organization, code) is None
    assert voucher_named(shop.organization, "447400123456") is None


@pytest.mark.proves("INV-5b")
@pytest.mark.parametrize(
    ("why", "broken"),
    [
        ("gone", "DELETE FROM rewards_voucher"),
        ("canceled alone", "UPDATE rewards_voucher SET status = 'canceled'"),
    ],
)
def test_the_audit_notices_a_voucher_that_contradicts_its_redemption(db, why, broken):
    shop = open_shop()
    mina = shop.member()
    shop.buys(mina, "100.00")
    taken = take(shop, mina, shop.reward(40))
    clean = violations()

    with connection.cursor() as cursor:
        cursor.execute(broken)

    assert clean == []
    assert [(row.invariant, row.subject_id) for row in violations()] == [("INV-5b", taken.pk)]


@pytest.mark.proves("INV-11")
def test_the_audit_notices_a_voucher_used_in_another_organization(db):
    shop, elsewhere = open_shop(), open_shop("elsewhere")
    mina = shop.member()
    shop.buys(mina, "100.00")
    voucher = take(shop, mina, shop.reward(40)).voucher
    use(voucher, actor=ADA, store=shop.store)

    Voucher.objects.update(used_in=Store.objects.get(organization=elsewhere.organization))

    assert [row.invariant for row in violations()] == ["INV-11"]
