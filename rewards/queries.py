"""Where the catalog, redemptions and receipts are found, scoped to an organization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from core.days import local_day
from core.errors import Missing
from core.models import Organization, RegisterSession, Store
from loyalty.earning.paying import InPoints
from loyalty.earning.reasons import Reason
from loyalty.earning.wording import Wording
from loyalty.expiry import last_instant
from loyalty.models import Award, Entry, Product, Program, Purchase, Return
from loyalty.queries import (
    NOTHING,
    Balance,
    balance_of,
    balances_held_by,
    carrying_on,
    payments_of,
    purchases_of,
)
from loyalty.services.spending import tender_of, worth_of
from loyalty.services.taking import Returned
from members.models import Member, MemberStatus
from members.queries import everyone_in
from rewards.answers import GivenPoints, LineOnRecord, ReceiptView, moment
from rewards.models import Redemption, Reward, Voucher
from rewards.voucher_codes import clean, grouped, image


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as one member may have it; ``missing`` says how many points they still need."""

    reward: Reward
    missing: int
    is_sold_out: bool
    can_have: bool
    balance: int = 0


@dataclass(frozen=True, slots=True)
class Purse:
    """What a member has; ``worth`` is none where the program says of no point what it is worth."""

    balance: Balance = NOTHING
    worth: Decimal | None = None
    pays: bool = False


def rewards_of(organization: Organization) -> QuerySet[Reward]:
    """Return the organization's rewards, cheapest first."""
    rewards = Reward.objects.filter(program__organization=organization)
    return rewards.select_related("program__organization").order_by("points", "pk")


def catalog_of(organization: Organization, *, since: datetime) -> QuerySet[Reward]:
    """Return the rewards with how many were taken since that moment, and kept."""
    live = Q(redemptions__status__in=[Redemption.Status.HELD, Redemption.Status.ISSUED])
    lately = Count("redemptions", filter=live & Q(redemptions__created_at__gte=since))
    return rewards_of(organization).annotate(taken_lately=lately)


def offers_for(member: Member) -> list[Offer]:
    """Return the rewards that are offered in the member's live programs, cheapest first."""
    balances = {held.program.pk: held.balance.balance for held in balances_held_by(member)}
    # Programs by invitation offer nothing to who was not let in.
    open_to = Q(program__is_open=True) | Q(program__in=balances)
    rewards = Reward.objects.filter(
        open_to,
        program__organization=member.organization_id,
        program__status=Program.Status.LIVE,
        status=Reward.Status.ACTIVE,
    ).select_related("program")
    is_active = member.status == MemberStatus.ACTIVE
    return [
        _offer(reward, balances.get(reward.program_id, 0), is_active=is_active)
        for reward in rewards.order_by("points", "pk")
    ]


def redemptions_of(organization: Organization) -> QuerySet[Redemption]:
    """Return what was taken, ready to show."""
    taken = Redemption.objects.filter(organization=organization)
    return taken.select_related("reward", "account", "member", "hold", "store", "voucher")


def redemptions_by(member: Member) -> QuerySet[Redemption]:
    """Return what a member took, ready to show."""
    return redemptions_of(member.organization).filter(member__in=everyone_in(member))


def redemptions_for(reward: Reward) -> QuerySet[Redemption]:
    """Return who took a reward, ready to show."""
    return redemptions_of(reward.program.organization).filter(reward=reward)


def vouchers_of(organization: Organization) -> QuerySet[Voucher]:
    """Return what was issued, with what it is for and whose it is."""
    vouchers = Voucher.objects.filter(organization=organization)
    return vouchers.select_related("redemption__reward", "redemption__member", "used_in")


def vouchers_held_by(member: Member) -> QuerySet[Voucher]:
    """Return the vouchers of a member, newest first."""
    everyone = everyone_in(member)
    held = vouchers_of(member.organization).filter(redemption__member__in=everyone)
    return held.order_by("-issued_at", "-pk")


def reward_names(organization: Organization, redemption_ids: Iterable[int]) -> dict[int, str]:
    """Return what was taken, by redemption."""
    taken = Redemption.objects.filter(organization=organization, pk__in=list(redemption_ids))
    return dict(taken.values_list("pk", "reward__name"))


def voucher_named(organization: Organization, typed: str) -> Voucher | None:
    """Return the voucher of a code as somebody typed or scanned it, if there is one."""
    code = clean(typed)
    return vouchers_of(organization).filter(code=code).first() if code else None


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
    paid = payments_of(purchase).filter(points__gt=0).first()
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
        paid=InPoints(paid.points, paid.amount) if paid else None,
        balance=spendable_by(purchase.member) if purchase.member else None,
    )


def last_visits(member: Member, count: int) -> QuerySet[Purchase]:
    """Return a member's newest purchases that were not returned in full, with their points."""
    kept = Award.objects.filter(purchase=OuterRef("pk")).order_by().values("purchase")
    points = kept.annotate(kept=Sum(F("awarded") - F("reversed"))).values("kept")
    bought = Purchase.objects.filter(
        Q(returned__lt=F("total")) | Q(returned=0), member__in=everyone_in(member)
    )
    newest = bought.select_related("store").order_by("-occurred_at", "-pk")
    return newest.annotate(points=Coalesce(Subquery(points), 0))[:count]


def guest_receipts(
    organization: Organization, store: Store, *, since: datetime
) -> QuerySet[Purchase]:
    """Return what was rung up in a store without a member and is not all back, newest first."""
    bought = purchases_of(organization).filter(store=store, member=None, occurred_at__gte=since)
    return bought.filter(returned__lt=F("total")).order_by("-occurred_at", "-pk")


def with_number(purchases: QuerySet[Purchase], number: str) -> QuerySet[Purchase]:
    """Return the receipts of this number, with or without what makes it unique."""
    return purchases.filter(Q(external_id=number) | Q(external_id__endswith=f"/{number}"))


def rung_up_in(purchases: QuerySet[Purchase], session: RegisterSession) -> QuerySet[Purchase]:
    """Return the receipts that were rung up in one session at a register."""
    return purchases.filter(
        register=session.register_id, staff=session.staff_id, occurred_at__gte=session.started_at
    )


def products_named(organization: Organization, skus: Iterable[str]) -> dict[str, Product]:
    """Return the products of the organization that these texts name, by SKU."""
    wanted = {sku for sku in skus if sku}
    if not wanted:
        return {}
    known = Product.objects.filter(organization=organization, sku__in=wanted)
    return {product.sku: product for product in known}


def spendable_by(member: Member) -> Balance:
    """Return what a member has in the organization's first program; nothing before the first."""
    held = balances_held_by(member)
    return held[0].balance if held else Balance()


def purse_of(member: Member, currency: str) -> Purse:
    """Return the same with what it is worth in money, and whether it can pay for purchases."""
    held = balances_held_by(member)
    if not held:
        return Purse()
    program, balance = held[0].program, held[0].balance
    return Purse(
        balance,
        worth_of(program, currency, max(balance.balance, 0)),
        pays=balance.balance > 0 and tender_of(program, currency) is not None,
    )


def returns_for(purchase: Purchase) -> QuerySet[Return]:
    """Return what came back of a purchase, with the money of it that points had paid."""
    covered = Coalesce(Sum("put_back__amount"), Value(Decimal(0)))
    return Return.objects.filter(purchase=purchase).annotate(points_amount=covered)


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
        "settled_at": moment(purchase.settled_at) if purchase.settled_at else None,
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
    """Say what was taken, what shows it at the counter, and what the member can spend now."""
    voucher = voucher_on(redemption)
    return {
        "id": str(redemption.public_id),
        "status": redemption.status,
        "reward": str(redemption.reward.public_id),
        "member": str(redemption.member.public_id),
        "points": redemption.points,
        "balance": balance_of(carrying_on(redemption.account)).balance,
        "voucher": voucher and _code_shown(voucher),
        "expires_at": _ends(redemption, voucher),
    }


def last_day(voucher: Voucher, organization: Organization) -> date | None:
    """Return the last day on which a voucher can be used, if there is one."""
    if voucher.valid_until is None:
        return None
    return local_day(last_instant(voucher.valid_until), organization.zone)


def worth(reward: Reward, currency: str) -> str:
    """Say what a reward takes off the price; a product needs no more words than its name."""
    if reward.amount is None:
        return ""
    return _("%(amount)s off") % {"amount": Wording.for_reader(currency).money(reward.amount)}


def voucher_on(redemption: Redemption) -> Voucher | None:
    """Return the voucher of a redemption; one that is only set aside has none."""
    return getattr(redemption, "voucher", None)


def voucher_answer(voucher: Voucher) -> dict[str, Any]:
    """Say what a voucher is for, and whether it can still be used."""
    return {
        **_code_shown(voucher),
        "redemption": str(voucher.redemption.public_id),
        "reward": str(voucher.redemption.reward.public_id),
        "name": voucher.redemption.reward.name,
        "issued_at": moment(voucher.issued_at),
        "valid_until": moment(voucher.valid_until) if voucher.valid_until else None,
        "used_at": moment(voucher.used_at) if voucher.used_at else None,
    }


def _offer(reward: Reward, balance: int, *, is_active: bool) -> Offer:
    missing = max(0, reward.points - balance)
    can_have = is_active and not missing and not reward.is_sold_out
    return Offer(reward, missing, reward.is_sold_out, can_have, balance)


def _code_shown(voucher: Voucher) -> dict[str, Any]:
    return {
        "code": grouped(voucher.code),
        "status": voucher.status,
        "qr": image(voucher.code),
    }


def _ends(redemption: Redemption, voucher: Voucher | None) -> str | None:
    """Return when the points go back, or from when on the voucher is worth nothing."""
    if redemption.status == Redemption.Status.HELD:
        return moment(redemption.hold.expires_at)
    if voucher is None or voucher.status != Voucher.Status.ISSUED or voucher.valid_until is None:
        return None
    return moment(voucher.valid_until)
