"""Addresses that exist only to try the ground floor of the API."""

from datetime import UTC, datetime
from typing import ClassVar

from django.db import connection
from django.urls import include, path
from rest_framework import serializers
from rest_framework.response import Response

from config.urls import urlpatterns as project
from core.api.fields import (
    Choice,
    Money,
    OffsetDateTime,
    PublicId,
    Quantity,
    StrictBoolean,
    StrictInteger,
    Text,
)
from core.api.pagination import PageQuery, page_answer, page_of
from core.api.serializers import Empty, StrictSerializer
from core.api.urls import api_path
from core.api.views import TenantAPIView
from core.errors import CodeTaken, StoreNeeded
from core.idempotency import Answer
from core.models.access import Scope
from core.queries import stores_of


class ProbeLine(StrictSerializer):
    """One line."""

    quantity = Quantity()
    amount = Money(zero=True)


class ProbeInput(StrictSerializer):
    """One field of every kind."""

    note = Text(max_length=40, required=False)
    amount = Money(required=False)
    points = StrictInteger(min_value=-1000, max_value=1000, required=False)
    hold = StrictBoolean(required=False)
    occurred_at = OffsetDateTime(required=False)
    id = PublicId(required=False)
    channel = Choice(["till", "web"], required=False)
    lines = ProbeLine(many=True, required=False, allow_empty=False, max_length=3)


class ProbeAnswer(serializers.Serializer):
    """What the probe did."""

    did = serializers.IntegerField()
    heard = serializers.DictField()


class Counter(serializers.Serializer):
    """A store, to have a list of something."""

    code = serializers.CharField()


class PerhapsQuery(StrictSerializer):
    """One optional parameter."""

    phone = Text(max_length=40, required=False)


class Probe(TenantAPIView):
    """Does something countable once per key."""

    scopes: ClassVar = {"get": Scope.MEMBERS_READ, "post": Scope.PURCHASES_WRITE}
    queries: ClassVar = {"get": PerhapsQuery}
    bodies: ClassVar = {"post": ProbeInput}
    answers: ClassVar = {"get": {200: ProbeAnswer}, "post": {201: ProbeAnswer}}
    done: ClassVar[list] = []

    def get(self, _request):
        """Repeat the query."""
        return Response({"did": 0, "heard": self.query()})

    def post(self, _request):
        """Do it once."""
        body = self.read()
        return self.answer_keyed(body, lambda prefix: self.act(prefix, body))

    def act(self, prefix, body):
        """Do what the note asks for."""
        self.done.append(prefix)
        match body.get("note"):
            case "taken":
                raise CodeTaken(left=body["amount"], at=datetime(2026, 3, 1, tzinfo=UTC))
            case "no store":
                raise StoreNeeded
            case "accepted":
                return Answer(202, {"did": len(self.done), "heard": {}})
            case "broken":
                raise ZeroDivisionError
            case "slow":
                run("SELECT pg_sleep(5)")
        return {"did": len(self.done), "heard": {"amount": body.get("amount")}}


class Keyless(TenantAPIView):
    """Asks something that takes a body."""

    scopes: ClassVar = {"post": Scope.MEMBERS_READ, "patch": None, "delete": None}
    bodies: ClassVar = {"post": ProbeInput, "patch": ProbeLine}
    answers: ClassVar = {
        "post": {200: ProbeAnswer},
        "patch": {200: ProbeAnswer},
        "delete": {200: ProbeAnswer},
    }
    keyless: ClassVar = frozenset({"post"})

    def post(self, _request):
        """Repeat the body."""
        return Response({"did": 0, "heard": self.read()})

    def patch(self, _request):
        """Repeat a part of the body."""
        return Response({"did": 0, "heard": self.read()})

    def delete(self, _request):
        """Take no body at all."""
        return Response({"did": 0, "heard": {}})


class Action(TenantAPIView):
    """Does something to one thing."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": Empty}
    answers: ClassVar = {"post": {200: ProbeAnswer}}

    def post(self, _request, thing):
        """Do it."""
        body = self.read()
        return self.answer_keyed(
            body, lambda _prefix: {"did": 1, "heard": {"thing": str(thing)}}, status=200
        )


class Fault(TenantAPIView):
    """Has an accident with the database."""

    scopes: ClassVar = {"get": None}
    answers: ClassVar = {"get": {200: ProbeAnswer}}

    def get(self, _request, kind):
        """Have it."""
        statements = {
            "statement-timeout": "SET LOCAL statement_timeout = 20; SELECT pg_sleep(1)",
            "data": "SELECT 99999999999::integer",
            "lost": "SELECT pg_terminate_backend(pg_backend_pid())",
        }
        if kind == "bug":
            raise ZeroDivisionError
        run(statements[kind])
        return Response({"did": 1, "heard": {}})


class Stores(TenantAPIView):
    """Lists the caller's stores."""

    scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": PageQuery}
    answers: ClassVar = {"get": {200: page_answer(Counter)}}

    def get(self, _request):
        """Show a page."""
        page = page_of(stores_of(self.organization), self, self.query(), by=("-name", "-pk"))
        results = [{"code": store.code} for store in page.results]
        return Response({"results": results, "next": page.next})


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


api = [
    api_path("probe/", Probe, "probe"),
    api_path("keyless/", Keyless, "keyless"),
    api_path("things/<uuid:thing>/act/", Action, "act"),
    api_path("faults/<slug:kind>/", Fault, "fault"),
    api_path("stores/", Stores, "stores"),
]

urlpatterns = [path("api/v1/", include((api, "probe"))), *project]

handler400 = "core.views.errors.bad_request"
handler403 = "core.views.errors.forbidden"
handler404 = "core.views.errors.not_found"
handler500 = "core.views.errors.server_error"
