"""Checks stamp cards against what made them, and makes the sheets again from the moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from core.actors import Actor
from core.locking import lock_all
from loyalty.models import Account, StampMove, StampSheet
from loyalty.services.stamp_strips import Key, Specs, move_of, read_strips, sheet_of
from loyalty.stamps.fold import Sheet, Strip

CHUNK = 500

# What rules gave and returns took, in each account, against the moves that tell of it.
MISMATCHES = """
    WITH owed AS (
        SELECT award.account_id, card.id AS card_id,
            CASE WHEN award.purchase_id IS NULL THEN 'activity' ELSE 'purchase' END AS cause,
            coalesce(award.purchase_id, award.activity_id) AS cause_id,
            sum(award.awarded) AS stamps
        FROM loyalty_award award
        JOIN loyalty_account account ON account.id = award.account_id
        JOIN loyalty_program program ON program.id = account.program_id
        JOIN loyalty_stampcard card ON card.program_id = program.id AND card.code = award.target
        WHERE award.unit = 'stamps' AND award.awarded > 0 AND program.organization_id = %(of)s
        GROUP BY 1, 2, 3, 4
    ), taken AS (
        SELECT card.id AS card_id, reversal.parent_id AS cause_id,
            sum(reversal.expired - reversal.points) AS stamps
        FROM loyalty_awardreversal reversal
        JOIN loyalty_award award ON award.id = reversal.award_id
        JOIN loyalty_account account ON account.id = award.account_id
        JOIN loyalty_program program ON program.id = account.program_id
        JOIN loyalty_stampcard card ON card.program_id = program.id AND card.code = award.target
        WHERE award.unit = 'stamps' AND program.organization_id = %(of)s
        GROUP BY 1, 2 HAVING sum(reversal.expired - reversal.points) <> 0
    ), moved AS (
        SELECT move.account_id, move.card_id, move.cause, move.cause_id, sum(move.stamps) AS stamps
        FROM loyalty_stampmove move
        JOIN loyalty_stampcard card ON card.id = move.card_id
        JOIN loyalty_program program ON program.id = card.program_id
        WHERE program.organization_id = %(of)s
        GROUP BY 1, 2, 3, 4
    )
    SELECT coalesce(moved.account_id, owed.account_id), coalesce(moved.card_id, owed.card_id),
        coalesce(owed.stamps, 0), coalesce(moved.stamps, 0)
    FROM owed FULL JOIN (SELECT * FROM moved WHERE cause IN ('purchase', 'activity')) moved
        USING (account_id, card_id, cause, cause_id)
    WHERE owed.stamps IS DISTINCT FROM moved.stamps
    UNION ALL
    SELECT moved.account_id, coalesce(moved.card_id, taken.card_id),
        coalesce(taken.stamps, 0), coalesce(moved.stamps, 0)
    FROM taken FULL JOIN (
        SELECT min(account_id) AS account_id, card_id, cause_id, sum(stamps) AS stamps
        FROM moved WHERE cause = 'return' GROUP BY 2, 3
    ) moved USING (card_id, cause_id)
    WHERE taken.stamps IS DISTINCT FROM moved.stamps
    UNION ALL
    SELECT min(moved.account_id), moved.card_id, 0, sum(moved.stamps)
    FROM moved WHERE cause IN ('merge', 'unmerge')
    GROUP BY moved.card_id, moved.cause, moved.cause_id HAVING sum(moved.stamps) <> 0
"""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What is on record of an account's card, and what it should be."""

    account_id: int | None
    card_id: int
    expected: str
    found: str


def disagreements(organization_id: int) -> list[Disagreement]:
    """Return where sheets are not what their moves make of them, or moves not what caused them."""
    with connection.cursor() as cursor:
        cursor.execute(MISMATCHES, {"of": organization_id})
        found = [
            Disagreement(account_id, card_id, f"{owed} stamps", f"{moved} stamps")
            for account_id, card_id, owed, moved in cursor.fetchall()
        ]
    for accounts in _chunks(organization_id):
        found += _in_sheets(accounts)
    return found


def rebuild(organization_id: int, *, actor: Actor) -> int:
    """Write the sheets as their moves make them; return how many cards were put right.

    Gifts that were given stay given: what the sheets remember of them is kept.
    """
    return sum(_rebuild(accounts, actor) for accounts in _chunks(organization_id))


@transaction.atomic
def _rebuild(account_ids: Sequence[int], actor: Actor) -> int:
    locked = lock_all(Account, account_ids, "program__organization")
    wrong = {(one.account_id, one.card_id) for one in _in_sheets(account_ids)}
    if not wrong:
        return 0
    cards = {card_id for _account_id, card_id in wrong}
    strips = read_strips(
        list(locked.values()), cards, actor=actor, now=timezone.now(), is_whole=True
    )
    folded = _folded(account_ids)
    for key, strip in strips.by_key.items():
        gifted = {sheet.number: sheet.gifted for sheet in strip.sheets}
        strip.sheets = folded[key].sheets if key in folded else []
        for sheet in strip.sheets:
            sheet.gifted |= gifted.get(sheet.number, set())
    strips.store_sheets()
    return len(wrong)


def _chunks(organization_id: int) -> Iterator[list[int]]:
    accounts = Account.objects.filter(program__organization=organization_id).order_by("pk")
    after = 0
    while ids := list(accounts.filter(pk__gt=after).values_list("pk", flat=True)[:CHUNK]):
        yield ids
        after = ids[-1]


def _in_sheets(account_ids: Sequence[int]) -> list[Disagreement]:
    stored: dict[Key, list[Sheet]] = defaultdict(list)
    for row in StampSheet.objects.filter(account__in=account_ids).order_by("number"):
        stored[row.account_id, row.card_id].append(sheet_of(row))
    folded = _folded(account_ids)
    found = []
    for key in sorted(stored.keys() | folded.keys()):
        expected = _told(folded[key].sheets if key in folded else ())
        on_record = _told(stored[key])
        if expected != on_record:
            found.append(Disagreement(*key, expected, on_record))
    return found


def _folded(account_ids: Sequence[int]) -> dict[Key, Strip]:
    specs, strips = Specs(), {}
    moves = StampMove.objects.filter(account__in=account_ids)
    for move in moves.select_related("account__program__organization").order_by("sequence"):
        key = move.account_id, move.card_id
        if key not in strips:
            strips[key] = Strip(specs, move.account.program.organization.zone)
        strips[key].move(move.sequence, move_of(move))
    return strips


def _told(sheets: Iterable[Sheet]) -> str:
    """Write down all that follows from the moves, in one form for both sides."""
    return "; ".join(
        f"{sheet.number}: {sheet.stamps} of version {sheet.version} by {sheet.begun_by},"
        f" {sheet.opened_at:%Y-%m-%dT%H:%M:%S%z} to {sheet.stamped_at:%Y-%m-%dT%H:%M:%S%z},"
        f" {sheet.expires_at}, {sheet.completed_at}"
        for sheet in sheets
    )
