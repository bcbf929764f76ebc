"""What shop systems send about members and programs, and what they are answered."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import (
    INTEGER_MAX,
    Choice,
    OffsetDateTime,
    StrictBoolean,
    StrictInteger,
    Text,
)
from core.api.pagination import PageQuery
from core.api.serializers import StrictSerializer
from loyalty.models import Entry, Program
from members.errors import OneSignNeeded
from members.fields import (
    BirthdayField,
    CardField,
    EmailField,
    MemberReference,
    NameField,
    PhoneField,
)
from members.models import Channel, MemberStatus, Purpose
from members.services.consents import TEXT_VERSION_LENGTH_MAX

CODE_LENGTH_MAX = 32
CONSENTS_MAX = 20
LANGUAGE_LENGTH_MAX = 35
REASON_LENGTH_MAX = 200
SLUG_LENGTH_MAX = 50


class SoughtPhone(PhoneField):
    """A phone number as it was typed: only one that nobody has as it stands needs reading."""

    def spelled(self, raw: str) -> str:
        """Leave it alone."""
        return raw


class SoughtPhoneInQuery(SoughtPhone):
    """A phone number in an address, where a plus that was not escaped arrives as a space."""

    def spelled(self, raw: str) -> str:
        """Read a leading space as the plus it was."""
        return f"+{raw[1:]}" if raw.startswith(" ") else raw


class OneSign(StrictSerializer):
    """Exactly one of the signs a member is known by."""

    phone = SoughtPhone(required=False, help_text="In any notation and any script's digits.")
    card = CardField(required=False)
    email = EmailField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse none and several, between which an answer would have to choose."""
        if len(attrs) != 1:
            raise OneSignNeeded
        return attrs


class OneSignInQuery(OneSign):
    """Exactly one of the signs a member is known by, in the address."""

    phone = SoughtPhoneInQuery(
        required=False, help_text="A leading space reads as the plus it was."
    )


class Answered(StrictSerializer):
    """What somebody said to one purpose on one channel."""

    channel = Choice(Channel.values)
    purpose = Choice(Purpose.values)
    text_version = Text(max_length=TEXT_VERSION_LENGTH_MAX)
    granted = StrictBoolean(default=True)


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": 50,
        "additionalProperties": {
            "oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}],
            "nullable": True,
        },
    }
)
class Attributes(serializers.DictField):
    """Short names with plain values; ``null`` takes one away."""


class NewMember(StrictSerializer):
    """Somebody who joins, known by phone or e-mail at least."""

    phone = PhoneField(required=False)
    email = EmailField(required=False)
    name = NameField(required=False, allow_blank=True)
    birthday = BirthdayField(required=False, help_text="`1990-05-17`, or `--05-17`.")
    language = Text(max_length=LANGUAGE_LENGTH_MAX, required=False)
    store = Text(max_length=CODE_LENGTH_MAX, required=False, help_text="The home store's code.")
    card = CardField(required=False, help_text="The number of a card they hold already.")
    consents = Answered(many=True, required=False, max_length=CONSENTS_MAX)  # type: ignore[call-arg]
    attributes = Attributes(required=False)


class MemberChanges(StrictSerializer):
    """What is to change about a member; ``null`` takes away, what is left out stays."""

    phone = PhoneField(allow_null=True)
    email = EmailField(allow_null=True)
    name = NameField(allow_blank=True)
    birthday = BirthdayField(allow_null=True)
    language = Text(max_length=LANGUAGE_LENGTH_MAX, allow_blank=True)
    store = Text(max_length=CODE_LENGTH_MAX, allow_null=True)
    attributes = Attributes()


class ExpiringShown(serializers.Serializer):
    """Points that end next."""

    points = serializers.IntegerField()
    at = OffsetDateTime()


class TierGoalShown(serializers.Serializer):
    """What is missing to reach a tier, or to stay in it; amounts count in `basis`."""

    kind = serializers.ChoiceField(["tier_reach", "tier_stay"])
    tier = serializers.CharField(help_text="The tier's code.")
    name = serializers.CharField()
    basis = serializers.ChoiceField(["points", "spend", "visits", "credits"])
    have = serializers.CharField()
    needed = serializers.CharField()
    missing = serializers.CharField()
    by = serializers.DateField(allow_null=True, help_text="The last day for it.")
    text = serializers.CharField(help_text="What is missing, in words.")


class AccountShown(serializers.Serializer):
    """What a member has in one program; `balance` is what can be spent now."""

    program = serializers.CharField(help_text="The program's short name.")
    balance = serializers.IntegerField()
    pending = serializers.IntegerField()
    held = serializers.IntegerField()
    debt = serializers.IntegerField()
    next_expiry = ExpiringShown(allow_null=True)
    tier = serializers.CharField(allow_null=True, help_text="The name of the tier they are in.")
    progress = TierGoalShown(many=True)


class MemberShown(serializers.Serializer):
    """A member and what they have."""

    id = serializers.UUIDField()
    number = serializers.CharField(allow_null=True, help_text="The number of their card.")
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(MemberStatus.choices)
    joined_at = OffsetDateTime()
    accounts = AccountShown(many=True)


class MembersShown(serializers.Serializer):
    """The member who was looked for, or nobody."""

    results = MemberShown(many=True)


class EntriesQuery(PageQuery):
    """Which page of a member's entries, in one program or in all."""

    program = Text(max_length=SLUG_LENGTH_MAX, required=False)


class ReasonShown(serializers.Serializer):
    """One step of an explanation."""

    code = serializers.CharField()
    text = serializers.CharField()
    params = serializers.DictField()


class AwardShown(serializers.Serializer):
    """What one rule gave; `desired` is what it would have given without a limit."""

    rule = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    points = serializers.IntegerField()
    desired = serializers.IntegerField()
    why = ReasonShown(many=True)


class LedgerEntryShown(serializers.Serializer):
    """One fact of the ledger, known by its account and sequence."""

    account = serializers.UUIDField()
    program = serializers.CharField()
    sequence = serializers.IntegerField()
    kind = serializers.ChoiceField(Entry.Kind.choices)
    points = serializers.IntegerField()
    balance_after = serializers.IntegerField()
    occurred_at = OffsetDateTime()
    created_at = OffsetDateTime()
    reason = serializers.CharField()
    cause = serializers.CharField()
    why = AwardShown(many=True)


@extend_schema_field(
    {
        "type": "integer",
        "minimum": -INTEGER_MAX,
        "maximum": INTEGER_MAX,
        "not": {"enum": [0]},
        "example": -150,
    }
)
class PointsMoved(StrictInteger):
    """Points that come, or go when negative."""


class Adjustment(StrictSerializer):
    """Points given or taken by hand."""

    member = MemberReference(help_text="Id, card number or phone number.")
    program = Text(max_length=SLUG_LENGTH_MAX, required=False, help_text="Default: the first.")
    points = PointsMoved(min_value=-INTEGER_MAX)
    reason = Text(max_length=REASON_LENGTH_MAX)


class AdjustmentShown(LedgerEntryShown):
    """The entry of an adjustment, and what the member has after it."""

    member = serializers.UUIDField()
    balance = serializers.IntegerField()
    pending = serializers.IntegerField()


class AdjustmentAsked(serializers.Serializer):
    """An adjustment that a second person decides on, and what became of it."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(["pending_approval", "approved", "declined", "withdrawn"])
    program = serializers.CharField()
    member = serializers.UUIDField()
    points = serializers.IntegerField()
    reason = serializers.CharField()
    created_at = OffsetDateTime()
    decided_at = OffsetDateTime(allow_null=True)
    decided_because = serializers.CharField(help_text="Why it was declined.")
    sequence = serializers.IntegerField(
        allow_null=True, help_text="The entry in the member's account, once it is approved."
    )


class ProgramQuery(StrictSerializer):
    """Which program; the first one unless told otherwise."""

    program = Text(max_length=SLUG_LENGTH_MAX, required=False)


class RuleShown(serializers.Serializer):
    """A reason for points, in one sentence and as data; see docs/program-file.md for `spec`."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    effective_from = OffsetDateTime()
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    text = serializers.CharField()
    spec = serializers.DictField()


class TermShown(serializers.Serializer):
    """One of the program's terms."""

    setting = serializers.CharField()
    text = serializers.CharField()
    value = serializers.JSONField()


class StampCardPromised(serializers.Serializer):
    """A stamp card that is switched on, in words and as data; see docs/program-file.md."""

    code = serializers.CharField()
    name = serializers.CharField()
    text = serializers.CharField()
    terms = serializers.ListField(child=serializers.CharField())
    spec = serializers.DictField()


class ChallengePromised(serializers.Serializer):
    """A challenge that runs, in words and as data; see docs/program-file.md."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    text = serializers.CharField()
    terms = serializers.ListField(child=serializers.CharField())
    spec = serializers.DictField()


class TierPromised(serializers.Serializer):
    """One tier: how members come to it and what they have of it."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(["earned", "invitation", "paid"])
    threshold = serializers.CharField(
        allow_null=True, help_text="From how much of `basis` on, when it is earned."
    )
    basis = serializers.ChoiceField(["points", "spend", "visits", "credits"])
    text = serializers.CharField()
    benefits = serializers.ListField(child=serializers.CharField())


class LadderPromised(serializers.Serializer):
    """The tiers of a program, the lowest first, and how they are reached and kept."""

    text = serializers.ListField(child=serializers.CharField())
    tiers = TierPromised(many=True)


class ProgramShown(serializers.Serializer):
    """How the program works."""

    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(Program.Status.choices)
    is_open = serializers.BooleanField()
    currency = serializers.CharField()
    rules = RuleShown(many=True)
    tiers = LadderPromised(allow_null=True)
    stamp_cards = StampCardPromised(many=True)
    challenges = ChallengePromised(many=True)
    terms = TermShown(many=True)
