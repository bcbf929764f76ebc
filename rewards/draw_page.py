"""What the office and the portal show of prize draws, finished."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.keyed_forms import new_key
from core.templatetags.formats import number
from members.models import Member
from members.names import masked_name
from rewards.draw_forms import ReasonForm
from rewards.models import Draw, DrawResult, Reward, Voucher
from rewards.queries import voucher_on
from rewards.services.draw_reading import (
    Mine,
    Standing,
    held_by,
    prize_rewards,
    standings,
    won_by,
)

NOTHING = Standing()
NONE_OF_IT = Mine()


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw in the office's list of them."""

    public_id: UUID
    name: str
    state: str
    label: str
    closes_at: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class PrizeRow:
    """A prize, and how many of it there are."""

    name: str
    description: str
    pieces: int
    reward: Reward | None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One pull, as the office sees it."""

    rank: int
    number: int
    name: str
    member: UUID
    kind: str
    label: str
    words: str
    form: ReasonForm | None  # where its prize can be passed on
    url: str


@dataclass(frozen=True, slots=True)
class DrawCard:
    """A draw as a member sees it in the list of them."""

    public_id: UUID
    name: str
    description: str
    state: str
    label: str
    closes_at: datetime
    time_left: str
    prizes: Sequence[PrizeRow]
    mine: Mine
    tickets: int
    commitment: str
    won: str


@dataclass(frozen=True, slots=True)
class PullRow:
    """One pull, as everybody may see it."""

    rank: int
    number: int
    pseudonym: str
    kind: str
    label: str
    words: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class DayBar:
    """The tickets of one day beside the most of any day."""

    day: date
    tickets: int
    share: int


def draw_rows(draws: Sequence[Draw]) -> list[DrawRow]:
    """Return draws as the office lists them."""
    known = standings(draws)
    return [
        DrawRow(
            one.public_id,
            one.name,
            one.status,
            one.get_status_display(),
            one.closes_at,
            known.get(one.pk, NOTHING),
        )
        for one in draws
    ]


def prize_rows(draw: Draw, rewards: dict[tuple[int, str], Reward]) -> list[PrizeRow]:
    """Return the prizes in the order in which they are drawn."""
    return [
        PrizeRow(
            reward.name if reward else prize["reward"],
            reward.description if reward else "",
            prize["count"],
            reward,
        )
        for prize in draw.prizes
        for reward in [rewards.get((draw.program_id, prize["reward"]))]
    ]


def odds(draw: Draw, standing: Standing) -> str:
    """Say how likely one ticket is to win: pieces ÷ tickets, as long as tickets are alike."""
    pieces = sum(prize["count"] for prize in draw.prizes)
    if not standing.tickets:
        return _("No tickets yet.")
    if (standing.members if draw.wins_once else standing.tickets) <= pieces:
        return _("There are prizes for everybody who has a ticket.")
    one_in = max(2, round(standing.tickets / pieces))
    words = ngettext(
        "One ticket wins the prize with a chance of about 1 in %(n)s.",
        "One ticket wins one of the prizes with a chance of about 1 in %(n)s.",
        pieces,
    )
    return words % {"n": number(one_in)}


def day_bars(days: Sequence[tuple[date, int]]) -> list[DayBar]:
    """Return tickets over time, each day beside the fullest."""
    most = max((tickets for _day, tickets in days), default=1)
    return [DayBar(day, tickets, round(100 * tickets / most)) for day, tickets in days]


def result_rows(
    draw: Draw,
    results: Sequence[DrawResult],
    *,
    slug: str,
    sees_names: bool,
    may_manage: bool,
) -> list[ResultRow]:
    """Return every pull, with whose it is and what became of it."""
    names = {code: reward.name for (_program, code), reward in prize_rewards([draw]).items()}
    return [
        ResultRow(
            rank=one.rank,
            number=one.number,
            name=_name(one.member, sees_names=sees_names),
            member=one.member.public_id,
            kind=one.kind,
            label=one.get_kind_display(),
            words=_became(one, names.get(one.gets, one.gets)),
            form=_passing(one) if may_manage and can_be_passed_on(one) else None,
            url=reverse("office:pass_on_prize", args=[slug, draw.public_id, one.rank]),
        )
        for one in results
    ]


def can_be_passed_on(one: DrawResult) -> bool:
    """Say whether a prize is with somebody who has not used it."""
    voucher = _voucher_of(one)
    used = voucher is not None and voucher.status == Voucher.Status.USED
    return bool(one.gets) and one.passed_on_at is None and not used


def draw_cards(draws: Sequence[Draw], member: Member, now: datetime) -> list[DrawCard]:
    """Return draws as a member sees them, with what they have in each."""
    mine, known, won = held_by(member, draws), standings(draws), won_by(member, draws)
    rewards = prize_rewards(draws)
    return [
        DrawCard(
            public_id=one.public_id,
            name=one.name,
            description=one.description,
            state=one.status,
            label=one.get_status_display(),
            closes_at=one.closes_at,
            time_left=time_left(one, now),
            prizes=prize_rows(one, rewards),
            mine=mine.get(one.pk, NONE_OF_IT),
            tickets=known.get(one.pk, NOTHING).tickets,
            commitment=one.commitment,
            won=_won(won.get(one.pk, []), rewards),
        )
        for one in draws
    ]


def pull_rows(
    results: Iterable[DrawResult],
    rewards: dict[tuple[int, str], Reward],
    mine: Sequence[str],
) -> list[PullRow]:
    """Return every pull without a name, with the member's own marked."""
    names = {code: reward.name for (_program, code), reward in rewards.items()}
    return [
        PullRow(
            one.rank,
            one.number,
            one.pseudonym,
            one.kind,
            one.get_kind_display(),
            reason_words(one.reason) if one.reason else names.get(one.prize, one.prize),
            one.pseudonym in mine,
        )
        for one in results
    ]


def time_left(draw: Draw, now: datetime) -> str:
    """Say how long tickets still count; nothing once they do not."""
    if draw.status != Draw.Status.OPEN or draw.closes_at <= now:
        return ""
    left = draw.closes_at - now
    if left.days:
        words = ngettext("%(n)s day left", "%(n)s days left", left.days)
        return words % {"n": number(left.days)}
    hours = left.seconds // 3600
    if hours:
        return ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": number(hours)}
    return _("less than an hour left")


def missed_words(mine: Mine) -> list[str]:
    """Say which tickets were left out, and why."""
    return [
        ngettext(
            "%(n)s ticket was left out: %(why)s.",
            "%(n)s tickets were left out: %(why)s.",
            one.count,
        )
        % {"n": number(one.count), "why": one.get_why_display()}
        for one in mine.missed
    ]


def range_words(mine: Mine) -> list[str]:
    """Return the numbers of a member's tickets, neighbors in one: 4–6."""
    return [
        number(first) if first == last else f"{number(first)}–{number(last)}"
        for first, last in mine.ranges
    ]


def _became(one: DrawResult, prize: str) -> str:
    if one.kind == DrawResult.Kind.SKIPPED:
        return reason_words(one.reason)
    if not one.gets:
        return _("waits, in case a winner cannot be reached")
    if one.passed_on_at is not None:
        told = {"prize": prize, "why": one.passed_on_because}
        return _("%(prize)s, passed on: %(why)s") % told
    voucher = _voucher_of(one)
    state = voucher.get_status_display() if voucher else _("taken back")
    return _("%(prize)s · voucher: %(state)s") % {"prize": prize, "state": state}


def reason_words(reason: str) -> str:
    """Say why a ticket could not win."""
    return {
        "staff": _("works here"),
        "group": _("in a group that cannot win"),
        "winner": _("won a draw before"),
        "gone": _("not a member any more, or blocked"),
        "canceled": _("the ticket was taken back"),
    }.get(reason, reason)


def _passing(one: DrawResult) -> ReasonForm:
    return ReasonForm(initial={"request_key": new_key()}, auto_id=f"pass-{one.rank}-%s")


def _voucher_of(one: DrawResult) -> Voucher | None:
    redemption = getattr(one.grant, "redemption", None) if one.grant else None
    return voucher_on(redemption) if redemption else None


def _won(results: Sequence[DrawResult], rewards: dict[tuple[int, str], Reward]) -> str:
    """Say what a member has won in a draw; an alternate has a chance still."""
    names = {code: reward.name for (_program, code), reward in rewards.items()}
    kept = [names.get(one.gets, one.gets) for one in results if one.gets and not one.passed_on_at]
    if kept:
        return _("You won: %(prizes)s") % {"prizes": ", ".join(kept)}
    return _("You are an alternate.") if any(not one.gets for one in results) else ""


def _name(member: Member, *, sees_names: bool) -> str:
    shown = member.name if sees_names else masked_name(member.name)
    return shown or _("No name")
