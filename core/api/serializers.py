"""Serializers that know every field, and refuse the others."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField, empty

from core.api.parsing import printable

UNKNOWN = ErrorDetail(_("This field is unknown here."), code="unknown_field")  # type: ignore[arg-type]


class _Kept(threading.local):
    """What this thread has made: copying all the fields takes longer than reading most requests."""

    def __init__(self) -> None:
        self.made: dict[tuple[type[StrictSerializer], bool], Any] = {}


_kept = _Kept()


class StrictSerializer(serializers.Serializer):
    """What a caller sends: an unknown field is a mistake, never silently dropped.

    Between two requests a serializer remembers nothing but its fields.
    """

    @classmethod
    def kept(cls, *, partial: bool = False) -> Self:
        """Return the one that this thread made before; ``partial`` asks for nothing."""
        made: Self | None = _kept.made.get((cls, partial))
        if made is None:
            made = _kept.made[cls, partial] = cls(partial=partial)
        return made

    def read(self, data: Any, **context: Any) -> dict[str, Any]:
        """Return what was sent, validated; fields may need to know the context."""
        self._context = context
        value: dict[str, Any] = self.run_validation(data)
        return value

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Validate every field, and name each one that does not exist."""
        if not isinstance(data, Mapping):
            return dict(super().to_internal_value(data))
        value: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, field in self.writable.items():
            if name in data or self._is_missed(field):
                try:
                    value[name] = field.run_validation(data.get(name, empty))
                except ValidationError as refused:
                    errors[name] = refused.detail
                except SkipField:
                    pass
        errors |= {printable(str(name)): [UNKNOWN] for name in data if name not in self.writable}
        if errors:
            raise ValidationError(errors)
        return value

    def run_validators(self, value: Any) -> None:
        """Ask the validators of the whole, of which most have none."""
        if self.validators:
            super().run_validators(value)

    @cached_property
    def writable(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields that can be sent, by name."""
        return {name: field for name, field in self.fields.items() if not field.read_only}

    def _is_missed(self, field: serializers.Field[Any, Any, Any, Any]) -> bool:
        return field.required or field.default is not empty


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
