"""Where members stand on the ladder, for whoever shows it: read without locks, in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.days import local_day
from loyalty.earning.exact import plain
from loyalty.earning.wording import Wording
from loyalty.models import Account, LadderVersion, Program, TierChange, TierGrant
from loyalty.queries import Holding
from loyalty.services.standing import ladder_of
from loyalty.services.tier_states import Seen, see
from loyalty.tiers.fold import Ladders
from loyalty.tiers.projection import (
    Given,
    Goal,
    Projection,
    for_cashier,
    for_member,
    project,
)
from loyalty.tiers.spec import LadderSpec, Tier
from loyalty.tiers.words import amount_words, benefit_words, ladder_words, reached_words
from members.models import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class TierView:
    """An account's tier as people are told of it."""

    program: Program
    ladder: LadderSpec
    projection: Projection
    currency: str
    now: datetime

    @property
    def name(self) -> str | None:
        """Return the tier's name."""
        return self.projection.tier.name if self.projection.tier else None

    @property
    def to_member(self) -> str:
        """Return the one sentence for the member."""
        return for_member(self.projection, self.currency, self._today)

    @property
    def to_cashier(self) -> str:
        """Return the one sentence for the cashier."""
        return for_cashier(self.projection, self.currency, self._today)

    @property
    def goals(self) -> list[tuple[str, Goal]]:
        """Return what there is to reach and to keep, and which it is."""
        named = (("reach", self.projection.reach), ("stay", self.projection.stay))
        return [(name, goal) for name, goal in named if goal is not None]

    @property
    def _today(self) -> Any:
        return local_day(self.now, self.program.organization.zone)


def tier_views(account_ids: Iterable[int], now: datetime | None = None) -> dict[int, TierView]:
    """Return where accounts stand, in a fixed number of statements; without a ladder nothing."""
    moment = now or timezone.now()
    wanted = set(account_ids)
    accounts = Account.objects.filter(pk__in=wanted).select_related("program__organization")
    by_id = {account.pk: account for account in accounts}
    ladders = _ladders(by_id.values(), moment)
    seen = see(by_id.values(), ladders, moment)
    return {pk: _view(one, moment) for pk, one in seen.items()}


def tiers_answer(held: Iterable[Holding]) -> dict[int | None, dict[str, Any]]:
    """Return by account what answers say of its tier; nothing is read where there is no ladder."""
    accounts = [one.account_id for one in held if one.has_ladder and one.account_id is not None]
    views = tier_views(accounts) if accounts else {}
    return {
        pk: {"tier": view.name, "progress": progress_answer(view)} for pk, view in views.items()
    }


def steps_of(accounts: Sequence[Account]) -> QuerySet[TierChange]:
    """Return what happened to the tiers of accounts, the newest first."""
    changes = TierChange.objects.filter(account__in=accounts).select_related("account")
    return changes.order_by("-pk")


def grants_in(accounts: Sequence[Account], now: datetime) -> QuerySet[TierGrant]:
    """Return the tiers that accounts were given and that count now or later."""
    live = TierGrant.objects.filter(account__in=accounts, ended_at=None)
    return live.exclude(ends_at__lte=now).select_related("account__program").order_by("pk")


def accounts_with_tiers(member: Member) -> list[Account]:
    """Return the accounts of a member in programs that have tiers, oldest program first."""
    accounts = Account.objects.filter(holders__member=member, program__ladder_versions__number=1)
    return list(accounts.select_related("program").order_by("program"))


def tier_names(program_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what the tiers of programs are or were called, by code."""
    names: dict[int, dict[str, str]] = {}
    for version in LadderVersion.objects.filter(program__in=program_ids).order_by("number"):
        told = names.setdefault(version.program_id, {})
        told |= {tier["code"]: tier["name"] for tier in version.spec["tiers"]}
    return names


def current_ladder(program: Program, now: datetime | None = None) -> LadderSpec | None:
    """Return the tiers a program has now, if it has any."""
    begun = program.ladder_versions.filter(effective_from__lte=now or timezone.now())
    key = begun.order_by("-number").values_list("pk", flat=True).first()
    ladder = ladder_of(key) if key is not None else None
    return ladder if ladder is not None and ladder.tiers else None


def public_ladder(program: Program, currency: str) -> dict[str, Any] | None:
    """Return the tiers in words and as data, as members may read them."""
    ladder = current_ladder(program)
    if ladder is None:
        return None
    return {
        "text": ladder_words(ladder),
        "tiers": [public_tier(ladder, tier, Wording.for_reader(currency)) for tier in ladder.tiers],
    }


def public_tier(ladder: LadderSpec, tier: Tier, say: Wording) -> dict[str, Any]:
    """Return one tier in words and as data."""
    return {
        "code": tier.code,
        "name": tier.name,
        "kind": tier.kind,
        "threshold": None if tier.threshold is None else plain(tier.threshold),
        "basis": ladder.basis,
        "text": reached_words(ladder, tier, say),
        "benefits": benefit_words(tier.benefits, say),
    }


def progress_answer(view: TierView) -> list[dict[str, Any]]:
    """Return what there is to reach and to keep, as data and in a sentence for the member."""
    say = Wording.for_reader(view.currency)
    return [
        {
            "kind": f"tier_{name}",
            "tier": goal.tier.code,
            "name": goal.tier.name,
            "basis": view.ladder.basis,
            "have": plain(goal.have),
            "needed": plain(goal.needed),
            "missing": plain(goal.missing),
            "by": goal.by.isoformat() if goal.by else None,
            "text": amount_words(view.ladder.basis, goal.missing, say),
        }
        for name, goal in view.goals
    ]


def _ladders(accounts: Iterable[Account], now: datetime) -> dict[int, Ladders]:
    """Return the ladders that have begun, of the programs of these accounts."""
    programs = {account.program_id: account.program for account in accounts}
    begun = LadderVersion.objects.filter(program__in=programs, effective_from__lte=now)
    dated: dict[int, list[tuple[datetime, LadderSpec]]] = {}
    for version in begun.order_by("number"):
        kept = dated.setdefault(version.program_id, [])
        kept[:] = [one for one in kept if one[0] < version.effective_from]
        kept.append((version.effective_from, ladder_of(version.pk)))
    return {pk: Ladders(tuple(own), programs[pk].organization.zone) for pk, own in dated.items()}


def _view(one: Seen, now: datetime) -> TierView:
    program = one.account.program
    ladder = one.ladders.at(now)
    assert ladder is not None, "only ladders that have begun were read"
    live = [grant for grant in one.grants if grant.is_live(now)]
    best = max(live, key=lambda grant: _height(ladder, grant), default=None)
    return TierView(
        program=program,
        ladder=ladder,
        projection=project(
            one.state,
            one.tally,
            ladder,
            given=Given(best.tier, _end_of(best)) if best else None,
            zone=program.organization.zone,
            now=now,
        ),
        currency=program.organization.currency,
        now=now,
    )


def _height(ladder: LadderSpec, grant: TierGrant) -> tuple[int, bool, float]:
    end = _end_of(grant)
    return ladder.rank(grant.tier), end is None, end.timestamp() if end else 0.0


def _end_of(grant: TierGrant) -> datetime | None:
    ends = [end for end in (grant.ends_at, grant.ended_at) if end is not None]
    return min(ends, default=None)
