"""What the office shows of members, finished: who they are, what they have, what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from core.log_page import actor_names
from core.models import Organization
from core.templatetags.formats import day, day_of_year, number
from loyalty.balances import NOTHING
from loyalty.earning.explain import sentence
from loyalty.earning.reasons import Reason
from loyalty.earning.wording import Wording
from loyalty.habits import lapse
from loyalty.models import Award, Consumption, Entry, Purchase
from loyalty.queries import (
    Holding,
    balances_by_member,
    balances_held_by,
    consumed_by,
    purchases_of,
    returns_of,
)
from loyalty.services.habit_reading import favorites_of, habit_of
from members.attributes import Attribute
from members.cards import last_digits
from members.models import AttributeDefinition, Member, MemberStatus
from members.names import masked_name
from members.phones import international, mask_phone
from members.queries import card_number, everyone_in

PURCHASES_SHOWN = 5
A_LEAP_YEAR = 2000
LONG_AWAY = 2  # times their own rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A member as somebody in the office may see them."""

    public_id: UUID
    name: str
    phone: str
    state: str
    state_label: str
    joined_at: datetime
    home_store: str
    email: str = ""
    card: str = ""

    @property
    def is_blocked(self) -> bool:
        """Say whether they are kept from taking part for now."""
        return self.state == MemberStatus.BLOCKED

    @property
    def is_open(self) -> bool:
        """Say whether they still take part, be it blocked for now."""
        return self.state in {MemberStatus.ACTIVE, MemberStatus.BLOCKED}


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A line of the list of members."""

    who: Who
    balance: int
    last_visit: datetime | None


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """One receipt of the past, as much of it as was kept."""

    at: datetime
    title: str
    amount: Decimal
    url: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What a member has in each program, and what they bought last."""

    holdings: Sequence[Holding]
    purchases: Sequence[PurchaseRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class HowTheyShop:
    """What the last night worked out of a member's visits; see docs/figures.md."""

    visits: int
    spent: Decimal
    every_days: Decimal | None
    away_days: int
    is_long_away: bool
    favorites: Sequence[str]
    scores: str

    @property
    def every_whole(self) -> int:
        """Return the rhythm in whole days, by which its sentence is chosen."""
        return ceil(self.every_days or 0)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What one rule gave, and why."""

    text: str
    detail: str
    points: int | None
    given: str = ""


@dataclass(frozen=True, slots=True)
class TakenRow:
    """Points that a debit took from those earned at some time, or put back."""

    points: int
    earned_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One fact of the ledger, explained."""

    at: datetime
    kind: str
    program: str
    points: int
    balance_after: int
    actor: str
    reason: str
    url: str
    why: Sequence[ReasonRow]
    taken: Sequence[TakenRow]


def who(member: Member, *, is_masked: bool, number: str | None = None) -> Who:
    """Return a member whole, or as analysts see them."""
    phone, card = member.phone or "", number or ""
    return Who(
        public_id=member.public_id,
        name=masked_name(member.name) if is_masked else member.name,
        phone=_phone(phone, is_masked=is_masked),
        state=member.status,
        state_label=member.get_status_display(),
        joined_at=member.joined_at,
        home_store=member.home_store.name if member.home_store else "",
        email="" if is_masked else member.email or "",
        card=last_digits(card) if is_masked else card,
    )


def who_with_card(member: Member, *, is_masked: bool) -> Who:
    """Return a member with the number that is printed on their card."""
    return who(member, is_masked=is_masked, number=card_number(member))


def member_rows(members: Sequence[Member], *, is_masked: bool) -> list[MemberRow]:
    """Return the members of a list with what they can spend."""
    balances = balances_by_member(members)
    return [
        MemberRow(
            who(member, is_masked=is_masked),
            balances.get(member.pk, NOTHING).balance,
            member.last_visit,  # type: ignore[attr-defined]  # the query asked for it
        )
        for member in members
    ]


def overview(organization: Organization, member: Member) -> Overview:
    """Return what a member has, and the newest of what they bought."""
    bought = purchases_of(organization).filter(member__in=everyone_in(member))
    newest = bought.order_by("-occurred_at", "-pk")[:PURCHASES_SHOWN]
    return Overview(
        balances_held_by(member), [_purchase(organization, purchase) for purchase in newest]
    )


def how_they_shop(member: Member, now: datetime) -> HowTheyShop | None:
    """Return how a member shops, once a night has looked at them."""
    habit = habit_of(member)
    if habit is None:
        return None
    away = lapse(habit.last_at, habit.days_between, now)
    scores = [one for one in (habit.recency, habit.frequency, habit.monetary) if one]
    return HowTheyShop(
        visits=habit.visits_in_year,
        spent=habit.spent_in_year,
        every_days=habit.days_between and habit.days_between.normalize(),
        away_days=max(0, (now - habit.last_at).days),
        is_long_away=away is not None and away >= LONG_AWAY,
        favorites=[one.category for one in favorites_of(habit)],
        scores=" · ".join(map(number, scores)),
    )


def entry_rows(organization: Organization, entries: Sequence[Entry]) -> list[EntryRow]:
    """Return entries in words, with what gave the points and where spent ones came from."""
    actors = actor_names(organization, [entry.actor for entry in entries])
    urls = _receipt_urls(organization, entries)
    taken: dict[int, list[Consumption]] = defaultdict(list)
    for consumption in consumed_by(entries):
        taken[consumption.entry_id].append(consumption)
    return [
        EntryRow(
            at=entry.occurred_at,
            kind=entry.get_kind_display(),
            program=entry.account.program.name,
            points=entry.points,
            balance_after=entry.balance_after,
            actor=actors.get(entry.actor, ""),
            reason=entry.reason,
            url=urls.get((entry.cause, entry.cause_id), ""),
            why=reasons(entry.awards.all(), organization.currency),
            taken=[_taken(one) for one in taken[entry.pk]],
        )
        for entry in entries
    ]


def reasons(awards: Iterable[Award], currency: str) -> list[ReasonRow]:
    """Return what each rule gave, named with the version that gave it."""
    return [
        ReasonRow(
            _("%(rule)s, version %(number)d")
            % {"rule": award.rule_version.rule.name, "number": award.rule_version.number},
            why(award, currency),
            award.awarded if award.unit == Award.Unit.POINTS else None,
            given_in_kind(award, currency),
        )
        for award in awards
    ]


def given_in_kind(award: Award, currency: str) -> str:
    """Return what a rule gave that is no points, such as "2 stamps"."""
    if award.unit == Award.Unit.POINTS:
        return ""
    return Wording.for_reader(currency).counted(award.unit, award.awarded)


def why(award: Award, currency: str) -> str:
    """Return in plain words what the points of one rule count on."""
    told = (Reason(reason["code"], reason["params"]) for reason in award.why)
    return " · ".join(sentence(reason, currency) for reason in told)


def birthday_words(member: Member) -> str:
    """Return the birthday as people say it, with the year if they told it."""
    born = member.birthday
    if born is None:
        return ""
    if born.year:
        return day(date(born.year, born.month, born.day))
    return day_of_year(date(A_LEAP_YEAR, born.month, born.day))


def noted_of(
    member: Member, defined: Iterable[AttributeDefinition], *, is_masked: bool
) -> list[tuple[str, str]]:
    """Return what the organization noted of a member, as far as the reader may see it."""
    rows = []
    unnamed = dict(member.attributes)
    for one in defined:
        value = unnamed.pop(one.name, None)
        is_shown = not is_masked or one.audience == AttributeDefinition.Audience.OFFICE
        if value is not None and is_shown:
            rows.append((one.label, _noted(value, one.kind)))
    if not is_masked:
        rows += [(name, _noted(value, "")) for name, value in sorted(unnamed.items())]
    return rows


def _noted(value: Attribute, kind: str) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, str):
        is_day = kind == AttributeDefinition.Kind.DATE
        return day(date.fromisoformat(value)) if is_day else value
    return number(Decimal(str(value)))


def _phone(phone: str, *, is_masked: bool) -> str:
    if not phone:
        return ""
    return mask_phone(phone) if is_masked else international(phone)


def _purchase(organization: Organization, purchase: Purchase) -> PurchaseRow:
    return PurchaseRow(
        at=purchase.occurred_at,
        title=purchase.store.name,
        amount=purchase.total - purchase.returned,
        url=_receipt_url(organization, purchase.public_id),
    )


def _taken(consumption: Consumption) -> TakenRow:
    lot = consumption.lot
    return TakenRow(consumption.points, lot.entry.occurred_at, lot.expires_at)


def _receipt_urls(
    organization: Organization, entries: Iterable[Entry]
) -> Mapping[tuple[str, int | None], str]:
    """Return the page of the receipt behind each entry that has one."""
    caused: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.cause_id is not None:
            caused[entry.cause].add(entry.cause_id)
    purchases = purchases_of(organization).filter(pk__in=caused["purchase"])
    bought = purchases.values_list("pk", "public_id")
    returns = returns_of(organization).filter(pk__in=caused["return"], purchase__isnull=False)
    came_back = returns.values_list("pk", "purchase__public_id")
    behind: dict[tuple[str, int | None], UUID] = {("purchase", pk): one for pk, one in bought}
    behind |= {("return", pk): one for pk, one in came_back}
    return {cause: _receipt_url(organization, receipt) for cause, receipt in behind.items()}


def _receipt_url(organization: Organization, public_id: UUID) -> str:
    return reverse("office:purchase", args=[organization.slug, public_id])
