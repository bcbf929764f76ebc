"""Every seal is kept in a file that whoever can change the database cannot change."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.models import OutboxEvent
from core.services.outbox import relay_events
from loyalty.models import Entry, Seal
from loyalty.services.seal_copies import SealContradicts, keep_copy
from loyalty.services.seals import seal_entries
from tests.shops import open_shop


@pytest.fixture
def copy(tmp_path, settings):
    settings.SEALS_COPY = str(tmp_path / "elsewhere" / "seals.jsonl")
    return Path(settings.SEALS_COPY)


@pytest.fixture
def sealed(transactional_db, copy):
    """Three blocks of two entries, all of them told."""
    shop = open_shop()
    member = shop.member()
    for _purchase in range(6):
        shop.buys(member, "10.00")
    seal_entries(block=2)
    relay_events()
    return shop


def lines(copy):
    return [json.loads(line) for line in copy.read_text().splitlines()]


def verify(*words):
    printed = io.StringIO()
    try:
        call_command("verify_seals", *words, stdout=printed)
    except SystemExit as end:
        return end.code, printed.getvalue().splitlines()
    return 0, printed.getvalue().splitlines()


def tamper(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


@pytest.mark.proves("INV-14", "D5")
def test_each_seal_stands_in_the_copy_once_and_agrees(sealed, copy):
    kept = [(line["organization"], line["block"], line["hash"]) for line in lines(copy)]

    seals = Seal.objects.order_by("number")
    assert kept == list(seals.values_list("organization", "number", "hash"))
    assert verify("--copy") == (
        0,
        ["3 blocks of 6 entries checked", "3 blocks compared with the copy"],
    )


@pytest.mark.proves("D5")
def test_an_event_that_comes_twice_is_kept_once(sealed, copy):
    before = copy.read_bytes()

    for told in OutboxEvent.objects.filter(kind="ledger.sealed"):
        keep_copy(told)

    assert copy.read_bytes() == before


@pytest.mark.proves("D5")
def test_half_a_line_that_a_crash_left_is_written_anew(sealed, copy):
    whole = copy.read_bytes()
    copy.write_bytes(whole[:-30])

    keep_copy(OutboxEvent.objects.filter(kind="ledger.sealed").latest("pk"))

    assert copy.read_bytes() == whole


@pytest.mark.proves("B7", "D5", "INV-14")
def test_a_chain_written_anew_with_all_its_events_differs_from_the_copy(sealed, copy):
    before = copy.read_bytes()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE loyalty_seal")
    tamper("DELETE FROM core_outboxevent WHERE kind = 'ledger.sealed'")
    tamper("UPDATE loyalty_entry SET reason = 'forged' WHERE id < %s", Entry.objects.last().pk)
    seal_entries(block=2)

    relay_events()

    assert verify()[0] == 0
    status, said = verify("high-street", "--copy")
    assert (status, said[2:]) == (
        1,
        ["first broken: loyalty.seal block 1 has another hash in the copy", "3 broken in all"],
    )
    assert copy.read_bytes() == before
    told = OutboxEvent.objects.filter(kind="ledger.sealed")
    assert set(told.values_list("sent_at", "last_error")) == {
        (None, "copy of seals: SealContradicts")
    }
    with pytest.raises(SealContradicts):
        keep_copy(told[0])


@pytest.mark.proves("B7", "D5")
def test_a_seal_that_is_gone_or_was_never_kept_is_named(sealed, copy):
    first, _second, third = copy.read_bytes().splitlines(keepends=True)
    copy.write_bytes(first + third)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE loyalty_seal DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM loyalty_seal WHERE number = 1")
        cursor.execute("ALTER TABLE loyalty_seal ENABLE TRIGGER USER")

    status, said = verify("--copy", str(copy), "--json")

    assert status == 1
    assert json.loads("\n".join(said))["compared_with_copy"] == 2
    assert json.loads("\n".join(said))["broken"] >= 2


def test_a_seal_that_is_on_its_way_to_the_copy_is_not_missed(sealed, copy):
    sealed.buys(sealed.member("+447400123457"), "10.00")
    seal_entries()

    assert verify("--copy")[0] == 0
    relay_events()
    assert len(lines(copy)) == 4


@pytest.mark.parametrize("content", [None, b"not a seal}\n", b"[1]\n{}\n"])
def test_a_copy_that_cannot_be_read_is_told_in_words(sealed, copy, content):
    copy.unlink()
    if content is not None:
        copy.write_bytes(content)

    with pytest.raises(CommandError):
        verify("--copy")
