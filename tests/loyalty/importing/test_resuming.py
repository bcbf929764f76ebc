"""An import that is killed in the middle goes on, and ends where it would have ended anyway."""

import gzip
import os
import signal
import subprocess
import sys
import time
from itertools import islice

import pytest

from loyalty.models import Award, Entry, Lot, Purchase, PurchaseLine, ReceiptImport, Return
from tests.loyalty.importing.files import PROJECT, import_file, real_file
from tests.server import database_url_of_tests
from tests.shops import assert_audit_is_clean, open_shop

LINES = 20_000
PATIENCE_SECONDS = 120


@pytest.fixture
def receipts(tmp_path):
    """The first lines of the real file, cut where a receipt ends."""
    path = tmp_path / "receipts.csv"
    whole = real_file("online_retail/online_retail_visible.csv.gz")
    with gzip.open(whole, "rt", encoding="utf-8") as lines:
        kept = list(islice(lines, LINES))
        last = kept[-1].split(",")[0]
        kept += [line for line in islice(lines, 2000) if line.startswith(f"{last},")]
    path.write_text("".join(kept), encoding="utf-8")
    return path


def state(shop):
    """Everything an import leaves behind, by natural keys, in an order that never differs."""
    own = {"organization": shop.organization}
    bought = {"purchase__organization": shop.organization}
    held = {"account__program": shop.program}
    member = "account__holders__member__external_id"
    return [
        list(Purchase.objects.filter(**own).order_by("external_id").values_list(
            "external_id", "member__external_id", "occurred_at", "total", "returned")),
        list(PurchaseLine.objects.filter(**bought).order_by(
            "purchase__external_id", "number").values_list(
            "purchase__external_id", "number", "sku", "amount", "returned_amount")),
        list(Return.objects.filter(**own).order_by("external_id").values_list(
            "external_id", "status", "amount", "points_reversed", "debt")),
        list(Entry.objects.filter(**held).order_by(member, "sequence").values_list(
            member, "sequence", "kind", "points", "balance_after")),
        list(Lot.objects.filter(**held).order_by(member, "entry__sequence").values_list(
            member, "entry__sequence", "points", "remaining")),
        list(Award.objects.filter(**bought).order_by("purchase__external_id").values_list(
            "purchase__external_id", "awarded", "reversed")),
    ]  # fmt: skip


def kill_after_the_first_chunk(path, slug):
    """Import in a process of its own, and kill it once something is on record."""
    command = [sys.executable, "manage.py", "import_receipts", slug, str(path)]
    process = subprocess.Popen(
        [*command, "--mapping", "online-retail"],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": database_url_of_tests()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    begun = ReceiptImport.objects.filter(organization__slug=slug, position__gt=0)
    while not begun.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    return process.wait()


@pytest.mark.server
@pytest.mark.proves("M1")
def test_a_killed_import_goes_on_and_ends_as_if_it_had_never_been_killed(
    transactional_db, receipts
):
    killed, whole = open_shop("killed"), open_shop("whole")

    ended = kill_after_the_first_chunk(receipts, "killed")
    half = ReceiptImport.objects.get(organization=killed.organization)
    resumed = import_file(receipts, "--resume", slug="killed")
    uninterrupted = import_file(receipts, slug="whole")

    assert (ended, half.status) == (-signal.SIGKILL, ReceiptImport.Status.RUNNING)
    assert resumed.code == uninterrupted.code
    assert state(killed) == state(whole)
    assert_audit_is_clean()
