"""What rules ask about stores and members, read for many receipts at once.

Each kind of fact is one question, and none when no rule asks. What may change while somebody else
is served, such as the number of purchases, decides money only when it is read under the lock of
the account. Of a member who was merged counts what they did under either name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from core.bulk import array
from core.days import local_day, start_of_day
from loyalty.earning.receipt import Boost, Earner, Fact, Receipt
from loyalty.services.accounts import Holding, held_accounts
from loyalty.services.rulebook import LADDER, ProgramRules
from loyalty.services.standing import Held, boost_of, effective_tiers
from members.models import Member
from members.queries import survivor

REGIONS = """
    SELECT place.store_id, region.code
    FROM core_regionstore place JOIN core_region region ON region.id = place.region_id
    WHERE place.store_id = ANY(%(stores)s::bigint[])
"""
# Everybody a member stands for: themselves, or their survivor, and whoever was merged into them.
PEOPLE = """
    WITH known AS (
        SELECT id AS asked, coalesce(merged_into_id, id) AS person
        FROM members_member WHERE id = ANY(%(members)s::bigint[])
    ), people AS (
        SELECT asked, person, person AS member FROM known
        UNION ALL
        SELECT known.asked, known.person, merged.id
        FROM known JOIN members_member merged ON merged.merged_into_id = known.person
    )
"""
GROUPS = f"""
    {PEOPLE}
    SELECT people.asked, grouped.code, place.joined_at, place.left_at
    FROM people
    JOIN members_groupmember place ON place.member_id = people.member
    JOIN members_group grouped ON grouped.id = place.group_id
"""  # noqa: S608
STANDS = """
    (purchase.returned < purchase.total OR purchase.total = 0)
    AND purchase.id <> ALL(%(recorded)s::bigint[])
"""
PURCHASES = f"""
    {PEOPLE}
    SELECT people.asked, people.person, count(purchase.id)
    FROM people LEFT JOIN loyalty_purchase purchase
        ON purchase.member_id = people.member AND {STANDS}
    GROUP BY people.asked, people.person
"""  # noqa: S608
DAYS = f"""
    {PEOPLE}
    SELECT people.asked, people.person,
        array_agg(DISTINCT (purchase.occurred_at AT TIME ZONE %(zone)s)::date)
    FROM people LEFT JOIN loyalty_purchase purchase
        ON purchase.member_id = people.member AND {STANDS}
        AND purchase.occurred_at >= %(since)s AND purchase.occurred_at < %(until)s
    GROUP BY people.asked, people.person
"""  # noqa: S608


class Asking(Protocol):
    """A purchase, or whatever else a member may earn with, as far as facts depend on it."""

    @property
    def member_id(self) -> int | None:
        """Return who earns."""

    @property
    def store_id(self) -> int | None:
        """Return where it was."""

    @property
    def occurred_at(self) -> datetime:
        """Return when it was."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one receipt and its member in one program."""

    earner: Earner
    regions: frozenset[str] = frozenset()

    def of(self, receipt: Receipt) -> Receipt:
        """Return the receipt with the regions that its store lies in."""
        return replace(receipt, regions=self.regions) if self.regions else receipt

    def with_boost(self, boost: Boost) -> Known:
        """Return the same with another multiple of the points."""
        return replace(self, earner=replace(self.earner, boost=boost))


UNKNOWN = Known(Earner())


class Question(NamedTuple):
    """One receipt in one program, and what whoever counts for it there wants to know."""

    program_id: int
    zone: ZoneInfo
    one: Asking
    facts: frozenset[Fact]
    looks_back_days: int

    @property
    def today(self) -> date:
        """Return the organization's date at the time of the receipt."""
        return local_day(self.one.occurred_at, self.zone)


@dataclass(slots=True)
class Facts:
    """What was read for some receipts; of all others nothing is known."""

    known: dict[tuple[int, int], Known] = field(default_factory=dict)

    def about(self, rules: ProgramRules, one: Asking) -> Known:
        """Return what is known about a receipt in a program."""
        return self.known.get((rules.program.pk, id(one)), UNKNOWN)


def facts_for(
    programs: Iterable[ProgramRules],
    receipts: Sequence[Asking],
    *,
    recorded: Collection[int] = (),
    accounts: Mapping[Holding, int] | None = None,
) -> Facts:
    """Read what the rules of these programs ask about these receipts, which come in their order.

    ``recorded`` are the purchases that the receipts are on record as: each counts for those after
    it. ``accounts`` are those of the members, where they are known already.
    """
    asked = [_ask(rules, one) for rules in programs if rules.asks_facts for one in receipts]
    if not any(ask.facts for ask in asked):
        return Facts()
    known = answers_to(asked, recorded=recorded, accounts=accounts)
    return Facts(
        {(ask.program_id, id(ask.one)): one for ask, one in zip(asked, known, strict=True)}
    )


def answers_to(
    asked: Sequence[Question],
    *,
    recorded: Collection[int] = (),
    accounts: Mapping[Holding, int] | None = None,
) -> list[Known]:
    """Return what is known to each question, each kind of fact read once for all of them."""
    regions = _regions(asked)
    earners = _earners(asked, recorded, accounts)
    return [
        Known(earner, regions[ask.one.store_id]) for ask, earner in zip(asked, earners, strict=True)
    ]


def _ask(rules: ProgramRules, one: Asking) -> Question:
    counting = rules.counting(getattr(one, "activity", None), one.occurred_at)
    facts: frozenset[Fact] = frozenset().union(*(rule.asks for rule in counting))
    if rules.parts[LADDER]:  # whose multiples are no rule's
        facts |= {Fact.TIER}
    looks_back_days = max((rule.looks_back_days for rule in counting), default=0)
    return Question(rules.program.pk, rules.zone, one, facts, looks_back_days)


def _earners(
    asked: Sequence[Question], recorded: Collection[int], accounts: Mapping[Holding, int] | None
) -> list[Earner]:
    """Return what is known about each member; of a guest nothing is."""
    members = [ask for ask in asked if ask.one.member_id is not None]
    told: list[dict[str, Any]] = [{"today": ask.today} for ask in members]
    for fact, read in (
        (Fact.TIER, lambda some: _tiers(some, accounts)),
        (Fact.GROUPS, _groups),
        (Fact.PERSON, _people),
        (Fact.PURCHASES, lambda some: _purchases(some, recorded)),
        (Fact.DAYS, lambda some: _days(some, recorded)),
    ):
        if any(fact in ask.facts for ask in members):
            for values, answer in zip(told, read(members), strict=True):
                values.update(answer)
    made = iter([Earner(**values) for values in told])
    return [next(made) if ask.one.member_id is not None else UNKNOWN.earner for ask in asked]


def _regions(asked: Iterable[Question]) -> Mapping[int | None, frozenset[str]]:
    stores = {ask.one.store_id for ask in asked if Fact.REGIONS in ask.facts} - {None}
    found: dict[int | None, set[str]] = defaultdict(set)
    for store_id, code in _rows(REGIONS, stores=array(stores)) if stores else ():
        found[store_id].add(code)
    return defaultdict(frozenset, {pk: frozenset(codes) for pk, codes in found.items()})


def _groups(asked: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the groups each was in at the time of the purchase."""
    stays: dict[int, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
    for member_id, code, joined_at, left_at in _rows(GROUPS, members=_members(asked)):
        stays[member_id].append((code, joined_at, left_at))
    return [
        {
            "groups": frozenset(
                code
                for code, joined_at, left_at in stays[ask.one.member_id or 0]
                if joined_at <= ask.one.occurred_at
                and (left_at is None or ask.one.occurred_at < left_at)
            )
        }
        for ask in asked
    ]


def _people(asked: Sequence[Question]) -> list[dict[str, Any]]:
    """Return what each member told of themselves and the shop noted."""
    ids = {ask.one.member_id for ask in asked}
    members = Member.objects.select_related("merged_into").in_bulk(ids)
    told = {
        pk: {"birthday": person.birthday, "attributes": person.attributes}
        for pk, person in ((pk, survivor(member)) for pk, member in members.items())
    }
    return [told[ask.one.member_id or 0] for ask in asked]


def _purchases(asked: Sequence[Question], recorded: Collection[int]) -> list[dict[str, Any]]:
    """Return how many purchases came before each, those of the receipts before it included."""
    people: dict[int, int] = {}
    so_far: dict[int, int] = {}
    rows = _rows(PURCHASES, members=_members(asked), recorded=array(recorded))
    for member_id, person, count in rows:
        people[member_id], so_far[person] = person, count
    told: list[dict[str, Any]] = []
    for _program, some in groupby(asked, key=lambda ask: ask.program_id):
        counts = dict(so_far)
        for ask in some:
            person = people[ask.one.member_id or 0]
            told.append({"purchases_before": counts[person]})
            counts[person] += 1
    return told


def _days(asked: Sequence[Question], recorded: Collection[int]) -> list[dict[str, Any]]:
    """Return on which days each bought something before, as far back as a rule looks."""
    zone = asked[0].zone  # the organization's, and so every program's
    first = min(ask.today - timedelta(days=ask.looks_back_days) for ask in asked)
    last = max(ask.today for ask in asked)
    people: dict[int, int] = {}
    so_far: dict[int, frozenset[date]] = {}
    for member_id, person, days in _rows(
        DAYS,
        members=_members(asked),
        recorded=array(recorded),
        zone=zone.key,
        since=start_of_day(first, zone),
        until=start_of_day(last + timedelta(days=1), zone),
    ):
        people[member_id], so_far[person] = person, frozenset(days) - {None}
    told: list[dict[str, Any]] = []
    for _program, some in groupby(asked, key=lambda ask: ask.program_id):
        known = dict(so_far)
        for ask in some:
            person = people[ask.one.member_id or 0]
            told.append({"days_before": known[person]})
            known[person] |= {ask.today}
    return told


def _tiers(
    asked: Sequence[Question], accounts: Mapping[Holding, int] | None
) -> list[dict[str, Any]]:
    """Return the tier each holds now, those below it on the program's ladder, and its multiple."""
    wanted = {(ask.program_id, ask.one.member_id or 0) for ask in asked}
    held = held_accounts(wanted) if accounts is None else accounts
    accounts_held = {holding: held[holding] for holding in wanted if holding in held}
    tiers = effective_tiers(accounts_held.values(), timezone.now())
    return [
        _standing(tiers.get(accounts_held.get((ask.program_id, ask.one.member_id or 0), 0)))
        for ask in asked
    ]


def _standing(held: Held | None) -> dict[str, Any]:
    if held is None or held.tier is None:
        return {}
    return {"tier": held.code, "tiers": held.codes, "boost": boost_of(held.tier)}


def _members(asked: Iterable[Question]) -> str:
    return array({ask.one.member_id for ask in asked})


def _rows(question: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
