"""Why a row of a file is not taken; docs/importing.md lists the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.utils.translation import gettext_lazy as _

from core.errors import StackedMarks, StoreCodeUnknown, TextNotAllowed, TextTooLong
from loyalty.errors import FutureDate, PointsLimitExceeded, ReceiptConflict, SaleUnknown, TooOld
from members.errors import (
    CardInvalid,
    ContactNeeded,
    EmailInvalid,
    MemberClosed,
    MemberUnknown,
    PhoneHasExtension,
    PhoneHasLetters,
    PhoneInvalid,
    PhoneNeedsCountry,
    SignsDiffer,
)

if TYPE_CHECKING:
    from core.errors import Refusal, Sentence

REASONS: dict[str, Sentence] = {
    "below_zero": _("The discounts are larger than the receipt."),
    FutureDate.code: FutureDate.sentence,
    "incomplete": _("Another row of this receipt cannot be used."),
    "members_differ": _("The rows of this receipt name two customers."),
    "negative_amount": _("The amount is negative."),
    "negative_quantity": _("The quantity is negative."),
    "not_a_number": _("%(text)s is not a number."),
    "not_a_time": _("%(text)s is not a time."),
    "ragged_row": _("The row has %(cells)s cells and the header %(columns)s."),
    ReceiptConflict.code: ReceiptConflict.sentence,
    "receipt_missing": _("The row names no receipt."),
    SaleUnknown.code: SaleUnknown.sentence,
    "scattered": _("Other rows of this receipt stand elsewhere in the file."),
    StackedMarks.code: StackedMarks.sentence,
    StoreCodeUnknown.code: StoreCodeUnknown.sentence,
    "stores_differ": _("The rows of this receipt name two stores."),
    TextNotAllowed.code: TextNotAllowed.sentence,
    TextTooLong.code: TextTooLong.sentence,
    "too_large": _("%(value)s is too large."),
    "too_many_decimals": _("%(value)s has more than three decimals."),
    "too_many_lines": _("A receipt has at most %(max)s lines."),
    TooOld.code: TooOld.sentence,
    "already_ended": _("The last day is over already."),
    CardInvalid.code: CardInvalid.sentence,
    ContactNeeded.code: ContactNeeded.sentence,
    "day_too_far": _("The last day is too far away."),
    EmailInvalid.code: EmailInvalid.sentence,
    MemberClosed.code: MemberClosed.sentence,
    "member_missing": _("The row names no member."),
    MemberUnknown.code: MemberUnknown.sentence,
    "not_a_day": _("%(text)s is not a day such as 2027-01-31."),
    PhoneHasExtension.code: PhoneHasExtension.sentence,
    PhoneHasLetters.code: PhoneHasLetters.sentence,
    PhoneInvalid.code: PhoneInvalid.sentence,
    PhoneNeedsCountry.code: PhoneNeedsCountry.sentence,
    PointsLimitExceeded.code: PointsLimitExceeded.sentence,
    "points_negative": _("The points are less than nothing."),
    "points_too_many": _("One row has at most 1,000,000,000 points."),
    "points_zero": _("The row has no points."),
    "row_repeated": _("The same row stands in this file before. A note tells two apart."),
    SignsDiffer.code: SignsDiffer.sentence,
}


# What mapping and program foresee; everything else is a fault that somebody should look at.
FORESEEN = frozenset({"below_zero", SaleUnknown.code})


class Unfit(Exception):
    """A cell, row or receipt cannot be taken; ``code`` is the reason's name."""

    def __init__(self, code: str, about: str = "", **values: object) -> None:
        self.code = code
        sentence = str(REASONS[code]) % values if values else str(REASONS[code])
        self.message = f"{about}: {sentence}" if about else sentence
        super().__init__(code)

    @property
    def is_fault(self) -> bool:
        """Say whether nobody foresaw it."""
        return self.code not in FORESEEN

    @classmethod
    def like(cls, refusal: Refusal, about: str = "") -> Self:
        """Give the reason that a refusal has."""
        return cls(refusal.code, about)
