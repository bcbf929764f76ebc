"""A row that cannot be dealt with stands in nobody's way, and is reported every time."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from core.metrics import ROWS_SKIPPED
from core.services.rounds import one_by_one
from loyalty.models import Account
from loyalty.services.due import expire_due_points
from tests.shops import assert_audit_is_clean, days_ago

ENDS_AFTER_A_MONTH = {"type": "after", "months": 1}


def skipped(what):
    return ROWS_SKIPPED.labels(what)._value.get()


def test_points_of_others_end_although_one_account_is_broken(shop):
    shop.settle(expiry=ENDS_AFTER_A_MONTH)
    broken, whole = shop.member("+447400111111"), shop.member("+447400222222")
    for member in (broken, whole):
        shop.buys(member, "40.00", at=days_ago(20))
    account, before = shop.account(broken), skipped("points that end")
    set_sequence(account, 0)

    ended = expire_due_points(now=timezone.now() + timedelta(days=20))

    assert ended == 1
    assert shop.entries(whole) == [("earn", 40, 40), ("expire", -40, 0)]
    assert shop.entries(broken) == [("earn", 40, 40)]
    assert skipped("points that end") == before + 1
    set_sequence(account, account.sequence)
    assert_audit_is_clean()


def set_sequence(account: Account, sequence: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE loyalty_account SET sequence = %s WHERE id = %s", [sequence, account.pk]
        )


def test_a_broken_row_is_told_of_and_the_next_ones_are_done():
    done, before = [], skipped("test")

    def act(key):
        if key == 2:
            raise ValueError(key)
        done.append(key)
        return key

    assert one_by_one([1, 2, 3], act, what="test") == 4
    assert done == [1, 3]
    assert skipped("test") == before + 1
