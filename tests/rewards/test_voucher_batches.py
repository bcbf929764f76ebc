import os
from datetime import date, timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord, OutboxEvent
from core.services.audit_ledger import violations
from rewards.batch_errors import (
    BatchStopped,
    BatchTooLarge,
    CodeLengthTaken,
    CodeTooWeak,
    DatesInverted,
    PrefixInvalid,
)
from rewards.errors import VoucherCanceled, VoucherExpired, VoucherNotYet
from rewards.models import Voucher, VoucherBatch
from rewards.services import voucher_batches
from rewards.services.voucher_batches import (
    NewBatch,
    create_batch,
    expire_batches,
    stop_batch,
    work_on,
    work_on_batches,
)
from rewards.services.voucher_undoing import release_own
from rewards.services.vouchers import expire_vouchers
from rewards.tasks import make_voucher_codes
from rewards.voucher_codes import check, clean, make
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop
from tests.vouchers import use

MANY = 100_000 if os.environ.get("REGULARS_SOAK") else 1_200
CHUNK = 5_000 if os.environ.get("REGULARS_SOAK") else 100


def batch_of(shop, wanted=5, **details):
    new = NewBatch(**{"name": "Leaflet", "wanted": wanted, **details})
    return create_batch(reward_id=shop.reward(40).pk, new=new, actor=SYSTEM)


def made(batch):
    work_on_batches()
    batch.refresh_from_db()
    return batch


def codes_of(batch):
    return list(Voucher.objects.filter(batch=batch).order_by("pk"))


# --- ordering ------------------------------------------------------------------------------------


def test_nobody_waits_for_codes_that_were_ordered(shop):
    batch = batch_of(shop, 1_000_000)

    assert (batch.status, batch.made, Voucher.objects.count()) == ("making", 0, 0)
    assert AuditRecord.objects.filter(subject="rewards.voucherbatch", verb="added").exists()


@pytest.mark.proves("input 113")
@pytest.mark.parametrize(
    ("why", "asked", "refusal"),
    [
        ("ten million", {"wanted": 10_000_000}, BatchTooLarge),
        ("none", {"wanted": 0}, BatchTooLarge),
        ("a wildcard", {"prefix": "A%"}, PrefixInvalid),
        ("the other wildcard", {"prefix": "A_B"}, PrefixInvalid),
        ("a letter that is read as a digit", {"prefix": "HELLO"}, PrefixInvalid),
        ("a long beginning", {"prefix": "ABCDEFGHJ"}, PrefixInvalid),
        ("as long as gift cards", {"prefix": "ABCDE"}, CodeLengthTaken),
        ("too weak", {"random_chars": 10}, CodeTooWeak),
        ("longer than any", {"random_chars": 17}, CodeLengthTaken),
        (
            "upside down",
            {"valid_from": date(2026, 5, 2), "valid_until": date(2026, 5, 1)},
            DatesInverted,
        ),
    ],
)
def test_what_is_no_batch_is_refused_and_nothing_is_ordered(shop, why, asked, refusal):
    with pytest.raises(refusal):
        batch_of(shop, **asked)

    assert VoucherBatch.objects.count() == 0


@pytest.mark.proves("input 113")
def test_codes_that_could_be_guessed_are_refused_with_their_strength(shop):
    with pytest.raises(CodeTooWeak) as refused:
        batch_of(shop, random_chars=10)

    assert refused.value.data == {"bits": 49.8, "bits_min": 50}


# --- making --------------------------------------------------------------------------------------


@pytest.mark.proves("INV-5f", "INV-5g", "P2")
def test_a_worker_makes_the_codes_in_chunks(shop):
    batch = batch_of(shop, MANY, prefix="GH", valid_until=date(2027, 3, 31))

    work_on_batches(chunk=CHUNK)

    batch.refresh_from_db()
    vouchers = codes_of(batch)
    codes = {one.code for one in vouchers}
    assert (batch.status, batch.made, len(codes)) == ("ready", MANY, MANY)
    assert [code for code in codes if clean(code) != code or not check(code)] == []
    assert {code[:2] for code in codes} == {"GH"}
    assert {(one.kind, one.status, one.uses_max, one.redemption_id) for one in vouchers} == {
        ("unique", "issued", 1, None)
    }
    assert [one.kind for one in OutboxEvent.objects.filter(kind__contains="voucher")] == [
        "voucher_batch.made"
    ]


def test_the_task_makes_what_is_due_of_every_organization(shop):
    batches = [batch_of(shop, 3), batch_of(open_shop("elsewhere"), 4)]

    make_voucher_codes()

    assert [len(codes_of(one)) for one in batches] == [3, 4]


def test_time_is_shared_and_the_next_round_goes_on(shop):
    batch = batch_of(shop, 7)

    work_on_batches(seconds=0)
    assert made(batch).made == 7


@pytest.mark.proves("F4")
def test_a_worker_that_dies_leaves_whole_chunks_and_the_next_goes_on(shop, monkeypatch):
    batch, store = batch_of(shop, 10), voucher_batches._store

    def die(*args):
        store(*args)
        if Voucher.objects.filter(batch=batch).count() > 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(voucher_batches, "_store", die)
    with pytest.raises(KeyboardInterrupt):
        work_on_batches(chunk=4)
    batch.refresh_from_db()
    half = (batch.made, len(codes_of(batch)), batch.status)
    monkeypatch.undo()

    assert half == (4, 4, "making")
    assert (made(batch).made, len(codes_of(batch)), batch.status) == (10, 10, "ready")


def test_a_code_that_is_taken_is_drawn_again(shop, monkeypatch):
    [taken] = codes_of(made(batch_of(shop, 1)))
    fresh = make()
    drawn = iter([taken.code, taken.code, fresh])
    monkeypatch.setattr(voucher_batches, "make", lambda **_: next(drawn))

    [voucher] = codes_of(made(batch_of(shop, 1)))

    assert voucher.code == fresh


def test_a_code_that_somebody_gets_at_the_same_moment_is_drawn_again(shop, monkeypatch):
    [taken] = codes_of(made(batch_of(shop, 1)))
    batch, real = batch_of(shop, 1), voucher_batches._new_codes
    drawn = iter([{taken.code}])
    monkeypatch.setattr(
        voucher_batches, "_new_codes", lambda *args: next(drawn, None) or real(*args)
    )

    assert work_on(batch_id=batch.pk)
    assert made(batch).status == "ready"


@pytest.mark.race
@pytest.mark.proves("F5")
@pytest.mark.django_db(transaction=True)
def test_two_workers_make_no_code_too_many():
    batch = batch_of(open_shop(), 40)

    race(*[partial(work_on_batches, chunk=5)] * 2, *[partial(all_of_it, batch)] * 2)

    batch.refresh_from_db()
    assert (batch.status, batch.made, len(codes_of(batch))) == ("ready", 40, 40)
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_two_workers_make_codes_too_many(monkeypatch):
    """The control: both count what is missing before the other's codes are there."""
    shop = open_shop()
    forget_locks(monkeypatch)

    def attempt(_serial):
        batch = batch_of(shop, 10)
        race(*[partial(work_on, batch_id=batch.pk, chunk=5)] * 2)
        batch.refresh_from_db()
        return len(codes_of(batch)) > batch.made

    assert seen(attempt)


def all_of_it(batch):
    while work_on(batch_id=batch.pk, chunk=5):
        pass


# --- from day to day -----------------------------------------------------------------------------


def test_a_batch_is_good_from_its_first_day_to_its_last_where_the_shop_is(db):
    shop = open_shop(time_zone="Pacific/Auckland")
    batch = batch_of(shop, 3, valid_from=date(2027, 1, 2), valid_until=date(2027, 1, 3))
    first, second, third = codes_of(made(batch))

    with time_machine.travel("2027-01-01T10:59:59+00:00"), pytest.raises(VoucherNotYet):
        use(first)
    with time_machine.travel("2027-01-01T11:00:00+00:00"):
        assert use(first).status == "used"
    with time_machine.travel("2027-01-03T10:59:59+00:00"):
        assert use(second).status == "used"
    with time_machine.travel("2027-01-03T11:00:00+00:00"), pytest.raises(VoucherExpired) as late:
        use(third)
    assert str(late.value) == "This voucher is no longer valid."


def test_what_is_over_is_marked_in_chunks_and_members_vouchers_need_not_wait(shop):
    made(batch_of(shop, 5, valid_until=timezone.localdate()))

    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert expire_vouchers() == 0
        assert expire_batches(chunk=2) == 5
        assert expire_batches() == 0


# --- stopping ------------------------------------------------------------------------------------


def test_stopping_counts_at_once_and_what_was_used_stays_used(shop):
    first, second, *_ = codes_of(made(batch_of(shop, 4)))
    use(first)
    batch = first.batch

    stop_batch(batch_id=batch.pk, actor=SYSTEM)
    with pytest.raises(VoucherCanceled) as refused:
        use(second, key="late")
    work_on_batches(chunk=2)

    batch.refresh_from_db()
    assert str(refused.value) == "This voucher was canceled."
    assert (batch.status, batch.is_swept) == ("stopped", True)
    assert sorted(one.status for one in codes_of(batch)) == ["canceled"] * 3 + ["used"]


def test_a_batch_is_stopped_while_it_is_made_and_only_once(shop):
    batch = batch_of(shop, 10)
    work_on(batch_id=batch.pk, chunk=4)

    stop_batch(batch_id=batch.pk, actor=SYSTEM)
    work_on_batches()
    with pytest.raises(BatchStopped):
        stop_batch(batch_id=batch.pk, actor=SYSTEM)

    assert [one.status for one in codes_of(batch)] == ["canceled"] * 4


def test_a_use_that_is_let_go_of_after_the_batch_was_stopped_makes_nothing_good_again(shop):
    [voucher] = codes_of(made(batch_of(shop, 1)))
    use(voucher)
    stop_batch(batch_id=voucher.batch_id, actor=SYSTEM)
    work_on_batches()

    freed = release_own(voucher_id=voucher.pk, actor=SYSTEM)

    assert (freed.status, freed.uses) == ("canceled", 0)


# --- what is printed stays -----------------------------------------------------------------------


@pytest.mark.proves("R10")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rewards_voucher SET code = 'ANOTHERCODE0'",
        "UPDATE rewards_voucher SET public_id = gen_random_uuid()",
        "UPDATE rewards_voucher SET organization_id = organization_id + 1",
    ],
)
def test_no_statement_changes_a_printed_code(shop, statement):
    made(batch_of(shop, 1))

    with pytest.raises(IntegrityError, match="stays as it was printed"), transaction.atomic():
        ask(statement)


@pytest.mark.proves("R10")
def test_whatever_becomes_of_a_voucher_its_code_stays(shop):
    vouchers = codes_of(made(batch_of(shop, 3, prefix="AB")))
    printed = [one.code for one in vouchers]

    use(vouchers[0])
    release_own(voucher_id=vouchers[0].pk, actor=SYSTEM)
    vouchers[0].reward.name = "Renamed"
    vouchers[0].reward.save()
    stop_batch(batch_id=vouchers[0].batch_id, actor=SYSTEM)
    work_on_batches()

    assert [one.code for one in codes_of(vouchers[0].batch)] == printed


# --- the audit -----------------------------------------------------------------------------------


@pytest.mark.proves("INV-5f", "INV-5g", "INV-11")
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("DELETE FROM rewards_voucher WHERE id = (SELECT max(id) FROM rewards_voucher)", "INV-5f"),
        ("UPDATE rewards_voucherbatch SET made = made - 1, status = 'making'", "INV-5f"),
        (
            "UPDATE rewards_voucherbatch SET status = 'stopped', stopped_at = now(), "
            "is_swept = true",
            "INV-5g",
        ),
        ("UPDATE rewards_voucherbatch SET prefix = 'ZZ'", "INV-5g"),
        (
            "UPDATE rewards_voucherbatch SET organization_id = (SELECT max(id) FROM "
            "core_organization)",
            "INV-5g",
        ),
        (
            "UPDATE rewards_voucher SET reward_id = (SELECT max(id) FROM rewards_reward)",
            "INV-11",
        ),
    ],
)
def test_the_audit_names_a_batch_that_is_not_as_it_says(db, statement, broken):
    shop = open_shop()
    made(batch_of(shop, 3))
    open_shop("elsewhere").reward(1)
    clean_before = violations()

    ask(statement)

    assert clean_before == []
    assert broken in {row.invariant for row in violations()}


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
