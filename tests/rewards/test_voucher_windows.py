"""Who guesses voucher codes waits, whoever and wherever they are; who is right too late as well."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from core.errors import TriedTooOften
from core.models import FailureCount
from core.services.windows import Window, count_failure, forget_old_failures, refuse_full
from core.tasks import forget_old_failures as forget_task
from rewards.errors import VoucherMistyped, VoucherUnknown
from rewards.services.voucher_finding import (
    PER_ADDRESS,
    PER_ASKER,
    PER_ORGANIZATION,
    Asker,
    find_voucher,
)
from rewards.voucher_codes import make
from tests.racing import race
from tests.shops import open_shop
from tests.vouchers import shared_code

pytestmark = pytest.mark.proves("input 46")


def guess(shop, *, name="session:1", address="192.0.2.1", text=None, counts=True):
    asker = Asker(organization=shop.organization, name=name, address=address)
    try:
        return find_voucher(asker=asker, text=text or make(), counts=counts).code
    except TriedTooOften as refusal:
        return refusal.data["retry_after"]
    except VoucherUnknown:
        return None


def test_ten_failures_a_minute_are_one_askers_most_and_a_right_code_waits_too(shop):
    code = shared_code(shop).code
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        wrong = [guess(shop) for _ in range(PER_ASKER[0])]
        right, another = guess(shop, text=code), guess(shop, name="session:2", text=code)
        clock.shift(timedelta(seconds=59))
        still = guess(shop, text=code)
        clock.shift(timedelta(seconds=1))
        again = guess(shop, text=code)

    assert wrong == [None] * 10
    assert (right, another, still, again) == (60, code, 1, code)


def test_thirty_failures_an_hour_are_one_addresses_most(shop):
    code = shared_code(shop).code
    wrong = [guess(shop, name=f"session:{each}") for each in range(PER_ADDRESS[0])]
    here = guess(shop, name="session:99", text=code)
    elsewhere = guess(shop, name="session:99", address="192.0.2.2", text=code)

    assert wrong == [None] * 30
    assert here > 3500
    assert elsewhere == code


def test_guesses_at_one_shop_close_no_other_one_to_the_same_address(shop):
    other = open_shop("elsewhere")
    code = shared_code(other).code
    for each in range(PER_ADDRESS[0]):
        guess(shop, name=f"session:{each}")

    here, there = guess(shop, name="session:99"), guess(other, name="session:98", text=code)

    assert here > 3500
    assert there == code


def test_a_thousand_failures_an_hour_are_one_organizations_most(shop):
    code, other = shared_code(shop).code, open_shop("elsewhere")
    subject = f"voucher:organization:{shop.organization.pk}"
    end = timezone.now() + timedelta(hours=1)
    most = PER_ORGANIZATION[0]
    FailureCount.objects.create(subject=subject, failures=most - 1, ends_at=end)

    last = guess(shop, name="a", address="192.0.2.3")
    one_too_many = guess(shop, name="b", address="192.0.2.4", text=code)

    assert last is None
    assert one_too_many > 3500
    assert guess(other, name="b", address="192.0.2.4") is None


def test_what_is_right_or_mistyped_or_perhaps_a_name_is_no_failure(shop):
    code, unique = shared_code(shop).code, make()
    slip = unique[:-1] + ("0" if unique[-1] != "0" else "1")
    for _ in range(20):
        guess(shop, text=code)
        guess(shop, text="MINA", counts=False)
        with pytest.raises(VoucherMistyped):
            guess(shop, text=slip)

    assert FailureCount.objects.count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_failures_at_the_same_moment_are_all_counted():
    shop = open_shop()

    answers = race(*[partial(guess, shop)] * 16)

    assert answers.count(None) == PER_ASKER[0]
    assert FailureCount.objects.get(subject="voucher:session:1").failures >= PER_ASKER[0]


def test_a_window_begins_with_its_first_failure_and_old_ones_are_forgotten(db):
    window = Window("test", 2, timedelta(minutes=1))
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        count_failure([window])
        clock.shift(timedelta(seconds=30))
        count_failure([window])
        with pytest.raises(TriedTooOften) as full:
            refuse_full([window])
        with pytest.raises(TriedTooOften):
            count_failure([window])
        assert full.value.data == {"retry_after": 30}
        clock.shift(timedelta(seconds=30))
        refuse_full([window])
        count_failure([window])
        assert forget_old_failures() == 0
        clock.shift(timedelta(minutes=1))
        forget_task()

    assert FailureCount.objects.count() == 0
