"""What pages show of tiers, finished: the ladder as cards, a member's tier, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from core.log_page import actor_names
from core.models import Organization
from core.templatetags.formats import day, number
from loyalty.earning.wording import Wording
from loyalty.models import LadderVersion, Program, TierChange, TierGrant
from loyalty.queries import balances_held_by
from loyalty.services.ladder import versions_of
from loyalty.services.tier_crowds import Effect
from loyalty.services.tier_reading import TierView, tier_names, tier_views
from loyalty.tiers.counting import Counted, Tally
from loyalty.tiers.fold import State, Step
from loyalty.tiers.projection import Goal, Projection, for_member, goal_words, project
from loyalty.tiers.spec import LadderSpec, Tier, parse_ladder
from loyalty.tiers.windows import A_DAY, ends, last_instant
from loyalty.tiers.words import (
    amount_words,
    benefit_words,
    ladder_words,
    noted_words,
    reached_words,
)
from members.models import Member
from rewards.stamp_strips import wording_for

HISTORY_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCard:
    """One tier as a card: how members come to it, what they have, and how many are in it."""

    code: str
    name: str
    reached: str
    benefits: Sequence[str]
    noted: Sequence[str] = ()
    members: int = 0
    is_held: bool = False
    height: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalBar:
    """How far it is to a tier."""

    label: str
    now: str
    target: str
    share: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierBox:
    """A member's tier: its badge, its last day, and the one sentence that matters now."""

    name: str
    height: int
    until: date | None
    is_given: bool
    is_in_grace: bool
    sentence: str
    bars: Sequence[GoalBar] = ()
    benefits: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of a member on the ladder, and why."""

    at: datetime
    text: str
    why: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRow:
    """A tier that was given or bought and still counts, or will."""

    pk: int
    name: str
    begins_at: datetime
    ends_at: datetime | None
    reason: str
    is_by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """What the ladder says or said from a moment on."""

    number: int
    counts_from: datetime
    state: str
    label: str
    sentences: Sequence[str]
    tiers: Sequence[str]


def tier_box(member: Member, *, for_cashier: bool = False) -> TierBox | None:
    """Return the tier of a member in the first program that has tiers; nothing without one."""
    view = view_of(member)
    if view is None or not view.ladder.tiers:
        return None
    sentence = view.to_cashier if for_cashier else view.to_member
    say = wording_for(member.organization, view.program.pk)
    return box_from(view.projection, view.ladder, say, sentence, to_member=not for_cashier)


def view_of(member: Member) -> TierView | None:
    """Return where a member stands in the first program that has tiers."""
    held = [one.account_id for one in balances_held_by(member) if one.has_ladder]
    accounts = [pk for pk in held if pk is not None]
    views = tier_views(accounts) if accounts else {}
    return next((views[pk] for pk in accounts if pk in views), None)


def box_from(
    seen: Projection, ladder: LadderSpec, say: Wording, sentence: str, *, to_member: bool = True
) -> TierBox:
    """Return what is shown of somebody who stands there."""
    tier = seen.tier
    return TierBox(
        name=tier.name if tier else "",
        height=ladder.rank(tier.code) if tier else 0,
        until=seen.until,
        is_given=seen.is_given,
        is_in_grace=seen.is_in_grace,
        sentence=sentence,
        bars=_bars(seen, say, to_member=to_member),
        benefits=benefit_words(tier.benefits, say) if tier else (),
    )


def tier_cards(
    ladder: LadderSpec, say: Wording, *, held: str = "", crowds: Mapping[str, int] | None = None
) -> list[TierCard]:
    """Return the tiers, the lowest first; ``crowds`` says for the shop how many are in each."""
    return [
        TierCard(
            code=tier.code,
            name=tier.name,
            reached=reached_words(ladder, tier, say),
            benefits=benefit_words(tier.benefits, say),
            noted=noted_words(tier.benefits) if crowds is not None else (),
            members=(crowds or {}).get(tier.code, 0),
            is_held=tier.code == held,
            height=ladder.rank(tier.code),
        )
        for tier in ladder.tiers
    ]


def example_box(ladder: LadderSpec, say: Wording, now: datetime, zone: Organization) -> TierBox:
    """Return the tier of a made-up member, between the first two tiers that can be earned."""
    earned = [tier for tier in ladder.tiers if tier.threshold is not None]
    today = now.astimezone(zone.zone).date()
    first = earned[0] if earned else None
    have = _between(earned)
    tally = Tally.of(_example(have, today, by_days=ladder.basis == "visits"))
    state = State(looked_at=now, joined_on=today)
    if first is not None:
        state = _standing_on(first, ladder, state, now, zone)
    seen = project(state, tally, ladder, given=None, zone=zone.zone, now=now)
    return box_from(seen, ladder, say, for_member(seen, say.currency, today))


def effect_words(effect: Effect, ladder: LadderSpec) -> str:
    """Say what a ladder does when it begins."""
    if not effect.members:
        return _("It lifts nobody and lowers nobody.")
    parts = [
        _("%(count)s to %(tier)s")
        % {"count": number(count), "tier": (ladder.tier(code) or ladder.tiers[0]).name}
        for code, count in effect.lifted.items()
        if count
    ]
    listed = Wording.for_reader("USD").every(parts)
    return _("It lifts %(members)s: %(listed)s. It lowers nobody.") % {
        "members": _members(effect.members),
        "listed": listed,
    }


def version_rows(program: Program, now: datetime) -> list[VersionRow]:
    """Return what the ladder says and said, the newest first."""
    say = Wording.for_reader(program.organization.currency)
    versions = versions_of(program)
    begun = [one for one in versions if one.effective_from <= now]
    return [_version(one, begun, now, say) for one in reversed(versions)]


def step_rows(organization: Organization, changes: Iterable[TierChange]) -> list[StepRow]:
    """Return what happened to a member's tier, each step with its reason."""
    rows = list(changes)
    names = tier_names({row.account.program_id for row in rows})
    actors = actor_names(organization, {row.actor for row in rows})
    say = Wording.for_reader(organization.currency)
    return [
        StepRow(
            at=row.at,
            text=_step(row, names.get(row.account.program_id, {})),
            why=_reason(row, say),
            who=actors.get(row.actor, ""),
        )
        for row in rows
    ]


def given_rows(grants: Iterable[TierGrant], ladder: LadderSpec) -> list[GivenRow]:
    """Return the tiers that were given and count or will count."""
    return [
        GivenRow(
            pk=grant.pk,
            name=_name(grant.tier, ladder),
            begins_at=grant.begins_at,
            ends_at=grant.ends_at,
            reason=grant.reason,
            is_by_hand=grant.cause != "purchase",
        )
        for grant in grants
    ]


def _name(code: str, ladder: LadderSpec) -> str:
    tier = ladder.tier(code)
    return tier.name if tier else code


def _bars(seen: Projection, say: Wording, *, to_member: bool) -> list[GoalBar]:
    bars: list[GoalBar] = []
    if seen.reach is not None:
        words = "reach_by" if seen.reach.by else "reach"
        sentence = goal_words(seen, seen.reach, say, words, to_member=to_member)
        label = _("To %(tier)s") % {"tier": seen.reach.tier.name}
        bars.append(_bar(label, seen, seen.reach, say, sentence))
    if seen.stay is not None:
        sentence = goal_words(seen, seen.stay, say, "stay", to_member=to_member)
        label = _("To stay %(tier)s") % {"tier": seen.stay.tier.name}
        bars.append(_bar(label, seen, seen.stay, say, sentence))
    return bars


def _bar(label: str, seen: Projection, goal: Goal, say: Wording, sentence: str) -> GoalBar:
    return GoalBar(
        label=label,
        now=amount_words(seen.basis, goal.have, say),
        target=amount_words(seen.basis, goal.needed, say),
        share=goal.percent,
        sentence=sentence if goal.missing else "",
    )


def _between(earned: Sequence[Tier]) -> Decimal:
    steps = [tier.threshold for tier in earned if tier.threshold is not None]
    if not steps:
        return Decimal(0)
    above = steps[1] if len(steps) > 1 else steps[0] * 2
    return ((steps[0] + above) / 2).to_integral_value()


def _example(have: Decimal, today: date, *, by_days: bool) -> list[Counted]:
    if by_days:
        return [Counted(today - n * A_DAY, visits=1) for n in range(min(int(have), 366))]
    return [Counted(today, spend=have, points=int(have), credits=int(have))]


def _standing_on(
    tier: Tier, ladder: LadderSpec, state: State, now: datetime, organization: Organization
) -> State:
    until = None
    if not tier.is_lifetime and ladder.downgrade != "none":
        zone = organization.zone
        until = ends(ladder.valid, now, joined_on=state.joined_on, zone=zone)
    step = Step(
        tier=tier.code,
        since=now,
        at=now,
        until=until,
        basis=ladder.basis,
        needed=tier.threshold or Decimal(0),
        first=date.min,
    )
    return State(steps=(step,), due_at=until, looked_at=now, joined_on=state.joined_on)


def _members(count: int) -> str:
    from_one = _("%(count)s member") if count == 1 else _("%(count)s members")
    return from_one % {"count": number(count)}


def _version(
    version: LadderVersion, begun: Sequence[LadderVersion], now: datetime, say: Wording
) -> VersionRow:
    spec = parse_ladder(version.spec)
    state, label = "ended", _("Over")
    if version.effective_from > now:
        state, label = "scheduled", _("Later")
    elif begun and version.pk == begun[-1].pk:
        state, label = "active", _("Counts now")
    return VersionRow(
        number=version.number,
        counts_from=version.effective_from,
        state=state,
        label=label,
        sentences=ladder_words(spec),
        tiers=[f"{tier.name}: {reached_words(spec, tier, say)}" for tier in spec.tiers],
    )


def _step(row: TierChange, names: Mapping[str, str]) -> str:
    below = _("no tier")
    told = {
        "before": names.get(row.before, row.before) or below,
        "tier": names.get(row.after, row.after) or below,
    }
    why = TierChange.Why
    sentences = {
        why.REACHED: _("Reached %(tier)s"),
        why.KEPT: _("Kept %(tier)s"),
        why.LOWERED: _("From %(before)s to %(tier)s"),
        why.RETURNED: _("From %(before)s to %(tier)s"),
        why.GRANTED: _("%(tier)s was given"),
        why.GRANT_ENDED: _("%(before)s that was given has ended"),
        why.RULES: _("Lifted to %(tier)s"),
        why.MERGED: _("Stands on %(tier)s"),
    }
    return sentences[why(row.why)] % told


def _reason(row: TierChange, say: Wording) -> str:
    """Say by what it came, and until when the tier holds."""
    needed, basis = row.details.get("needed"), row.details.get("basis")
    amount = amount_words(basis, Decimal(needed), say) if needed and basis else ""
    why = TierChange.Why
    sentence = {
        why.REACHED: _("by %(amount)s"),
        why.KEPT: _("by %(amount)s once more"),
        why.LOWERED: _("%(amount)s not reached again"),
        why.RETURNED: _("goods came back"),
        why.GRANTED: row.details.get("reason") or _("a membership was bought"),
        why.GRANT_ENDED: row.details.get("reason") or _("its time was over"),
        why.RULES: _("the tiers have changed"),
        why.MERGED: _("accounts were joined or parted"),
    }[why(row.why)]
    told = sentence % {"amount": amount} if "%(amount)s" in sentence else sentence
    if row.until is None:
        return told
    until = _("%(reason)s; it holds until %(day)s")
    return until % {"reason": told, "day": day(last_instant(row.until))}
