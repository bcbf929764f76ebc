"""What shop systems are told of rewards: on offer, and in a member's hands."""

from __future__ import annotations

from rest_framework import serializers


class SerialShown(serializers.Serializer):
    """Which one of a limited edition it is."""

    number = serializers.IntegerField()
    of = serializers.IntegerField()


class AccessShown(serializers.Serializer):
    """What opens a closed resource, for whoever holds the reward."""

    link = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)


class LimitShown(serializers.Serializer):
    """How many one member may take, and in which time."""

    count = serializers.IntegerField()
    period = serializers.CharField()


class ChoiceShown(serializers.Serializer):
    """One of several: `reward` is what is sent as `choice`."""

    reward = serializers.UUIDField()
    name = serializers.CharField()
    can_have = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class OfferShown(serializers.Serializer):
    """A reward as one member may have it."""

    reward = serializers.UUIDField()
    program = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    amount = serializers.CharField(allow_null=True)
    details = serializers.DictField(help_text="What its kind needs, such as `percent`.")
    category = serializers.CharField(allow_null=True)
    description = serializers.CharField()
    terms = serializers.CharField()
    picture = serializers.URLField(allow_null=True)
    picture_alt = serializers.CharField(allow_blank=True)
    points = serializers.IntegerField()
    price_money = serializers.CharField(
        allow_null=True, help_text="What is paid for it at the till, beside the points."
    )
    ends_at = serializers.DateTimeField(
        allow_null=True, help_text="From when on it is no longer offered."
    )
    stores = serializers.ListField(
        child=serializers.CharField(), help_text="Codes; none means all."
    )
    limit = LimitShown(allow_null=True)
    missing = serializers.IntegerField()
    sold_out = serializers.BooleanField()
    reason = serializers.CharField(
        allow_blank=True,
        help_text="What stands in the way beside points: `not_eligible`, `not_in_this_store`, "
        "`sold_out` or `limit_reached`.",
    )
    choices = ChoiceShown(many=True)
    can_have = serializers.BooleanField()


class OffersShown(serializers.Serializer):
    """Every reward that is offered, cheapest first."""

    results = OfferShown(many=True)
