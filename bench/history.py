"""What the members of the bench did before: text for COPY, row by row, the same every time.

Each member has ten entries. Eight purchases earned a lot each; the first lot ended, and a part
of the second was taken by hand. The other lots end in 2030 and later, one year after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from bench.shop import PRODUCTS, phone, sku
from members.cards import check_digit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PURCHASES = 8
ENTRIES = PURCHASES + 2
THEN = "2024-01-01 00:00:00+00"
ENDED = "2025-06-01 00:00:00+00"
FIRST_END = 2030


@dataclass(frozen=True)
class Ground:
    """The rows that all history stands on."""

    organization_id: int
    program_id: int
    store_id: int
    rule_version_id: int
    batch_id: int


@dataclass(frozen=True)
class Past:
    """The history of one member; all ids follow from its number."""

    number: int

    @property
    def id(self) -> int:
        """Return the id of the member, the account and the card alike."""
        return self.number + 1

    @cached_property
    def points(self) -> list[int]:
        """Return what each purchase earned, which is also what it cost."""
        return [5 + (self.number * 7 + j * 13) % 95 for j in range(PURCHASES)]

    @property
    def taken(self) -> int:
        """Return what was taken from the second lot by hand."""
        return self.points[1] // 2

    @cached_property
    def moves(self) -> list[int]:
        """Return the points of each entry."""
        return [*self.points, -self.points[0], -self.taken]

    @property
    def balance(self) -> int:
        """Return what is left."""
        return sum(self.moves)

    def purchase(self, j: int) -> int:
        """Return the id of a purchase, its line, its lot and its award alike."""
        return self.number * PURCHASES + j + 1

    def entry(self, k: int) -> int:
        """Return the id of an entry."""
        return self.number * ENTRIES + k + 1

    def at(self, j: int) -> str:
        """Return when a purchase was made."""
        return f"2024-{j + 1:02d}-{self.number % 28 + 1:02d} {self.number % 10 + 8:02d}:30:00+00"


Rows: TypeAlias = "Mapping[str, tuple[str, Callable[[Ground, Past], Iterator[str]]]]"


def _member(g: Ground, past: Past) -> Iterator[str]:
    yield (
        f"{past.id}\t{_uuid(1, past.id)}\t{phone(past.number)}\tMember {past.number}\t\tactive"
        f"\t{{}}\t{THEN}\timport\t{THEN}\t{g.organization_id}\n"
    )


def _card(g: Ground, past: Past) -> Iterator[str]:
    body = f"29{past.number:010d}"
    number = f"{body}{check_digit(body)}"
    yield f"{past.id}\t{number}\tpersonal\tactive\tt\t{THEN}\t{g.organization_id}\t{past.id}\n"


def _account(g: Ground, past: Past) -> Iterator[str]:
    yield (
        f"{past.id}\t{_uuid(2, past.id)}\t{past.balance}\t0\t{ENTRIES}\tf\t{THEN}\t{g.program_id}\n"
    )


def _holder(g: Ground, past: Past) -> Iterator[str]:
    yield f"{past.id}\t{past.id}\t{past.id}\t{g.program_id}\n"


def _purchase(g: Ground, past: Past) -> Iterator[str]:
    for j, cost in enumerate(past.points):
        pk, at = past.purchase(j), past.at(j)
        yield (
            f"{pk}\t{_uuid(3, pk)}\tseed\tR{pk}\tstore\t{at}\t{at[:10]}\t{cost}\t0\tseed"
            f"\tseed:{pk}\tsystem\t{{}}\t{at}\t{g.batch_id}\t{past.id}"
            f"\t{g.organization_id}\t{g.store_id}\n"
        )


def _line(_g: Ground, past: Past) -> Iterator[str]:
    for j, cost in enumerate(past.points):
        pk = past.purchase(j)
        yield (
            f"{pk}\t1\t{sku(pk)}\tProduct {pk % PRODUCTS}\t\t{{}}\tproduct\t1\t{cost}\t0"
            f"\t0\t0\t{pk % PRODUCTS + 1}\t{pk}\n"
        )


def _entry(g: Ground, past: Past) -> Iterator[str]:
    after = list(accumulate(past.moves))
    for k, points in enumerate(past.moves):
        kind, cause, cause_id, at = _why(past, k)
        yield (
            f"{past.entry(k)}\t{k + 1}\t{kind}\t{points}\t{after[k]}\tseed:{k + 1}\tsystem"
            f"\t{cause}\t{cause_id}\t\t{at}\t{at}\t{past.id}\t{g.batch_id}\n"
        )


def _lot(_g: Ground, past: Past) -> Iterator[str]:
    left = [0, past.points[1] - past.taken, *past.points[2:]]
    for j, points in enumerate(past.points):
        ends = ENDED if j == 0 else f"{FIRST_END + j - 1}-01-01 00:00:00+00"
        yield (
            f"{past.purchase(j)}\t{points}\t{left[j]}\t0\t{past.at(j)}\t{ends}"
            f"\tf\t{past.id}\t{past.entry(j)}\n"
        )


def _award(g: Ground, past: Past) -> Iterator[str]:
    for j, points in enumerate(past.points):
        pk = past.purchase(j)
        yield (
            f"{pk}\tpoints\t\t{points}\t{points}\t0\t[[1, {points}]]\t[]\t{past.at(j)}\t{past.id}"
            f"\t{past.entry(j)}\t{pk}\t{pk}\t{g.rule_version_id}\n"
        )


def _consumption(_g: Ground, past: Past) -> Iterator[str]:
    first = past.number * 2 + 1
    yield f"{first}\t{past.points[0]}\t{past.entry(8)}\t{past.purchase(0)}\n"
    yield f"{first + 1}\t{past.taken}\t{past.entry(9)}\t{past.purchase(1)}\n"


def _why(past: Past, k: int) -> tuple[str, str, int | str, str]:
    """Return the kind of an entry, its cause and when it was."""
    if k < PURCHASES:
        return "earn", "purchase", past.purchase(k), past.at(k)
    if k == PURCHASES:
        return "expire", "expiry", "\\N", ENDED
    return "adjust", "adjustment", "\\N", "2025-07-01 12:00:00+00"


def _uuid(kind: int, pk: int) -> UUID:
    """Return an id as scattered as a random one, which indexes feel, and the same every time."""
    return UUID(int=(pk * 0x9E3779B97F4A7C15F39CC0605CEDC835 + kind) % 2**128)


TABLES: Rows = {
    "members_member": (
        "id, public_id, phone, name, language, status, attributes, joined_at, joined_source,"
        " created_at, organization_id",
        _member,
    ),
    "members_card": (
        "id, number, kind, status, is_primary, created_at, organization_id, member_id",
        _card,
    ),
    "loyalty_account": (
        "id, public_id, balance, debt, sequence, counts_activity, created_at, program_id",
        _account,
    ),
    "loyalty_accountholder": ("id, account_id, member_id, program_id", _holder),
    "loyalty_purchase": (
        "id, public_id, source, external_id, channel, occurred_at, business_date, total,"
        " returned, content_digest, request_key, actor, metadata, created_at, batch_id,"
        " member_id, organization_id, store_id",
        _purchase,
    ),
    "loyalty_purchaseline": (
        "id, number, sku, name, brand, category, kind, quantity, amount, discount,"
        " returned_quantity, returned_amount, product_id, purchase_id",
        _line,
    ),
    "loyalty_entry": (
        "id, sequence, kind, points, balance_after, request_key, actor, cause, cause_id,"
        " reason, occurred_at, created_at, account_id, batch_id",
        _entry,
    ),
    "loyalty_lot": (
        "id, points, remaining, held, available_at, expires_at, awaits_event, account_id, entry_id",
        _lot,
    ),
    "loyalty_award": (
        "id, unit, target, desired, awarded, reversed, lines, why, created_at, account_id,"
        " entry_id, lot_id, purchase_id, rule_version_id",
        _award,
    ),
    "loyalty_consumption": ("id, points, entry_id, lot_id", _consumption),
}
