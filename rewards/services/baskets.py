"""Turns what a till or a shop system sends into a receipt that can be priced and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.currencies import decimals_of
from core.models import Organization, Register, Staff, Store
from core.queries import registers_of, staff_of, store_named
from loyalty.errors import FutureDate, TooOld
from loyalty.queries import programs_of
from loyalty.receipts import Paid, ReceiptDraft
from members.errors import MemberBlocked, MemberUnknown, StoreUnknown
from members.models import Member, MemberStatus
from members.queries import member_by_reference
from rewards.errors import (
    CurrencyMismatch,
    PaymentsExceedTotal,
    RegisterUnknown,
    StaffUnknown,
    TotalRequired,
)
from rewards.pricing import checked_total, discounts_on, paid_in_all, priced_lines, total_only

CLOCK_SKEW = timedelta(minutes=5)
RECEIPT_AGE_DAYS_DEFAULT = 30
RECEIPT_AGE_LEAST = timedelta(days=1)  # no program can ask for less, so none need be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a receipt comes from: its store, and the register and staff that rang it up."""

    store: Store
    register: Register | None = None
    staff: Staff | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the store's own clock."""
        return ZoneInfo(self.store.time_zone or self.store.organization.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """How a receipt is known: its source, its number there, and the request it came with."""

    source: str
    external_id: str
    request_key: str


NO_NUMBER = Number(source="", external_id="", request_key="")


def place_of(organization: Organization, sent: Mapping[str, Any]) -> Place:
    """Find the store, register and staff member that codes name."""
    store = store_named(organization, sent["store"])
    if store is None:
        raise StoreUnknown
    store.organization = organization
    return Place(
        store=store,
        register=_register(organization, store, sent.get("register")),
        staff=_staff(organization, sent.get("staff")),
    )


def member_of(organization: Organization, reference: str | None) -> Member | None:
    """Find the member that an id, card or phone number names; refuse an unknown or blocked one."""
    if not reference:
        return None
    member = member_by_reference(organization, reference)
    if member is None:
        raise MemberUnknown
    if member.status != MemberStatus.ACTIVE:
        raise MemberBlocked
    return member


def draft_of(
    organization: Organization,
    sent: Mapping[str, Any],
    *,
    place: Place,
    member: Member | None,
    number: Number = NO_NUMBER,
) -> ReceiptDraft:
    """Compose the receipt; refuse what cannot be one, naming the field.

    Without a number it is only asked about, and may be made at a time to come.
    """
    if sent.get("currency", organization.currency) != organization.currency:
        raise CurrencyMismatch
    occurred_at = _moment(organization, sent, is_asked_about=number is NO_NUMBER)
    local = occurred_at.astimezone(place.zone)
    lines, total = _lines_and_total(organization, sent)
    payments = sent.get("payments", ())
    if paid_in_all(payments) > total:
        raise PaymentsExceedTotal
    return ReceiptDraft(
        source=number.source,
        external_id=number.external_id,
        request_key=number.request_key,
        store_id=place.store.pk,
        store_code=place.store.code,
        register_id=place.register.pk if place.register else None,
        staff_id=place.staff.pk if place.staff else None,
        member_id=member.pk if member else None,
        channel=sent.get("channel", "store"),
        occurred_at=occurred_at,
        local=local,
        business_date=sent.get("business_date") or local.date(),
        lines=lines,
        total=total,
        discounts=discounts_on(sent.get("lines", ())),
        payments=tuple(_paid(one) for one in payments),
        metadata=sent.get("metadata", {}),
        is_dated="occurred_at" in sent,
    )


def _paid(part: Mapping[str, Any]) -> Paid:
    return Paid(method=part["method"], amount=part["amount"], wished=part.get("wished"))


def _lines_and_total(
    organization: Organization, sent: Mapping[str, Any]
) -> tuple[tuple[Any, ...], Decimal]:
    stated = sent.get("total")
    if sent.get("lines"):
        lines = priced_lines(sent["lines"], decimals=decimals_of(organization.currency))
    elif stated is not None:
        lines = total_only(stated)
    else:
        raise TotalRequired
    return lines, checked_total(lines, stated)


def _moment(
    organization: Organization, sent: Mapping[str, Any], *, is_asked_about: bool
) -> datetime:
    now = timezone.now()
    occurred_at: datetime = sent.get("occurred_at") or now
    if occurred_at > now + CLOCK_SKEW and not is_asked_about:
        raise FutureDate
    if _is_too_old(organization, now - occurred_at):
        raise TooOld
    business_date: date | None = sent.get("business_date")
    if business_date and abs(business_date - occurred_at.date()) > timedelta(days=2):
        raise (
            TooOld(field="business_date")
            if business_date < occurred_at.date()
            else FutureDate(field="business_date")
        )
    return occurred_at


def _is_too_old(organization: Organization, age: timedelta) -> bool:
    if age <= RECEIPT_AGE_LEAST:
        return False
    terms = [program.terms for program in programs_of(organization)]
    days = min((one.receipt_age_days_max for one in terms), default=RECEIPT_AGE_DAYS_DEFAULT)
    return age > timedelta(days=days)


def _register(organization: Organization, store: Store, code: str | None) -> Register | None:
    if not code:
        return None
    register = registers_of(organization).filter(store=store, code=code).first()
    if register is None:
        raise RegisterUnknown
    return register


def _staff(organization: Organization, code: str | None) -> Staff | None:
    if not code:
        return None
    staff = staff_of(organization).filter(code=code).first()
    if staff is None:
        raise StaffUnknown
    return staff
