"""The shapes in which members, accounts and entries are told, the same on every surface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from loyalty.balances import Balance
from loyalty.earning.explain import as_json
from loyalty.earning.outcome import NotApplied
from loyalty.earning.reasons import Reason
from loyalty.models import Activity, AdjustmentRequest, Award, Entry
from loyalty.queries import Holding
from members.models import Member

Answer = dict[str, Any]


def member_answer(
    member: Member,
    *,
    number: str | None,
    held: Iterable[Holding],
    tiers: Mapping[int | None, Answer] = MappingProxyType({}),
) -> Answer:
    """Say who a member is and what they have; ``number`` is their card's.

    ``tiers`` says by account which tier it has and what is missing, where there are tiers.
    """
    return {
        "id": str(member.public_id),
        "number": number,
        "name": member.name,
        "phone": member.phone,
        "email": member.email,
        "status": member.status,
        "joined_at": moment(member.joined_at),
        "accounts": [account_answer(one) | tiers.get(one.account_id, {}) for one in held],
    }


def account_answer(held: Holding) -> Answer:
    """Say what a member has in one program."""
    return {
        "program": held.program.slug,
        **balance_answer(held.balance),
        "tier": None,
        "progress": [],
    }


def balance_answer(balance: Balance) -> Answer:
    """Say what can be spent now, and what is beside it."""
    ending = balance.next_expiry
    return {
        "balance": balance.balance,
        "pending": balance.pending,
        "held": balance.held,
        "debt": balance.debt,
        "next_expiry": {"points": ending.points, "at": moment(ending.at)} if ending else None,
    }


def entry_answer(entry: Entry, *, currency: str, awards: Iterable[Award] = ()) -> Answer:
    """Say what one entry did to an account, and which rules gave it."""
    return {
        "account": str(entry.account.public_id),
        "program": entry.account.program.slug,
        "sequence": entry.sequence,
        "kind": entry.kind,
        "points": entry.points,
        "balance_after": entry.balance_after,
        "occurred_at": moment(entry.occurred_at),
        "created_at": moment(entry.created_at),
        "reason": entry.reason,
        "cause": entry.cause,
        "why": [award_answer(award, currency) for award in awards],
    }


def request_answer(asked: AdjustmentRequest) -> Answer:
    """Say what somebody asked for that a second person decides on, and what became of it."""
    waits = asked.status == AdjustmentRequest.Status.ASKED
    return {
        "id": str(asked.public_id),
        "status": "pending_approval" if waits else asked.status,
        "program": asked.program.slug,
        "member": str(asked.member.public_id),
        "points": asked.points,
        "reason": asked.reason,
        "created_at": moment(asked.created_at),
        "decided_at": moment(asked.decided_at) if asked.decided_at else None,
        "decided_because": asked.decided_because,
        "sequence": asked.entry.sequence if asked.entry else None,
    }


def activity_answer(
    activity: Activity,
    member: Member,
    *,
    currency: str,
    awards: Sequence[Award],
    held: Sequence[Holding],
    left_out: Iterable[tuple[str, NotApplied]] = (),
) -> Answer:
    """Say what a member did, what it earned, and what they can spend now."""
    points = [award for award in awards if award.unit == Award.Unit.POINTS]
    balance = held[0].balance if held else Balance()
    return {
        "id": str(activity.public_id),
        "kind": activity.kind,
        "name": activity.name or None,
        "external_id": activity.external_id,
        "source": activity.source,
        "member": str(member.public_id),
        "occurred_at": moment(activity.occurred_at),
        "points": [award_answer(award, currency) for award in points],
        "points_total": sum(award.awarded for award in points),
        "granted": [_in_kind(award, currency) for award in awards if award not in points],
        "not_applied": [
            {
                "source": rule,
                "name": left.name,
                "why": [as_json(reason, currency) for reason in left.why],
            }
            for rule, left in left_out
        ],
        "balance": balance.balance,
        "pending": balance.pending,
    }


def _in_kind(award: Award, currency: str) -> Answer:
    told = award_answer(award, currency)
    count = told.pop("points")
    return {"kind": award.unit, "target": award.target or None, "count": count, **told}


def award_answer(award: Award, currency: str) -> Answer:
    """Say what one rule gave, and why."""
    version = award.rule_version
    reasons = [Reason(reason["code"], reason["params"]) for reason in award.why]
    return {
        "rule": str(version.rule.public_id),
        "name": version.rule.name,
        "version": version.number,
        "points": award.awarded,
        "desired": award.desired,
        "why": [as_json(reason, currency) for reason in reasons],
    }


def moment(at: datetime) -> str:
    """Write a moment in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
