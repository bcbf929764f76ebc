"""What is written in one statement, or only at the end of a whole, is all there or not at all."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from core.bulk import Change, fresh, insert_linked
from core.locking import lock_those
from core.models import OutboxEvent, Store
from core.outbox import event, tell
from core.transactions import as_one
from loyalty.models import Account, Consumption, Entry, Lot
from tests.shops import open_shop

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def account(shop):
    return Account.objects.create(program=shop.program)


def earned(account, **different):
    entry = fresh(
        Entry,
        account=account,
        **{
            "sequence": 1,
            "kind": Entry.Kind.EARN,
            "points": 5,
            "balance_after": 5,
            "request_key": "key",
            "actor": "system",
            "occurred_at": AT,
        }
        | different,
    )
    lot = fresh(
        Lot,
        account=account,
        entry=entry,
        points=5,
        remaining=3,
        available_at=AT,
        reckoned_by={"type": "after", "days": 10},
    )
    used = fresh(Consumption, entry=entry, lot=lot, points=2)
    return SimpleNamespace(entry=entry, lot=lot, used=used, rows=[entry, lot, used])


def of(account, **figures):
    return Change("loyalty_account", tuple(figures), account.pk, tuple(figures.values()))


def test_rows_are_stored_with_the_ids_of_those_they_refer_to(account, django_assert_num_queries):
    made = earned(account)

    with django_assert_num_queries(1):
        insert_linked(made.rows, [of(account, balance=5, sequence=1)])

    lot = Lot.objects.get(pk=made.lot.pk)
    assert (lot.entry_id, made.lot.entry_id, made.used.lot_id) == (made.entry.pk,) * 2 + (lot.pk,)
    assert (lot.remaining, lot.reckoned_by) == (3, {"type": "after", "days": 10})
    assert Entry.objects.get().kind == "earn"
    assert Consumption.objects.get().lot == lot
    account.refresh_from_db()
    assert (account.balance, account.sequence) == (5, 1)
    assert not any(row._state.adding for row in made.rows)


def test_when_one_row_cannot_be_stored_none_is_and_nothing_is_changed(account):
    insert_linked(earned(account).rows[:1])

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_linked(earned(account).rows, [of(account, balance=9)])  # its sequence is taken

    account.refresh_from_db()
    assert (Entry.objects.count(), Lot.objects.count(), account.balance) == (1, 0, 0)


def test_only_rows_that_fulfill_the_condition_are_locked(shop):
    other = Store.objects.create(organization=shop.organization, code="b", name="B")

    with transaction.atomic():
        assert set(lock_those(Store, [shop.store.pk, other.pk], name="B")) == {other.pk}


def told(shop, kind):
    return event(kind, shop.store, organization_id=shop.organization.pk, payload={})


def test_a_whole_tells_all_that_happened_in_one_statement(shop, django_assert_num_queries):
    with django_assert_num_queries(3), as_one():  # a savepoint, the events, its release
        tell([told(shop, "first")])
        tell([told(shop, "second"), told(shop, "third")])

    kinds = OutboxEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["first", "second", "third"]


def test_a_whole_that_is_undone_tells_nothing(shop):
    with as_one():
        tell([told(shop, "first")])
        transaction.set_rollback(True)

    assert not OutboxEvent.objects.exists()


def test_a_part_that_is_undone_alone_tells_nothing_and_the_rest_does(shop):
    with as_one():
        tell([told(shop, "first")])
        with transaction.atomic():
            tell([told(shop, "undone")])
            transaction.set_rollback(True)

    assert list(OutboxEvent.objects.values_list("kind", flat=True)) == ["first"]


def test_what_is_told_alone_is_written_at_once(shop):
    tell([told(shop, "first")])

    assert OutboxEvent.objects.count() == 1
