"""Why a source of discounts takes nothing off, as codes and values; words come later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty.earning.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewards.discounts.sources import Source


def beaten_by(winners: Sequence[str], source: Source) -> Reason:
    """Tell that others are better for the member; a voucher is kept for another time."""
    code = "no_effect" if source.is_voucher else "better_discount"
    return Reason(code, {"instead": list(dict.fromkeys(winners))})


def nothing_left(source: Source) -> Reason:
    """Tell that it would take nothing off."""
    return Reason("no_effect" if source.is_voucher else "nothing_off", {"instead": []})
