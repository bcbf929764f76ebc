"""How many stand where on a ladder, and how many another one would lift: questions in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from core.bulk import array
from core.days import local_day
from loyalty.models import LadderLift, Program, Standing, TierGrant
from loyalty.services.tier_counts import OF_PAST
from loyalty.tiers.spec import LadderSpec, MembershipYear
from loyalty.tiers.windows import first_day

STANDING = """
    SELECT rank, count(*) FROM (
        SELECT greatest(
            coalesce(array_position(%(codes)s::text[], standing.tier::text), 0),
            coalesce((
                SELECT max(array_position(%(codes)s::text[], given.tier::text))
                FROM loyalty_tiergrant given
                WHERE given.account_id = account.id AND given.begins_at <= %(now)s
                    AND (given.ends_at IS NULL OR given.ends_at > %(now)s)
                    AND (given.ended_at IS NULL OR given.ended_at > %(now)s)
            ), 0)
        ) AS rank
        FROM loyalty_account account
        LEFT JOIN loyalty_standing standing ON standing.account_id = account.id
        WHERE account.program_id = %(program)s AND account.merged_into_id IS NULL
    ) held
    GROUP BY rank
"""
LIVING = """
    WITH RECURSIVE living AS (
        SELECT id AS part, id AS root FROM loyalty_account
        WHERE program_id = %(program)s AND merged_into_id IS NULL
        UNION ALL
        SELECT account.id, living.root
        FROM living JOIN loyalty_account account ON account.merged_into_id = living.part
    )
"""
COUNTED = "SELECT account_id, day, spend, points, visits, credits FROM loyalty_tiercount"
PAST = f"""
    SELECT account_id, day, spend, points, visits, credits
    FROM ({OF_PAST.format(wanted="held.program_id = %(program)s")}) past
"""  # noqa: S608
# The year of membership that today lies in begins on the last anniversary of joining.
SINCE_JOINING = """
    (joined.first
        + make_interval(years => extract(year FROM age(%(today)s::date, joined.first))::int))::date
"""
WORTH = {
    "spend": "sum(day.spend)",
    "points": "sum(day.points)",
    "visits": "count(*) FILTER (WHERE day.visits > 0)",
    "credits": "sum(day.credits)",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What a ladder does when it begins: how many it lifts onto each tier, by code."""

    lifted: Mapping[str, int]

    @property
    def members(self) -> int:
        """Return how many are lifted in all."""
        return sum(self.lifted.values())


def crowds(program_id: int, ladder: LadderSpec, now: datetime) -> dict[str, int]:
    """Return how many have each tier now, given ones included; below the first under nothing."""
    codes = ["", *(tier.code for tier in ladder.tiers)]
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"codes": array(codes[1:]), "now": now, "program": program_id})
        ranks = dict(cursor.fetchall())
    return {code: ranks.get(rank, 0) for rank, code in enumerate(codes)}


def held_tiers(program_id: int) -> Counter[str]:
    """Return by code how many earned each tier or were given it, and may still have it."""
    standing = Standing.objects.filter(account__program=program_id).exclude(tier="")
    given = TierGrant.objects.filter(account__program=program_id, ended_at=None)
    held: Counter[str] = Counter()
    for rows in (standing, given):
        for code, members in rows.values_list("tier").annotate(Count("pk")):
            held[code] += members
    return held


def effect_of(program: Program, ladder: LadderSpec, now: datetime | None = None) -> Effect:
    """Return what a ladder would do if it began now, in one statement; it lowers nobody."""
    thresholds = [tier for tier in ladder.tiers if tier.threshold is not None]
    if not thresholds:
        return Effect({})
    today = local_day(now or timezone.now(), program.organization.zone)
    lifted: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            _question(program, ladder),
            {
                "program": program.pk,
                "today": today,
                "since": _since(ladder, today),
                "thresholds": array(tier.threshold for tier in thresholds),
            },
        )
        for held, reached, members in cursor.fetchall():
            tier = thresholds[reached - 1] if reached else None
            if tier is not None and ladder.rank(tier.code) > ladder.rank(held):
                lifted[tier.code] += members
    return Effect(lifted)


def _question(program: Program, ladder: LadderSpec) -> str:
    was_counted = LadderLift.objects.filter(version__program=program, finished_at__isnull=False)
    counts_gross = ladder.returns == "never"
    if was_counted.exists():
        source = COUNTED + (" WHERE parent_id IS NULL" if counts_gross else "")
    else:
        source = PAST
    by_anniversary = isinstance(ladder.window, MembershipYear)
    since = SINCE_JOINING if by_anniversary else "%(since)s::date"
    return f"""
        {LIVING}, day AS (
            SELECT living.root, counted.day, sum(counted.spend) AS spend,
                sum(counted.points) AS points, sum(counted.visits) AS visits,
                sum(counted.credits) AS credits
            FROM living JOIN ({source}) counted ON counted.account_id = living.part
            GROUP BY living.root, counted.day
        ), joined AS (
            SELECT held.account_id,
                (min(member.joined_at) AT TIME ZONE organization.time_zone)::date AS first
            FROM loyalty_accountholder held
            JOIN members_member member ON member.id = held.member_id
            JOIN core_organization organization ON organization.id = member.organization_id
            WHERE held.program_id = %(program)s
            GROUP BY held.account_id, organization.time_zone
        ), worth AS (
            SELECT day.root, {WORTH[ladder.basis]} AS worth
            FROM day LEFT JOIN joined ON joined.account_id = day.root
            WHERE day.day >= {since}
            GROUP BY day.root
        )
        SELECT coalesce(standing.tier, ''), width_bucket(worth.worth, %(thresholds)s::numeric[]),
            count(*)
        FROM worth LEFT JOIN loyalty_standing standing ON standing.account_id = worth.root
        GROUP BY 1, 2
    """  # noqa: S608


def _since(ladder: LadderSpec, today: date) -> date:
    # Where it is each member's own, the statement reckons it.
    return first_day(ladder.window, today, today)
