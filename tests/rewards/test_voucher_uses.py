from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from core.services.audit_ledger import violations
from members.errors import MemberBlocked
from members.models import Member
from rewards.errors import (
    MemberNeeded,
    VoucherCanceled,
    VoucherLimitReached,
    VoucherNotUsed,
    VoucherNotYet,
    VoucherUsed,
)
from rewards.models import Voucher, VoucherUse
from rewards.services.redemptions import cancel_redemption, redeem
from rewards.services.vouchers import release_use
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, days_ago, open_shop
from tests.vouchers import use


def shared_code(shop, **details):
    return Voucher.objects.create(
        **{
            "organization": shop.organization,
            "reward": shop.reward(40),
            "kind": Voucher.Kind.SHARED,
            "code": "WELCOME",
            "issued_at": timezone.now(),
            "uses_max": 3,
            "per_member_max": 1,
            **details,
        }
    )


def a_voucher(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(40)
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take"
    ).voucher


def people(shop, count):
    return [shop.member(f"+4474001100{number:02d}") for number in range(count)]


def release(voucher):
    last = VoucherUse.objects.filter(voucher=voucher).latest("pk")
    return release_use(use_id=last.pk, actor=SYSTEM)


@pytest.mark.proves("INV-5d")
def test_a_shared_code_is_good_as_often_as_it_says(shop):
    code = shared_code(shop)
    for person in people(shop, 3):
        use(code, member=person, key=f"use-{person.pk}")

    with pytest.raises(VoucherUsed):
        use(code, member=shop.member("+447400220000"), key="fourth")

    code.refresh_from_db()
    assert (code.status, code.uses) == ("used", 3)


@pytest.mark.proves("INV-5e")
def test_a_member_uses_a_shared_code_as_often_as_one_may(shop):
    code, [mina] = shared_code(shop), people(shop, 1)
    use(code, member=mina)

    with pytest.raises(VoucherLimitReached):
        use(code, member=mina, key="again")
    with pytest.raises(MemberNeeded):
        use(code, key="nobody")


def test_what_was_used_by_who_was_merged_counts_for_who_lives_on(shop):
    code, [mina, other] = shared_code(shop), people(shop, 2)
    use(code, member=other)
    Member.objects.filter(pk=other.pk).update(status="merged", merged_into=mina)

    with pytest.raises(VoucherLimitReached):
        use(code, member=mina, key="again")


def test_a_blocked_member_uses_no_shared_code(shop):
    code, [mina] = shared_code(shop), people(shop, 1)
    Member.objects.filter(pk=mina.pk).update(status="blocked")

    with pytest.raises(MemberBlocked):
        use(code, member=mina)


def test_a_voucher_is_not_good_before_its_first_day(shop):
    code = shared_code(shop, valid_from=days_ago(-3), per_member_max=None)

    with pytest.raises(VoucherNotYet):
        use(code)
    with time_machine.travel(days_ago(-4)):
        assert use(code).uses == 1


def test_a_use_that_is_let_go_of_can_be_had_again(shop, member):
    voucher = a_voucher(shop, member)
    use(voucher)

    freed = release(voucher)
    again = use(voucher, key="again")

    assert (freed.status, freed.uses, freed.used_by) == ("issued", 0, "")
    assert (again.status, again.uses) == ("used", 1)
    assert VoucherUse.objects.filter(voucher=voucher).count() == 2
    assert OutboxEvent.objects.filter(kind="voucher.released").count() == 1


def test_a_use_is_let_go_of_once(shop, member):
    voucher = a_voucher(shop, member)
    use(voucher)
    release(voucher)

    with pytest.raises(VoucherNotUsed):
        release(voucher)


def test_nothing_is_let_go_of_when_the_redemption_was_undone(shop, member):
    voucher = a_voucher(shop, member)
    use(voucher)
    cancel_redemption(
        redemption_id=voucher.redemption_id,
        reason="came back",
        actor=SYSTEM,
        request_key="undo",
        also_used=True,
    )

    with pytest.raises(VoucherCanceled):
        release(voucher)
    voucher.refresh_from_db()
    assert (voucher.status, voucher.uses) == ("canceled", 0)


def test_one_request_uses_a_voucher_once(shop):
    code = shared_code(shop, per_member_max=None)
    use(code)

    with pytest.raises(IntegrityError):
        use(code)

    connection.set_rollback(False)


@pytest.mark.proves("INV-5d", "INV-5e", "INV-11")
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE rewards_voucher SET uses = 2", "INV-5d"),
        ("DELETE FROM rewards_voucheruse", "INV-5d"),
        ("UPDATE rewards_voucheruse SET released_at = used_at, released_by = 'x'", "INV-5d"),
        (
            "INSERT INTO rewards_voucheruse (voucher_id, member_id, actor, request_key, used_at, "
            "released_by) SELECT voucher_id, member_id, actor, 'more', used_at, '' "
            "FROM rewards_voucheruse",
            "INV-5e",
        ),
        (
            "UPDATE rewards_voucheruse SET store_id = (SELECT id FROM core_store "
            "ORDER BY id DESC LIMIT 1)",
            "INV-11",
        ),
    ],
)
def test_the_audit_names_a_voucher_that_was_not_used_as_it_says(db, statement, broken):
    shop = open_shop()
    open_shop("elsewhere")
    use(shared_code(shop), member=shop.member())
    clean = violations()

    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert clean == []
    assert broken in {row.invariant for row in violations()}


# --- at the same moment --------------------------------------------------------------------------


def rush(shop, serial, *, tries=3):
    """Let six members try a code for three at once, several times each; return who had it."""
    code = shared_code(shop, code=f"RUSH{serial}")
    members = list(Member.objects.order_by("pk")[:6])
    answers = race(
        *(
            partial(use, code, member=person, key=f"{serial}:{person.pk}:{tried}")
            for person in members
            for tried in range(tries)
        )
    )
    code.refresh_from_db()
    had = VoucherUse.objects.filter(voucher=code).values_list("member", flat=True)
    return code, list(had), answers


@pytest.mark.race
@pytest.mark.proves("C5", "case 27")
@pytest.mark.django_db(transaction=True)
def test_a_code_for_three_is_used_three_times_and_by_no_member_twice():
    shop = open_shop()
    people(shop, 6)

    code, had, answers = rush(shop, 0)

    assert (code.status, code.uses, len(had), len(set(had))) == ("used", 3, 3, 3)
    assert {type(one) for one in answers} == {Voucher, VoucherUsed, VoucherLimitReached} or {
        type(one) for one in answers
    } == {Voucher, VoucherUsed}
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_a_code_for_three_is_used_more_often(monkeypatch):
    """The control: everybody counts the uses before anybody's is there."""
    shop = open_shop()
    people(shop, 6)
    forget_locks(monkeypatch)

    def attempt(serial):
        _code, had, _answers = rush(shop, serial, tries=1)
        return len(had) > 3

    assert seen(attempt)
