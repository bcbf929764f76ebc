"""The only module that takes row locks.

Locks are taken in the order of ``ORDER`` and never the other way round; rows of one table
lowest primary key first. docs/locking.md tells why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, connection, models, transaction
from django.db.models import F, QuerySet

from core.bulk import array
from core.errors import Missing
from core.prepared import Among, Prepared

ModelT = TypeVar("ModelT", bound=models.Model)

ORDER = (
    "core.IdempotentRequest",
    "core.Organization",
    "core.Integration",
    "core.Staff",
    "core.Store",
    "core.Register",
    "loyalty.Purchase",
    "loyalty.AdjustmentRequest",
    "members.SignInCode",
    "rewards.ProofCode",
    "members.Member",
    "loyalty.Account",
    "loyalty.RuleBudget",
    "rewards.Reward",
    "rewards.Redemption",
    "loyalty.Hold",
    "rewards.VoucherBatch",
    "rewards.Voucher",
    "rewards.GiftCard",
    "rewards.Draw",
)


def lock_all(model: type[ModelT], pks: Iterable[int], *related: str) -> dict[int, ModelT]:
    """Lock the rows, fresh from the database, and return them by primary key.

    ``related`` names foreign keys to read along, unlocked. Raises ``Missing`` when a row is gone.
    """
    assert transaction.get_connection().in_atomic_block, "a lock needs a transaction"
    assert model._meta.label in ORDER, f"{model._meta.label} has no place in the lock order"  # noqa: SLF001
    wanted = set(pks)
    locked = {row.pk: row for row in _to_lock(model, *related)(array(wanted))}
    if len(locked) != len(wanted):
        raise Missing
    return locked


def lock_those(
    model: type[ModelT], pks: Iterable[int], *related: str, **conditions: Any
) -> dict[int, ModelT]:
    """Lock those of the rows that fulfill the conditions, and neither lock nor return the others.

    A row that stops to fulfill them while its lock is waited for is one of the others.
    """
    assert transaction.get_connection().in_atomic_block, "a lock needs a transaction"
    assert model._meta.label in ORDER, f"{model._meta.label} has no place in the lock order"  # noqa: SLF001
    asked = _to_lock(model, *related, **conditions)
    return {row.pk: row for row in asked(array(set(pks)))}


def lock_one(model: type[ModelT], pk: int, *related: str) -> ModelT:
    """Lock one row and return it fresh; raise ``Missing`` when it is gone."""
    return lock_all(model, [pk], *related)[pk]


def lock_rows(model: type[models.Model], pks: Iterable[int]) -> None:
    """Lock rows for a statement that will read them itself; raise ``Missing`` when one is gone."""
    assert transaction.get_connection().in_atomic_block, "a lock needs a transaction"
    assert model._meta.label in ORDER, f"{model._meta.label} has no place in the lock order"  # noqa: SLF001
    wanted = set(pks)
    with connection.cursor() as cursor:
        table = model._meta.db_table  # noqa: SLF001
        among = "id = ANY(%s::bigint[]) ORDER BY id"
        cursor.execute(f"SELECT id FROM {table} WHERE {among} FOR NO KEY UPDATE", [array(wanted)])  # noqa: S608
        if len(cursor.fetchall()) != len(wanted):
            raise Missing


def lock_growing(
    model: type[ModelT], pks: Iterable[int], reach: Callable[[dict[int, ModelT]], Iterable[int]]
) -> dict[int, ModelT]:
    """Lock the rows and all that they lead to, in their order, and return them fresh.

    ``reach`` is asked under the locks. When it names more, they are let go of and taken anew with
    those: a lock that was taken before this call stays.
    """
    wanted = set(pks)
    while True:
        with transaction.atomic():
            locked = lock_all(model, wanted)
            more = set(reach(locked)) - wanted
            if not more:
                return locked
            transaction.set_rollback(True)
        wanted |= more


def lock_rows_growing(
    model: type[models.Model], pks: Iterable[int], reach: Callable[[set[int]], Iterable[int]]
) -> set[int]:
    """Do the same without reading the rows: ``reach`` is given their ids, which are returned."""
    wanted = set(pks)
    while True:
        with transaction.atomic():
            lock_rows(model, wanted)
            more = set(reach(wanted)) - wanted
            if not more:
                return wanted
            transaction.set_rollback(True)
        wanted |= more


def unlocked(rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
    """Lock those of the rows that nobody else has; what never waits needs no place in the order."""
    return rows.select_for_update(skip_locked=True)


def try_advisory_lock(name: str) -> bool:
    """Take a named lock until the end of the transaction, or say that another job has it."""
    return _ask("pg_try_advisory_xact_lock", name)


@contextmanager
def only_one(name: str, *, patience: float) -> Iterator[bool]:
    """Hold a named lock over many transactions, or say that another job has it.

    The lock ends with the connection, which the server may notice a little late: be patient.
    """
    end = time.monotonic() + patience
    taken = _ask("pg_try_advisory_lock", name)
    while not taken and time.monotonic() < end:
        time.sleep(0.2)
        taken = _ask("pg_try_advisory_lock", name)
    try:
        yield taken
    finally:
        if taken:
            with suppress(DatabaseError, InterfaceError):
                _ask("pg_advisory_unlock", name)


@cache
def _to_lock(model: type[ModelT], *related: str, **conditions: Any) -> Prepared[ModelT]:
    # no_key: inserting a row that refers to a locked one must not have to wait.
    rows = model._default_manager.select_for_update(of=("self",), no_key=True)  # noqa: SLF001
    rows = rows.filter(**conditions)
    rows = rows.select_related(*related) if related else rows
    return Prepared(lambda pks: rows.filter(Among(F("pk"), pks)).order_by("pk"))


def _ask(function: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])
        row = cursor.fetchone()
    return bool(row and row[0])
