"""The OpenAPI document, told by the views' own declarations."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.serializers import ListSerializer

from core.api.fields import MONEY, MONEY_ABOVE_ZERO
from core.api.problems import PROBLEM
from core.api.serializers import Problem, StrictSerializer
from core.api.views import TenantAPIView

KEY_HEADER = OpenApiParameter(
    name="Idempotency-Key",
    type={"type": "string", "minLength": 16, "maxLength": 128, "pattern": "^[ -~]{16,128}$"},
    location=OpenApiParameter.HEADER,
    required=True,
    description="Made by the caller, kept before sending, and the same for every repetition.",
)

ALWAYS = {
    400: "Malformed, or a field is not valid.",
    401: "No key, or one that is not accepted.",
    403: "The key lacks the scope.",
    404: "Absent, or another organization's.",
    429: "Too many requests; see `Retry-After`.",
    503: "Busy; the same request may be repeated after `Retry-After`.",
}
WITH_BODY = {
    411: "Nobody can tell where the body ends.",
    413: "The body is too large.",
    415: "The body is no plain JSON in UTF-8.",
}
CHANGING = {409: "A business refusal, or the same request is still in progress."}
WITH_KEY = {422: "The key was used for a different request."}


class TenantSchema(AutoSchema):
    """Describes a view of the API by what it declares, refusals included."""

    view: TenantAPIView  # type: ignore[override]

    def get_operation_id(self) -> str:
        """Return a name made of method and address, which together are unique."""
        address = re.sub(self.path_prefix, "", self.path)
        words = [word.strip("{}") for word in address.split("/") if word]
        return "_".join([self._method, *words]).replace("-", "_")

    def get_request_serializer(self) -> Any:
        """Return what the method takes."""
        body = self.view.bodies.get(self._method)
        if body is None:
            return None
        if not body().fields:
            return {"application/json": {"type": "object", "additionalProperties": False}}
        return body

    def get_response_serializers(self) -> Any:
        """Return what the method answers, by status, and every problem it may answer."""
        answers: dict[Any, Any] = dict(self.view.answers[self._method])
        for status, description in self._problems().items():
            answers[status, PROBLEM] = OpenApiResponse(Problem, description=description)
        return answers

    def get_override_parameters(self) -> list[Any]:
        """Return the header and query parameters of the method."""
        query = self.view.queries.get(self._method)
        parameters: list[Any] = [KEY_HEADER] if self._takes_key else []
        return [*parameters, query] if query else parameters

    def get_description(self) -> str:  # type: ignore[override]
        """Return the method's docstring and the scope that it needs."""
        scope = self.view.scopes[self._method]
        needs = f"Needs the scope `{scope}`." if scope else "Needs any key."
        return f"{super().get_description()}\n\n{needs}"

    def get_summary(self) -> str:
        """Return the first sentence of the method's docstring."""
        return super().get_description().partition("\n")[0].rstrip(".")

    @property
    def _method(self) -> str:
        return str(self.method).lower()

    @property
    def _takes_key(self) -> bool:
        return self._method == "post" and "post" not in self.view.keyless

    def _problems(self) -> dict[int, str]:
        problems = dict(ALWAYS)
        if self._method in self.view.bodies:
            problems |= WITH_BODY
        if self._method != "get":
            problems |= CHANGING
        if self._takes_key:
            problems |= WITH_KEY
        return dict(sorted(problems.items()))

    def _get_request_body(self, direction: Any = "request") -> Any:
        body = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        if body:
            body["required"] = True
        return body

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        kind = serializer if isinstance(serializer, type) else type(serializer)
        if issubclass(kind, StrictSerializer):
            schema["additionalProperties"] = False
        return schema

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: Any = None
    ) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if isinstance(field, ListSerializer):
            rows: Any = field
            least = rows.min_length or (0 if rows.allow_empty else 1)
            bounds = {"minItems": least, "maxItems": rows.max_length}
            schema |= {name: bound for name, bound in bounds.items() if bound}
        return schema

    def _is_list_view(self, serializer: Any = None) -> bool:  # noqa: ARG002 the framework's signature
        return False


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the key."""

    target_class = "core.api.authentication.BearerKey"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 the framework's signature
        """Return how a key is sent."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "rg_live_…"}


class MoneySchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Describes amounts of money."""

    target_class = "core.api.fields.Money"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:  # noqa: ARG002 the framework's signature
        """Return the pattern that an amount matches; its decimals are the currency's."""
        pattern = MONEY if self.target.zero else MONEY_ABOVE_ZERO
        return {"type": "string", "pattern": pattern, "example": "12.50"}
