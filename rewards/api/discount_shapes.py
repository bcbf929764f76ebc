"""What shop systems send and are answered about discounts: vouchers, rewards, and why."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.fields import PublicId, Text
from core.api.serializers import StrictSerializer
from rewards.api.given_shapes import Why

WISHES_MAX = 20


class Wishes(StrictSerializer):
    """What is to be used on a receipt, beside the benefits that apply by themselves."""

    vouchers: serializers.ListField = serializers.ListField(
        child=Text(max_length=64),
        required=False,
        max_length=WISHES_MAX,
        help_text="Codes of vouchers that take something off.",
    )
    rewards: serializers.ListField = serializers.ListField(
        child=PublicId(),
        required=False,
        max_length=WISHES_MAX,
        help_text="Rewards that the member takes for points and uses on this receipt.",
    )


class HeldQuoteShown(serializers.Serializer):
    """What a quote that holds is answered beside the price."""

    quote = serializers.UUIDField(required=False, help_text="Only of a quote that holds.")
    expires_at = serializers.DateTimeField(required=False)


class OffLineShown(serializers.Serializer):
    """What is taken off one line."""

    line = serializers.IntegerField()
    amount = serializers.CharField()


class DiscountShown(serializers.Serializer):
    """What one benefit, tier or voucher takes off, and why."""

    kind = serializers.ChoiceField(choices=["benefit", "tier", "voucher"])
    source: Any = serializers.CharField(
        help_text="The benefit's or reward's id, the tier's code, or the voucher's code."
    )
    name = serializers.CharField()
    amount = serializers.CharField()
    lines = OffLineShown(many=True)
    why = Why(many=True)


class NotAppliedShown(serializers.Serializer):
    """A rule that gives nothing, or a discount that is not given, and why."""

    kind = serializers.ChoiceField(choices=["rule", "benefit", "tier", "voucher"])
    source: Any = serializers.CharField()
    name = serializers.CharField()
    why = Why(many=True)
