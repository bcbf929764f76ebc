"""A small shop for tests, made through the services that a real one is made with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from core.actors import SYSTEM
from core.models import Organization, Store
from core.services.api_keys import NewIntegration, open_integration
from core.services.audit_ledger import violations
from loyalty.earning.receipt import Line
from loyalty.models import Account, AccountHolder, Entry, Program, Rule, RuleVersion
from loyalty.queries import balance_of
from loyalty.receipts import ReceiptDraft
from loyalty.services.purchases import record
from loyalty.services.recorded import Recorded
from members.models import Member, Source
from members.services.enrollment import enroll
from rewards.models import Reward

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
ONE_PER_POUND = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 1, "per": "1"},
}
_numbers = count(1)


@dataclass
class Shop:
    """An organization with one store, one live program and one rule."""

    organization: Organization
    store: Store
    program: Program
    rule: Rule

    def member(self, phone: str = "+447400123456", **details: Any) -> Member:
        """Enroll somebody."""
        return enroll(
            organization_id=self.organization.pk, source=Source.TILL, phone=phone, **details
        ).member

    def buys(self, member: Member | None, amount: str, **options: Any) -> Recorded:
        """Record a purchase of one product."""
        return self.records(self.draft(member, amount, **options))

    def records(self, draft: ReceiptDraft) -> Recorded:
        """Record a receipt."""
        return record(organization_id=self.organization.pk, draft=draft, actor=SYSTEM)

    def draft(
        self,
        member: Member | None,
        *amounts: str,
        at: datetime | None = None,
        number: str | None = None,
        lines: tuple[Line, ...] | None = None,
    ) -> ReceiptDraft:
        """Compose a receipt with one line per amount."""
        at = at or timezone.now()
        sold = lines or tuple(
            Line(number=i, sku=f"sku-{i}", quantity=Decimal(1), amount=Decimal(amount))
            for i, amount in enumerate(amounts, start=1)
        )
        serial = next(_numbers)
        return ReceiptDraft(
            source="till",
            external_id=number or f"r{serial}",
            request_key=f"test-{serial}",
            store_id=self.store.pk,
            store_code=self.store.code,
            occurred_at=at,
            local=at.astimezone(self.organization.zone),
            business_date=at.astimezone(self.organization.zone).date(),
            lines=sold,
            total=sum((line.amount for line in sold), Decimal(0)),
            member_id=member.pk if member else None,
        )

    def account(self, member: Member) -> Account:
        """Return the member's account, fresh."""
        return AccountHolder.objects.get(program=self.program, member=member).account

    def balance(self, member: Member) -> int:
        """Return what the member can spend now."""
        return balance_of(self.account(member)).balance

    def entries(self, member: Member) -> list[tuple[str, int, int]]:
        """Return kind, points and balance of each entry in order."""
        rows = Entry.objects.filter(account=self.account(member)).order_by("sequence")
        return list(rows.values_list("kind", "points", "balance_after"))

    def reward(
        self, points: int, *, stock: int | None = None, name: str = "Coffee", **details: Any
    ) -> Reward:
        """Offer something for points."""
        return Reward.objects.create(
            program=self.program,
            code=f"reward-{next(_numbers)}",
            name=name,
            points=points,
            stock=stock,
            stock_initial=stock,
            limited_since=timezone.now() if details.get("limit_count") else None,
            **{"status": Reward.Status.ACTIVE, **details},
        )

    def settle(self, **settings: Any) -> None:
        """Change the program's terms."""
        self.program.settings = {**self.program.settings, **settings}
        self.program.save(update_fields=["settings"])

    def add_rule(self, spec: dict[str, Any], *, since: datetime = ALWAYS) -> Rule:
        """Switch on another rule."""
        code = f"rule-{next(_numbers)}"
        rule = Rule.objects.create(
            program=self.program, code=code, name=code, status=Rule.Status.ACTIVE
        )
        self.add_version(rule, spec, since=since)
        return rule

    def add_version(self, rule: Rule, spec: dict[str, Any], *, since: datetime) -> RuleVersion:
        """Let a rule say something else from a moment on."""
        number = rule.versions.count() + 1
        return RuleVersion.objects.create(
            rule=rule, number=number, spec=spec, effective_from=since, created_by="system"
        )

    def api_key(self, *scopes: str, name: str = "Shop system") -> str:
        """Open an integration and return its secret."""
        new = NewIntegration(name=name, scopes=scopes or ("all",))
        return open_integration(organization_id=self.organization.pk, new=new).secret


def open_shop(slug: str = "high-street", **details: Any) -> Shop:
    """Open a shop that gives one point per pound."""
    organization = Organization.objects.create(
        name=details.pop("name", slug.title()),
        slug=slug,
        **{"currency": "GBP", "country": "GB", "time_zone": "Europe/London", **details},
    )
    store = Store.objects.create(organization=organization, code="1", name="One")
    program = Program.objects.create(
        organization=organization, slug="club", name="Club", status=Program.Status.LIVE
    )
    rule = Rule.objects.create(program=program, code="base", name="Base", status=Rule.Status.ACTIVE)
    shop = Shop(organization, store, program, rule)
    shop.add_version(rule, ONE_PER_POUND, since=ALWAYS)
    return shop


def assert_audit_is_clean() -> None:
    """Hold that every balance is explained."""
    assert violations() == []


def days_ago(days: int) -> datetime:
    """Return this time of day, so many days ago."""
    return timezone.now() - timedelta(days=days)
