"""Serializer fields that understand people: each answers in the one spelling that is stored.

A phone needs ``organization`` in the serializer's context, for the country of national numbers.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.fields import StrictText, Text, refusing
from core.errors import Refusal
from members.birthdays import parse_birthday
from members.cards import parse_card
from members.emails import clean_email
from members.names import clean_name
from members.phones import e164
from members.references import LENGTH_MAX, parse_reference


class SpelledField(StrictText):
    """Text with one right spelling; a refusal to read it becomes an error of the field."""

    def spelled(self, raw: str) -> str:
        """Return the one spelling, or refuse."""
        raise NotImplementedError

    def to_internal_value(self, data: str) -> str:
        """Read what was sent as text, then bring it into its one spelling."""
        raw = super().to_internal_value(data)
        try:
            return self.spelled(raw)
        except Refusal as refusal:
            raise serializers.ValidationError(str(refusal.message), code=refusal.code) from refusal


class PhoneField(SpelledField):
    """A phone number in any notation and script, answered in E.164."""

    def spelled(self, raw: str) -> str:
        """Read national notation in the organization's country."""
        return e164(raw, region=self.context["organization"].country)


class EmailField(SpelledField):
    """An e-mail address, kept as it was typed."""

    def spelled(self, raw: str) -> str:
        """Keep the address without invisible characters."""
        return clean_email(raw)


class NameField(SpelledField):
    """A name in any script."""

    def spelled(self, raw: str) -> str:
        """Keep the name without controls and stacked marks."""
        return clean_name(raw)


class BirthdayField(SpelledField):
    """A birthday as ``1990-05-17``, or ``--05-17`` without the year."""

    def spelled(self, raw: str) -> str:
        """Return the day in ISO notation; whether it is possible is decided later."""
        return str(parse_birthday(raw))


class CardField(SpelledField):
    """A card number, typed or scanned."""

    def spelled(self, raw: str) -> str:
        """Return the thirteen digits once their check digit is right."""
        return parse_card(raw)


class MemberReference(Text):
    """A member by id, card number or phone, in the one spelling of whichever it is.

    Who that is gets looked up when the request is carried out, so that a repeated request reads
    the same whatever became of the member.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LENGTH_MAX, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the id in lower case, the card's thirteen digits or the phone in E.164."""
        typed = super().to_internal_value(data)
        region = self.context["organization"].country
        return str(refusing(parse_reference, typed, region=region).text)
