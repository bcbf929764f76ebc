from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.earning.spread import apportion_down, largest_remainder

weights = st.lists(st.decimals(0, 10**9, places=3), min_size=1, max_size=20)
fractions = st.builds(Fraction, st.integers(0, 10**9), st.integers(1, 10**6))


@pytest.mark.parametrize(
    ("reason", "total", "shares", "parts"),
    [
        ("whole parts", 10, ["1", "4"], [2, 8]),
        ("the largest remainder gets the rest", 10, ["3.33", "3.33", "3.34"], [3, 3, 4]),
        ("of equal remainders the earlier one", 10, ["1", "1", "1"], [4, 3, 3]),
        ("nothing for what weighs nothing", 10, ["0", "5"], [0, 10]),
        ("equal parts when nothing weighs anything", 5, ["0", "0"], [3, 2]),
        ("nothing to split", 0, ["1", "2"], [0, 0]),
        ("one takes all", 7, ["0"], [7]),
        ("nobody takes nothing", 0, [], []),
    ],
)
def test_a_total_is_split_by_weight(reason, total, shares, parts):
    assert largest_remainder(total, [Decimal(share) for share in shares]) == parts


@settings(deadline=None)
@given(st.integers(0, 10**9), weights)
def test_the_parts_make_the_whole_and_keep_within_one_of_their_share(total, shares):
    parts = largest_remainder(total, shares)

    assert sum(parts) == total
    if whole := sum(shares):
        assert all(
            abs(part - Fraction(share) * total / Fraction(whole)) < 1
            for part, share in zip(parts, shares, strict=True)
        )


@settings(deadline=None)
@given(st.lists(fractions, max_size=20))
def test_shares_are_rounded_to_their_sum_rounded_down(quotas):
    parts = apportion_down(quotas)

    assert sum(parts) == int(sum(quotas))
    assert all(quota - 1 < part < quota + 1 for part, quota in zip(parts, quotas, strict=True))
