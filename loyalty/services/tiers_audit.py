"""Checks that every tier is what its history says, and brings it there where it is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection, transaction

from core import audit
from core.actors import Actor
from loyalty.models import Account, Program, Standing, TierChange
from loyalty.services.ledger import open_book
from loyalty.services.rulebook import rulebooks
from loyalty.services.tier_counts import OF_PAST
from loyalty.services.tier_states import (
    Seen,
    columns_of,
    events_of,
    joined_on,
    ladders_of,
    loaded,
    store,
    tallies_of,
)
from loyalty.tiers.counting import Tally
from loyalty.tiers.fold import Event, Ladders, State, replayed

CHUNK = 500
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
COMPARED = ("tier", "floor", "since", "until", "due_at", "steps")
# What a purchase or an activity counted, with all that came back, beside what it is worth today;
# what was earned in the program and is not counted at all.
MISCOUNTED = f"""
    WITH past AS ({OF_PAST.format(wanted="held.program_id = %(program)s")}),
    counted AS (
        SELECT one.purchase_id, one.activity_id, min(one.account_id) AS account_id,
            sum(one.spend) AS spend, sum(one.points) AS points, sum(one.visits) AS visits,
            sum(one.credits) AS credits
        FROM loyalty_tiercount one JOIN loyalty_account account ON account.id = one.account_id
        WHERE account.program_id = %(program)s
        GROUP BY one.purchase_id, one.activity_id
    )
    SELECT counted.account_id, counted.purchase_id, counted.activity_id,
        concat_ws(' ', past.spend::float, past.points, past.visits, past.credits),
        concat_ws(' ', counted.spend::float, counted.points, counted.visits, counted.credits)
    FROM counted JOIN past ON past.purchase_id IS NOT DISTINCT FROM counted.purchase_id
        AND past.activity_id IS NOT DISTINCT FROM counted.activity_id
    WHERE (past.spend, past.points, past.visits, past.credits)
        <> (counted.spend, counted.points, counted.visits, counted.credits)
    ORDER BY 1, 2, 3
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row that says something else than its history does, both as people read them."""

    account_id: int
    row: str
    pk: int
    expected: str
    found: str


def disagreements(organization_id: int) -> list[Disagreement]:
    """Return what does not agree: counts with what was bought, tiers with what was counted."""
    found: list[Disagreement] = []
    for program_id, ladders in _ladders(organization_id).items():
        found += _miscounted(program_id)
        found += _standing_elsewhere(program_id, ladders)
    return found


def rebuild(organization_id: int, *, actor: Actor) -> int:
    """Let every tier be what its history says; return how many were something else.

    Under the lock of each account. What was counted is never changed.
    """
    rebuilt = 0
    for program_id, ladders in _ladders(organization_id).items():
        for wrong in _standing_elsewhere(program_id, ladders):
            rebuilt += _rebuild(wrong.account_id, ladders, actor)
    return rebuilt


@transaction.atomic
def _rebuild(account_id: int, ladders: Ladders, actor: Actor) -> int:
    with open_book([account_id], actor=actor, to_earn=True) as book:
        account = book.accounts[account_id]
        rows = _rows([account_id])
        state = _expected({account_id: account}, rows, ladders).get(account_id)
        if state is None or not _differs(rows.get(account_id), state, ladders):
            return 0
        store([Seen(account, rows.get(account_id), state, ladders, Tally())], actor=actor.name)
        audit.record(
            "tier_rebuilt",
            account,
            organization_id=account.program.organization_id,
            actor=actor,
        )
    return 1


def _ladders(organization_id: int) -> dict[int, Ladders]:
    programs = Program.objects.filter(organization_id=organization_id).order_by("pk")
    found = {rules.program.pk: ladders_of(rules) for rules in rulebooks(programs)}
    return {pk: ladders for pk, ladders in found.items() if ladders is not None}


def _miscounted(program_id: int) -> list[Disagreement]:
    with connection.cursor() as cursor:
        cursor.execute(MISCOUNTED, {"program": program_id})
        rows = cursor.fetchall()
    return [
        Disagreement(
            account_id,
            "counts of a purchase" if purchase_id else "counts of an activity",
            purchase_id or activity_id,
            expected,
            found,
        )
        for account_id, purchase_id, activity_id, expected, found in rows
    ]


def _standing_elsewhere(program_id: int, ladders: Ladders) -> Iterator[Disagreement]:
    """Yield the accounts whose tier is not what their past, told again, comes to."""
    after = 0
    every = Account.objects.filter(program_id=program_id, merged_into=None).order_by("pk")
    while accounts := {one.pk: one for one in every.filter(pk__gt=after)[:CHUNK]}:
        rows = _rows(accounts)
        for account_id, state in _expected(accounts, rows, ladders).items():
            row = rows.get(account_id)
            if _differs(row, state, ladders):
                found = _told(row.tier, row.until) if row else "nothing"
                expected = _told(state.tier, state.until)
                yield Disagreement(account_id, "tier", account_id, expected, found)
        after = max(accounts)


def _rows(account_ids: Collection[int]) -> dict[int, Standing]:
    return {row.account_id: row for row in Standing.objects.filter(account__in=account_ids)}


def _expected(
    accounts: Mapping[int, Account], rows: Mapping[int, Standing], ladders: Ladders
) -> dict[int, State]:
    """Return what each past comes to, from the last time that accounts were joined or parted."""
    anchors = {
        change.account_id: change
        for change in TierChange.objects.filter(
            account__in=accounts, why=TierChange.Why.MERGED
        ).order_by("pk")
    }
    events = events_of({pk: anchors[pk].at if pk in anchors else BEFORE_ALL for pk in accounts})
    counted = {pk for pk, own in events.items() if own}
    by_program = {one.program_id: ladders for one in accounts.values()}
    first_days = joined_on(counted - rows.keys(), by_program, accounts)
    first_days |= {pk: row.joined_on for pk, row in rows.items()}
    told: dict[int, State] = {}
    for pk in counted | anchors.keys():
        state, tally = _begun(pk, anchors.get(pk), events[pk], first_days)
        to = max(rows[pk].looked_at if pk in rows else state.looked_at, state.looked_at)
        told[pk] = replayed(state, tally, events[pk], ladders, to)
    return told


def _begun(
    account_id: int,
    anchor: TierChange | None,
    events: Sequence[Event],
    first_days: Mapping[int, date],
) -> tuple[State, Tally]:
    """Return where the telling begins, and what was counted before."""
    if anchor is None:
        return State(looked_at=events[0].at, joined_on=first_days[account_id]), Tally()
    tally = tallies_of({account_id: date.min}, until=anchor.at)[account_id]
    return loaded(anchor.details["state"]), tally


def _differs(row: Standing | None, state: State, ladders: Ladders) -> bool:
    if row is None:
        return True
    expected = columns_of(state, ladders)
    return any(getattr(row, name) != expected[name] for name in COMPARED)


def _told(tier: str, until: datetime | None) -> str:
    return f"{tier or 'no tier'} until {until.isoformat() if until else 'for good'}"
