"""What shop systems say of where a reward goes, and are told of how far it is."""

from __future__ import annotations

from rest_framework import serializers

from core.api.fields import Text
from core.api.serializers import StrictSerializer
from rewards.addresses import LENGTHS, NOTE_LENGTH_MAX


class AddressBody(StrictSerializer):
    """Where a parcel goes."""

    name = Text(max_length=LENGTHS["name"], help_text="Who it is for.")
    line1 = Text(max_length=LENGTHS["line1"])
    line2 = Text(max_length=LENGTHS["line2"], required=False, allow_blank=True)
    postal_code = Text(max_length=LENGTHS["postal_code"], required=False, allow_blank=True)
    city = Text(max_length=LENGTHS["city"])
    region = Text(max_length=LENGTHS["region"], required=False, allow_blank=True)
    country = Text(max_length=LENGTHS["country"], help_text="Two letters, such as GB.")
    phone = Text(
        max_length=LENGTHS["phone"], required=False, allow_blank=True, help_text="For the courier."
    )


class DeliveryBody(StrictSerializer):
    """Where a reward goes: a `store` for what is picked up, an `address` for what is sent."""

    store = Text(max_length=32, required=False)
    address = AddressBody(required=False)
    note = Text(max_length=NOTE_LENGTH_MAX, required=False, allow_blank=True)


class FulfillmentShown(serializers.Serializer):
    """How far something is that is sent or picked up; the address is told to nobody."""

    status = serializers.CharField(help_text="`waiting`, `open`, `ready`, `done` or `canceled`.")
    method = serializers.CharField(help_text="`pickup` or `shipping`.")
    store = serializers.CharField(allow_null=True, help_text="Where it is picked up.")
    carrier = serializers.CharField(allow_null=True)
    tracking = serializers.CharField(allow_null=True)
    unpack = serializers.BooleanField(help_text="It was canceled when it lay ready: unpack it.")
