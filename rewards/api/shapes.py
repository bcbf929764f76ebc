"""What shop systems send to the checkout and what they are answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.fields import (
    Choice,
    Money,
    OffsetDateTime,
    PublicId,
    Quantity,
    StrictBoolean,
    StrictInteger,
    Text,
)
from core.api.pagination import PageQuery
from core.api.serializers import StrictSerializer
from loyalty.earning.receipt import LineKind
from loyalty.models import Payment
from members.fields import MemberReference
from rewards.api.discount_shapes import DiscountShown, HeldQuoteShown, NotAppliedShown, Wishes
from rewards.api.gift_card_shapes import CardMoved
from rewards.api.given_shapes import GrantedShown, StampsShown, Why
from rewards.api.offer_shapes import AccessShown, SerialShown
from rewards.models import Voucher

LINES_MAX = 500
RETURN_LINES_MAX = 500
CATEGORY_DEPTH_MAX = 10
PAYMENTS_MAX = 20


class SoldLine(StrictSerializer):
    """One line of a receipt: its amount, or its unit price."""

    sku = Text(max_length=64, required=False)
    name = Text(max_length=200, required=False, allow_blank=True)
    brand = Text(max_length=100, required=False)
    category = serializers.ListField(
        child=Text(max_length=100), required=False, max_length=CATEGORY_DEPTH_MAX
    )
    kind = Choice([kind.value for kind in LineKind], required=False)
    quantity = Quantity()
    unit_price = Money(zero=True, required=False)
    amount = Money(zero=True, required=False)
    discount = Money(zero=True, required=False)
    tax = Money(zero=True, required=False)
    unit_cost = Money(zero=True, required=False)
    gift_card = Text(
        max_length=40, required=False, help_text="Of a line that sells one: the printed code."
    )
    gift_card_pin = Text(max_length=16, required=False)


class Basket(Wishes):
    """A receipt that is to be priced."""

    member = Text(max_length=64, required=False, help_text="Id, card number or phone number.")
    store = Text(max_length=32)
    register = Text(max_length=32, required=False)
    channel = Text(max_length=32, required=False)
    occurred_at = OffsetDateTime(required=False)
    currency = Text(max_length=3, required=False)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=SoldLine(), required=False, min_length=1, max_length=LINES_MAX
    )
    total = Money(required=False)
    points_to_spend = StrictInteger(
        min_value=1,
        required=False,
        help_text="How many points the member pays with; no more are taken than the receipt costs.",
    )
    program = Text(
        max_length=50, required=False, help_text="Whose points are spent; the first, if none."
    )


class QuotedBasket(Basket):
    """A receipt that is to be priced, and perhaps promised at that price."""

    hold = StrictBoolean(required=False, help_text="Promise the price for 10 minutes; with a key.")


class PaidPart(StrictSerializer):
    """A part of the total and the means it was paid with."""

    method = Choice(Payment.Method.values)
    amount = Money()
    gift_card = Text(max_length=40, required=False, help_text="The code of a card of ours.")
    gift_card_pin = Text(max_length=16, required=False)
    at_most = StrictBoolean(
        required=False, help_text="Take what is there when the gift card holds less."
    )


class SoldBasket(Basket):
    """A receipt that is to be recorded."""

    external_id = Text(max_length=128)
    source = Text(max_length=80, required=False)  # type: ignore[assignment]
    expected_total_due = Money(zero=True, required=False)
    quote = PublicId(required=False, help_text="A quote that holds, made for this receipt.")
    payments: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=PaidPart(), required=False, max_length=PAYMENTS_MAX
    )
    staff = Text(max_length=32, required=False)
    business_date = serializers.DateField(required=False)
    metadata = serializers.DictField(child=Text(max_length=500, allow_blank=True), required=False)


class PurchaseQuery(StrictSerializer):
    """Which receipt is looked for."""

    external_id = Text(max_length=128)
    source = Text(max_length=80, required=False)  # type: ignore[assignment]


class ReturnedLine(StrictSerializer):
    """How much of one line comes back."""

    line = StrictInteger(min_value=1, max_value=5000)
    quantity = Quantity()


class ReturnBody(StrictSerializer):
    """What comes back: lines, or an amount."""

    external_id = Text(max_length=128)
    occurred_at = OffsetDateTime(required=False)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ReturnedLine(), required=False, min_length=1, max_length=RETURN_LINES_MAX
    )
    amount = Money(required=False)


class SaleReference(StrictSerializer):
    """The sale that a return belongs to, by the number its source gave it."""

    source = Text(max_length=80, required=False)  # type: ignore[assignment]
    external_id = Text(max_length=128)


class ReturnOfSale(ReturnBody):
    """What comes back, and the sale it belongs to."""

    purchase = SaleReference()


class RedemptionBody(StrictSerializer):
    """Which reward a member takes; with ``hold`` it is only set aside."""

    member = Text(max_length=64)
    reward = PublicId()
    choice = PublicId(required=False, help_text="Which of several, where the reward is a choice.")
    store = Text(max_length=32, required=False)
    hold = StrictBoolean(required=False)
    hold_seconds = StrictInteger(min_value=30, max_value=86_400, required=False)


class ClaimBody(StrictSerializer):
    """Who claims a receipt."""

    member = MemberReference(help_text="Id, card number or phone number.")


class CancelBody(StrictSerializer):
    """Why a redemption is undone."""

    reason = Text(max_length=200)


class LineShown(serializers.Serializer):
    """A line as it was priced."""

    line = serializers.IntegerField()
    sku = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    quantity = serializers.CharField()
    amount = serializers.CharField()


class LineRecorded(LineShown):
    """A line on record, and how much of it came back."""

    returned = serializers.CharField()


class PointsOnLine(serializers.Serializer):
    """The part of a rule's points that lies on one line."""

    line = serializers.IntegerField()
    points = serializers.IntegerField()


class PointsShown(serializers.Serializer):
    """What one rule gives, and why."""

    rule = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    points = serializers.IntegerField()
    desired = serializers.IntegerField()
    lines = PointsOnLine(many=True)
    why = Why(many=True)


class InPointsShown(serializers.Serializer):
    """Points, and the money they stand for."""

    points = serializers.IntegerField()
    amount = serializers.CharField()


class ReceiptShown(serializers.Serializer):
    """What a receipt comes to and earns."""

    lines = LineShown(many=True)
    discounts = DiscountShown(many=True)
    total = serializers.CharField()
    total_due = serializers.CharField(help_text="What is left to pay after points.")
    paid_with_points = InPointsShown(allow_null=True)
    points = PointsShown(many=True)
    points_total = serializers.IntegerField()
    stamps = StampsShown(many=True)
    granted = GrantedShown(many=True)
    not_applied = NotAppliedShown(many=True)


class QuoteShown(HeldQuoteShown, ReceiptShown):
    """What a receipt comes to and would earn, and the most points that could pay for it."""

    can_pay_with_points = InPointsShown(allow_null=True)


class EntryShown(serializers.Serializer):
    """A ledger entry, by its sequence in the account."""

    sequence = serializers.IntegerField()
    kind = serializers.CharField()
    points = serializers.IntegerField()
    balance_after = serializers.IntegerField()


class TierShown(serializers.Serializer):
    """The member's tier and whether this receipt changed it."""

    name = serializers.CharField(allow_null=True)
    changed = serializers.BooleanField()


class PurchaseShown(ReceiptShown):
    """A receipt on record."""

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    store = serializers.CharField()
    member = serializers.UUIDField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    lines = LineRecorded(many=True)
    entries = EntryShown(many=True)
    balance = serializers.IntegerField(allow_null=True)
    pending = serializers.IntegerField(allow_null=True)
    tier = TierShown()
    gift_cards = CardMoved(many=True)
    receipt_text = serializers.ListField(child=serializers.CharField())


class PurchasesShown(serializers.Serializer):
    """The receipts found: none or one for each source."""

    results = PurchaseShown(many=True)


class ReturnedLineShown(serializers.Serializer):
    """How much of one line came back."""

    line = serializers.IntegerField()
    quantity = serializers.CharField()
    amount = serializers.CharField()


class ReturnShown(serializers.Serializer):
    """A return on record and what it took back."""

    id = serializers.UUIDField()
    status = serializers.CharField()
    lines = ReturnedLineShown(many=True)
    amount = serializers.CharField()
    points_reversed = serializers.IntegerField()
    points_put_back = serializers.IntegerField()
    debt = serializers.IntegerField()
    deduction = serializers.CharField(
        help_text="Money that is kept back from the refund for points that are spent already."
    )
    refund_due = serializers.CharField(
        help_text="Money to pay out: the amount without what points or gift cards had paid and the"
        " deduction."
    )
    balance = serializers.IntegerField(allow_null=True)
    why = serializers.ListField(child=serializers.CharField())
    gift_cards = CardMoved(many=True)


class ParkedShown(serializers.Serializer):
    """A return that waits for its sale."""

    id = serializers.UUIDField()
    status = serializers.CharField()


class CodeShown(serializers.Serializer):
    """A voucher's code, and the same as the address of a QR image."""

    code = serializers.CharField()
    status = serializers.CharField()
    qr = serializers.CharField()


class RedemptionShown(serializers.Serializer):
    """A reward taken or set aside; its voucher comes when its points are spent."""

    id = serializers.UUIDField()
    status = serializers.CharField()
    reward = serializers.UUIDField()
    chosen_from = serializers.UUIDField(
        allow_null=True, help_text="The reward that offered the choice."
    )
    name = serializers.CharField(help_text="What it was called when it was taken.")
    member = serializers.UUIDField()
    points = serializers.IntegerField()
    price_money = serializers.CharField(
        allow_null=True, help_text="What is paid for it at the till, beside the points."
    )
    serial = SerialShown(allow_null=True)
    access = AccessShown(allow_null=True)
    balance = serializers.IntegerField()
    voucher = CodeShown(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class PlaceShown(serializers.Serializer):
    """What a card gives with so many stamps."""

    at = serializers.IntegerField()
    text = serializers.CharField()


class StampCardShown(serializers.Serializer):
    """A stamp card as a member holds it; below zero, stamps are owed."""

    card = serializers.CharField()
    program = serializers.CharField()
    name = serializers.CharField()
    stamps = serializers.IntegerField()
    size = serializers.IntegerField()
    gives = PlaceShown(many=True)
    expires_at = OffsetDateTime(allow_null=True)
    takes_stamps = serializers.BooleanField()
    text = serializers.CharField()


class StampCardsShown(serializers.Serializer):
    """Every stamp card that a member can fill, those begun first."""

    results = StampCardShown(many=True)


class VouchersQuery(PageQuery):
    """Which vouchers of a member are asked for."""

    status = Choice(Voucher.Status.values, required=False)


class VoucherShown(CodeShown):
    """A voucher, what it is for, and whether it was used."""

    redemption = serializers.UUIDField(allow_null=True)
    reward = serializers.UUIDField()
    name = serializers.CharField()
    issued_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    used_at = serializers.DateTimeField(allow_null=True)
