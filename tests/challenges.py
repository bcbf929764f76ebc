"""Challenges for tests, and how far members have come in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loyalty.models import Challenge, ChallengeRun, ChallengeVersion, Grant
from members.models import Member
from tests.shops import ALWAYS, Shop

VISITS = {"type": "visits", "number": 3}
MONTHLY = {"type": "each", "unit": "month"}
HUNDRED = {"type": "points", "points": 100}
EARLY_BIRD = {"type": "badge", "badge": "Early bird"}


def spec(**changes: Any) -> dict[str, Any]:
    """Return what a challenge says: three visits in a month give a hundred points and a badge."""
    said = {"target": VISITS, "period": MONTHLY, "gifts": [HUNDRED, EARLY_BIRD], **changes}
    return {name: value for name, value in said.items() if value is not None}


def challenge(
    shop: Shop,
    *,
    code: str = "three",
    since: datetime = ALWAYS,
    status: str = "active",
    **said: Any,
) -> Challenge:
    """Start a challenge in the shop's program."""
    made = Challenge.objects.create(program=shop.program, code=code, name=code, status=status)
    add_version(made, since=since, **said)
    return made


def add_version(of: Challenge, *, since: datetime, **said: Any) -> ChallengeVersion:
    """Let a challenge say something else from a moment on."""
    return ChallengeVersion.objects.create(
        challenge=of,
        number=of.versions.count() + 1,
        spec=spec(**said),
        effective_from=since,
        created_by="system",
    )


def runs(shop: Shop, member: Member) -> list[tuple[str, int | float, bool]]:
    """Return the runs of a member's account: challenge, progress, and whether it is complete."""
    own = ChallengeRun.objects.filter(account=shop.account(member))
    return [
        (run.challenge.code, float(run.progress), run.completed_at is not None)
        for run in own.select_related("challenge").order_by("challenge", "period", "version")
    ]


def badges(member: Member) -> list[tuple[str, str]]:
    """Return the badges a member got, and whether each still stands."""
    given = Grant.objects.filter(member=member, kind=Grant.Kind.BADGE).order_by("pk")
    return list(given.values_list("target", "status"))
