"""Serializers that know every field, and refuse the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.api.parsing import printable

UNKNOWN = ErrorDetail(_("This field is unknown here."), code="unknown_field")  # type: ignore[arg-type]


class StrictSerializer(serializers.Serializer):
    """What a caller sends: an unknown field is a mistake, never silently dropped."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Validate every field, and name each one that does not exist."""
        unknown = self._unknown(data)
        try:
            value: dict[str, Any] = super().to_internal_value(data)
        except ValidationError as refused:
            if isinstance(refused.detail, dict):
                raise ValidationError({**refused.detail, **unknown}) from None
            raise
        if unknown:
            raise ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {name for name, field in self.fields.items() if not field.read_only}
        return {printable(str(name)): [UNKNOWN] for name in data if name not in known}


class Empty(StrictSerializer):
    """Nothing: ``{}``."""


class ProblemError(serializers.Serializer):
    """One thing that is wrong."""

    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer):
    """Why a request was refused; `code` is for machines and does not change."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemError(many=True)  # type: ignore[assignment]
    data = serializers.DictField()  # type: ignore[assignment]
