"""What becomes of stamp cards as stamps come and go, without any database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.stamps.fold import Move, Sheet, Strip, fold
from loyalty.stamps.spec import StampCardSpec, parse_card

LONDON = ZoneInfo("Europe/London")
JANUARY = datetime(2026, 1, 31, 9, tzinfo=UTC)
COFFEE = [{"type": "voucher", "reward": "coffee"}]
COOKIE = [{"type": "voucher", "reward": "cookie"}]


def card(size: int = 3, **details: Any) -> StampCardSpec:
    return parse_card({"size": size, "gifts": COFFEE, **details})


def stamps(count: int, *, day: int = 0, version: int = 1, **details: Any) -> Move:
    return Move(stamps=count, at=JANUARY + timedelta(days=day), version=version, **details)


def told(sheets: list[Sheet]) -> list[tuple[int, bool]]:
    return [(sheet.stamps, sheet.is_full) for sheet in sheets]


def test_stamps_fill_the_open_sheet_one_by_one() -> None:
    sheets = fold([stamps(1), stamps(1, day=1)], {1: card()}, LONDON)

    assert told(sheets) == [(2, False)]
    assert (sheets[0].opened_at, sheets[0].stamped_at) == (JANUARY, JANUARY + timedelta(days=1))


def test_what_is_too_much_begins_the_next_sheet_and_may_fill_that_too() -> None:
    sheets = fold([stamps(1), stamps(6)], {1: card()}, LONDON)

    assert told(sheets) == [(3, True), (3, True), (1, False)]
    assert [sheet.begun_by for sheet in sheets] == [1, 2, 2]


def test_a_full_sheet_begins_no_empty_one() -> None:
    sheets = fold([stamps(3)], {1: card()}, LONDON)

    assert told(sheets) == [(3, True)]


def test_a_sheet_keeps_the_version_it_was_begun_with() -> None:
    specs = {1: card(3), 2: card(5)}

    sheets = fold([stamps(2), stamps(3, day=1, version=2)], specs, LONDON)

    assert told(sheets) == [(3, True), (2, False)]
    assert [sheet.version for sheet in sheets] == [1, 2]


def test_stamps_lapse_at_the_end_of_the_last_local_day_of_their_months() -> None:
    spec = {1: card(months=1)}

    [sheet] = fold([stamps(1)], spec, LONDON)

    assert sheet.expires_at == datetime(2026, 3, 1, tzinfo=UTC)  # 28 February is the last day
    assert not sheet.has_lapsed(datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    assert sheet.has_lapsed(datetime(2026, 3, 1, tzinfo=UTC))


def test_the_end_is_a_local_day_also_where_clocks_are_set_forward() -> None:
    begun = Move(stamps=1, at=datetime(2026, 3, 10, 12, tzinfo=UTC), version=1)

    [sheet] = fold([begun], {1: card(months=1)}, LONDON)

    assert sheet.expires_at == datetime(2026, 4, 10, 23, tzinfo=UTC)


def test_a_stamp_after_the_end_begins_anew_whatever_night_has_run() -> None:
    sheets = fold([stamps(2), stamps(1, day=40)], {1: card(months=1)}, LONDON)

    assert told(sheets) == [(2, False), (1, False)]


def test_each_stamp_puts_the_end_off() -> None:
    sheets = fold([stamps(1), stamps(1, day=20), stamps(1, day=40)], {1: card(months=1)}, LONDON)

    assert told(sheets) == [(3, True)]


def test_a_receipt_that_comes_in_late_counts_on_the_sheet_of_its_day() -> None:
    sheets = fold([stamps(1, day=10), stamps(1, day=2)], {1: card(months=1)}, LONDON)

    assert told(sheets) == [(2, False)]
    assert sheets[0].stamped_at == JANUARY + timedelta(days=10)


def test_what_staff_give_by_hand_does_not_put_the_end_off() -> None:
    by_hand = stamps(1, day=20, keeps_alive=False)

    sheets = fold([stamps(1), by_hand, stamps(1, day=40)], {1: card(months=1)}, LONDON)

    assert told(sheets) == [(2, False), (1, False)]


def test_stamps_are_taken_off_the_open_sheet_first() -> None:
    sheets = fold([stamps(5), stamps(-2)], {1: card()}, LONDON)

    assert told(sheets) == [(3, True), (0, False)]


def test_a_full_sheet_is_opened_again_and_the_one_after_it_is_gone() -> None:
    sheets = fold([stamps(4), stamps(-2, reopened=1)], {1: card()}, LONDON)

    assert told(sheets) == [(2, False)]
    assert [sheet.number for sheet in sheets] == [1]


def test_what_cannot_be_taken_off_a_full_sheet_is_owed_on_the_next() -> None:
    sheets = fold([stamps(3), stamps(-2), stamps(3)], {1: card()}, LONDON)

    assert told(sheets[:1]) == [(3, True)]
    assert told(sheets[1:]) == [(1, False)]


def test_places_that_give_something_are_told_as_they_are_reached_and_left() -> None:
    milestones = [{"at": 2, "gifts": COOKIE}]
    strip = Strip({1: card(4, milestones=milestones)}, LONDON)

    reached = strip.move(1, stamps(5))
    left = strip.move(2, stamps(-3, reopened=1))

    assert [(place.sheet.number, place.at) for place in reached] == [(1, 2), (1, 4)]
    assert [(place.sheet.number, place.at) for place in left] == [(1, 4)]


@pytest.mark.parametrize(
    ("taken", "opened"), [(1, 0), (2, 1), (4, 1), (5, 2), (7, 2), (8, 2), (20, 2)]
)
def test_full_sheets_are_opened_again_only_as_far_as_they_are_needed(
    taken: int, opened: int
) -> None:
    strip = Strip({1: card()}, LONDON)
    strip.move(1, stamps(7))

    count = strip.reopenings(taken, may_drop=lambda _sheet: True, may_reopen=lambda _sheet: True)

    assert count == opened


def test_a_sheet_whose_gift_was_used_ends_the_way_back() -> None:
    strip = Strip({1: card()}, LONDON)
    strip.move(1, stamps(7))

    count = strip.reopenings(
        7, may_drop=lambda _sheet: True, may_reopen=lambda sheet: sheet.number == 2
    )

    assert count == 1


def test_sheets_before_one_that_lapsed_are_not_opened_again() -> None:
    strip = Strip({1: card(months=1)}, LONDON)
    strip.move(1, stamps(4))
    strip.move(2, stamps(1, day=60))

    count = strip.reopenings(2, may_drop=lambda _sheet: True, may_reopen=lambda _sheet: True)

    assert count == 0


@given(st.lists(st.integers(-6, 9).filter(bool), max_size=20), st.integers(2, 6))
def test_no_stamp_is_lost_or_made_while_nothing_lapses(counts: list[int], size: int) -> None:
    strip = Strip({1: card(size)}, LONDON)

    for sequence, count in enumerate(counts, start=1):
        opened = strip.reopenings(
            max(-count, 0), may_drop=lambda _sheet: True, may_reopen=lambda _sheet: True
        )
        strip.move(sequence, stamps(count, reopened=opened))

    total = sum(counts)
    assert sum(sheet.stamps for sheet in strip.sheets) == total
    assert sum(sheet.is_full for sheet in strip.sheets) == max(0, total // size)
    assert all(sheet.stamps < size or sheet.is_full for sheet in strip.sheets)
    assert [sheet.number for sheet in strip.sheets] == list(range(1, len(strip.sheets) + 1))
