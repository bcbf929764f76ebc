"""What shop systems send to find and use a voucher, and what they are answered."""

from __future__ import annotations

from rest_framework import serializers

from core.api.fields import PublicId, Text
from core.api.serializers import StrictSerializer

CODE_LENGTH_TYPED = 64


class VoucherBody(StrictSerializer):
    """A voucher's code as it was typed or scanned, and for whom, where and what it is meant."""

    code = Text(max_length=CODE_LENGTH_TYPED)
    store = Text(max_length=32, required=False)
    member = Text(max_length=64, required=False, help_text="Id, card number or phone number.")
    purchase = PublicId(required=False)
    external_id = Text(max_length=128, required=False, help_text="Of the purchase, by its number.")


class VoucherStands(serializers.Serializer):
    """What a code is good for, and whether it can be used now."""

    code = serializers.CharField()
    status = serializers.CharField(
        help_text="issued, used, canceled, expired, paused, not_yet or limit_reached."
    )
    reward = serializers.UUIDField()
    value = serializers.CharField(allow_null=True, help_text="What it takes off, in money.")
    valid_until = serializers.DateTimeField(allow_null=True)
