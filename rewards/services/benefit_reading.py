"""Where benefits are found, and what they took off so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from core.models import Organization
from loyalty.rule_history import counting
from rewards.discounts.spec import BenefitSpec, parse_benefit
from rewards.models import Benefit, BenefitVersion, PurchaseDiscount
from rewards.services.benefit_book import benefit_book


@dataclass(frozen=True, slots=True)
class Taken:
    """How often a benefit took something off, and how much in all."""

    purchases: int = 0
    amount: Decimal = Decimal(0)


NOTHING = Taken()


def benefits_of(organization: Organization) -> QuerySet[Benefit]:
    """Return the organization's benefits, oldest first."""
    benefits = Benefit.objects.filter(program__organization=organization)
    return benefits.select_related("program").order_by("pk")


def benefit_versions(benefits: Sequence[Benefit]) -> dict[int, list[BenefitVersion]]:
    """Return everything that benefits ever said, oldest first."""
    found: dict[int, list[BenefitVersion]] = defaultdict(list)
    for version in BenefitVersion.objects.filter(benefit__in=benefits).order_by("number"):
        found[version.benefit_id].append(version)
    return found


def taken_off_by(benefits: Sequence[Benefit], *, since: datetime) -> dict[int, Taken]:
    """Return what benefits took off since a moment; who took nothing off is absent."""
    rows = PurchaseDiscount.objects.filter(
        benefit_version__benefit__in=benefits, created_at__gte=since
    )
    sums = rows.values("benefit_version__benefit").annotate(n=Count("pk"), off=Sum("amount"))
    return {row["benefit_version__benefit"]: Taken(row["n"], row["off"]) for row in sums}


def said_now(versions: Sequence[BenefitVersion], now: datetime) -> BenefitSpec:
    """Return what a benefit says now, or what it will say first."""
    every = counting(versions)
    begun = [version for version in every if version.effective_from <= now]
    return parse_benefit((begun[-1] if begun else every[0]).spec)


def benefits_now(organization: Organization, now: datetime) -> list[tuple[str, BenefitSpec]]:
    """Return by name what is taken off by itself now."""
    programs = benefit_book(organization.pk).at(now)
    ids = [one.version_id for program in programs for one in program.benefits]
    versions = BenefitVersion.objects.filter(pk__in=ids).select_related("benefit").order_by("pk")
    return [(version.benefit.name, parse_benefit(version.spec)) for version in versions]
