"""What staff do at a register: ring up under the receipt's own number, and undo a slip of the hand.

A till's receipt numbers start anew somewhere every day, so that the store, the register and the
business date are part of what makes a receipt known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actors import staff_actor
from core.errors import Refusal
from core.locking import lock_one
from core.models import Organization, RegisterSession, Staff
from loyalty.earning.wording import Wording
from loyalty.errors import DuplicateReceipt, ReceiptConflict, TotalMismatch
from loyalty.models import Product, Purchase, Return
from loyalty.queries import chosen_program, is_all_back
from loyalty.services.claims import claim_purchase
from loyalty.services.returns import ReturnWish, record_return
from members.models import Member
from rewards.answers import ReceiptView
from rewards.errors import ReceiptNumberUsed, UndoNotPossible
from rewards.gift_card_errors import InsufficientGiftCardBalance
from rewards.queries import products_named
from rewards.services import look_ups
from rewards.services.baskets import Number, Place
from rewards.services.checkout import quote, ring_up
from rewards.services.proofs import refuse_unproved
from rewards.services.till_gift_cards import nothing_left, with_card_payment

SOURCE = "till"
UNDO_WITHIN = timedelta(minutes=15)


@transaction.atomic
def ring_up_here(
    *,
    organization: Organization,
    place: Place,
    sent: Mapping[str, Any],
    receipt: str,
    request_key: str,
) -> Purchase:
    """Record what is being sold at this register now, and give what it earns.

    Raises ``DuplicateReceipt`` for the same receipt again, ``ReceiptNumberUsed`` for another
    under its number.
    """
    today = timezone.now().astimezone(place.zone).date()
    number = Number(
        source=SOURCE,
        external_id=receipt_key(place, today, receipt),
        request_key=request_key,
    )
    described = {**_described(organization, sent), "business_date": today}
    try:
        # In a savepoint of its own, because what a used number stands for is read after it.
        with transaction.atomic():
            view = ring_up(
                organization=organization,
                sent=with_card_payment(organization, place, described),
                number=number,
                actor=staff_actor(_at_work(place).pk),
                place=place,
            )
    except (DuplicateReceipt, ReceiptConflict) as known:
        raise _number_used(organization, known) from None
    except InsufficientGiftCardBalance as empty:
        raise nothing_left(empty) from None
    except TotalMismatch as known:
        raise _mismatch(organization, known) from None
    purchase = Purchase.objects.get(organization=organization, public_id=view.head["id"])
    if (view.paid or sent.get("rewards")) and purchase.member_id is not None:
        program = chosen_program(organization, sent.get("program"))
        refuse_unproved(program=program, member_id=purchase.member_id, place=place)
    look_ups.follow(place=place, member_id=purchase.member_id, purchase_id=purchase.pk)
    return purchase


def quote_here(*, organization: Organization, place: Place, sent: Mapping[str, Any]) -> ReceiptView:
    """Work out what a purchase comes to and would give, while it is being typed."""
    told = {**_described(organization, sent), "store": place.store.code}
    return quote(organization=organization, sent=told)


def receipt_key(place: Place, day: date, receipt: str) -> str:
    """Compose what makes a receipt of this register known in the whole organization."""
    assert place.register is not None, "a till is a register"
    return f"{place.store.code}/{place.register.code}/{day.isoformat()}/{receipt}"


def number_on_paper(purchase: Purchase) -> str:
    """Return the number as it stands on the receipt, without what makes it unique."""
    own = purchase.external_id.split("/", 3)
    return own[3] if purchase.source == SOURCE and len(own) == 4 else purchase.external_id


@transaction.atomic
def undo(*, purchase_id: int, session_id: int, request_key: str) -> Return:
    """Return all of a purchase that was just rung up by mistake, once.

    Raises ``UndoNotPossible`` in another session, too late, or when something came back already.
    """
    purchase = lock_one(Purchase, purchase_id)
    session = RegisterSession.objects.get(pk=session_id)
    number = f"undo/{purchase.external_id}"
    undone = purchase.returns.filter(source=SOURCE, external_id=number).first()
    if undone is not None:
        return undone
    now = timezone.now()
    if not can_undo(purchase, session, now=now):
        raise UndoNotPossible
    wish = ReturnWish(
        source=SOURCE,
        external_id=number,
        sale_source=purchase.source,
        sale_external_id=purchase.external_id,
        occurred_at=now,
        request_key=request_key,
        quantities=dict(purchase.lines.values_list("number", "quantity")),
    )
    actor = staff_actor(session.staff_id)
    return record_return(organization_id=purchase.organization_id, wish=wish, actor=actor).row


def can_undo(purchase: Purchase, session: RegisterSession, *, now: datetime) -> bool:
    """Say whether this session rang the purchase up, lately, and nothing of it came back."""
    return was_rung_up_in(purchase, session, now=now) and not purchase.returned


def was_rung_up_in(purchase: Purchase, session: RegisterSession, *, now: datetime) -> bool:
    """Say whether this session rang the purchase up itself, and lately."""
    return (
        purchase.source == SOURCE
        and purchase.register_id == session.register_id
        and purchase.staff_id == session.staff_id
        and session.started_at <= purchase.occurred_at
        and now - purchase.occurred_at <= UNDO_WITHIN
    )


@transaction.atomic
def claim_here(*, purchase: Purchase, member: Member, place: Place, request_key: str) -> None:
    """Give a receipt of this store that was rung up without a member to the one at the till."""
    claim_purchase(
        purchase_id=purchase.pk,
        member_id=member.pk,
        actor=staff_actor(_at_work(place).pk),
        request_key=request_key,
    )
    look_ups.follow(place=place, member_id=member.pk, purchase_id=purchase.pk)


def _number_used(organization: Organization, known: DuplicateReceipt | ReceiptConflict) -> Refusal:
    """Say what the number stands for already; the same purchase again is told as just that."""
    is_same = isinstance(known, DuplicateReceipt)
    public_id = known.data["purchase"]["id"] if is_same else known.data["purchase"]
    other = Purchase.objects.get(organization=organization, public_id=public_id)
    if is_all_back(other):
        again = _("This receipt was taken back today. Ring it up again as %(number)s-2.")
        return ReceiptNumberUsed(again % {"number": number_on_paper(other)}, **known.data)
    if is_same:
        return known
    amount = Wording.for_reader(organization.currency).money(other.total)
    sentence = _("This receipt number was used today for another purchase, of %(amount)s.")
    return ReceiptNumberUsed(sentence % {"amount": amount}, **known.data)


def _mismatch(organization: Organization, known: TotalMismatch) -> TotalMismatch:
    """Say what the lines come to, so that it can be compared with the paper."""
    amount = Wording.for_reader(organization.currency).money(Decimal(known.data["lines"]))
    sentence = _("The lines come to %(amount)s. Change them, or the amount.")
    return TotalMismatch(sentence % {"amount": amount}, **known.data)


def _described(organization: Organization, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Say of each line what is sold: a product whose SKU was typed, else whatever was typed."""
    lines = sent.get("lines", ())
    known = products_named(organization, [line["item"] for line in lines])
    return {**sent, "lines": [{**line, **_goods(line["item"], known)} for line in lines]}


def _goods(item: str, known: Mapping[str, Product]) -> dict[str, Any]:
    product = known.get(item)
    if product is None:
        return {"name": item}
    return {
        "sku": product.sku,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
    }


def _at_work(place: Place) -> Staff:
    assert place.staff is not None, "somebody works at a till"
    return place.staff
