"""The organization's figures and its to-do list, each in one question; see docs/figures.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from core.days import start_of_day
from core.models import Organization, Register
from insights.figures import Days, Outstanding, People, Period, Points, Trade
from loyalty.earning.vocabulary.goal import Goal
from loyalty.models import AdjustmentRequest, Program, Purchase, ReceiptImport, Rule
from loyalty.queries import adjustment_requests_of, programs_of
from members.models import Member, MemberStatus
from rewards.models import Redemption, Reward

LOW_STOCK = 5
LATEST = 6
STOPPED_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What somebody should look at, counted."""

    has_register: bool
    is_live: bool
    has_reward: bool
    drafts: Sequence[str]
    scarce: Sequence[Reward]
    stopped: Sequence[ReceiptImport]
    approvals: int = 0


def people(organization: Organization, now: Period, before: Period) -> People:
    """Count who takes part, who joined, who did something, who took a reward."""
    row = _row(
        """
        WITH seen AS (
            SELECT member_id, occurred_at AS at, false AS redeemed FROM loyalty_purchase
            WHERE organization_id = %(organization)s AND member_id IS NOT NULL
                AND occurred_at >= %(before)s AND occurred_at < %(ends)s
            UNION ALL
            SELECT member_id, created_at, true FROM rewards_redemption
            WHERE organization_id = %(organization)s AND status = 'issued'
                AND created_at >= %(before)s AND created_at < %(ends)s
        )
        SELECT
            (SELECT count(*) FROM members_member
                WHERE organization_id = %(organization)s AND status IN ('active', 'blocked')),
            (SELECT count(*) FROM members_member
                WHERE organization_id = %(organization)s AND status IN ('active', 'blocked')
                    AND joined_at >= %(begins)s AND joined_at < %(ends)s),
            (SELECT count(*) FROM members_member
                WHERE organization_id = %(organization)s AND status IN ('active', 'blocked')
                    AND joined_at >= %(before)s AND joined_at < %(begins)s),
            count(DISTINCT member_id) FILTER (WHERE at >= %(begins)s),
            count(DISTINCT member_id) FILTER (WHERE at < %(begins)s),
            count(*) FILTER (WHERE redeemed AND at >= %(begins)s),
            count(*) FILTER (WHERE redeemed AND at < %(begins)s)
        FROM seen
        """,
        {"organization": organization.pk, **_bounds(organization, now, before)},
    )
    members, *pairs = row
    joined, active, redeemed = zip(pairs[::2], pairs[1::2], strict=True)
    return People(members=members, joined=joined, active=active, redeemed=redeemed)


def days(organization: Organization, first: date, last: date) -> Days:
    """Sum trade and points by the organization's days."""
    bounds = {
        "organization": organization.pk,
        "zone": organization.time_zone,
        "begins": start_of_day(first, organization.zone),
        "ends": start_of_day(last + timedelta(days=1), organization.zone),
    }
    trade = _rows(
        """
        SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, count(*), count(member_id),
            sum(total - returned),
            coalesce(sum(total - returned) FILTER (WHERE member_id IS NOT NULL), 0)
        FROM loyalty_purchase
        WHERE organization_id = %(organization)s
            AND occurred_at >= %(begins)s AND occurred_at < %(ends)s
        GROUP BY day
        """,
        bounds,
    )
    points = _rows(
        """
        SELECT (entry.occurred_at AT TIME ZONE %(zone)s)::date AS day,
            coalesce(sum(points) FILTER (WHERE kind IN ('earn', 'return')), 0)::bigint,
            -coalesce(sum(points) FILTER (WHERE kind IN ('redeem', 'release')), 0)::bigint,
            -coalesce(sum(points) FILTER (WHERE kind = 'expire'), 0)::bigint
        FROM loyalty_entry entry
        JOIN loyalty_account account ON account.id = entry.account_id
        JOIN loyalty_program program ON program.id = account.program_id
        WHERE program.organization_id = %(organization)s
            AND entry.occurred_at >= %(begins)s AND entry.occurred_at < %(ends)s
        GROUP BY day
        """,
        bounds,
    )
    return Days(
        trade={
            day: Trade(receipts=n, member_receipts=known, sales=sales, member_sales=member_sales)
            for day, n, known, sales, member_sales in trade
        },
        points={
            day: Points(given=given, spent=spent, expired=expired)
            for day, given, spent, expired in points
        },
    )


def outstanding(organization: Organization, now: datetime, until: datetime) -> Outstanding:
    """Sum what members have, and what of it ends before ``until``."""
    points, accounts, expiring, worth = _row(
        """
        SELECT coalesce(sum(remaining), 0)::bigint, count(DISTINCT account_id),
            coalesce(sum(remaining) FILTER (
                WHERE expires_at <= %(until)s AND NOT awaits_event), 0)::bigint,
            sum(remaining * (program.settings->>'point_value')::numeric)
        FROM loyalty_lot lot
        JOIN loyalty_account account ON account.id = lot.account_id
        JOIN loyalty_program program ON program.id = account.program_id
        WHERE program.organization_id = %(organization)s AND remaining > 0
            AND (expires_at IS NULL OR expires_at > %(now)s)
        """,
        {"organization": organization.pk, "now": now, "until": until},
    )
    return Outstanding(points=points, members=accounts, expiring=expiring, worth=worth)


def needs(organization: Organization, now: datetime) -> Needs:
    """Look for what somebody should do something about."""
    offered = Reward.objects.filter(program__organization=organization, status=Reward.Status.ACTIVE)
    rewards = list(offered.order_by("stock", "pk"))
    drafts = Rule.objects.filter(program__organization=organization, status=Rule.Status.DRAFT)
    stopped = ReceiptImport.objects.filter(
        organization=organization,
        status=ReceiptImport.Status.RUNNING,
        started_at__lte=now - STOPPED_AFTER,
    )
    live = Program.objects.filter(organization=organization, status=Program.Status.LIVE)
    registers = Register.objects.filter(
        organization=organization, is_active=True, devices__revoked_at__isnull=True
    )
    return Needs(
        has_register=registers.filter(devices__isnull=False).exists(),
        is_live=live.exists(),
        has_reward=bool(rewards),
        drafts=list(drafts.order_by("pk").values_list("name", flat=True)),
        scarce=[each for each in rewards if each.stock is not None and each.stock <= LOW_STOCK],
        stopped=list(stopped.order_by("pk")),
        approvals=adjustment_requests_of(organization)
        .filter(status=AdjustmentRequest.Status.ASKED)
        .count(),
    )


def latest_purchases(organization: Organization) -> QuerySet[Purchase]:
    """Return the newest receipts, with what they are shown by."""
    bought = Purchase.objects.filter(organization=organization).select_related("member", "store")
    return bought.order_by("-occurred_at", "-pk")[:LATEST]


def latest_redemptions(organization: Organization) -> QuerySet[Redemption]:
    """Return the newest rewards that were taken."""
    taken = Redemption.objects.filter(organization=organization, status=Redemption.Status.ISSUED)
    return taken.select_related("reward", "member").order_by("-created_at", "-pk")[:LATEST]


def latest_members(organization: Organization) -> QuerySet[Member]:
    """Return who joined last."""
    present = Member.objects.filter(organization=organization, status=MemberStatus.ACTIVE)
    return present.order_by("-joined_at", "-pk")[:LATEST]


def _bounds(organization: Organization, now: Period, before: Period) -> dict[str, datetime]:
    zone = organization.zone
    return {
        "before": start_of_day(before.first, zone),
        "begins": start_of_day(now.first, zone),
        "ends": start_of_day(now.last + timedelta(days=1), zone),
    }


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _row(sql: str, values: dict[str, Any]) -> tuple[Any, ...]:
    [row] = _rows(sql, values)
    return row


def goals(organization: Organization) -> list[tuple[str, Goal]]:
    """Return the goal of each live program that has one, with the program's name."""
    live = programs_of(organization).filter(status=Program.Status.LIVE)
    return [(one.name, goal) for one in live if (goal := one.terms.goal) is not None]
