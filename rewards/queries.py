"""Where the catalog, redemptions and receipts are found, scoped to an organization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.errors import Missing
from core.models import Organization
from loyalty.earning.reasons import Reason
from loyalty.models import Award, Entry, Product, Purchase
from loyalty.queries import Balance, balance_of, holdings_of, purchases_of
from loyalty.services.taking import Returned
from members.models import Member
from rewards.answers import GivenPoints, LineOnRecord, ReceiptView, moment
from rewards.models import Redemption, Reward


def rewards_of(organization: Organization) -> QuerySet[Reward]:
    """Return the organization's rewards, cheapest first."""
    rewards = Reward.objects.filter(program__organization=organization)
    return rewards.select_related("program").order_by("points", "pk")


def redemptions_of(organization: Organization) -> QuerySet[Redemption]:
    """Return what was taken, ready to show."""
    taken = Redemption.objects.filter(organization=organization)
    return taken.select_related("reward", "account", "member", "hold")


def receipt_of(organization: Organization, public_id: UUID | str) -> ReceiptView:
    """Return one receipt as it stands now, with what it earned and what came back."""
    purchase = purchases_of(organization).filter(public_id=public_id).first()
    if purchase is None:
        raise Missing
    return receipt_view(organization, purchase)


def receipt_view(organization: Organization, purchase: Purchase) -> ReceiptView:
    """Read what belongs to a receipt."""
    awards = Award.objects.filter(purchase=purchase).select_related("rule_version__rule")
    entries = Entry.objects.filter(cause="purchase", cause_id=purchase.pk).order_by("pk")
    return ReceiptView(
        currency=organization.currency,
        total=purchase.total,
        lines=[
            LineOnRecord(
                number=line.number,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                amount=line.amount,
                returned=line.returned_quantity,
            )
            for line in purchase.lines.order_by("number")
        ],
        given=[given_by(award) for award in awards.order_by("pk")],
        head=head_of(purchase),
        entries=[entry_answer(entry) for entry in entries],
        balance=spendable_by(purchase.member) if purchase.member else None,
    )


def last_visits(member: Member, count: int) -> QuerySet[Purchase]:
    """Return a member's newest purchases that were not returned in full, with their points."""
    kept = Award.objects.filter(purchase=OuterRef("pk")).order_by().values("purchase")
    points = kept.annotate(kept=Sum(F("awarded") - F("reversed"))).values("kept")
    bought = member.purchases.filter(Q(returned__lt=F("total")) | Q(returned=0))
    newest = bought.select_related("store").order_by("-occurred_at", "-pk")
    return newest.annotate(points=Coalesce(Subquery(points), 0))[:count]


def products_named(organization: Organization, skus: Iterable[str]) -> dict[str, Product]:
    """Return the products of the organization that these texts name, by SKU."""
    wanted = {sku for sku in skus if sku}
    if not wanted:
        return {}
    known = Product.objects.filter(organization=organization, sku__in=wanted)
    return {product.sku: product for product in known}


def spendable_by(member: Member) -> Balance:
    """Return what a member has in the organization's first program; nothing before the first."""
    holding = holdings_of(member).first()
    return balance_of(holding.account) if holding else Balance()


def given_by(award: Award) -> GivenPoints:
    """Return a stored award as it is told."""
    version = award.rule_version
    return GivenPoints(
        rule=str(version.rule.public_id),
        name=version.rule.name,
        version=version.number,
        points=award.awarded,
        desired=award.desired,
        lines=[(number, points) for number, points in award.lines],
        why=[Reason(reason["code"], reason["params"]) for reason in award.why],
    )


def head_of(purchase: Purchase) -> Mapping[str, Any]:
    """Return what identifies a receipt."""
    return {
        "id": str(purchase.public_id),
        "external_id": purchase.external_id,
        "source": purchase.source,
        "store": purchase.store.code,
        "member": str(purchase.member.public_id) if purchase.member else None,
        "occurred_at": moment(purchase.occurred_at),
    }


def entry_answer(entry: Entry) -> Mapping[str, Any]:
    """Return a ledger entry as a receipt names it."""
    return {
        "sequence": entry.sequence,
        "kind": entry.kind,
        "points": entry.points,
        "balance_after": entry.balance_after,
    }


def balance_after_return(done: Returned) -> int | None:
    """Return what the member can spend now that goods came back."""
    member = done.row.member
    return spendable_by(member).balance if member else None


def redemption_answer(redemption: Redemption) -> dict[str, Any]:
    """Say what was taken, and what the member can spend now."""
    held = redemption.status == Redemption.Status.HELD
    return {
        "id": str(redemption.public_id),
        "status": redemption.status,
        "reward": str(redemption.reward.public_id),
        "member": str(redemption.member.public_id),
        "points": redemption.points,
        "balance": balance_of(redemption.account).balance,
        "expires_at": moment(redemption.hold.expires_at) if held else None,
    }
