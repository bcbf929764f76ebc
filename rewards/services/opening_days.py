"""From when on a reward can be used, in the calendar of the organization.

Days count from when it was taken, or earned, and not from when the server got to it. Where a rule
says when its voucher opens, that counts and not what the reward says; of one of several, the later
of the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from core.days import local_day, start_of_day
from loyalty.earning.opening import AT_ONCE, Opens, is_settable, last_settable
from loyalty.models import Program
from rewards.kinds import AnyKind, DrawTicket
from rewards.models import Draw, Reward
from rewards.opening_errors import OpeningNotToCome, OpensAfterDraw


def opening_of(reward: Reward, *, earned: datetime, now: datetime) -> datetime | None:
    """Return from when on a reward can be used that was taken, or nothing when it is at once."""
    return opening([reward.opens], reward.program, earned=earned, now=now)


def opening_if_taken(reward: Reward) -> datetime | None:
    """Return from when on a reward could be used, were it taken now; nothing for at once."""
    now = timezone.now()
    return opening_of(reward, earned=now, now=now)


def opening(
    opens: Iterable[Opens], program: Program, *, earned: datetime, now: datetime
) -> datetime | None:
    """Return the moment at which the last of these opens, unless all are open by now."""
    zone = program.organization.zone
    day = max(one.day(local_day(earned, zone)) for one in opens)
    at = start_of_day(day, zone)
    return at if at > now else None


def granted_opens(told_by_rule: Opens, reward: Reward) -> Opens:
    """Return when a granted voucher opens: as the rule says, or else as the reward does."""
    return reward.opens if told_by_rule.is_at_once else told_by_rule


def refuse_past_opening(reward: Reward) -> None:
    """Refuse a date that is over by now, or too far away."""
    today = local_day(timezone.now(), reward.program.organization.zone)
    if reward.opens_on is not None and not is_settable(reward.opens_on, today):
        raise OpeningNotToCome(until=last_settable(today).isoformat())


def refuse_tickets_too_late(reward: Reward) -> None:
    """Refuse a reward of tickets that would open when its draw is closed."""
    field = "opens_on" if reward.opens_on else "opens_after_days"
    at = opening_if_taken(reward)
    refuse_after_draw(reward.promise, reward.program_id, at, field=field)


def refuse_promise_too_late(program: Program, code: str, opens: Opens = AT_ONCE) -> None:
    """Refuse to promise a reward of tickets that would open when its draw is closed."""
    reward = Reward.objects.select_related("program__organization").get(program=program, code=code)
    now = timezone.now()
    at = opening([granted_opens(opens, reward)], program, earned=now, now=now)
    refuse_after_draw(reward.promise, program.pk, at, field="effect")


def refuse_after_draw(
    promise: AnyKind, program_id: int, at: datetime | None, *, field: str = "reward"
) -> None:
    """Refuse tickets that come when their draw is closed."""
    if at is None or not isinstance(promise, DrawTicket):
        return
    draw = Draw.objects.filter(program=program_id, code=promise.draw).first()
    if draw is not None and at >= draw.closes_at:
        told = {"opens_at": at.isoformat(), "closes_at": draw.closes_at.isoformat()}
        raise OpensAfterDraw(field=field, **told)
