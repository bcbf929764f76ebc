"""Which tier accounts have: the higher of what they earned and what they were given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from core.bulk import array
from loyalty.earning.receipt import Boost
from loyalty.models import LadderVersion
from loyalty.tiers.spec import LadderSpec, Tier, parse_ladder

# A given tier is live from its first moment until it ends or was ended.
HELD = """
    SELECT account.id, version.id, coalesce(standing.tier, ''), ARRAY(
        SELECT given.tier FROM loyalty_tiergrant given
        WHERE given.account_id = account.id AND given.begins_at <= %(at)s
            AND (given.ends_at IS NULL OR given.ends_at > %(at)s)
            AND (given.ended_at IS NULL OR given.ended_at > %(at)s)
    )::text[]
    FROM loyalty_account account
    JOIN LATERAL (
        SELECT id FROM loyalty_ladderversion
        WHERE program_id = account.program_id AND effective_from <= %(at)s
        ORDER BY number DESC LIMIT 1
    ) version ON true
    LEFT JOIN loyalty_standing standing ON standing.account_id = account.id
    WHERE account.id = ANY(%(accounts)s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Held:
    """The ladder of an account's program and the tier it has there, if it is in any.

    ``earned`` is the code of the tier that it earned itself.
    """

    ladder: LadderSpec
    tier: Tier | None
    earned: str

    @property
    def code(self) -> str:
        """Return the tier's code, empty below the first."""
        return self.tier.code if self.tier else ""

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes of the tier and of all below it."""
        reached = self.ladder.rank(self.code)
        return frozenset(tier.code for tier in self.ladder.tiers[:reached])


def effective_tiers(account_ids: Iterable[int], at: datetime) -> dict[int, Held]:
    """Return what each account has at that moment; where there is no ladder, nothing is said.

    A tier whose end has come holds until it was looked at. One statement for any number.
    """
    wanted = set(account_ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"at": at, "accounts": array(wanted)})
        rows = cursor.fetchall()
    return {pk: held_on(ladder_of(version), earned, given) for pk, version, earned, given in rows}


def held_on(ladder: LadderSpec, earned: str, given: Iterable[str]) -> Held:
    """Return the higher of an earned tier and those given."""
    return Held(ladder, ladder.highest([earned, *given]), earned)


@lru_cache(maxsize=1024)
def ladder_of(version_key: int) -> LadderSpec:
    """Return what a version of a ladder says; it never changes, so it is read once per process."""
    spec: Any = LadderVersion.objects.values_list("spec", flat=True).get(pk=version_key)
    return parse_ladder(spec)


def boost_of(tier: Tier, *, is_new: bool = False) -> Boost | None:
    """Return what a tier makes of the points of a purchase, if it multiplies them."""
    times = tier.benefits.multiplier
    return None if times is None else Boost(tier.name, times, is_new=is_new)
