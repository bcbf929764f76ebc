"""Paying with points: what they would pay, and the points that a receipt takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from core.currencies import decimals_of
from core.models import Organization
from loyalty.earning.paying import Bill, InPoints, Tender, worth
from loyalty.earning.wording import Wording
from loyalty.errors import AccountUnderReview, InsufficientPoints, PointsNotAccepted
from loyalty.lots import refuse_short
from loyalty.models import Account, Entry, Program, Purchase
from loyalty.queries import balance_of
from loyalty.receipts import Paid, PointsWish, ReceiptDraft
from loyalty.services.accounts import held_by
from loyalty.services.household_limits import refuse_beyond_limit
from loyalty.services.ledger import Book, Cause, capture, pay

METHOD = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays with points of which program, and how much that program lets them pay."""

    organization: Organization
    program: Program
    member_id: int

    @property
    def tender(self) -> Tender | None:
        """Return what a point pays, unless points pay nothing here."""
        return tender_of(self.program, self.organization.currency)

    def account(self) -> Account | None:
        """Return the account the points are in, once there is one."""
        account_id = held_by(self.program.pk, self.member_id)
        return Account.objects.get(pk=account_id) if account_id else None


def tender_of(program: Program, currency: str) -> Tender | None:
    """Return what a point of a program pays, unless its points pay nothing."""
    terms = program.terms
    value, rules = terms.point_value, terms.pay_with_points
    if program.status != Program.Status.LIVE or value is None or rules is None:
        return None
    return Tender(value=value, decimals=decimals_of(currency), rules=rules)


def most_payable(payer: Payer, bill: Bill) -> InPoints | None:
    """Return the most points that this member may pay with now, where points pay at all."""
    tender, account = payer.tender, payer.account()
    if tender is None or account is None or account.under_review_since is not None:
        return None
    return tender.most(bill, balance=max(balance_of(account).balance, 0))


def worth_of(program: Program, currency: str, points: int) -> Decimal | None:
    """Return what points are worth in money, where the program says so."""
    value = program.terms.point_value
    if value is None:
        return None
    return worth(points, value, decimals=decimals_of(currency))


def bill_of(draft: ReceiptDraft, currency: str) -> Bill:
    """Return what a receipt comes to, and what is left to pay of it without points."""
    paid = sum((one.amount for one in draft.payments if not one.points), Decimal(0))
    return Bill.of(draft.total, decimals=decimals_of(currency), paid=paid)


def wished(draft: ReceiptDraft, payer: Payer, points: int) -> ReceiptDraft:
    """Return the receipt with the wish to pay with points noted on it."""
    wish = PointsWish(program_id=payer.program.pk, points=points)
    return replace(draft, points_wish=wish)


def paid_in_points(draft: ReceiptDraft, payer: Payer) -> ReceiptDraft:
    """Return the receipt with the payment that its wish comes to.

    Raises ``PointsNotAccepted`` or ``PointsNotPayable``; whether there are so many points is
    asked when they are taken.
    """
    wish, tender = draft.points_wish, payer.tender
    assert wish is not None, "somebody wishes to pay with points"
    if tender is None:
        raise PointsNotAccepted
    currency = payer.organization.currency
    taken = tender.pay(bill_of(draft, currency), wish.points, Wording.for_reader(currency))
    paid = Paid(method=METHOD, amount=taken.amount, points=taken.points)
    return replace(draft, payments=(*draft.payments, paid))


def refuse_unpayable(payer: Payer, points: int) -> None:
    """Refuse what taking these points would refuse, as things stand."""
    account = payer.account()
    if account is None:
        raise InsufficientPoints(balance=0, needed=points, held=0)
    if account.under_review_since is not None:
        raise AccountUnderReview
    balance = balance_of(account)
    refuse_short(points, balance=balance.balance, held=balance.held)


def paying_account(draft: ReceiptDraft) -> int:
    """Return the account that the points of a receipt are to be taken from."""
    wish, paid = draft.points_wish, draft.paid_in_points
    assert wish is not None, "points are paid where somebody wishes it"
    assert paid is not None, "and what they pay is known"
    account_id = held_by(wish.program_id, draft.member_id)
    if account_id is None:
        raise InsufficientPoints(balance=0, needed=paid.points, held=0)
    return account_id


def take_points(book: Book, account_id: int, purchase: Purchase, draft: ReceiptDraft) -> Entry:
    """Take the points that pay for a receipt, in the transaction that records it."""
    paid = draft.paid_in_points
    assert paid is not None, "something is paid with points"
    if draft.member_id is not None:  # the payment itself is on record already
        refuse_beyond_limit(draft.member_id, 0, now=book.now)
    request_key = f"{draft.request_key}:redeem:1"
    cause = Cause("purchase", purchase.pk, request_key, draft.occurred_at)
    wish = draft.points_wish
    if wish is not None and wish.hold_id is not None:  # set aside while the price was promised
        return capture(book, wish.hold_id, cause)
    return pay(book, book.living(account_id), paid.points, cause)
