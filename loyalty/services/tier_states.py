"""Reads where accounts stand and what counts for it, and stores what became of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Min

from core.bulk import array, insert_many, update_rows
from core.days import local_day
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Account, AccountHolder, Standing, TierChange, TierGrant
from loyalty.services.rulebook import LADDER, ProgramRules
from loyalty.services.standing import Held, held_on, ladder_of
from loyalty.tiers.counting import Counted, Tally
from loyalty.tiers.fold import Event, Ladders, Moved, State, advanced, read, written
from loyalty.tiers.spec import LadderSpec
from loyalty.tiers.windows import days_later, first_day, last_instant

# An account that carries on others counts what was counted for those.
COUNTED = """
    WITH RECURSIVE part AS (
        SELECT root, root AS id, since
        FROM unnest(%(accounts)s::bigint[], %(since)s::date[]) AS wanted(root, since)
        UNION ALL
        SELECT part.root, account.id, part.since
        FROM part JOIN loyalty_account account ON account.merged_into_id = part.id
        WHERE account.id <> ALL(%(without)s::bigint[])
    )
    SELECT part.root, one.day, sum(one.spend), sum(one.points)::bigint, sum(one.visits)::bigint,
        sum(one.credits)::bigint, one.parent_id IS NOT NULL
    FROM part JOIN loyalty_tiercount one ON one.account_id = part.id AND one.day >= part.since
    WHERE one.at <= %(until)s::timestamptz
    GROUP BY part.root, one.day, one.parent_id IS NOT NULL
"""
EVENTS_AFTER = """
    WITH RECURSIVE part AS (
        SELECT root, root AS id, after
        FROM unnest(%(accounts)s::bigint[], %(after)s::timestamptz[]) AS wanted(root, after)
        UNION ALL
        SELECT part.root, account.id, part.after
        FROM part JOIN loyalty_account account ON account.merged_into_id = part.id
    )
    SELECT part.root, one.at, one.parent_id IS NOT NULL AS is_return,
        one.day, one.spend, one.points, one.visits, one.credits
    FROM part JOIN loyalty_tiercount one ON one.account_id = part.id AND one.at > part.after
    ORDER BY part.root, one.at, one.parent_id IS NOT NULL, one.id
"""
NIGHT = "night"
COLUMNS = {
    "tier": "text",
    "floor": "text",
    "since": "timestamptz",
    "until": "timestamptz",
    "grace_until": "timestamptz",
    "due_at": "timestamptz",
    "steps": "jsonb",
    "joined_on": "date",
    "looked_at": "timestamptz",
}


@dataclass(frozen=True, slots=True)
class Why:
    """What moved a tier: the row of a purchase, a return, a merge, or a night."""

    cause: str
    cause_id: int | None = None


@dataclass(slots=True)
class Seen:
    """One locked account on its ladder, with everything that becomes of it."""

    account: Account
    row: Standing | None
    state: State
    ladders: Ladders
    tally: Tally
    grants: list[TierGrant] = field(default_factory=list)
    changes: list[TierChange] = field(default_factory=list)

    def held(self, at: datetime) -> Held | None:
        """Return the tier it has at a moment, given ones included."""
        ladder = self.ladders.at(at)
        if ladder is None:
            return None
        return held_on(
            ladder, self.state.tier, [one.tier for one in self.grants if one.is_live(at)]
        )

    def worth_with(self, one: Counted, ladder: LadderSpec, at: datetime) -> Decimal:
        """Return what would count towards a tier if this were done too."""
        first = first_day(ladder.window, local_day(at, self.ladders.zone), self.state.joined_on)
        return self.tally.worth(ladder.basis, first, gross=ladder.returns == "never", also=one)

    def advance(self, to: datetime) -> list[TierChange]:
        """Do what fell due by itself until a moment."""
        state, moves = advanced(self.state, self.tally, self.ladders, to)
        made = [self.note(move, Why(NIGHT)) for move in moves]
        self.state = state
        return made

    def count(self, counted: Iterable[Counted]) -> None:
        """Count what was done, or what came back of it."""
        for one in counted:
            self.tally.add(one)

    def note(self, move: Moved, why: Why) -> TierChange:
        """Write down one step."""
        change = _change(self.account, move, why)
        self.changes.append(change)
        self.state = move.after
        return change


def ladders_of(rules: ProgramRules) -> Ladders | None:
    """Return the ladders of a program, without those that were replaced before they counted."""
    parts = [part for dated in rules.parts[LADDER].values() for part in dated]
    kept: list[tuple[datetime, int]] = []
    for part in reversed(parts):
        if not kept or part.effective_from < kept[-1][0]:
            kept.append((part.effective_from, part.version_key))
    if not kept:
        return None
    dated = tuple((begins, ladder_of(key)) for begins, key in reversed(kept))
    return Ladders(dated, rules.zone)


def see(
    accounts: Iterable[Account],
    ladders: Mapping[int, Ladders],
    now: datetime,
    *,
    without: Collection[int] = (),
) -> dict[int, Seen]:
    """Read where locked accounts stand; ``ladders`` are those of their programs.

    What was counted for accounts that they carry on counts too, but for those named.
    """
    wanted = {one.pk: one for one in accounts if one.program_id in ladders}
    if not wanted:
        return {}
    rows = {row.account_id: row for row in Standing.objects.filter(account__in=wanted)}
    joined = joined_on(wanted.keys() - rows.keys(), ladders, wanted)
    states = {
        pk: state_of(rows[pk]) if pk in rows else State(looked_at=now, joined_on=joined[pk])
        for pk in wanted
    }
    since = {pk: counts_from(states[pk], ladders[wanted[pk].program_id], now) for pk in wanted}
    tallies = tallies_of(since, without)
    seen = {
        pk: Seen(account, rows.get(pk), states[pk], ladders[account.program_id], tallies[pk])
        for pk, account in wanted.items()
    }
    live = TierGrant.objects.filter(account__in=wanted, ended_at=None)
    for grant in live.exclude(ends_at__lte=now).order_by("pk"):
        seen[grant.account_id].grants.append(grant)
    return seen


def tallies_of(
    since: Mapping[int, date], without: Collection[int] = (), *, until: datetime | None = None
) -> dict[int, Tally]:
    """Return what counts for each account from a day on, as known at a moment, in one statement."""
    tallies = {account_id: Tally() for account_id in since}
    with connection.cursor() as cursor:
        asked = {"accounts": array(since), "since": array(since.values())}
        known = {"without": array(without), "until": until.isoformat() if until else "infinity"}
        cursor.execute(COUNTED, asked | known)
        for account_id, *counted in cursor.fetchall():
            tallies[account_id].add(Counted(*counted))
    return tallies


def counts_from(state: State, ladders: Ladders, now: datetime) -> date:
    """Return the first day that anything may ask about when this state is looked at."""
    moments = {min(state.looked_at, now), now}
    moments |= {last_instant(state.until)} if state.until else set()
    days = [local_day(moment, ladders.zone) for moment in moments]
    windows = [spec.window for _begins, spec in ladders.dated]
    firsts = [first_day(window, day, state.joined_on) for window in windows for day in days]
    return min([*firsts, *(step.first for step in state.steps)])


def events_of(after: Mapping[int, datetime]) -> dict[int, list[Event]]:
    """Return what was counted for each account after a moment, in the order of posting."""
    events: dict[int, list[Event]] = {account_id: [] for account_id in after}
    with connection.cursor() as cursor:
        asked = {"accounts": array(after), "after": array(at.isoformat() for at in after.values())}
        cursor.execute(EVENTS_AFTER, asked)
        rows = cursor.fetchall()
    for (account_id, at, is_return), own in groupby(rows, key=lambda row: row[:3]):
        counted = [Counted(*row[3:])._replace(is_return=is_return) for row in own]
        events[account_id].append(Event(at, counted, is_return))
    return events


def state_of(row: Standing) -> State:
    """Return what a stored standing says."""
    return State(
        steps=read(row.steps),
        due_at=row.due_at,
        looked_at=row.looked_at,
        joined_on=row.joined_on,
    )


def columns_of(state: State, ladders: Ladders) -> dict[str, Any]:
    """Return a state as a standing keeps it."""
    top = state.top
    return {
        "tier": state.tier,
        "floor": state.floor,
        "since": top.since if top else None,
        "until": state.until,
        "grace_until": _grace_until(state, ladders),
        "due_at": state.due_at,
        "steps": written(state.steps),
        "joined_on": state.joined_on,
        "looked_at": state.looked_at,
    }


def store(seen: Collection[Seen], *, actor: str) -> None:
    """Write standings that are new or changed, and every step, one statement per table."""
    fresh: list[Standing] = []
    changed: list[tuple[Any, ...]] = []
    for one in seen:
        values = columns_of(one.state, one.ladders)
        if one.row is None:
            one.row = Standing(account=one.account, **values)
            fresh.append(one.row)
        elif any(getattr(one.row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(one.row, name, value)
            changed.append(_as_row(one.row, values))
    insert_many(fresh)
    update_rows("loyalty_standing", COLUMNS, changed)
    changes = [change for one in seen for change in one.changes]
    for change in changes:
        change.actor = actor
    insert_many(changes)
    for one in seen:
        one.changes = []


def tell_of(changes: Iterable[TierChange], organization_id: int) -> None:
    """Tell of tiers that were reached, kept or lowered."""
    tell(_events(list(changes), organization_id))


def merged_change(seen: Seen, before: State, why: Why, at: datetime, **told: Any) -> TierChange:
    """Write down that accounts were joined or parted: from here the state is told on."""
    seen.state = replace(seen.state, looked_at=max(seen.state.looked_at, at))
    move = Moved(TierChange.Why.MERGED, at, before, seen.state)
    change = seen.note(move, why)
    change.details = {"state": dumped(seen.state), **told}
    return change


def dumped(state: State) -> dict[str, Any]:
    """Return a whole state as JSON."""
    return {
        "steps": written(state.steps),
        "due_at": state.due_at.isoformat() if state.due_at else None,
        "looked_at": state.looked_at.isoformat(),
        "joined_on": state.joined_on.isoformat(),
    }


def loaded(document: Mapping[str, Any]) -> State:
    """Return the state that was kept as JSON."""
    due_at = document["due_at"]
    return State(
        steps=read(document["steps"]),
        due_at=datetime.fromisoformat(due_at) if due_at else None,
        looked_at=datetime.fromisoformat(document["looked_at"]),
        joined_on=date.fromisoformat(document["joined_on"]),
    )


def joined_on(
    account_ids: Collection[int], ladders: Mapping[int, Ladders], accounts: Mapping[int, Account]
) -> dict[int, date]:
    """Return when the first of each account's holders joined."""
    if not account_ids:
        return {}
    held = AccountHolder.objects.filter(account__in=account_ids).values("account_id")
    first = dict(held.annotate(first=Min("member__joined_at")).values_list("account_id", "first"))
    return {
        pk: local_day(
            first.get(pk) or accounts[pk].created_at, ladders[accounts[pk].program_id].zone
        )
        for pk in account_ids
    }


def _change(account: Account, move: Moved, why: Why) -> TierChange:
    """Compose a step, with what the tier in question asked for, and those that were left."""
    is_up = len(move.after.steps) >= len(move.before.steps)
    top = (move.after if is_up else move.before).top
    details: dict[str, Any] = {}
    if top is not None:
        details = {"basis": top.basis, "needed": str(top.needed)}
    still = {step.tier for step in move.after.steps}
    left = [step.tier for step in move.before.steps if step.tier not in still]
    if left:
        details["left"] = left
    return TierChange(
        account=account,
        why=move.why,
        before=move.before.tier,
        after=move.after.tier,
        floor=move.after.floor,
        until=move.after.until,
        at=move.at,
        cause=why.cause,
        cause_id=why.cause_id,
        details=details,
    )


def _grace_until(state: State, ladders: Ladders) -> datetime | None:
    if state.until is None:
        return None
    if state.is_in_grace:
        return state.due_at
    ladder = ladders.at(max(state.looked_at, state.until - timedelta(seconds=1)))
    days = ladder.grace_days if ladder else 0
    return days_later(state.until, days, ladders.zone) if days else state.until


def _as_row(row: Standing, values: Mapping[str, Any]) -> tuple[Any, ...]:
    # JSON goes into one statement as text.
    return (row.pk, *(_text(value) for value in values.values()))


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


def _events(changes: Sequence[TierChange], organization_id: int) -> Iterator[OutboxEvent]:
    for change in changes:
        kind = EVENTS.get(change.why)
        if kind is None:
            continue
        yield event(
            kind,
            change,
            organization_id=organization_id,
            payload={
                "account": str(change.account.public_id),
                "before": change.before,
                "tier": change.after,
                "until": change.until.isoformat() if change.until else None,
                "why": change.why,
            },
        )


EVENTS: dict[str, str] = {
    TierChange.Why.REACHED: "tier.reached",
    TierChange.Why.GRANTED: "tier.reached",
    TierChange.Why.KEPT: "tier.kept",
    TierChange.Why.LOWERED: "tier.lowered",
    TierChange.Why.RETURNED: "tier.lowered",
    TierChange.Why.GRANT_ENDED: "tier.lowered",
}
