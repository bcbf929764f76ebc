"""A file that comes again is recognized by its rows, before anything is understood of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.importing.fingerprints import Fingerprints
from loyalty.importing.grouping import Group
from loyalty.models import ImportedReceipt
from tests.loyalty.importing.files import everything, row

NOTED = [row("r1"), row("r1", "B2"), row("r2", customer=""), row("C3", quantity=-1)]


@pytest.mark.proves("M1")
def test_receipts_that_come_again_are_skipped_without_a_change(imported):
    first = imported(NOTED)
    before = everything()

    again = imported(NOTED)

    assert (first.counts, again.counts) == ((4, 0, 0), (0, 0, 4))
    assert everything() == before
    assert "3 on record before" in again.out
    assert ImportedReceipt.objects.count() == 3


def test_what_comes_again_is_asked_for_in_few_questions(imported):
    rows = [row(f"r{n}", customer=f"c{n}") for n in range(40)]
    imported(rows)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        imported(rows)

    about = [one["sql"] for one in asked if "loyalty_purchase" in one["sql"]]
    assert about == []


def test_a_receipt_whose_rows_differ_is_read_and_refused(imported):
    imported(NOTED)

    changed = imported([row("r1", price="9.00"), *NOTED[2:]])

    assert changed.counts == (0, 1, 2)
    assert "receipt_conflict" in changed.out


def test_a_receipt_with_a_refused_row_is_looked_at_each_time(imported):
    rows = [row("r1"), row("r2", quantity=-1), row("r3", price="x"), row("r3")]
    imported(rows)

    again = imported(rows)

    assert again.counts == (0, 3, 1)
    assert ImportedReceipt.objects.count() == 1


def test_fingerprints_tell_rows_and_ways_of_reading_apart():
    one, other = Group("1", [(2, ["1", "a,b"])]), Group("1", [(2, ["1", "a", "b"])])
    moved = Group("1", [(9, ["1", "a,b"])])

    marks = Fingerprints("as it is")

    assert marks.of(one) == marks.of(moved)
    assert marks.of(one) != marks.of(other)
    assert marks.of(one) != Fingerprints("another mapping").of(one)
