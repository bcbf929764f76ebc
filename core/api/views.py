"""The one kind of view that the API is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core.actors import Actor
from core.api.answers import PlainRenderer, Told, told
from core.api.authentication import BearerKey, Caller, HasScope
from core.api.errors import RepeatedParameter, UnknownParameter
from core.api.parsing import StrictJSONParser, printable, refuse_unreadable
from core.api.problems import REPLAYED
from core.api.serializers import StrictSerializer
from core.api.throttling import KeyThrottle
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


NEGOTIATOR = JSONOnly()


class Kept(NamedTuple):
    """What takes part in every request to a view and remembers nothing of any."""

    parsers: list[Any]
    authenticators: list[Any]
    permissions: list[Any]
    allowed: list[str]

    @classmethod
    def of(cls, view: type[TenantAPIView]) -> Kept:
        """Make what a view declares."""
        methods = (name.upper() for name in view.http_method_names if hasattr(view, name))
        return cls(
            [one() for one in view.parser_classes],
            [one() for one in view.authentication_classes],
            [one() for one in view.permission_classes],
            sorted({*methods, "HEAD"} if hasattr(view, "get") else methods),
        )


class TenantAPIView(APIView):
    """A resource of one organization, the caller's; what it takes and gives is declared.

    ``scopes`` names for each method the scope that a key needs, ``None`` for any key. ``bodies``
    and ``queries`` name the serializers of what may be sent, ``answers`` of what comes back, by
    status. A POST needs an ``Idempotency-Key`` unless its name is in ``keyless``. Declarations
    that do not fit the methods fail when the class is made.
    """

    surface = "api"
    kept: ClassVar[Kept]
    http: HttpRequest
    caller: Caller
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
        cls.kept = Kept.of(cls)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer as the framework's own would, without making anew what is the same every time.

        Choosing a version, a parser and a renderer, of which there is one each, and writing by way
        of a template took longer than finding a member.
        """
        self.args, self.kwargs, self.http = args, kwargs, request
        kept = self.kept
        self.request = Request(request, kept.parsers, kept.authenticators, NEGOTIATOR)
        try:
            self.initial(self.request)
            answer = getattr(self, str(request.method).lower())(self.request, *args, **kwargs)
        except Exception as fault:  # noqa: BLE001 the framework sorts out what it was
            answer = self.handle_exception(fault)
        if isinstance(answer, Response):
            answer = told(answer)
        answer.headers["Allow"] = ", ".join(kept.allowed)
        return cast("HttpResponse", answer)

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        """Settle, in this order: method, caller, scope, rate, parameters, key."""
        if request.method not in self.kept.allowed:
            self.http_method_not_allowed(request)
        self.perform_authentication(request)
        self.caller = cast("Caller", request.auth)
        self.check_permissions(request)
        self.check_throttles(request)
        if self.declared(self.queries) is None:
            self._refuse_parameters(known=())
        if self.takes_key:
            check_key(self.idempotency_key)

    def get_permissions(self) -> list[Any]:
        """Return what is asked of a caller; a permission remembers nothing."""
        return self.kept.permissions

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
        return str(self.http.META.get("HTTP_IDEMPOTENCY_KEY", ""))

    @property
    def takes_key(self) -> bool:
        """Say whether this request is one that must not happen twice."""
        return self.http.method == "POST" and "post" not in self.keyless

    def declared(self, what: Mapping[str, T]) -> T | None:
        """Return what is declared for the method of this request."""
        method = str(self.http.method).lower()
        return what.get("get" if method == "head" else method)

    def read(self, serializer: type[StrictSerializer] | None = None) -> dict[str, Any]:
        """Return the body, validated; without an argument by what ``bodies`` declares."""
        refuse_unreadable(self.http)
        return self._validated(serializer or self.declared(self.bodies), self.request.data)

    def query(self, serializer: type[StrictSerializer] | None = None) -> dict[str, Any]:
        """Return the query, validated; without an argument by what ``queries`` declares."""
        chosen = serializer or self.declared(self.queries)
        assert chosen is not None, "a query is declared before it is read"
        self._refuse_parameters(known=chosen.kept().writable)
        return self._validated(chosen, self.http.GET.dict())

    def answer_keyed(
        self, body: Any, act: Callable[[str], Any], *, status: int = 201, key: str | None = None
    ) -> HttpResponse:
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
        return Told(answer.body, answer.status, headers=headers)

    @property
    def route(self) -> str:
        """Return the name of the route with the ids in its path: what a key is used for."""
        match = self.http.resolver_match
        assert match is not None, "a view is reached by a route"
        return " ".join([match.view_name, *map(str, match.kwargs.values())])

    def _validated(self, serializer: type[StrictSerializer] | None, data: Any) -> dict[str, Any]:
        assert serializer is not None, "a body is declared before it is read"
        reader = serializer.kept(partial=self.http.method == "PATCH")
        organization = self.organization
        return reader.read(data, organization=organization, currency=organization.currency)

    def _refuse_parameters(self, known: Any) -> None:
        for name, values in self.http.GET.lists():
            if name not in known:
                raise UnknownParameter(field=printable(name))
            if len(values) > 1:
                raise RepeatedParameter(field=name)


def _as_answer(result: Any, status: int) -> Answer:
    return result if isinstance(result, Answer) else Answer(status, result)
