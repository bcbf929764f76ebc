"""Where the catalog, redemptions and receipts are found, scoped to an organization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.days import local_day
from core.errors import Missing
from core.models import Organization, RegisterSession, Store
from loyalty.balances import NOTHING, Balance
from loyalty.earning.paying import InPoints
from loyalty.earning.reasons import Reason
from loyalty.earning.units import Goal, Unit
from loyalty.earning.wording import Wording
from loyalty.expiry import last_instant
from loyalty.models import Award, Entry, Grant, Product, Program, Purchase, Return, TierChange
from loyalty.queries import (
    Holding,
    balances_held_by,
    payments_of,
    purchases_of,
)
from loyalty.services.sold import Returned
from loyalty.services.spending import tender_of, worth_of
from loyalty.services.standing import effective_tiers
from members.models import Member
from members.queries import everyone_in
from rewards.answers import (
    NO_TIER,
    GivenPoints,
    LineOnRecord,
    ReceiptView,
    TierOnReceipt,
    moment,
)
from rewards.gift_card_answers import moves_answer
from rewards.kind_words import kind_worth
from rewards.models import (
    PurchaseDiscount,
    Redemption,
    Reward,
    RewardCategory,
    Voucher,
    put_on_cards,
)
from rewards.models.vouchers import READ_ALIKE
from rewards.voucher_codes import clean, clean_word, grouped, image, read_alike


@dataclass(frozen=True, slots=True)
class Purse:
    """What a member has; ``worth`` is none where the program says of no point what it is worth."""

    balance: Balance = NOTHING
    worth: Decimal | None = None
    pays: bool = False
    may_need_proof: bool = False


def rewards_of(organization: Organization) -> QuerySet[Reward]:
    """Return the organization's rewards, cheapest first."""
    rewards = Reward.objects.filter(program__organization=organization)
    return rewards.select_related("program__organization", "category").order_by("points", "pk")


def rewards_on_offer(program: Program) -> QuerySet[Reward]:
    """Return what a program offers now to everybody's knowledge, cheapest first."""
    today = local_day(timezone.now(), program.organization.zone)
    offered = Reward.objects.on_offer(today).to_all().filter(program=program)
    return offered.order_by("points", "pk")


def rewards_to_give(program: Program) -> QuerySet[Reward]:
    """Return what cards, tiers and challenges of a program can give now, cheapest first."""
    givable = Reward.objects.to_give().givable().filter(program=program)
    return givable.order_by("points", "pk")


def gift_names(organization: Organization) -> dict[tuple[int, str], str]:
    """Return what rewards are called, by program and code, for whoever promises them."""
    named = rewards_of(organization).values_list("program_id", "code", "name")
    return {(program_id, code): name for program_id, code, name in named}


def catalog_of(
    organization: Organization, *, state: str = "", category: str = ""
) -> QuerySet[Reward]:
    """Return the rewards, perhaps only those in one state or on one shelf."""
    rewards = rewards_of(organization)
    if state:
        rewards = rewards.filter(status=state)
    return rewards.filter(category__code=category) if category else rewards


def categories_of(organization: Organization) -> QuerySet[RewardCategory]:
    """Return how rewards are sorted, in the order of the shop."""
    categories = RewardCategory.objects.filter(program__organization=organization)
    return categories.order_by("program_id", "position", "pk")


def categories_with_size(organization: Organization) -> QuerySet[RewardCategory]:
    """Return the same, each with how many rewards it has."""
    return categories_of(organization).annotate(size=Count("rewards"))


def redemptions_of(organization: Organization) -> QuerySet[Redemption]:
    """Return what was taken, ready to show."""
    taken = Redemption.objects.filter(organization=organization)
    return taken.select_related(
        "reward", "account", "member", "hold", "store", "voucher", "chosen_from"
    )


def redemptions_by(member: Member) -> QuerySet[Redemption]:
    """Return what a member took, ready to show."""
    return redemptions_of(member.organization).filter(member__in=everyone_in(member))


def redemptions_for(reward: Reward) -> QuerySet[Redemption]:
    """Return who took a reward, ready to show."""
    return redemptions_of(reward.program.organization).filter(reward=reward)


def vouchers_of(organization: Organization) -> QuerySet[Voucher]:
    """Return what was issued, with what it is for and whose it is."""
    vouchers = Voucher.objects.filter(organization=organization)
    return vouchers.select_related("reward", "redemption__member__organization", "used_in", "batch")


def vouchers_held_by(member: Member) -> QuerySet[Voucher]:
    """Return the vouchers of a member, newest first."""
    held = vouchers_of(member.organization).filter(redemption__member__in=everyone_in(member))
    return held.order_by("-issued_at", "-pk")


def reward_names(organization: Organization, redemption_ids: Iterable[int]) -> dict[int, str]:
    """Return what was taken, by redemption."""
    taken = Redemption.objects.filter(organization=organization, pk__in=list(redemption_ids))
    return dict(taken.values_list("pk", "name"))


def voucher_named(organization: Organization, typed: str) -> Voucher | None:
    """Return the voucher of a code as somebody typed or scanned it, if there is one."""
    if code := clean(typed):
        return vouchers_of(organization).filter(code=code).first()
    shared = vouchers_of(organization).alias(alike=READ_ALIKE).filter(kind=Voucher.Kind.SHARED)
    word = read_alike(clean_word(typed))
    return shared.filter(alike=word).first() if word else None


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
    held = balances_held_by(purchase.member) if purchase.member else []
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
        discounts=PurchaseDiscount.objects.told_of(purchase),
        head=head_of(purchase),
        entries=[entry_answer(entry) for entry in entries],
        grants=list(grants_for(purchase)),
        paid=InPoints(paid.points, paid.amount) if paid else None,
        gift_cards=moves_answer(purchase.gift_card_entries.on_receipt()),
        tier=_tier_on(purchase, held),
        balance=(held[0].balance if held else NOTHING) if purchase.member else None,
    )


def _tier_on(purchase: Purchase, held: Sequence[Holding]) -> TierOnReceipt:
    """Return the tier the member is in now, and whether this purchase has changed it."""
    account_id = next((one.account_id for one in held if one.has_ladder), None)
    if account_id is None:
        return NO_TIER
    tiers = effective_tiers([account_id], timezone.now())
    tier = tiers[account_id].tier if account_id in tiers else None
    changed = TierChange.objects.filter(cause="purchase", cause_id=purchase.pk)
    return TierOnReceipt(tier.name if tier else "", is_changed=changed.exists())


def grants_for(purchase: Purchase) -> QuerySet[Grant]:
    """Return what was given because of a purchase and is no points."""
    key = purchase.request_key
    because = Q(request_key=key) | Q(request_key__startswith=f"{key}:")
    return Grant.objects.filter(because, member=purchase.member_id).order_by("pk")


def last_visits(member: Member, count: int) -> QuerySet[Purchase]:
    """Return a member's newest purchases that were not returned in full, with their points."""
    given = Award.objects.filter(purchase=OuterRef("pk"), unit=Award.Unit.POINTS)
    kept = given.order_by().values("purchase")
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
    least = program.terms.proof_points_from
    return Purse(
        balance,
        worth_of(program, currency, max(balance.balance, 0)),
        pays=balance.balance > 0 and tender_of(program, currency) is not None,
        may_need_proof=least is not None and balance.balance >= least,
    )


def returns_for(purchase: Purchase) -> QuerySet[Return]:
    """Return what came back of a purchase, with what points and gift cards had paid of it."""
    covered = Coalesce(Sum("put_back__amount"), Value(Decimal(0)))
    return Return.objects.filter(purchase=purchase).annotate(points_amount=covered + put_on_cards())


def given_by(award: Award) -> GivenPoints:
    """Return a stored award as it is told."""
    version = award.rule_version
    return GivenPoints(
        rule=str(version.rule.public_id),
        name=version.rule.name,
        version=version.number,
        points=award.awarded,
        goal=Goal(Unit(award.unit), award.target),
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


def last_day(voucher: Voucher, organization: Organization) -> date | None:
    """Return the last day on which a voucher can be used, if there is one."""
    if voucher.valid_until is None:
        return None
    return local_day(last_instant(voucher.valid_until), organization.zone)


def worth(reward: Reward, currency: str) -> str:
    """Say what a reward comes to; a product needs no more words than its name."""
    return kind_worth(reward.promise, Wording.for_reader(currency))


def voucher_on(redemption: Redemption) -> Voucher | None:
    """Return the voucher of a redemption; one that is only set aside has none."""
    return getattr(redemption, "voucher", None)


def voucher_answer(voucher: Voucher) -> dict[str, Any]:
    """Say what a voucher is for, and whether it can still be used."""
    return {
        **code_shown(voucher),
        "redemption": str(voucher.redemption.public_id) if voucher.redemption else None,
        "reward": str(voucher.reward.public_id),
        "name": voucher.redemption.name if voucher.redemption else voucher.reward.name,
        "issued_at": moment(voucher.issued_at),
        "valid_until": moment(voucher.valid_until) if voucher.valid_until else None,
        "used_at": moment(voucher.used_at) if voucher.used_at else None,
    }


def code_shown(voucher: Voucher) -> dict[str, Any]:
    """Return a voucher's code as it is told, with its image."""
    return {
        "code": grouped(voucher.code),
        "status": voucher.status,
        "qr": image(voucher.code),
    }
