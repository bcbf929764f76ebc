"""Makes the demo shop through the services that a real shop is made with, all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from core.models import Organization, Staff, Store
from core.models.people import Role
from core.services.organizations import NewOrganization, open_organization
from core.services.registers import add_register
from core.services.staff import NewStaff, add_staff
from insights import demo
from insights.demo import shop
from insights.demo.people import Person
from insights.services.demo_receipts import Slice, year_begins
from insights.services.demo_redemptions import Visits
from loyalty.importing.mapping import ReceiptMapping, load_mapping
from loyalty.models import ReceiptImport
from loyalty.services.import_runs import run_import
from loyalty.services.imports import begin_import, open_import_file
from loyalty.services.programs import load_program
from members.models import Channel, Member, MemberStatus, Purpose, Source
from members.services.consents import ConsentGiven
from members.services.enrollment import enroll

PRESET = "complete-journey"
PROGRAM = Path(demo.__file__).parent / "program.json"
TERMS = "2026-01"
OPENS = time(9)
# So that the first pages are as quick as later ones, when the server has counted by itself.
COUNT = """
    ANALYZE members_member, loyalty_account, loyalty_accountholder, loyalty_award, loyalty_entry,
        loyalty_lot, loyalty_purchase
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What the demo shop has now."""

    organization: Organization
    members: int
    receipts: int
    redemptions: int


@transaction.atomic
def load_demo(*, cut: Slice, told: Callable[[int], None], phase: Callable[[str], None]) -> Report:
    """Open the shop, enroll its members and import their year; killed on the way, nothing stays.

    ``told`` is called with the lines just imported, ``phase`` with what begins.
    """
    phase("shop")
    organization = _open_shop()
    phase("members")
    _enroll(organization, cut)
    phase("receipts")
    visits = Visits(organization)
    job = _import(organization, cut, visits, told)
    phase("statistics")
    _update_statistics()
    return Report(organization, len(cut.people), job.report["purchases"], visits.taken)


def _open_shop() -> Organization:
    new = NewOrganization(
        name=shop.NAME,
        slug=shop.SLUG,
        currency=shop.CURRENCY,
        country=shop.COUNTRY,
        time_zone=shop.TIME_ZONE,
        language=shop.LANGUAGE,
    )
    opened = open_organization(new=new, stores=shop.STORES, owner_email=shop.OWNER.email)
    organization, owner = opened.organization, opened.owner
    owner.name = shop.OWNER.name
    owner.save(update_fields=["name"])
    _let_in(owner)
    for worker in shop.STAFF:
        _hire(organization, worker)
    for store in Store.objects.filter(organization=organization, code__in=shop.SECOND_REGISTERS):
        add_register(store_id=store.pk, staff_id=owner.pk)
    document = json.loads(PROGRAM.read_text(encoding="utf-8"))
    load_program(organization_id=organization.pk, document=document)
    return organization


def _hire(organization: Organization, worker: shop.Worker) -> None:
    new = NewStaff(
        name=worker.name,
        role=worker.role,
        email=worker.email,
        pin=worker.pin,
        stores=worker.stores,
    )
    staff = add_staff(organization_id=organization.pk, new=new)
    if staff.role != Role.CASHIER:
        _let_in(staff)


def _let_in(staff: Staff) -> None:
    """Give the demo's password to who has none yet; hashing it once is slow enough."""
    if staff.user is not None and not staff.user.has_usable_password():
        staff.user.password = _hashed(shop.PASSWORD)
        staff.user.save(update_fields=["password"])


@cache
def _hashed(password: str) -> str:
    return make_password(password)


def _enroll(organization: Organization, cut: Slice) -> None:
    for person in cut.people:
        enroll(
            organization_id=organization.pk,
            source=Source.TILL if person.email is None else Source.PORTAL,
            external_id=str(person.household),
            phone=person.phone,
            email=person.email,
            name=person.name,
            birthday=person.birthday,
            language=person.language,
            consents=list(_consents(person)),
            joined_at=_joined(organization, person, cut),
        )


def _consents(person: Person) -> Iterator[ConsentGiven]:
    yield ConsentGiven(Channel.ANY, Purpose.TERMS, TERMS)
    channel = Channel.EMAIL if person.email else Channel.SMS
    yield ConsentGiven(channel, Purpose.MARKETING, TERMS, granted=person.wants_news)


def _joined(organization: Organization, person: Person, cut: Slice) -> datetime:
    """Return the first receipt as a member, or the first morning of who never came again."""
    first = cut.first_seen.get(person.household)
    local = first or datetime.combine(year_begins(cut.last_day), OPENS, tzinfo=organization.zone)
    return local.replace(tzinfo=organization.zone)


def _import(
    organization: Organization, cut: Slice, visits: Visits, told: Callable[[int], None]
) -> ReceiptImport:
    file = open_import_file(
        organization_id=organization.pk,
        path=cut.receipts,
        mapping=_mapping(),
        products=cut.products,
    )
    job = begin_import(file=file, resume=False)

    def after_chunk(rows: int) -> None:
        visits.redeem_some(job.batch)
        told(rows)

    return run_import(file=file, job=job, told=after_chunk)


def _mapping() -> ReceiptMapping:
    """Return the preset of the original file, with the clock and the stores of the demo."""
    preset: dict[str, Any] = load_mapping(PRESET).model_dump(mode="json")
    preset["occurred_at"]["zone"] = None
    preset["store"]["create"] = False
    return ReceiptMapping.model_validate(preset)


def _update_statistics() -> None:
    """Let the planner know at once how much there is now."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT)


def demo_organization() -> Organization | None:
    """Return the demo shop, if it was loaded."""
    return Organization.objects.filter(slug=shop.SLUG, name=shop.NAME).first()


def phone_to_try(organization: Organization) -> str:
    """Return the number of a member who bought lately, for who wants to look around."""
    members = Member.objects.filter(
        organization=organization, status=MemberStatus.ACTIVE, language=shop.LANGUAGE
    )
    known = members.filter(phone__isnull=False, email__isnull=False, purchases__isnull=False)
    newest = known.order_by("-purchases__occurred_at").first()
    return newest.phone or "" if newest else ""


def last_full_day() -> date:
    """Return yesterday, as the shop's clock has it."""
    zone = ZoneInfo(shop.TIME_ZONE)
    return timezone.localdate(timezone=zone) - timedelta(days=1)
