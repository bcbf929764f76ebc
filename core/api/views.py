"""The one kind of view that the API is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, cast

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core.actors import Actor
from core.api.authentication import BearerKey, Caller, HasScope
from core.api.errors import RepeatedParameter, UnknownParameter
from core.api.parsing import StrictJSONParser, printable, refuse_unreadable
from core.api.problems import REPLAYED
from core.api.serializers import StrictSerializer
from core.api.throttling import KeyThrottle
from core.canonical import as_json
from core.idempotency import Answer, Keyed, answer_once, check_key
from core.models import Organization
from core.models.access import Scope
from core.tracing import request_id

METHODS = frozenset({"get", "post", "patch", "delete"})

T = TypeVar("T")
Answers = Mapping[int, type[Serializer]]


class JSONOnly(BaseContentNegotiation):
    """Speaks JSON whatever a caller says it would rather have."""

    def select_parser(self, _request: Request, parsers: Any) -> Any:
        """Return our only parser; it has looked at the content type already."""
        return parsers[0]

    def select_renderer(
        self, _request: Request, renderers: Any, _format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """Return our only renderer."""
        return renderers[0], renderers[0].media_type


class PlainRenderer(BaseRenderer):
    """Writes every answer the one way in which remembered answers are written too."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(self, data: Any, *_context: Any, **_options: Any) -> bytes:
        """Return JSON in UTF-8; nothing for an answer without a body."""
        return b"" if data is None else as_json(data).encode()


class TenantAPIView(APIView):
    """A resource of one organization, the caller's; what it takes and gives is declared.

    ``scopes`` names for each method the scope that a key needs, ``None`` for any key. ``bodies``
    and ``queries`` name the serializers of what may be sent, ``answers`` of what comes back, by
    status. A POST needs an ``Idempotency-Key`` unless its name is in ``keyless``. Declarations
    that do not fit the methods fail when the class is made.
    """

    surface = "api"
    scopes: ClassVar[Mapping[str, Scope | None]] = {}
    bodies: ClassVar[Mapping[str, type[StrictSerializer]]] = {}
    queries: ClassVar[Mapping[str, type[StrictSerializer]]] = {}
    answers: ClassVar[Mapping[str, Answers]] = {}
    keyless: ClassVar[frozenset[str]] = frozenset()

    authentication_classes = (BearerKey,)
    permission_classes = (HasScope,)
    throttle_classes = (KeyThrottle,)
    parser_classes = (StrictJSONParser,)
    renderer_classes = (PlainRenderer,)
    content_negotiation_class = JSONOnly
    metadata_class = None
    http_method_names = sorted({*METHODS, "head"})

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse to make a view that forgot to say who may use it, or how."""
        super().__init_subclass__(**options)
        methods = {name for name in METHODS if hasattr(cls, name)}
        for what, declared, wanted in (
            ("scopes", cls.scopes.keys(), methods),
            ("answers", cls.answers.keys(), methods),
            ("bodies", cls.bodies.keys(), methods & {"post", "patch"}),
            ("queries", cls.queries.keys() | methods, methods),
            ("keyless", cls.keyless | {"post"}, {"post"}),
        ):
            if set(declared) != wanted:
                raise TypeError(f"{cls.__name__}.{what} must declare {sorted(wanted)}")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Settle, in this order: method, caller, scope, rate, parameters, key."""
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        if self.declared(self.queries) is None:
            self._refuse_parameters(known=())
        if self.takes_key:
            check_key(self.idempotency_key)

    @property
    def caller(self) -> Caller:
        """Return the shop system that calls."""
        return cast("Caller", self.request.auth)

    @property
    def organization(self) -> Organization:
        """Return the organization of the caller, the only one this request can touch."""
        return self.caller.organization

    @property
    def actor(self) -> Actor:
        """Return the caller as ledgers and audit records name it."""
        return self.caller.actor

    @property
    def idempotency_key(self) -> str:
        """Return the key of this request, empty when none was sent."""
        return str(self.request.META.get("HTTP_IDEMPOTENCY_KEY", ""))

    @property
    def takes_key(self) -> bool:
        """Say whether this request is one that must not happen twice."""
        return self.request.method == "POST" and "post" not in self.keyless

    def declared(self, what: Mapping[str, T]) -> T | None:
        """Return what is declared for the method of this request."""
        method = str(self.request.method).lower()
        return what.get("get" if method == "head" else method)

    def read(self, serializer: type[StrictSerializer] | None = None) -> dict[str, Any]:
        """Return the body, validated; without an argument by what ``bodies`` declares."""
        refuse_unreadable(self.request._request)  # noqa: SLF001 the framework's way to Django's request
        return self._validated(serializer or self.declared(self.bodies), self.request.data)

    def query(self, serializer: type[StrictSerializer] | None = None) -> dict[str, Any]:
        """Return the query, validated; without an argument by what ``queries`` declares."""
        chosen = serializer or self.declared(self.queries)
        assert chosen is not None, "a query is declared before it is read"
        self._refuse_parameters(known=chosen.kept().writable)
        return self._validated(chosen, self.request.query_params.dict())

    def answer_keyed(
        self, body: Any, act: Callable[[str], Any], *, status: int = 201, key: str | None = None
    ) -> Response:
        """Let ``act`` happen once for this key and answer what it returned, now and ever after.

        ``act`` receives the prefix for ledger request keys and returns plain data, or an
        ``Answer`` when the status is another one. ``body`` is what was validated.
        """
        request = Keyed(
            organization_id=self.organization.pk,
            caller=self.actor.name,
            key=self.idempotency_key if key is None else key,
            route=self.route,
            body=body,
            request_id=request_id(),
        )
        answer = answer_once(request, lambda prefix: _as_answer(act(prefix), status))
        headers = {REPLAYED: "true"} if answer.replayed else {}
        return Response(answer.body, status=answer.status, headers=headers)

    @property
    def route(self) -> str:
        """Return the name of the route with the ids in its path: what a key is used for."""
        match = self.request.resolver_match
        assert match is not None, "a view is reached by a route"
        return " ".join([match.view_name, *map(str, match.kwargs.values())])

    def _validated(self, serializer: type[StrictSerializer] | None, data: Any) -> dict[str, Any]:
        assert serializer is not None, "a body is declared before it is read"
        reader = serializer.kept(partial=self.request.method == "PATCH")
        organization = self.organization
        return reader.read(data, organization=organization, currency=organization.currency)

    def _refuse_parameters(self, known: Any) -> None:
        for name, values in self.request.query_params.lists():
            if name not in known:
                raise UnknownParameter(field=printable(name))
            if len(values) > 1:
                raise RepeatedParameter(field=name)


def _as_answer(result: Any, status: int) -> Answer:
    return result if isinstance(result, Answer) else Answer(status, result)
