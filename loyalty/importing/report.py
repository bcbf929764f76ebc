"""Says in plain lines what came of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from loyalty.importing.tally import Tally


def report_lines(tally: Tally, currency: str) -> Iterator[str]:
    """Return the report of an import, line by line; it depends on the tally alone."""
    net = tally.sold - tally.returned
    yield (
        f"lines     {tally.rows:,} = {tally.accepted:,} accepted + {tally.refused:,} refused"
        f" + {tally.skipped:,} skipped"
    )
    yield (
        f"receipts  {tally.purchases:,} purchases, {tally.returns:,} returns,"
        f" {tally.duplicates:,} on record before"
    )
    yield f"members   {tally.members:,} new"
    yield (
        f"returned  {tally.found:,} lines found on their sale, {tally.partly_found:,} in part,"
        f" {tally.not_found:,} not"
    )
    yield (
        f"points    {tally.points_given:,} given, {tally.points_taken:,} taken back,"
        f" {tally.points_owed:,} of them owed"
    )
    yield (
        f"money     {money(tally.sold)} sold - {money(tally.returned)} returned"
        f" = {money(net)} {currency}"
    )
    for code, rows in tally.reasons.most_common():
        yield f"refused   {rows:,} {code}"


def money(amount: Decimal) -> str:
    """Write an amount with two decimals, or with three when it has as many."""
    return f"{amount:,.2f}" if amount == round(amount, 2) else f"{amount:,.3f}"
