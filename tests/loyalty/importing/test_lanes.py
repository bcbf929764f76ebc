"""A file in lanes: side by side in processes, and at the end as if it had been in one piece."""

from datetime import datetime, timedelta

import pytest

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.importing.mapping import load_mapping
from loyalty.models import ImportLane, ImportRefusal, ReceiptImport
from loyalty.services.import_lanes import can_be_split
from loyalty.services.import_runs import run_import, run_side_by_side
from loyalty.services.imports import alone_with, begin_import, done_so_far, open_import_file
from members.services.households import open_household
from tests.loyalty.importing.files import import_file, row, text_of
from tests.loyalty.importing.standing import standing
from tests.shops import assert_audit_is_clean, open_shop

BEGIN = datetime(2011, 5, 2, 8)  # noqa: DTZ001 as the file writes it


def history(receipts=1_300):
    """Return the rows of some weeks: sales, guests, returns, and rows that are refused."""
    rows = []
    for n in range(receipts):
        at = (BEGIN + timedelta(minutes=7 * n)).isoformat()
        who = f"c{n % 23}" if n % 5 else ""
        if n % 31 == 30:
            rows.append(row(f"C{n}", f"S{(n - 23) % 11}", -1, "2.50", customer=f"c{n % 23}", at=at))
            continue
        rows.append(row(f"r{n}", f"S{n % 11}", 1 + n % 3, "2.50", customer=who, at=at))
        rows.append(row(f"r{n}", "POST", 1, "1.00" if n % 97 else "x", customer=who, at=at))
    return rows


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "receipts.csv"
    made.write_text(text_of(history()), encoding="utf-8")
    return made


def opened(shop, path):
    return open_import_file(
        organization_id=shop.organization.pk, path=path, mapping=load_mapping("online-retail")
    )


def side_by_side(shop, path, told, *, resume=False):
    file = opened(shop, path)
    with alone_with(file):
        job = begin_import(file=file, resume=resume)
        return run_side_by_side(file=file, job=job, told=told, rows_min=1)


def in_one_piece(shop, path):
    file = opened(shop, path)
    job = begin_import(file=file, resume=False)
    return run_import(file=file, job=job, told=lambda _rows: None)


def left_by(shop):
    job = ReceiptImport.objects.get(organization=shop.organization)
    refused = ImportRefusal.objects.filter(parent=job).order_by("row")
    return (
        standing(shop),
        (job.status, job.position, job.report),
        list(refused.values_list("row", "receipt", "code", "message")),
        OutboxEvent.objects.filter(organization=shop.organization, kind="import.finished").count(),
        ImportLane.objects.filter(parent=job).count(),
    )


class Enough(Exception):
    """Somebody has seen enough."""


@pytest.mark.proves("M1")
def test_lanes_come_to_the_same_end_as_one_piece(transactional_db, path):
    lanes, whole = open_shop("lanes"), open_shop("whole")
    done = []

    side_by_side(lanes, path, done.append)
    in_one_piece(whole, path)

    assert len(done) > 2
    assert sum(done) == len(history())
    assert left_by(lanes) == left_by(whole)
    assert_audit_is_clean()


@pytest.mark.proves("M1")
def test_lanes_that_were_broken_off_go_on_and_come_to_the_same_end(transactional_db, path):
    broken, whole = open_shop("broken"), open_shop("whole")

    def told(_rows):
        raise Enough

    with pytest.raises(Enough):
        side_by_side(broken, path, told)
    half = ReceiptImport.objects.get(organization=broken.organization)
    receipts, rows = done_so_far(half)  # at least: the other lane may be at its commit
    refused = import_file(path, slug="broken")
    resumed = import_file(path, "--resume", slug="broken")
    in_one_piece(whole, path)

    assert half.status == ReceiptImport.Status.RUNNING
    assert 0 < receipts < 1_300
    assert 0 < rows < len(history())
    assert (refused.code, resumed.code) == (1, 1)  # a price that is no number is a fault
    assert "going on after" in resumed.out
    assert left_by(broken) == left_by(whole)
    assert_audit_is_clean()


def test_a_trial_is_in_one_piece_and_leaves_nothing(shop, write):
    path = write(history(300))

    ran = import_file(path, "--dry-run")

    assert ran.counts[0] > 0
    assert not ReceiptImport.objects.exists()


def test_what_customers_share_keeps_a_file_in_one_piece(shop, write):
    path = write([row("r1", customer="a"), row("r2", customer="b")])
    apart = can_be_split(opened(shop, path))
    again = write([row("r1"), row("r2"), row("r1")], "again.csv")
    twice = can_be_split(opened(shop, again))
    rule = shop.add_rule(
        {
            "trigger": {"type": "purchase"},
            "effect": {"type": "fixed_points", "points": 1},
            "limits": {"budget": 5},
        }
    )
    with_budget = can_be_split(opened(shop, path))
    rule.status = "paused"
    rule.save(update_fields=["status"])
    open_household(head_id=shop.member().pk, name="Home", actor=SYSTEM, request_key="home")
    with_household = can_be_split(opened(shop, path))

    assert (apart, twice, with_budget, with_household) == (True, False, False, False)
