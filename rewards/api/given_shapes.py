"""What shop systems are told of what rules give that is no points."""

from __future__ import annotations

from rest_framework import serializers


class Why(serializers.Serializer):
    """One step of an explanation."""

    code = serializers.CharField()
    text = serializers.CharField()
    params = serializers.DictField()


class ThingsOnLine(serializers.Serializer):
    """The part of what a rule gives that lies on one line."""

    line = serializers.IntegerField()
    given = serializers.IntegerField()


class InKindShown(serializers.Serializer):
    """What one rule gives that is no points, and why."""

    rule = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    given = serializers.IntegerField(allow_null=True)
    desired = serializers.IntegerField(allow_null=True)
    lines = ThingsOnLine(many=True)
    why = Why(many=True)


class StampsShown(serializers.Serializer):
    """The stamps that come onto one card; how full it is then is known once they are on it."""

    card = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    stamps = serializers.IntegerField()
    desired = serializers.IntegerField()
    on_card = serializers.IntegerField(allow_null=True)
    of = serializers.IntegerField(allow_null=True)
    completed = serializers.IntegerField(allow_null=True, help_text="Cards that became full.")
    text = serializers.CharField(allow_null=True, help_text="What is missing still.")
    rules = InKindShown(many=True)


class GrantedShown(InKindShown):
    """A voucher, badge, ticket, credit or step that is given; ``because`` names the cause."""

    kind = serializers.CharField()
    target = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
    because = serializers.CharField()
