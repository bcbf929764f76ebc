"""What is read of batches, shared codes and their uses, each scoped to its organization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Right, TruncDate

from core.models import Organization
from members.models import Member
from members.queries import everyone_in, survivor
from rewards.models import Reward, Voucher, VoucherBatch, VoucherUse
from rewards.models.vouchers import ENDING_LENGTH
from rewards.queries import vouchers_of
from rewards.services.vouchers import state_of
from rewards.voucher_codes import clean_ending

ROWS_AT_ONCE = 2_000
FOUND_MAX = 20
PAUSED, NOT_YET, LIMIT_REACHED = "paused", "not_yet", "limit_reached"


@dataclass(frozen=True, slots=True)
class DayOfUses:
    """How often a code was used on one day."""

    day: date
    uses: int


def codes_ending_in(batch: VoucherBatch, typed: str) -> list[Voucher]:
    """Return some codes of a batch that end like this; four characters are the least."""
    ending = clean_ending(typed)
    if len(ending) < ENDING_LENGTH:
        return []
    alike = vouchers_of(batch.organization).filter(batch=batch)
    alike = alike.alias(ending=Right("code", ENDING_LENGTH)).filter(
        ending=ending[-ENDING_LENGTH:], code__endswith=ending
    )
    return list(alike.order_by("pk")[:FOUND_MAX])


def codes_in_range(batch: VoucherBatch, first: int, count: int) -> list[Voucher]:
    """Return so many codes of a batch from one place on, the first of all being 1."""
    codes = vouchers_of(batch.organization).filter(batch=batch).order_by("pk")
    return list(codes[first - 1 : first - 1 + count])


def every_code_of(batch: VoucherBatch) -> Iterator[Sequence[Any]]:
    """Yield code, status and time of use of every code, some at a time, however many there are."""
    after = 0
    codes = Voucher.objects.filter(batch=batch).order_by("pk")
    fields = ("pk", "code", "status", "valid_until", "used_at", "used_in__code")
    while some := list(codes.filter(pk__gt=after).values_list(*fields)[:ROWS_AT_ONCE]):
        yield from (row[1:] for row in some)
        after = some[-1][0]


def uses_of(voucher: Voucher) -> QuerySet[VoucherUse]:
    """Return every use of a voucher, those that were let go of too, newest first."""
    uses = VoucherUse.objects.filter(voucher=voucher)
    return uses.select_related("member", "store").order_by("-used_at", "-pk")


def live_uses_of(vouchers: Sequence[Voucher]) -> dict[int, int]:
    """Return the use that counts of each voucher that was used, by voucher."""
    live = VoucherUse.objects.filter(voucher__in=[one.pk for one in vouchers], released_at=None)
    return dict(live.order_by("used_at", "pk").values_list("voucher_id", "pk"))


def use_in(organization: Organization, use_id: int) -> VoucherUse | None:
    """Return a use of one of the organization's vouchers."""
    uses = VoucherUse.objects.filter(voucher__organization=organization)
    return uses.select_related("voucher__batch").filter(pk=use_id).first()


def unused_in(batch: VoucherBatch) -> int:
    """Return how many codes of a batch nobody has used."""
    return batch.made - Voucher.objects.filter(batch=batch, status=Voucher.Status.USED).count()


def uses_by_day(
    organization: Organization, voucher: Voucher, *, since: datetime
) -> list[DayOfUses]:
    """Return how often it was used on which day of the shop's calendar, oldest first."""
    zone = organization.zone
    lately = VoucherUse.objects.filter(voucher=voucher, released_at=None, used_at__gte=since)
    days = lately.annotate(day=TruncDate("used_at", tzinfo=zone)).values("day")
    counted = days.annotate(uses=Count("pk")).order_by("day")
    return [DayOfUses(row["day"], row["uses"]) for row in counted]


def is_for_somebody_else(voucher: Voucher, member: Member) -> bool:
    """Say whether the voucher belongs to another member than this one."""
    redemption = voucher.redemption
    return redemption is not None and survivor(redemption.member).pk != survivor(member).pk


def standing(voucher: Voucher, *, now: datetime, member: Member | None = None) -> str:
    """Say whether a voucher can be used now, by this member if one is named, and if not why."""
    state = state_of(voucher, now=now)
    if state != Voucher.Status.ISSUED:
        return state
    if voucher.paused_at is not None:
        return PAUSED
    if voucher.valid_from is not None and voucher.valid_from > now:
        return NOT_YET
    if member is not None and voucher.per_member_max is not None:
        had = VoucherUse.objects.filter(
            voucher=voucher, member__in=everyone_in(survivor(member)), released_at=None
        )
        return LIMIT_REACHED if had.count() >= voucher.per_member_max else state
    return state


def rewards_for_vouchers(organization: Organization) -> QuerySet[Reward]:
    """Return what batches and shared codes can be for: everything that has not ended."""
    rewards = Reward.objects.filter(program__organization=organization)
    return rewards.exclude(status=Reward.Status.ENDED).order_by("name", "pk")
