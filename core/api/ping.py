"""Tells a shop system whom its key speaks for."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from core.api.answers import Told
from core.api.fields import OffsetDateTime
from core.api.views import TenantAPIView


class PingOrganization(serializers.Serializer):
    """The merchant that the key belongs to."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()


class Pong(serializers.Serializer):
    """What the key stands for, and what time it is here."""

    organization = PingOrganization()
    integration = serializers.CharField()
    store = serializers.CharField(allow_null=True)
    register = serializers.CharField(allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    time = OffsetDateTime()


class PingView(TenantAPIView):
    """Say whom the key speaks for; the first call of every integration."""

    scopes: ClassVar = {"get": None}
    answers: ClassVar = {"get": {200: Pong}}

    def get(self, _request: Request) -> HttpResponse:
        """Check a key and the way to the server."""
        caller = self.caller
        return Told(
            {
                "organization": {
                    "id": str(self.organization.public_id),
                    "name": self.organization.name,
                    "currency": self.organization.currency,
                    "time_zone": self.organization.time_zone,
                },
                "integration": caller.integration.name,
                "store": caller.store.code if caller.store else None,
                "register": caller.register.code if caller.register else None,
                "scopes": sorted(caller.scopes),
                "time": OffsetDateTime().to_representation(timezone.now()),
            }
        )
