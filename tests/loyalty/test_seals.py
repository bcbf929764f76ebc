import hashlib
import io
import json
from contextlib import contextmanager
from datetime import UTC
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from core.actors import SYSTEM
from core.invariants import Scope
from core.locking import only_one
from core.models import OutboxEvent
from core.services.audit_ledger import violations
from loyalty.models import Entry, Seal
from loyalty.services.adjustments import adjust_points
from loyalty.services.seals import seal_entries
from tests.shops import assert_audit_is_clean, open_shop

FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


@pytest.fixture
def shop(transactional_db):
    """Sealing waits for transactions, so that a test must not be one itself."""
    return open_shop()


@pytest.fixture
def member(shop):
    return shop.member(name="Mina K")


@pytest.fixture
def sealed(shop, member):
    """Two blocks of three entries and one of one."""
    for _purchase in range(7):
        shop.buys(member, "10.00")
    seal_entries(block=3)
    return shop


def broken():
    return [(row.subject, row.subject_id, row.detail) for row in violations(only=["INV-14"])]


def verify(*words):
    printed = io.StringIO()
    try:
        call_command("verify_seals", *words, stdout=printed)
    except SystemExit as end:
        return end.code, printed.getvalue()
    return 0, printed.getvalue()


def tamper(statement, *values):
    """Do what only a superuser can: change rows behind the backs of their triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


def listed(entry):
    """An entry as it is hashed, column by column; it must never change."""
    return [
        entry.pk,
        entry.account_id,
        entry.sequence,
        entry.kind,
        entry.points,
        entry.balance_after,
        entry.request_key,
        entry.actor,
        entry.cause,
        entry.cause_id,
        entry.reason,
        entry.reverses_id,
        entry.batch_id,
        entry.occurred_at.astimezone(UTC).strftime(FORM),
        entry.created_at.astimezone(UTC).strftime(FORM),
    ]


def test_anybody_can_compute_a_seal_from_the_entries_it_covers(shop, member):
    shop.buys(member, "10.00")
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=5,
        reason='said "sorry" — با پوزش\\\t😀',
        actor=SYSTEM,
        request_key="a",
    )

    assert seal_entries() == 1

    seal = Seal.objects.get()
    entries = Entry.objects.order_by("pk")
    texts = [json.dumps(listed(entry), ensure_ascii=False) for entry in entries]
    digests = b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
    head = ["regulars.seal.1", shop.organization.pk, 1, entries[0].pk, entries[1].pk, 2]
    head += ["0" * 64, seal.sealed_at.strftime(FORM)]
    assert bytes(seal.digests) == digests
    assert seal.hash == hashlib.sha256(json.dumps(head).encode() + digests).hexdigest()
    assert_audit_is_clean()


def test_blocks_are_of_bounded_size_and_chain_to_one_another(sealed):
    blocks = list(Seal.objects.order_by("number"))

    assert [(block.number, block.entries) for block in blocks] == [(1, 3), (2, 3), (3, 1)]
    assert [block.previous_hash for block in blocks] == ["0" * 64, blocks[0].hash, blocks[1].hash]
    assert broken() == []
    assert verify() == (0, "3 blocks of 7 entries checked\n")
    assert seal_entries() == 0


@pytest.mark.proves("D5", "INV-12")
def test_every_seal_is_told_so_that_a_copy_is_kept_elsewhere(sealed):
    told = OutboxEvent.objects.filter(kind="ledger.sealed").order_by("subject_id")

    seals = Seal.objects.order_by("pk")
    assert [event.payload["hash"] for event in told] == [seal.hash for seal in seals]
    assert [event.payload["block"] for event in told] == [1, 2, 3]
    assert {event.organization_id for event in told} == {sealed.organization.pk}


def test_each_organization_has_a_chain_of_its_own(sealed):
    other = open_shop("low-road")
    other.buys(other.member(), "10.00")
    sealed.buys(sealed.member(), "10.00")

    assert seal_entries() == 2

    numbers = Seal.objects.order_by("organization_id", "number")
    assert list(numbers.values_list("organization__slug", "number", "entries")) == [
        ("high-street", 1, 3),
        ("high-street", 2, 3),
        ("high-street", 3, 1),
        ("high-street", 4, 1),
        ("low-road", 1, 1),
    ]
    assert broken() == []


@pytest.mark.proves("B7", "INV-14", "D5")
@pytest.mark.parametrize(
    ("what", "statement", "detail"),
    [
        ("points", "UPDATE loyalty_entry SET points = 11 WHERE id = %s", "the entry was changed"),
        ("why", "UPDATE loyalty_entry SET reason = 'x' WHERE id = %s", "the entry was changed"),
        ("all", "DELETE FROM loyalty_entry WHERE id = %s", "the entry is gone"),
    ],
)
def test_who_changes_an_old_entry_is_named_with_block_and_entry(sealed, what, statement, detail):
    entry = Entry.objects.order_by("pk")[4]

    tamper(statement, entry.pk)

    assert broken() == [("loyalty.entry", entry.pk, f"block 2: {detail}")]
    status, printed = verify("--json")
    assert (status, json.loads(printed)["first_broken"]) == (
        1,
        {
            "organization": sealed.organization.pk,
            "subject": f"loyalty.entry:{entry.pk}",
            "detail": f"block 2: {detail}",
        },
    )


@pytest.mark.proves("B7", "INV-14")
def test_an_entry_slipped_in_among_sealed_ones_is_named(sealed, member):
    first = Entry.objects.order_by("pk")[0]
    tamper("UPDATE loyalty_entry SET id = -5 WHERE id = %s", first.pk)

    found = broken()

    assert [row[:2] for row in found] == [
        ("loyalty.entry", -5),
        ("loyalty.entry", first.pk),
    ]
    assert found[0][2] == "appeared among entries that were sealed before"


@pytest.mark.proves("B7", "INV-14")
@pytest.mark.parametrize(
    ("change", "blocks"),
    [
        ("hash = repeat('f', 64)", {1: "does not hash to its seal", 2: "does not continue"}),
        ("sealed_at = sealed_at + interval '1 s'", {1: "does not hash to its seal"}),
        ("number = 9", {9: "does not hash to its seal", 2: "does not continue"}),
    ],
)
def test_who_changes_a_seal_is_named_too(sealed, change, blocks):
    tamper(f"UPDATE loyalty_seal SET {change} WHERE number = 1")

    details = " ".join(detail for _subject, _id, detail in broken())

    assert all(f"block {number} {words}" in details for number, words in blocks.items())
    assert verify()[0] == 1


@pytest.mark.proves("B7", "D5")
def test_a_chain_that_was_written_anew_differs_from_the_copy_kept_elsewhere(sealed):
    kept = Seal.objects.get(number=3).hash
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE loyalty_seal")
    tamper("DELETE FROM core_outboxevent WHERE kind = 'ledger.sealed'")
    tamper("UPDATE loyalty_entry SET reason = 'forged' WHERE id < %s", Entry.objects.last().pk)
    seal_entries(block=3)

    assert broken() == []
    status, printed = verify("high-street", "--kept", f"3:{kept}")
    assert (status, printed.splitlines()[1]) == (
        1,
        "first broken: loyalty.seal block 3 is not the one that was told",
    )


@contextmanager
def meanwhile(something):
    """Let another connection be in the middle of something."""
    begun, end = Event(), Event()

    def run():
        try:
            with something():
                begun.set()
                end.wait(30)
        finally:
            connection.close()

    other = Thread(target=run)
    other.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        end.set()
        other.join()


def test_nothing_is_sealed_that_an_unfinished_transaction_may_still_come_before(shop, member):
    shop.buys(None, "1.00")  # the article is known, so that nobody waits for who names it first
    late = shop.member("+447400123457")

    @contextmanager
    def buying():
        with transaction.atomic():
            shop.buys(late, "20.00")
            yield

    with meanwhile(buying):
        shop.buys(member, "10.00")
        too_early = seal_entries(patience=0.3)

    assert (too_early, Seal.objects.count()) == (0, 0)
    assert seal_entries() == 1
    assert Seal.objects.get().entries == 2
    assert broken() == []


def test_two_sealers_do_not_stand_in_each_others_way(shop, member):
    shop.buys(member, "10.00")

    with meanwhile(lambda: only_one("loyalty.seal_entries", patience=0)):
        while_busy = seal_entries()

    assert while_busy == 0
    assert seal_entries() == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE loyalty_seal SET id = id", "DELETE FROM loyalty_seal"]
)
@pytest.mark.proves("L2")
def test_a_seal_cannot_be_changed(sealed, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Seal.objects.count() == 3


def test_only_blocks_sealed_since_then_are_hashed_again_when_asked_so(sealed):
    second = Seal.objects.get(number=2)
    tamper("UPDATE loyalty_entry SET reason = 'x' WHERE id = %s", second.first_entry)
    later = Seal.objects.get(number=3).sealed_at

    assert violations(Scope(since=later), only=["INV-14"]) == []
    assert len(violations(Scope(since=second.sealed_at), only=["INV-14"])) == 1
