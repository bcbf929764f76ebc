"""What shop systems send about gift cards and what they are answered."""

from __future__ import annotations

from rest_framework import serializers

from core.api.fields import Money, PublicId, Text
from core.api.serializers import StrictSerializer

CODE_LENGTH_MAX = 40
PIN_LENGTH_MAX = 16


class CardShown(StrictSerializer):
    """A gift card as somebody shows it: its code, and its PIN where it has one."""

    code = Text(max_length=CODE_LENGTH_MAX, help_text="As it is printed or scanned.")
    pin = Text(max_length=PIN_LENGTH_MAX, required=False)


class Sum(StrictSerializer):
    """An amount, and the sale it belongs to: one on record, or only its number."""

    amount = Money()
    currency = Text(max_length=3)
    purchase = PublicId(required=False)
    external_id = Text(max_length=128, required=False)
    source = Text(max_length=80, required=False)  # type: ignore[assignment]


class SellBody(Sum):
    """A card that is sold; without a code it is a new one."""

    code = Text(max_length=CODE_LENGTH_MAX, required=False, help_text="Of a printed card.")
    pin = Text(max_length=PIN_LENGTH_MAX, required=False, help_text="4 to 8 digits.")
    member = Text(max_length=64, required=False, help_text="Who is to hold the card.")
    email = Text(max_length=254, required=False, help_text="Where the code is sent.")
    store = Text(max_length=32, required=False)


class MoveBody(CardShown, Sum):
    """Money that is put on a card or taken off it."""


class CardAnswer(serializers.Serializer):
    """What is on a card now."""

    code = serializers.CharField()
    balance = serializers.CharField()
    currency = serializers.CharField()
    valid_until = serializers.DateTimeField(allow_null=True)


class CardMoved(CardAnswer):
    """What happened to a card with a receipt; only the code of a new card is shown whole."""

    what = serializers.CharField(
        help_text="`sold`, `paid`, `put_back`, `taken_back` or `new_card`."
    )
    line = serializers.IntegerField(allow_null=True)
    amount = serializers.CharField()
