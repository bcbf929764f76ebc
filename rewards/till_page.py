"""What the till's main screen shows, finished: the member, the past visits, the receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from core.keyed_forms import new_key
from core.models import Organization
from core.templatetags.formats import number
from loyalty.balances import Balance, Expiring
from loyalty.earning.explain import sentence
from loyalty.earning.paying import InPoints
from loyalty.earning.wording import Wording
from loyalty.models import Purchase
from loyalty.queries import balance_of, carrying_on, next_pending
from loyalty.services.household_limits import Share, share_of
from members.models import Member
from members.queries import masked
from rewards.answers import GivenPoints, LineOnRecord, ReceiptView
from rewards.challenge_cards import ChallengeView, told_at_till
from rewards.discount_rows import DiscountRow, before_discounts, discount_rows, left_out_rows
from rewards.kind_words import ICONS, kind_worth, number_in_edition
from rewards.models import Redemption
from rewards.queries import (
    last_visits,
    purse_of,
    receipt_view,
    returns_for,
    voucher_on,
    worth,
)
from rewards.services.shelf import Offer, offers_for
from rewards.services.till import number_on_paper
from rewards.stamp_strips import StripView, strips_of
from rewards.tier_page import TierBox, tier_box
from rewards.voucher_codes import grouped

VISITS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """One purchase of the past, as much of it as was kept."""

    at: datetime
    title: str
    amount: Decimal
    points: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several that the member may choose, and whether it can be had."""

    reward: UUID
    name: str
    picture: str
    icon: str
    can_have: bool


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A reward as the cashier offers it; ``key`` is that of the form that hands it over."""

    reward: UUID
    name: str
    worth: str
    points: int
    missing: int
    balance: int
    key: str
    picture: str = ""
    icon: str = "gift"
    price_money: Decimal | None = None
    choices: Sequence[Choice] = ()

    @property
    def balance_after(self) -> int:
        """Return what the member would have left."""
        return self.balance - self.points


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A reward that was handed over, and what the member has now."""

    name: str
    worth: str
    points: int
    code: str
    balance: int
    is_taken_back: bool
    price_money: Decimal | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class MemberPanel:
    """What a cashier sees of the member at the till."""

    public_id: UUID
    name: str
    phone: str
    card: str
    is_blocked: bool
    balance: int
    pending: int
    debt: int
    next_expiry: Expiring | None
    visits: Sequence[Visit]
    coming: Expiring | None = None
    offers: Sequence[OfferRow] = ()
    next_offer: OfferRow | None = None
    sold_out: Sequence[str] = ()
    worth: Decimal | None = None
    pays: bool = False
    share: Share | None = None
    stamps: Sequence[StripView] = ()
    tier: TierBox | None = None
    near: str = ""
    open_challenges: Sequence[ChallengeView] = ()


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What one rule gave, and why."""

    text: str
    detail: str
    points: int | None = None
    given: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    """What one line of the receipt came to, and gave."""

    title: str
    amount: Decimal
    points: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What went back when goods were returned or a purchase was undone.

    ``put_back`` are points that had paid, ``kept_back`` is money for points that were spent
    already, and ``refund`` what is left to pay out.
    """

    amount: Decimal
    points: int
    is_all: bool
    put_back: int = 0
    kept_back: Decimal = Decimal(0)
    refund: Decimal | None = None

    @property
    def is_paid_out_in_part(self) -> bool:
        """Say whether less money than the goods cost goes back."""
        return self.refund is not None and self.refund != self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What a purchase gave, why, and what the member has now."""

    amount: Decimal
    points: int
    reasons: Sequence[ReasonRow]
    receipt: str = ""
    lines: Sequence[LineRow] = ()
    balance: int | None = None
    pending: int = 0
    pending_until: datetime | None = None
    taken_back: TakenBack | None = None
    paid: InPoints | None = None
    due: Decimal | None = None
    can_pay: InPoints | None = None
    warning: str = ""
    not_applied: Sequence[ReasonRow | DiscountRow] = ()
    discounts: Sequence[DiscountRow] = ()
    before: Decimal | None = None


def member_panel(member: Member, *, currency: str, store: str | None = None) -> MemberPanel:
    """Return the member as a cashier may see them, with their newest visits."""
    [shown] = masked([member])
    purse = purse_of(member, currency)
    balance = purse.balance
    offers = offers_for(member, store=store)
    told = told_at_till(member)
    return MemberPanel(
        public_id=member.public_id,
        name=shown.name,
        phone=shown.phone,
        card=dotted(shown.card),
        is_blocked=shown.is_blocked,
        balance=balance.balance,
        pending=balance.pending,
        debt=balance.debt,
        next_expiry=balance.next_expiry,
        visits=[_visit(purchase) for purchase in last_visits(member, VISITS_SHOWN)],
        coming=next_pending(member) if balance.pending else None,
        offers=[_offer(offer, currency) for offer in offers if offer.can_have],
        next_offer=_next_offer(offers, currency),
        sold_out=[one.reward.name for one in offers if one.is_sold_out and not one.missing],
        worth=purse.worth,
        pays=purse.pays,
        share=share_of(member, now=timezone.now()),
        stamps=strips_of(member, member.organization),
        tier=tier_box(member, for_cashier=True),
        near=told.near,
        open_challenges=told.open,
    )


def handed_over(organization: Organization, redemption: Redemption) -> HandedOver:
    """Return what a member got over the counter, as it stands now."""
    voucher = voucher_on(redemption)
    return HandedOver(
        name=redemption.name,
        worth=kind_worth(redemption.promise, Wording.for_reader(organization.currency)),
        points=redemption.points,
        code=grouped(voucher.code) if voucher else "",
        balance=balance_of(carrying_on(redemption.account)).balance,
        is_taken_back=redemption.status == Redemption.Status.CANCELED,
        price_money=redemption.price_money,
        number=number_in_edition(redemption.serial, redemption.serial_of),
    )


def dotted(last_digits: str) -> str:
    """Write the end of a card's number as the end it is."""
    return f"•••• {last_digits}" if last_digits else ""


def slip_of(organization: Organization, purchase: Purchase) -> Slip:
    """Return a receipt as it stands now, explained line by line."""
    view = receipt_view(organization, purchase)
    return Slip(
        amount=view.total,
        points=view.points,
        reasons=_reasons(view),
        receipt=number_on_paper(purchase),
        lines=_lines(view),
        balance=view.balance.balance if view.balance else None,
        pending=view.balance.pending if view.balance else 0,
        pending_until=_pending_until(purchase.member, view.balance),
        taken_back=_taken_back(purchase),
        paid=view.paid,
        due=view.due,
        discounts=discount_rows(view),
        before=before_discounts(view),
    )


def slip_of_quote(view: ReceiptView, *, warning: str = "") -> Slip:
    """Return what a purchase would come to and give, and what points could pay of it."""
    return Slip(
        amount=view.total,
        points=view.points,
        reasons=_reasons(view),
        paid=view.paid,
        due=view.due,
        can_pay=view.can_pay if view.can_pay and view.can_pay.points else None,
        warning=warning,
        not_applied=_not_applied(view),
        discounts=discount_rows(view),
        before=before_discounts(view),
    )


def _offer(offer: Offer, currency: str) -> OfferRow:
    reward = offer.reward
    return OfferRow(
        reward=reward.public_id,
        name=reward.name,
        worth=worth(reward, currency),
        points=reward.points,
        missing=offer.missing,
        balance=offer.balance,
        key=new_key(),
        picture=reward.picture_id or "",
        icon=ICONS[reward.kind],
        price_money=reward.price_money,
        choices=[_choice(option) for option in offer.options],
    )


def _choice(option: Offer) -> Choice:
    reward = option.reward
    return Choice(
        reward=reward.public_id,
        name=reward.name,
        picture=reward.picture_id or "",
        icon=ICONS[reward.kind],
        can_have=option.can_have,
    )


def _next_offer(offers: Sequence[Offer], currency: str) -> OfferRow | None:
    """Return the reward that the fewest points are missing for."""
    beyond = [offer for offer in offers if offer.missing and not offer.reason]
    return _offer(min(beyond, key=lambda one: one.missing), currency) if beyond else None


def _pending_until(member: Member | None, balance: Balance | None) -> datetime | None:
    """Return from when on all pending points can be spent, if that is one moment."""
    if member is None or balance is None or not balance.pending:
        return None
    coming = next_pending(member)
    return coming.at if coming and coming.points == balance.pending else None


def _visit(purchase: Purchase) -> Visit:
    points: int = purchase.points  # type: ignore[attr-defined]  # the query counted them
    return Visit(
        at=purchase.occurred_at,
        title=purchase.store.name,
        amount=purchase.total - purchase.returned,
        points=points,
    )


def _reasons(view: ReceiptView) -> list[ReasonRow]:
    say = Wording.for_reader(view.currency)
    return [
        ReasonRow(one.name, _why(one, view.currency), one.points)
        if one.is_points
        else ReasonRow(
            one.name, _why(one, view.currency), given=say.counted(one.goal.unit, one.points)
        )
        for one in view.given
    ]


def _not_applied(view: ReceiptView) -> list[ReasonRow | DiscountRow]:
    """Return the rules and discounts that give nothing, each with all that stands in its way."""
    rules = [
        ReasonRow(one.name, " · ".join(sentence(reason, view.currency) for reason in one.why))
        for _rule, one in view.not_applied
    ]
    return [*rules, *left_out_rows(view)]


def _why(one: GivenPoints, currency: str) -> str:
    """Return what the points count on; how the last fraction was rounded helps nobody here."""
    told = (reason for reason in one.why if not reason.code.startswith(("rounded_", "whole_")))
    return " · ".join(sentence(reason, currency) for reason in told)


def _lines(view: ReceiptView) -> list[LineRow]:
    """Return what each line gave; a purchase of which only the amount is known has none."""
    [first, *more] = view.lines
    if not (more or first.name or first.sku):
        return []
    points = Counter[int]()
    for one in view.given:
        if one.is_points:
            points.update(dict(one.lines))
    return [LineRow(_title(line), line.amount, points[line.number]) for line in view.lines]


def _title(line: LineOnRecord) -> str:
    item = line.name or line.sku or _("Line %(number)s") % {"number": number(line.number)}
    if line.quantity == 1:
        return item
    return _("%(item)s × %(quantity)s") % {"item": item, "quantity": number(line.quantity)}


def _taken_back(purchase: Purchase) -> TakenBack | None:
    if not purchase.returned:
        return None
    returns = list(returns_for(purchase))
    kept_back = sum((one.deduction for one in returns), Decimal(0))
    covered: list[Decimal] = [one.points_amount for one in returns]  # type: ignore[attr-defined]  # the query summed them
    return TakenBack(
        amount=purchase.returned,
        points=-sum(one.points_reversed for one in returns),
        is_all=purchase.returned == purchase.total,
        put_back=sum(one.points_put_back for one in returns),
        kept_back=kept_back,
        refund=purchase.returned - sum(covered) - kept_back,
    )
