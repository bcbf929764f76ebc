"""What follows from what members do, beside the points of rules: stamps, challenges, then tiers.

Each follower works for many happenings at once, in the order in which they are given, under the
locks of their accounts, in a fixed number of statements. What it gives goes into the book and is
told in ``Happening.followed``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from loyalty.services.carries import follow_carry_merges
from loyalty.services.challenge_merges import follow_challenge_merges
from loyalty.services.challenge_returns import follow_challenge_returns
from loyalty.services.challenges import follow_challenges
from loyalty.services.happenings import Happening, Joined, TakenBack
from loyalty.services.ledger import Book
from loyalty.services.stamp_merges import follow_stamp_merges
from loyalty.services.stamps import follow_stamp_returns, follow_stamps
from loyalty.services.tier_merges import follow_tier_merges
from loyalty.services.tiers import follow_tier_returns, follow_tiers

__all__ = [
    "FOLLOWERS",
    "MERGE_FOLLOWERS",
    "RETURN_FOLLOWERS",
    "Happening",
    "Joined",
    "TakenBack",
    "follow",
    "follow_merges",
    "follow_returns",
]

Follower: TypeAlias = Callable[[Book, Sequence[Happening]], None]
ReturnFollower: TypeAlias = Callable[[Book, Sequence[TakenBack]], None]
MergeFollower: TypeAlias = Callable[[Book, Sequence[Joined]], None]

FOLLOWERS: tuple[Follower, ...] = (follow_stamps, follow_challenges, follow_tiers)
RETURN_FOLLOWERS: tuple[ReturnFollower, ...] = (
    follow_stamp_returns,
    follow_challenge_returns,
    follow_tier_returns,
)
MERGE_FOLLOWERS: tuple[MergeFollower, ...] = (
    follow_carry_merges,
    follow_stamp_merges,
    follow_challenge_merges,
    follow_tier_merges,
)


def follow(book: Book, happenings: Sequence[Happening]) -> None:
    """Let stamps, challenges and tiers follow from what members did."""
    for follower in FOLLOWERS:
        follower(book, happenings)


def follow_returns(book: Book, taken: Sequence[TakenBack]) -> None:
    """Let stamps, challenges and tiers follow from what came back."""
    for follower in RETURN_FOLLOWERS:
        follower(book, taken)


def follow_merges(book: Book, joined: Sequence[Joined]) -> None:
    """Let the accounts that were joined, or parted, have the stamps and tiers due to them."""
    for follower in MERGE_FOLLOWERS:
        follower(book, joined)
